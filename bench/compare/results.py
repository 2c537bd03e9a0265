# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What a run leaves: each result with its command, its machine and its date."""
import json
import os
import shlex
import sys
import time


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
    """As it was given, from the top of the source tree."""
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    program = os.path.relpath(os.path.abspath(sys.argv[0]), here)
    return shlex.join([program] + sys.argv[1:])


def heading(where, command):
    """Markdown that says command, machine and date."""
    return (f"`{command}`\n\n"
            f"{where['date']}; {where['cores']} cores of {where['cpu']}, "
            f"{where['memory_gib']} GiB, Linux {where['kernel']}, "
            f"{where['congestion_control']}, slow start after idle "
            f"{where['slow_start_after_idle']}.\n\n")


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
        whole = {"command": command_line(), "machine": self.began, **value}
        if self.path:
            with open(self.file(name), "w", encoding="utf-8") as file:
                json.dump(whole, file, indent=1)
                file.write("\n")
        return whole

    def write_markdown(self, name, text):
        whole = heading(self.began, command_line()) + text
        if self.path:
            with open(self.file(name), "w", encoding="utf-8") as file:
                file.write(whole)
        return whole


def as_text(result):
    return json.dumps(result, indent=1)
