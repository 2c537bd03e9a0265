# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""A crowd of several floe-load processes, watched until it has been held long enough."""
import json
import os
import sys
import time
import urllib.error
import urllib.request

import measure
import process

LOOK_EVERY_S = 0.5
JOIN_SLACK_S = 60  # beyond what the rate of joins takes

tool, path_of, source_command = measure.tool, measure.path_of, measure.source_command


def busy_cores_s():
    return sum(process.core_busy_s(core) for core in range(os.cpu_count()))


def intervals_ms(port):
    """The interval of every shard that has listeners, as the server tells it."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10) as reply:
            shards = json.load(reply)["shards"]
    except (urllib.error.URLError, OSError, ValueError):
        return []
    return [shard["interval_ms"] for shard in shards if shard["listeners"]]


class Crowd:
    """Starts the load processes when it runs, and ends them; the server is its owner's."""

    def __init__(self, server, sources, commands, listeners, reserve_bytes):
        self.server, self.sources, self.commands = server, sources, commands
        self.listeners, self.reserve_bytes = listeners, reserve_bytes
        self.loads = []
        self.stopped = ""  # why the run was cut short
        self.available_min = process.available_bytes()

    def sum(self, key):
        return sum(load.latest.get(key, 0) for load in self.loads)

    def sample(self):
        return {"at": time.monotonic(), "server_cpu": process.cpu_s(self.server.process.pid),
                "load_cpu": sum(process.cpu_s(load.process.pid) for load in self.loads
                                if load.process.poll() is None),
                "busy": busy_cores_s(), "bytes": self.sum("bytes"),
                "server": process.memory_bytes(self.server.process.pid),
                "tcp": process.tcp_bytes(), "slab": process.slab_bytes(),
                "machine": process.machine_bytes()}

    def check(self):
        """False, and why, once the run must not go on."""
        available = process.available_bytes()
        self.available_min = min(self.available_min, available)
        if available < self.reserve_bytes:
            self.stopped = (f"{available >> 20:,} MiB of memory available, less than the reserve "
                            f"of {self.reserve_bytes >> 20:,} MiB, at {self.sum('hearing'):,} "
                            "listeners")
        elif self.server.process.poll() is not None:
            self.stopped = f"the server ended with status {self.server.process.returncode}"
        elif any(source.poll() is not None for source in self.sources):
            self.stopped = "a source ended"
        elif any(load.process.poll() is not None for load in self.loads):
            self.stopped = f"a floe-load ended at {self.sum('hearing'):,} listeners"
        return not self.stopped

    def watch(self, seconds, is_enough):
        """True once enough; False when that took too long or the run must end."""
        end = time.monotonic() + seconds
        while self.check():
            if sys.stderr.isatty():
                print(f"\r\033[K{self.sum('hearing'):,} of {self.listeners:,} listeners, "
                      f"{self.sum('underruns'):,} underruns, "
                      f"{process.available_bytes() >> 20:,} MiB available", end="",
                      file=sys.stderr)
            if is_enough():
                return True
            if time.monotonic() >= end:
                return False
            time.sleep(LOOK_EVERY_S)
        return False

    def hold(self, seconds):
        end = time.monotonic() + seconds
        self.watch(seconds + LOOK_EVERY_S, lambda: time.monotonic() >= end)

    def measure(self, window_s):
        """What happens in the window: nothing, here."""
        self.hold(window_s)

    def run(self, join_s, settle_s, window_s):
        """Joins, settles, measures; what came of it."""
        before = self.sample()
        began = time.monotonic()
        self.loads = [process.Reports(command) for command in self.commands]
        try:
            has_joined = self.watch(join_s + JOIN_SLACK_S,
                                    lambda: self.sum("settled") >= self.listeners)
            joined_s = time.monotonic() - began
            if not has_joined and not self.stopped:
                self.stopped = f"only {self.sum('settled'):,} had joined after {joined_s:.0f} s"
            if not self.stopped:
                self.hold(settle_s)
            start = self.sample() if self.server.process.poll() is None else before
            hearing = self.sum("hearing")
            intervals = []
            if not self.stopped:
                intervals = intervals_ms(self.server.port)
                self.measure(window_s)
            after = self.sample() if self.server.process.poll() is None else start
        finally:
            for load in self.loads:
                load.tell_to_end()  # all at once: while one ends the others would go on joining
            finals = [load.finish() for load in self.loads]
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr)
        seconds = max(after["at"] - start["at"], 1e-9)
        return {"hearing": hearing, "joined_s": joined_s, "window_s": after["at"] - start["at"],
                "server_cores": (after["server_cpu"] - start["server_cpu"]) / seconds,
                "load_cores": (after["load_cpu"] - start["load_cpu"]) / seconds,
                "busy_cores": (after["busy"] - start["busy"]) / seconds,
                "bytes_per_s": (after["bytes"] - start["bytes"]) / seconds,
                "cores": os.cpu_count(), "before": before, "after": after,
                "intervals_ms": intervals, "available_min": self.available_min, "loads": finals,
                "broken": self.broken(finals), "stopped": self.stopped}

    def broken(self, finals):
        """Each bound that did not hold, with how much it was missed by."""
        return [text if len(finals) == 1 else f"process {number}: {text}"
                for number, final in enumerate(finals) for text in final.get("broken", [])]
