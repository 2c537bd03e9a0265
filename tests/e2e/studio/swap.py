# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Binary swaps: one floe goes on for another."""
import ctypes
import json
import os
import signal
import subprocess
import time

from studio import binaries
from studio.server import environment_with
from studio.waiting import PATIENCE_S, eventually

PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
POLL_S = 0.02
LATE = "in time"  # how each reason ends that is only that


def adopt_grandchildren():
    """A successor's parent is the process before, which ends: from then on it is ours."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class Successor:
    """A server that another one has started; looks like a subprocess.Popen."""

    def __init__(self, pid):
        self.pid = pid
        self.returncode = None

    def poll(self):
        if self.returncode is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:  # the one before, its parent, is still there
                return None
            if pid == self.pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout=PATIENCE_S):
        by = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > by:
                raise subprocess.TimeoutExpired("floe", timeout)
            time.sleep(POLL_S)
        return self.returncode

    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)


def command(floe, *words):
    """A command to the running server."""
    return subprocess.run([floe.binary, *words, "-c", floe.config_path], capture_output=True,
                          text=True, timeout=PATIENCE_S, check=False, env=environment_with({}))


def status(floe, *words):
    return json.loads(command(floe, "status", "--json", *words).stdout)


def follow(floe, pid):
    """The server is that process from now on; answers the one before."""
    before, floe.process = floe.process, Successor(pid)
    return before


def upgrade(floe, *words):
    """The command for it, given until it was in time: where a machine has too much else to do all
    goes on as before."""
    by = time.monotonic() + PATIENCE_S
    asked = command(floe, "upgrade", *words)
    while LATE in asked.stderr and time.monotonic() < by:
        asked = command(floe, "upgrade", *words)
    return asked


def swap(floe, binary=None, waits=True):
    """As an operator does it. Answers what was printed; the process before has ended well, if that
    is waited for."""
    adopt_grandchildren()
    words = [] if binary is None else ["--binary", binary]
    asked = upgrade(floe, *words)
    assert asked.returncode == 0, (asked.stdout, asked.stderr, floe.stderr())
    before = follow(floe, status(floe)["pid"])
    assert not waits or before.wait(PATIENCE_S) == 0, floe.stderr()
    return asked.stdout


def next_binary():
    """A floe as a later version may be: tests/next."""
    path = binaries.floe()
    for folder in path.parents:
        if (folder / "tests" / "next" / "handover" / "floe-next").is_file():
            return folder / "tests" / "next" / "handover" / "floe-next"
    raise RuntimeError(f"there is no floe-next beside {path}; tools/test builds it")


def is_another_process(floe, pid):
    eventually(lambda: status(floe)["pid"] != pid, saying="another process answers")
    return status(floe)["pid"]
