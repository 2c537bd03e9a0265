# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""A crowd whose server is swapped for another process: how long its listeners wait for audio.

Two windows of the same length, in the second the binary takes over from itself. A listener's
figure is its longest time between two receives that brought audio; the worst of all is what a
swap is judged by.
"""
import ctypes
import json
import os
import re
import signal
import subprocess
import time

import process
import scale_crowd
import scale_report

SWAP_S_MAX = 150       # a process gives up on its successor sooner
LAST_TASKS_S_MAX = 45  # the process before waits for requests that are being answered
AFTER_SWAP_S = 5       # of its window at least: by then who waited has heard again
POLL_S = 0.02
PR_SET_CHILD_SUBREAPER = 36  # prctl(2)

GAP = re.compile(r"nothing was sent for ([0-9.]+) ms; all of it took ([0-9.]+) ms")
COUNTS = re.compile(r"process (\d+) goes on with (\d+) listeners, (\d+) sources and (\d+) mounts")


def adopt_grandchildren():
    """A successor's parent is the process before, which ends: from then on it is ours."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class Successor:
    """A server that another one has started; as much of a subprocess.Popen as is used here."""

    def __init__(self, pid, args):
        self.pid, self.args = pid, args
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

    def wait(self, timeout=None):
        end = time.monotonic() + timeout if timeout is not None else float("inf")
        while self.poll() is None:
            if time.monotonic() >= end:
                raise subprocess.TimeoutExpired(self.args, timeout)
            time.sleep(POLL_S)
        return self.returncode

    def terminate(self):
        if self.poll() is None:
            os.kill(self.pid, signal.SIGTERM)

    def kill(self):
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)


def read_summary(text):
    """What `floe upgrade` says when it is done; None when it does not say that."""
    gap, counts = GAP.search(text), COUNTS.search(text)
    if gap is None or counts is None:
        return None
    pid, listeners, sources, mounts = map(int, counts.groups())
    return {"pid": pid, "listeners": listeners, "sources": sources, "mounts": mounts,
            "gap_ms": float(gap[1]), "total_ms": float(gap[2])}


def status(server):
    asked = subprocess.run([server.binary, "status", "--json", "--control", server.control],
                           capture_output=True, text=True, timeout=60, check=False)
    return json.loads(asked.stdout) if asked.returncode == 0 else {}


def follow(server):
    """The server is whichever process answers."""
    pid = status(server).get("pid", server.process.pid)
    if pid != server.process.pid:
        server.process = Successor(pid, server.process.args)


