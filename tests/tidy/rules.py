# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""The rules that need only the text. Each yields (line, what is wrong); RULES names them all."""
import re

from tidy.functions import functions

COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 600
LICENCE = "Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0"

# Bottom to top: what a folder may include besides itself and base. "*": every folder above it here.
FOLDERS = {
    "base": [],
    "metrics": [],
    "ring": [],
    "tape": [],
    "audio": [],
    "http": [],
    "config": [],
    "access": ["http", "config"],
    "upstream": ["config"],
    "tls": [],
    "files": ["audio", "config"],
    "events": [],
    "store": ["metrics", "events"],
    "mount": ["tape", "audio", "config", "events"],
    "listener": ["mount", "tape", "audio"],
    "shard": ["metrics", "ring", "tape", "config", "mount", "listener"],
    "dial": ["ring", "http", "config", "upstream", "shard"],
    "hooks": ["metrics", "ring", "http", "config", "upstream", "events", "store", "shard", "dial"],
    "session": "*",
    "admin": "*",
    "api": "*",
    "control": "*",
    "handover": "*",
    "doctor": ["ring", "config"],
    "importer": ["config"],
    "server": "*",
}
# A library is named only where it is wrapped.
LIBRARY_HOMES = {
    "liburing": ["ring", "shard", "session", "handover", "server"],
    "linux/io_uring": ["ring"],
    "toml++": ["config"],
    "spdlog": ["base"],
    "re2/": ["config", "access"],
    "sqlite3": ["store"],
    "pugixml": ["importer"],
    "google/protobuf": ["handover"],
}
MESSAGES_HOME = "handover"  # of what protoc writes
HOT_FOLDERS = ["tape", "listener"]
# What the folders of the audio's way do without.
HOT_BANS = {
    "mutex": re.compile(r"\b(std::\w*mutex|absl::Mutex\w*|pthread_mutex\w*|std::\w+_lock"
                        r"|std::lock_guard)\b|#\s*include <(shared_)?mutex>"),
    "shared_ptr": re.compile(r"\b(std::)?(shared_ptr|make_shared|weak_ptr)\b"),
    "function": re.compile(r"\bstd::(move_only_)?function\b"),
    "co_await": re.compile(r"\bco_(await|return|yield)\b"),
}
BANS = {
    "string_view": (re.compile(r"\bstd::(w|u8)?string_view\b"),
                    "absl::string_view: the two do not convert on Debian 12"),
    "using_namespace": (re.compile(r"\busing namespace std\s*;"), "name what is used"),
}
SRC_BANS = {
    "throw": (re.compile(r"(?<!\w)throw\b"), "nothing of ours throws: absl::Status"),
}
TEST_BANS = {
    "skip": (re.compile(r"\bGTEST_SKIP\b|\bDISABLED_\w|\bpytest\.skip\b|\bmark\.skip|\bskipif\b"),
             "a skipped test proves nothing"),
}
NAMES_NOT_USED = ["client", "connection", "context", "manager", "helper", "util", "utils"]
# Split here, so that this file may be checked too.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")
MACHINE_PATH = re.compile(r"(?<![\w.$}*/-])/(wo" r"rk|fa" r"rm|ho" r"me|ro" r"ot|Us" r"ers)/\w")


def include_direction(source):
    for number, line in enumerate(source.code_lines, 1):
        match = re.match(r'\s*#\s*include\s+["<]([^">]+)[">]', line)
        if not match:
            continue
        target = match.group(1)
        if source.path.startswith("tools/") and target.split("/")[0] in FOLDERS:
            yield number, "the tools are Floe's peers: they include nothing of src/"
        if not source.folder:
            continue
        for library, homes in LIBRARY_HOMES.items():
            if re.match(re.escape(library) + r"[./]", target) and source.folder not in homes:
                yield number, f"<{library}> belongs to {' '.join(homes)}, not to {source.folder}"
        if target.endswith(".pb.h") and source.folder != MESSAGES_HOME:
            yield number, f"{target} belongs to {MESSAGES_HOME}, not to {source.folder}"
        if target.startswith("."):
            yield number, f'"{target}": includes are relative to src/'
        first = target.split("/")[0]
        if first in ("tests", "bench", "tools"):
            yield number, f"src/ does not know {first}/"
        if first in FOLDERS and first not in may_include(source.folder):
            yield number, f"{source.folder} may not include {first}"


def may_include(folder):
    if folder not in FOLDERS:
        return []
    order = list(FOLDERS)
    below = order[:order.index(folder)] if FOLDERS[folder] == "*" else FOLDERS[folder]
    return ["base", folder, *below]


