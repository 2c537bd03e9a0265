# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""One server under one load: CPU, memory, joins and latency of a steady window."""
import copy
import os
import subprocess
import sys
import tempfile
import time

import process
import servers

SERVER_CORE = 0
LOAD_CORE = 1
QUIET_WAIT_S = 15
HEARING_SHARE_MIN = 0.995  # of the listeners; then a run counts as joined


class Plan:
    """How long and how much: what `--quick` shortens."""

    def __init__(self, arguments):
        self.build = arguments.build
        self.kbps = arguments.bitrate
        self.join_rate = arguments.join_rate
        self.fill_s = arguments.fill      # the source plays before anyone listens
        self.settle_s = arguments.settle  # after the last join
        self.window_s = arguments.window
        self.read_every = arguments.read_every
        self.storms = arguments.storms
        self.storm_s = arguments.storm_time

    def at_bitrate(self, kbps):
        plan = copy.copy(self)
        plan.kbps = kbps
        return plan


def tool(build, name):
    return os.path.join(build, "tools", name)


def path_of(mounts, path=None):
    """What source and listeners are told of the mounts; `path`: how they are named."""
    return [path or ("/live%d" if mounts > 1 else servers.MOUNT), "--mounts", str(mounts)]


def source_command(build, port, mounts, kbps):
    return [tool(build, "floe-source"), "--server", f"127.0.0.1:{port}",
            "--mount", *path_of(mounts), "--password", servers.PASSWORD, "--bitrate", str(kbps)]


def start_load(plan, server, listeners, mss, extra, check="light", mounts=1, path=None):
    """`path`: of mounts that are named otherwise."""
    command = [tool(plan.build, "floe-load"), "--server", f"127.0.0.1:{server.port}",
               "--path", *path_of(mounts, path), "--listeners", str(listeners), "--mss", str(mss),
               "--bitrate", str(plan.kbps), "--read-every", plan.read_every,
               "--json", "--report-every", "200ms"]
    command += ["--check", check if server.plays_audio else "count"]
    return process.Reports(process.pinned(LOAD_CORE, command + extra))


class Fed:
    """A server and its source, in a folder of their own; ends both."""

    def __init__(self, server):
        self.server, self.source = server, None
        self.folder = tempfile.TemporaryDirectory(prefix="floe-compare-")
        os.chmod(self.folder.name, 0o755)

    def feed(self, plan, mounts):
        command = source_command(plan.build, self.server.port, mounts, plan.kbps)
        self.source = subprocess.Popen(process.pinned(LOAD_CORE, command),
                                       stdout=subprocess.DEVNULL)
        time.sleep(plan.fill_s)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.source is not None:
            process.stop(self.source)
        if self.server.process is not None:
            self.server.stop()
        self.folder.cleanup()


class Station(Fed):
    """One that is started and fed, and measured."""

    def __init__(self, plan, server, listeners, mounts=1):
        super().__init__(server)
        self.plan, self.mounts = plan, mounts
        process.wait_for_quiet(QUIET_WAIT_S)
        try:
            server.start(os.path.join(self.folder.name, "server"), listeners, SERVER_CORE)
            self.pid = server.process.pid
            self.fresh = process.memory_bytes(self.pid)
            if server.plays_audio:
                self.feed(plan, mounts)
        except BaseException:
            self.__exit__()
            raise


def steady(plan, station, listeners, mss, on_window=lambda: None):
    """Paced joins, then a window in which nothing changes; calls `on_window` as it begins."""
    idle = {"memory": process.memory_bytes(station.pid), "tcp": process.tcp_bytes(),
            "slab": process.slab_bytes(), "machine": process.machine_bytes()}
    load = start_load(plan, station.server, listeners, mss, ["--rate", str(plan.join_rate)],
                      mounts=station.mounts)
    try:
        load.wait_until(lambda report: report["hearing"] >= listeners * HEARING_SHARE_MIN,
                        listeners / plan.join_rate + 30)
        time.sleep(plan.settle_s)
        on_window()
        began = {"cpu": process.cpu_s(station.pid), "core": process.core_busy_s(SERVER_CORE),
                 "load": process.cpu_s(load.process.pid), "at": time.monotonic(),
                 "hearing": load.latest["hearing"], "bytes": load.latest["bytes"]}
        time.sleep(plan.window_s)
        seconds = time.monotonic() - began["at"]
        hearing = (began["hearing"] + load.latest["hearing"]) / 2
        listener_s = max(seconds * hearing, 1e-9)
        memory = process.memory_bytes(station.pid)
        result = {
            "hearing": hearing,
            "cpu_us": (process.cpu_s(station.pid) - began["cpu"]) / listener_s * 1e6,
            "heard_kbps": (load.latest["bytes"] - began["bytes"]) / listener_s * 0.008,
            "core_us": (process.core_busy_s(SERVER_CORE) - began["core"]) / listener_s * 1e6,
            "load_cpu_us": (process.cpu_s(load.process.pid) - began["load"]) / listener_s * 1e6,
            "core_busy": (process.core_busy_s(SERVER_CORE) - began["core"]) / seconds,
            "rss": memory["rss"], "pss": memory["pss"], "fresh_rss": station.fresh["rss"],
            "idle_rss": idle["memory"]["rss"],
            "private_per_listener":
                (memory["private"] - idle["memory"]["private"]) / max(hearing, 1),
            "tcp_per_listener": (process.tcp_bytes() - idle["tcp"]) / max(hearing, 1),
            "slab_per_listener": (process.slab_bytes() - idle["slab"]) / max(hearing, 1),
            "machine_per_listener": (process.machine_bytes() - idle["machine"]) / max(hearing, 1),
        }
    finally:
        final = load.finish()
    result["load"] = final
    return result


def storm(plan, station, listeners, mss):
    """Everybody joins at once: how long until all have audio, and who never gets any."""
    load = start_load(plan, station.server, listeners, mss, [], mounts=station.mounts)
    try:
        load.wait_until(lambda report: report["settled"] >= listeners, plan.storm_s)
    finally:
        final = load.finish()
    return {"all_heard_after_s": final["all_heard_after_s"],
            "unserved": listeners - final["hearing"],
            "first_audio_ms": final["first_audio_ms"]}


def measure(plan, server, listeners, mss, mounts=1):
    """A row of the table; None, and why is said, when the server did not last."""
    try:
        with Station(plan, server, listeners, mounts) as station:
            return measure_at(station, listeners, mss)
    except (OSError, RuntimeError) as error:
        status = server.process.returncode if server.process is not None else None
        print(f"FAILED: {server.name}, {listeners:,} listeners, MSS {mss}, {mounts} mounts, "
              f"status {status}: {error}", file=sys.stderr)
        return None


def measure_at(station, listeners, mss):
    """The same of a station that plays already; raises when the server does not last."""
    plan, server, mounts = station.plan, station.server, station.mounts
    result = steady(plan, station, listeners, mss)
    if plan.storms:
        time.sleep(2)  # those of the window leave
        result["storm"] = storm(plan, station, listeners, mss)
    result.update({"server": server.name, "plays_audio": server.plays_audio,
                   "listeners": listeners, "mss": mss, "mounts": mounts, "kbps": plan.kbps})
    return result