def swap(server):
    """The binary takes over from itself; what came of it. "failed" is empty when it did."""
    before = server.process
    peak = process.peak_bytes(before.pid)
    asked = subprocess.Popen([server.binary, "upgrade", "--control", server.control],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + SWAP_S_MAX
    said, wrong = "", ""
    try:
        while asked.returncode is None:
            try:
                said, wrong = asked.communicate(timeout=POLL_S)
            except subprocess.TimeoutExpired:
                if time.monotonic() >= end:
                    asked.kill()
            peak = max(peak, process.peak_bytes(before.pid))
    finally:
        follow(server)  # or the new process would be left behind
    result = {"failed": "", "peak": peak, "ended_with": None, **(read_summary(said) or {})}
    if asked.returncode != 0 or "gap_ms" not in result or server.process is before:
        result["failed"] = wrong.strip() or f"floe upgrade ended with status {asked.returncode}"
        return result
    end = time.monotonic() + LAST_TASKS_S_MAX
    while before.poll() is None and time.monotonic() < end:
        result["peak"] = max(result["peak"], process.peak_bytes(before.pid))
        time.sleep(POLL_S)
    result["ended_with"] = before.poll()
    process.stop(before)
    return result


class Crowd(scale_crowd.Crowd):
    """The same crowd; its server is swapped `swaps` times."""

    def __init__(self, swaps, *terms):
        super().__init__(*terms)
        adopt_grandchildren()
        self.swaps = swaps
        self.done = []     # what came of each
        self.windows = {}  # "without" a swap, and "with"
        self.totals = []   # the server's own: before, and after

    def hold_until(self, end):
        self.hold(max(end - time.monotonic(), 0))

    def measure(self, window_s):
        window_s = max(window_s, (self.swaps + 1) * AFTER_SWAP_S)
        self.totals.append(status(self.server).get("totals"))
        for number, (name, swaps) in enumerate([("without", 0), ("with", self.swaps)], start=1):
            if not self.stopped:
                self.windows[name] = self.window(number, window_s, swaps)
        self.totals.append(status(self.server).get("totals"))

    def window(self, number, seconds, swaps):
        """Swaps at even distances, while the longest waits are counted."""
        began = time.monotonic()
        for load in self.loads:
            load.process.send_signal(signal.SIGUSR1)
        for each in range(1, swaps + 1):
            self.hold_until(began + seconds * each / (swaps + 1))
            if self.stopped:
                break
            self.done.append(swap(self.server))
            if self.done[-1]["failed"]:
                self.stopped = f"swap {each} failed: {self.done[-1]['failed']}"
        heard_again = time.monotonic() + AFTER_SWAP_S if swaps else began
        self.hold_until(max(began + seconds, heard_again))
        if any(load.latest.get("window") != number for load in self.loads):
            self.stopped = self.stopped or f"a floe-load did not begin window {number}"
        return {"seconds": time.monotonic() - began,
                "loads": [{"longest_wait_ms": load.latest.get("longest_wait_ms", {})}
                          for load in self.loads]}

    def run(self, join_s, settle_s, window_s):
        result = super().run(join_s, settle_s, window_s)
        del result["server_cores"]  # of two processes
        peak = process.peak_bytes(self.server.process.pid)
        result.update({"windows": self.windows, "swaps": self.done, "totals": self.totals,
                       "peaks": [each["peak"] for each in self.done] + [peak]})
        result["broken"] += broken_swaps(self.done, self.listeners)
        return result


def broken_swaps(swaps, listeners):
    """What went wrong at a swap that was done, in words."""
    broken = []
    for number, each in enumerate(swaps, start=1):
        if each["failed"]:
            continue
        if each["listeners"] != listeners:
            broken.append(f"swap {number}: {each['listeners']:,} of {listeners:,} listeners were "
                          "handed over")
        if each["ended_with"] is None:
            broken.append(f"swap {number}: the process before did not end in {LAST_TASKS_S_MAX} s")
        elif each["ended_with"] != 0:
            broken.append(f"swap {number}: the process before ended with status "
                          f"{each['ended_with']}")
    return broken


def worst_ms(row, window, which="max"):
    """Of the load process that had it worst; None when nothing was measured."""
    waits = [load["longest_wait_ms"] for load in row["windows"].get(window, {}).get("loads", [])]
    return max((each[which] for each in waits if each.get("count")), default=None)


def ms_text(value, form=",.1f"):
    return "-" if value is None else f"{value:{form}} ms"


def waits_text(window):
    return lambda row: ", ".join(ms_text(worst_ms(row, window, which))
                                 for which in ("max", "p99", "p50"))


def difference_text(row):
    without, with_swap = worst_ms(row, "without"), worst_ms(row, "with")
    is_known = without is not None and with_swap is not None
    return ms_text(with_swap - without if is_known else None, "+,.1f")


def swaps_text(row, key):
    return ", ".join(ms_text(each[key]) for each in row["swaps"] if key in each) or "-"


def measured_text(row):
    return ", ".join(
        f"{sum(load['longest_wait_ms'].get('count', 0) for load in window['loads']):,}"
        for window in row["windows"].values()) or "-"


# As of the other runs; but the cores of the server would be those of two processes.
SHARED = ["listeners that hear audio", "mounts, kbit/s, MSS", "shards, load processes",
          "all joined after", "underruns", "gaps, repeats, torn frames", "closes, refusals",
          "listeners checked frame by frame", "interval", "latency p50, p99",
          "memory available at the least"]
LINES = [line for line in scale_report.LINES if line[0] in SHARED] + [
    ("swaps", lambda row: f"{len(row['swaps'])}"),
    ("windows without and with, s",
     lambda row: ", ".join(f"{each['seconds']:.1f}" for each in row["windows"].values()) or "-"),
    ("listeners whose waits were measured in each", measured_text),
    ("longest wait without a swap: worst, p99, p50", waits_text("without")),
    ("longest wait with a swap: worst, p99, p50", waits_text("with")),
    ("the worst is longer by", difference_text),
    ("Floe's own word: nothing was sent for", lambda row: swaps_text(row, "gap_ms")),
    ("Floe's own word: all of it took", lambda row: swaps_text(row, "total_ms")),
    ("peak memory of each process (VmHWM)",
     lambda row: ", ".join(f"{peak / scale_report.MIB:,.0f}" for peak in row["peaks"]) + " MiB"),
    ("listeners, sources, mounts handed over",
     lambda row: "; ".join(f"{each['listeners']:,}, {each['sources']}, {each['mounts']}"
                           for each in row["swaps"] if "gap_ms" in each) or "-"),
]