def known_folder(source):
    if source.folder and source.folder not in FOLDERS:
        yield 1, f"src/{source.folder} is not in the table of folders"


def columns(source):
    for number, line in enumerate(source.lines, 1):
        if len(line) > COLUMNS_MAX and not (source.is_prose and "|" in line):
            yield number, f"{len(line)} columns; {COLUMNS_MAX} at most"


def whitespace(source):
    for number, line in enumerate(source.lines, 1):
        if line != line.rstrip():
            yield number, "space at the end of the line"
        if "\t" in line:
            yield number, "a tab"
    if source.text and not source.text.endswith("\n"):
        yield len(source.lines), "no newline at the end"


def function_length(source):
    if not source.is_cpp:
        return
    for start, end in functions(source.code):
        first, last = source.line_at(start), source.line_at(end)
        lines = last - first + 1
        if lines > FUNCTION_LINES_MAX and not source.excused(first, "length"):
            yield first, f"a function of {lines} lines; {FUNCTION_LINES_MAX} at most"


def file_length(source):
    if len(source.lines) > FILE_LINES_MAX:
        yield FILE_LINES_MAX, f"a file of {len(source.lines)} lines; {FILE_LINES_MAX} at most"


def pragma_once(source):
    if source.path.endswith(".h") and not re.search(r"^#pragma once$", source.code, re.M):
        yield 1, "a header without #pragma once"


def hot_bans(source):
    if source.folder not in HOT_FOLDERS or not source.is_cpp:
        return
    for rule, pattern in HOT_BANS.items():
        why = f"{rule} on the audio's way"
        yield from matches(source, rule, pattern, why)


def bans(source):
    if not source.is_cpp:
        return
    for rule, (pattern, why) in BANS.items():
        yield from matches(source, rule, pattern, why)
    for rule, (pattern, why) in SRC_BANS.items() if source.folder else []:
        yield from matches(source, rule, pattern, why)


def no_skips(source):
    if source.path.startswith("tests/") and not source.path.startswith("tests/tidy"):
        for rule, (pattern, why) in TEST_BANS.items():
            yield from matches(source, rule, pattern, why)


def matches(source, rule, pattern, why):
    for match in pattern.finditer(source.code):
        line = source.line_at(match.start())
        if not source.excused(line, rule):
            yield line, f"{match.group(0).strip()}: {why}"


def await_temporaries(source):
    """g++ 12 destroys an aggregate, braced or lambda temporary inside a co_await twice."""
    if not source.is_cpp:
        return
    for match in re.finditer(r"\bco_await\b", source.code):
        depth = 0
        for at in range(match.end(), len(source.code)):
            char = source.code[at]
            if char in "([":
                subscript = re.search(r"[\w)\]]\s*$", source.code[match.end():at])
                if char == "[" and not subscript:
                    yield source.line_at(at), "a lambda inside co_await: name it first"
                    break
                depth += 1
            elif char in ")]":
                depth -= 1
                if depth < 0:
                    break
            elif char == "{":
                yield source.line_at(at), "a brace inside co_await: name the value first"
                break
            elif char == ";":
                break


def licence(source):
    if not source.is_prose and not any(LICENCE in line for line in source.lines[:3]):
        yield 1, f"does not begin with: {LICENCE}"


def unfinished(source):
    for number, line in enumerate(source.lines, 1):
        match = UNFINISHED.search(line)
        if match:
            yield number, f"{match.group(0)}: do it, or leave it out"


def machine_paths(source):
    for number, line in enumerate(source.lines, 1):
        match = MACHINE_PATH.search(line)
        if match:
            yield number, f"{match.group(0)}...: a path of one machine"


def file_name(source):
    name = source.path.split("/")[-1].rsplit(".", 1)[0]
    for word in re.split(r"[_.-]", name):
        if word.lower() in NAMES_NOT_USED:
            yield 1, f'"{word}" in a file name says nothing'


RULES = {
    "include direction": include_direction,
    "known folders": known_folder,
    "columns": columns,
    "whitespace": whitespace,
    "function length": function_length,
    "file length": file_length,
    "pragma once": pragma_once,
    "bans on the audio's way": hot_bans,
    "bans": bans,
    "no skipped tests": no_skips,
    "co_await temporaries": await_temporaries,
    "licence": licence,
    "unfinished": unfinished,
    "machine paths": machine_paths,
    "file names": file_name,
}
