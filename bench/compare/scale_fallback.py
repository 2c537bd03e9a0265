# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""A crowd that is sent to a fallback and comes back: how long until all of it hears the other.

Three windows of the same length. In the second the source ends, and all go to the fallback's; in
the third it plays again, and all come back. Two say when that was done: Floe counts who it moved,
and the listeners that are checked note when they heard the first frame of the other source, and
which was the last of the one before.
"""
import json
import signal
import socket
import subprocess
import time

import process
import scale_crowd
import scale_report
import scale_swap
import servers

BACKUP = "/backup"
SETS = [f"mount.{servers.MOUNT}.fallback={BACKUP}"]
MOVED_S_MAX = 1.0   # until all hear the other
PATIENCE_S = 10     # to find out how late they are, when they are
POLL_S = 0.01
CHECKED = 2000      # listeners whose every frame is looked at, where none are named
WAYS = {"there": "to the fallback", "back": "and back"}


def backup_command(command):
    """The source of the fallback, by that of the mount."""
    return [BACKUP if word == servers.MOUNT else word for word in command]


def status(server):
    """As `floe status --json`, without a process for it."""
    with socket.socket(socket.AF_UNIX) as asked:
        asked.settimeout(10)
        asked.connect(server.control)
        asked.sendall(b'{"command":"status"}\n')
        with asked.makefile("rb") as answer:
            return json.loads(answer.readline())["result"]


def moves_in(told):
    """Listeners that went on with another mount's audio, since the start."""
    return sum(shard["moves"] for shard in told["shards"])


def has_source(told):
    """Whether the source that ends and comes again is there."""
    return any(mount["name"] == servers.MOUNT and mount["source"] for mount in told["mounts"])


def changes_of(loads):
    """What all load processes say of each life of a source, as one."""
    lives = {}
    for each in (each for load in loads for each in load.get("changes", [])):
        life = lives.setdefault(each["life"], {"came": 0, "went": 0})
        life["came"] += each["came"]
        life["went"] += each["went"]
        for key, choose in (("came_first_s", min), ("came_last_s", max), ("went_at_min", min),
                            ("went_at_max", max)):
            if key in each:
                life[key] = choose(life.get(key, each[key]), each[key])
    return lives


class Crowd(scale_crowd.Crowd):
    """The same crowd; the first source ends and comes again, the second is the fallback's."""

    def __init__(self, *terms):
        super().__init__(*terms)
        self.windows = {}
        self.moved = {}  # by the way
        self.frames = 0  # that the source gave before it ended

    def cpu(self):
        """CPU seconds of server, load tool and all cores."""
        return [process.cpu_s(self.server.process.pid),
                sum(process.cpu_s(load.process.pid) for load in self.loads),
                scale_crowd.busy_cores_s()]

    def end_source(self):
        said, _ = self.sources[0].communicate()
        self.frames = json.loads(said)["frames"]

    def measure(self, window_s):
        began = {}
        for number, name in enumerate(["before", *WAYS], start=1):
            if self.stopped:
                return
            began[name] = time.monotonic()
            for load in self.loads:
                load.process.send_signal(signal.SIGUSR1)
            if name in WAYS:
                self.moved[name] = self.go(name)
            self.hold(max(began[name] + window_s - time.monotonic(), 0))
            if any(load.latest.get("window") != number for load in self.loads):
                self.stopped = self.stopped or f"a floe-load did not begin window {number}"
            self.windows[name] = {
                "seconds": time.monotonic() - began[name],
                "loads": [{"longest_wait_ms": load.latest.get("longest_wait_ms", {})}
                          for load in self.loads]}
            if name in WAYS:
                self.note_heard(name)

    def go(self, way):
        """Has all go there or back; what Floe says of it. It begins as the source is told to end,
        or when it was last seen not to be connected yet."""
        before = moves_in(status(self.server))
        began = time.monotonic()
        if way == "there":
            self.sources[0].terminate()
        else:
            self.sources[0] = subprocess.Popen(self.sources[0].args, stdout=subprocess.PIPE,
                                               text=True)
        result = {"began": began, "first_s": None, "half_s": None, "all_s": None, "moves": 0}
        cpu = self.cpu()
        end = began + PATIENCE_S
        while time.monotonic() < end and result["all_s"] is None:
            asked = time.monotonic()
            told = status(self.server)
            if way == "back" and not has_source(told):
                result["began"], cpu = asked, self.cpu()
                continue
            result["moves"] = moves_in(told) - before
            for key, share in (("first_s", 0), ("half_s", 0.5), ("all_s", 1)):
                if result["moves"] >= max(share * self.listeners, 1) and result[key] is None:
                    result[key] = time.monotonic() - result["began"]
            time.sleep(POLL_S)
        seconds = time.monotonic() - result["began"]
        result["cores"] = [(now - was) / seconds for was, now in zip(cpu, self.cpu())]
        if way == "there":
            self.end_source()
        return result

    def note_heard(self, way):
        """What the listeners that are checked noted of the newest life that anybody came to."""
        lives = changes_of([load.latest for load in self.loads])
        came = [each for each in lives.values() if each["came"]]
        newest = max(came, key=lambda each: each["came_last_s"], default={"came": 0})
        moved = self.moved[way]
        moved["came"] = newest["came"]
        if newest["came"]:
            moved["heard_first_s"] = newest["came_first_s"] - moved["began"]
            moved["heard_last_s"] = newest["came_last_s"] - moved["began"]
        if way == "there":
            left = next((each for each in lives.values() if each["went"]), {})
            moved["frames"] = self.frames
            moved["went_at"] = [left.get("went_at_min"), left.get("went_at_max")]

    def check(self):
        """While the source is gone on purpose, nobody misses it."""
        was = self.sources
        if "there" in self.moved and "back" not in self.moved:
            self.sources = was[1:]
        try:
            return super().check()
        finally:
            self.sources = was

    def run(self, join_s, settle_s, window_s):
        result = super().run(join_s, settle_s, window_s)
        checked = sum(load.get("checked", 0) for load in result["loads"])
        result.update({"windows": self.windows, "moved": self.moved})
        result["broken"] += broken_moves(self.moved, self.listeners, checked)
        return result


