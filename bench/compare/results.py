# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What a run leaves: each result with its command, its machine and its date."""
import json
import os
import shlex
import sys
import textwrap
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COLUMNS = 100


def machine():
    """Where it was measured: what a figure is worth nothing without."""
    def first_line(path):
        try:
            with open(path, encoding="ascii") as file:
                return file.readline().strip()
        except OSError:
            return ""
    model = ""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    sysctl = "/proc/sys/net/ipv4/"
    with open("/proc/meminfo", encoding="ascii") as file:
        memory_kib = int(file.readline().split()[1])
    return {"cpu": model, "cores": os.cpu_count(), "memory_gib": round(memory_kib / 2**20, 1),
            "kernel": os.uname().release,
            "congestion_control": first_line(sysctl + "tcp_congestion_control"),
            "slow_start_after_idle": first_line(sysctl + "tcp_slow_start_after_idle"),
            "tcp_mem": first_line(sysctl + "tcp_mem"),
            "date": time.strftime("%Y-%m-%d %H:%M %z")}


def command_line():
    """The words of this run, from the top of the source tree."""
    return [os.path.relpath(os.path.abspath(sys.argv[0]), ROOT)] + sys.argv[1:]


def shell(command):
    """A command as it can be pasted: on as many lines as it takes, from the top of the tree. An
    option stays beside its value."""
    parts = []
    for word in command:
        quoted = shlex.quote(word.replace(ROOT + os.sep, ""))
        if parts and parts[-1].startswith("--") and " " not in parts[-1] and word[:2] != "--":
            parts[-1] += " " + quoted
        else:
            parts.append(quoted)
    lines = [parts[0]]
    for part in parts[1:]:
        if len(lines[-1]) + len(part) > COLUMNS - 3:
            lines[-1] += " \\"
            lines.append("   ")
        lines[-1] += " " + part
    return "\n".join(lines)


def code(commands):
    """Commands as Markdown."""
    return "```\n" + "\n".join(shell(command) for command in commands) + "\n```\n"


def paragraph(text, first=""):
    """Prose as Markdown; `first`: what a list's item begins with."""
    return textwrap.fill(text, COLUMNS, initial_indent=first, break_long_words=False,
                         subsequent_indent=" " * len(first)) + "\n"


def heading(where, command):
    """Markdown that says command, machine and date."""
    return code([command]) + "\n" + paragraph(
        f"{where['date']}; {where['cores']} cores of {where['cpu']}, {where['memory_gib']} GiB, "
        f"Linux {where['kernel']}, {where['congestion_control']}, slow start after idle "
        f"{where['slow_start_after_idle']}.") + "\n"


class Folder:
    """Where results are kept; None: nowhere, they are only printed."""

    def __init__(self, path):
        self.path = path
        self.began = machine()  # its date is when the run began
        if path:
            os.makedirs(path, exist_ok=True)

    def file(self, name):
        return os.path.join(self.path, name)

    def write_json(self, name, value):
        whole = {"command": shlex.join(command_line()), "machine": self.began, **value}
        if self.path:
            with open(self.file(name), "w", encoding="utf-8") as file:
                # As in shell(): commands are run from the top of the tree, wherever that is.
                file.write(json.dumps(whole, indent=1).replace(ROOT + os.sep, "") + "\n")
        return whole

    def write_markdown(self, name, text):
        whole = heading(self.began, command_line()) + text
        if self.path:
            with open(self.file(name), "w", encoding="utf-8") as file:
                file.write(whole)
        return whole


def as_text(result):
    return json.dumps(result, indent=1)
