# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""The rules that need more than one file: what is registered, what compiles, what is formatted.
Each yields (path, line, what is wrong)."""
import concurrent.futures
import hashlib
import os
import re
import shutil
import subprocess

PARALLEL = 2
INCLUDE_FOLDERS = ["src", "include", "tests", "."]
PACKAGES = ["liburing", "spdlog", "tomlplusplus", "absl_strings"]
CLANG_FORMAT_VERSION = "14"


def registered(sources, root):
    """A file that no meson.build names is never built, and its tests never run."""
    builds = {source.path: source.text for source in sources
              if source.path.endswith("meson.build")}
    for source in sources:
        if not source.path.endswith(".cc"):
            continue
        test = re.match(r"(?:tests/unit|tests/fuzz|bench)/(.+)_(test|fuzz|bench)\.cc$",
                        source.path)
        if test:  # registered by the folder that it tests
            named = any(f"'{test.group(1)}'" in text for text in builds.values())
        else:
            named = is_named(source.path, builds)
        if not named:
            yield source.path, 1, "no meson.build names it"


def is_named(path, builds):
    """Whether the meson.build of its folder, or of one above, has the file or its test's name."""
    folder, name = os.path.split(path)
    while True:
        text = builds.get(os.path.join(folder, "meson.build"), "")
        if f"'{name}'" in text or f"'{name.removesuffix('_test.cc')}'" in text:
            return True
        if not folder:
            return False
        folder, last = os.path.split(folder)
        name = f"{last}/{name}"


def corpora(sources, root):
    """A fuzz target without a corpus replays nothing."""
    for source in sources:
        match = re.match(r"tests/fuzz/(.+)_fuzz\.cc$", source.path)
        if match:
            folder = os.path.join(root, "tests/fuzz/corpus", match.group(1))
            if not os.path.isdir(folder) or not os.listdir(folder):
                yield source.path, 1, f"tests/fuzz/corpus/{match.group(1)} holds nothing"


def links(sources, root):
    """What a page links to is there."""
    for source in sources:
        if not source.is_prose:
            continue
        for number, line in enumerate(source.lines, 1):
            for target in re.findall(r"\]\(([^)#:\s]+)\)", line):
                path = os.path.join(root, os.path.dirname(source.path), target)
                if not os.path.exists(path):
                    yield source.path, number, f"{target} is not there"


def headers_alone(sources, root):
    """Each header compiles when nothing was included before it. The build proves it of a header
    that its own source includes first. What compiled once with the same content, of it and of all
    it includes here, is not compiled again."""
    texts = {source.path: source.text for source in sources if source.path.endswith(".h")}
    proved = {header for source in sources for header in included_first(source)}
    headers = sorted(set(texts) - proved)
    flags = compile_flags(sources)
    cache = os.path.join(root, "build", "tidy", "headers")
    os.makedirs(cache, exist_ok=True)

    def check(path):
        mark = os.path.join(cache, closure_hash(path, texts, flags))
        if os.path.exists(mark):
            return None
        name = re.sub(r"^(src|include|tests)/", "", path)
        run = subprocess.run(["g++", *flags, "-x", "c++", "-"], input=f'#include "{name}"\n',
                             cwd=root, text=True, capture_output=True, check=False)
        if run.returncode == 0:
            open(mark, "w", encoding="utf-8").close()
            return None
        return first_error(run.stderr)

    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        for path, error in zip(headers, pool.map(check, headers)):
            if error:
                yield path, 1, f"does not compile alone: {error}"


def included_first(source):
    """The header of the same name, if it is the first thing that a source includes."""
    first = re.search(r'^\s*#\s*include\s+["<]([^">]+)', source.text, re.M)
    own = source.path.removesuffix(".cc") + ".h"
    if source.path.endswith(".cc") and first and f"/{own}".endswith("/" + first.group(1)):
        yield own


def compile_flags(sources):
    """As Meson would compile; what a meson.build defines is defined, its value does not matter."""
    flags = ["-std=c++20", "-fsyntax-only", *(f"-I{folder}" for folder in INCLUDE_FOLDERS)]
    for source in sources:
        if source.path.endswith("meson.build"):
            flags += [f'-D{name}=""' for name in re.findall(r"'-D(FLOE_\w+)=", source.text)]
    found = subprocess.run(["pkg-config", "--cflags", *PACKAGES], text=True, capture_output=True,
                           check=True)
    return flags + found.stdout.split()


def first_error(stderr):
    for line in stderr.split("\n"):
        if "error:" in line:
            return line.strip()
    return stderr.strip()[:200]


def closure_hash(path, texts, flags):
    seen, waiting = set(), [path]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        for target in re.findall(r'^\s*#\s*include\s+"([^"]+)"', texts[name], re.M):
            full = (os.path.normpath(f"{folder}/{target}") for folder in INCLUDE_FOLDERS)
            waiting += [name for name in full if name in texts]
    digest = hashlib.sha256(" ".join(flags).encode())
    for name in sorted(seen):
        digest.update(f"\0{name}\0{texts[name]}".encode())
    return digest.hexdigest()


def formatted(sources, root):
    """clang-format has nothing to change."""
    program = shutil.which(f"clang-format-{CLANG_FORMAT_VERSION}") or "clang-format"
    paths = [source.path for source in sources if source.is_cpp]
    if not paths:
        return
    run = subprocess.run([program, "--dry-run", "-Werror", "--style=file", *paths], cwd=root,
                         text=True, capture_output=True, check=False)
    seen = set()
    for match in re.finditer(r"^(.+?):(\d+):\d+: error: ", run.stderr, re.M):
        if match.group(1) not in seen:  # one finding tells enough of a file
            seen.add(match.group(1))
            yield match.group(1), int(match.group(2)), "clang-format would change it"
    if run.returncode != 0 and not seen:
        yield ".clang-format", 1, f"{program}: {first_error(run.stderr)}"


RULES = {
    "registered in meson": registered,
    "fuzz corpora": corpora,
    "links": links,
    "headers compile alone": headers_alone,
    "clang-format": formatted,
}