def broken_moves(moved, listeners, checked):
    """What did not hold of going there and back, in words."""
    broken = []
    for way, each in moved.items():
        name = WAYS[way]
        if each["all_s"] is None or each["moves"] != listeners:
            broken.append(f"{name}: {each['moves']:,} moves of {listeners:,} listeners in "
                          f"{PATIENCE_S} s")
        elif each["all_s"] > MOVED_S_MAX:
            broken.append(f"{name}: all were moved after {each['all_s']:.3f} s, {MOVED_S_MAX:g} s "
                          "was allowed")
        if each["came"] != checked:
            broken.append(f"{name}: {each['came']:,} of {checked:,} checked listeners heard it")
        elif each["heard_last_s"] > MOVED_S_MAX:
            broken.append(f"{name}: the last of those who are checked heard it after "
                          f"{each['heard_last_s']:.3f} s, {MOVED_S_MAX:g} s was allowed")
        if way == "there" and each["went_at"] != [each["frames"] - 1] * 2:
            broken.append(f"{name}: of frames 0 to {each['frames'] - 1:,} the last that was heard "
                          f"is {each['went_at'][0]} to {each['went_at'][1]}")
    return broken


def seconds_text(value):
    return "-" if value is None else f"{value:.3f} s"


def moved_text(way, *keys):
    return lambda row: ", ".join(seconds_text(row["moved"].get(way, {}).get(key)) for key in keys)


def cores_text(way):
    return lambda row: ", ".join(f"{each:.2f}" for each in
                                 row["moved"].get(way, {}).get("cores", [])) or "-"


def tail_text(row):
    """Whether all heard the source to its end."""
    there = row["moved"].get("there", {})
    if not there.get("frames"):
        return "-"
    return f"{there['frames'] - 1:,}; {', '.join(f'{each:,}' for each in there['went_at'])}" \
        if None not in there["went_at"] else f"{there['frames'] - 1:,}; -"


LINES = [line for line in scale_report.LINES if line[0] in scale_swap.SHARED] + [
    ("windows before, there and back, s",
     lambda row: ", ".join(f"{each['seconds']:.1f}" for each in row["windows"].values()) or "-"),
] + [line for way, name in WAYS.items() for line in [
    (f"{name}, Floe's word: the first, half, all were moved after",
     moved_text(way, "first_s", "half_s", "all_s")),
    (f"{name}: listeners moved",
     lambda row, way=way: f"{row['moved'].get(way, {}).get('moves', 0):,}"),
    (f"{name}, as heard by those who are checked: first, last",
     moved_text(way, "heard_first_s", "heard_last_s")),
    (f"{name}: cores of the server, of the load tool, busy at all", cores_text(way)),
]] + [
    ("last frame of the source; the last that was heard, at least and at most", tail_text),
] + [(f"longest wait {name}: worst, p99, p50", scale_swap.waits_text(window))
     for window, name in (("before", "before"), *WAYS.items())]
