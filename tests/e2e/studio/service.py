# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""The service manager's side: what it is told, and the sockets it passes on."""
import re
import socket
import subprocess

from studio import binaries
from studio.waiting import PATIENCE_S


class NotifySocket:
    """Where a service says how it is (sd_notify(3))."""

    def __init__(self, name):
        self.name = name  # a path, or "@" and a name without one
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(name if name.startswith("/") else "\0" + name[1:])
        self._socket.settimeout(PATIENCE_S)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def next(self):
        """The next message, as its variables."""
        text = self._socket.recv(4096).decode()
        return dict(line.split("=", 1) for line in text.split("\n"))

    def next_with(self, variable):
        while variable not in (message := self.next()):
            pass
        return message

    def rest(self):
        """What was said and not heard yet."""
        self._socket.setblocking(False)
        messages = []
        try:
            while True:
                messages.append(self.next())
        except BlockingIOError:
            return messages


def listening_socket(port=0):
    """As systemd opens it: before the service runs, and it does not block."""
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    opened.bind(("127.0.0.1", port))
    opened.listen(4096)
    opened.setblocking(False)
    return opened


def activated_by(*sockets, pid="$$"):
    """How a server is started with these from descriptor 3 on, as Floe() takes it."""
    numbers = [each.fileno() for each in sockets]
    # First out of the way of the places where they go.
    moves = [f"{100 + i}<&{number}" for i, number in enumerate(numbers)]
    moves += [f"{3 + i}<&{100 + i} {100 + i}<&-" for i in range(len(numbers))]
    line = (f"LISTEN_PID={pid} LISTEN_FDS={len(numbers)} LISTEN_FDNAMES="
            f"{':'.join(['floe.socket'] * len(numbers))} exec \"$@\" {' '.join(moves)}")
    return {"before": ["bash", "-c", line, "bash"], "descriptors": numbers}


def system_calls(unit):
    """The names that the SystemCallFilter= lines of a unit allow."""
    allowed = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", unit, re.M):
        names = set()
        for word in line.lstrip("~").split():
            names |= _members(word)
        allowed = allowed - names if line.startswith("~") else allowed | names
    return allowed


def _members(word):
    if not word.startswith("@"):
        return {word}
    shown = subprocess.run(["systemd-analyze", "syscall-filter", word], capture_output=True,
                           text=True, check=True).stdout.splitlines()[1:]
    words = [line.strip() for line in shown if line.strip() and "#" not in line]
    return set().union(*map(_members, words))


def with_system_calls(names):
    """What starts a program that may call these and nothing else, as Floe() takes it."""
    return ["/usr/bin/python3", binaries.ROOT / "tests/e2e/studio/under_filter.py",
            ",".join(sorted(names))]
