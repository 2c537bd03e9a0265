#!/usr/bin/env python3
# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Runs Floe alone, as far as the machine goes, and holds it to bounds.

The bounds: no underrun, no gap, no close, no refusal, everybody served. `scale.py listeners`:
100,000 of one mount. `mounts`: 200 mounts with 50 listeners each. `ceiling`: 250,000, 500,000 and
1,000,000 at 32 kbit/s. `swap`: how long 100,000 wait for audio while the binary is swapped.
`fallback`: how long until 10,000, and 100,000, hear the fallback of a source that ended, and that
source again. `listclients`: how long it takes to name 50,000 listeners, and whether any of them
waits. Server, sources and listeners share all cores. Exit status: 0 when all bounds held, 1
when one was broken or a run was cut short.
"""
import argparse
import functools
import os
import subprocess
import sys
import tempfile
import time

import options
import process
import results
import scale_crowd
import scale_fallback
import scale_listclients
import scale_report
import scale_swap
import servers

MEMORY_RESERVE_BYTES = 2 << 30  # a run ends when the machine has less available
SHARD_FILL_MAX = 0.85           # of a shard's descriptors: listeners do not spread evenly
SHARDS_MAX = 64                 # kShardsMax of src/base/limits.h
LISTENERS_PER_LOAD = 250_000    # and process
QUIET_WAIT_S = 120              # for a million sockets to go
HOLD_SLACK_S = 30               # who had all its listeners first must not leave first
CHECKED = {"fallback": scale_fallback.CHECKED}  # whose every frame is looked at, of no share
CHECKED_MOSTLY = 1000

# What is said of a run, where that is not as of the others.
LINES = {"swap": scale_swap.LINES, "fallback": scale_fallback.LINES,
         "listclients": scale_listclients.LINES}

# What differs from the defaults of the command line.
PRESETS = {
    "listeners": {},
    "swap": {"seconds": 15, "check_share": 0},
    "fallback": {"listeners": [10_000, 100_000], "seconds": 15, "check_share": 0,
                 "sets": scale_fallback.SETS},
    "listclients": {"listeners": [50_000], "seconds": 15, "check_share": 0},
    "mounts": {"listeners": [10_000], "mounts": 200, "check_share": 0.2},
    # The interval is half of a burst at most, so that players do not run dry.
    "ceiling": {"listeners": [250_000, 500_000, 1_000_000], "bitrate": 32, "fill": 20,
                "check_share": 0.001,
                "sets": ["fanout.interval_max=8s", "mount_defaults.burst=16s", "limits.lag=4s"]},
}


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("run", choices=list(PRESETS))
    parser.add_argument("--build", help="folder of a build that is there (default: build/release)")
    parser.add_argument("--listeners", type=options.numbers, default=[100_000],
                        help="counts, each a run of its own")
    parser.add_argument("--mounts", type=int, default=1)
    parser.add_argument("--bitrate", type=int, default=128)
    parser.add_argument("--mss", type=int, default=1448, help="0: loopback's own")
    parser.add_argument("--seconds", type=float, default=60, help="that are held and measured")
    parser.add_argument("--settle", type=float, default=5, help="seconds between joins and these")
    parser.add_argument("--fill", type=float, default=8, help="seconds of source before listeners")
    parser.add_argument("--join-rate", type=int, default=5000, help="joins a second")
    parser.add_argument("--shards", type=int, default=0, help="0: as few as have the descriptors")
    parser.add_argument("--processes", type=int, default=0,
                        help=f"floe-loads; 0: one per {LISTENERS_PER_LOAD:,} listeners")
    parser.add_argument("--check-share", type=float, default=0.01,
                        help="of the listeners whose every frame is looked at; 0: about "
                             f"{CHECKED_MOSTLY:,} of them, with `fallback` "
                             f"{scale_fallback.CHECKED:,}")
    parser.add_argument("--read-every", default="0s",
                        help="how often the others are read; 0s: when something came")
    parser.add_argument("--rcvbuf", type=int, default=0, help="of each listener; 0: the kernel's")
    parser.add_argument("--set", action="append", dest="sets", metavar="KEY=VALUE", default=[],
                        help="a key of Floe's configuration")
    parser.add_argument("--swaps", type=int, default=1, help="of the binary, with `swap`")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.add_argument("--out", help="folder for scale-<run>.md and .json")
    run = next((word for word in arguments if word in PRESETS), None)
    own_sets = list(PRESETS.get(run, {}).get("sets", []))
    parser.set_defaults(**{key: value for key, value in PRESETS.get(run, {}).items()
                           if key != "sets"})
    parsed = parser.parse_args(arguments)
    if parsed.run == "fallback" and parsed.mounts != 1:
        parser.error("fallback is of one mount")
    parsed.sets = own_sets + parsed.sets  # of two for one key the later holds
    return parsed


def shards_for(listeners, descriptors, cores):
    """As few as have descriptors for all, filled to SHARD_FILL_MAX, but one per core."""
    needed = -(-listeners // int(descriptors * SHARD_FILL_MAX))
    return min(max(needed, cores), SHARDS_MAX)


def split(listeners, processes):
    """(first, count) of each load process."""
    cuts = [listeners * i // processes for i in range(processes + 1)]
    return [(first, after - first) for first, after in zip(cuts, cuts[1:])]


def load_commands(arguments, port, listeners):
    """One floe-load for each process, bounds included."""
    processes = arguments.processes or -(-listeners // LISTENERS_PER_LOAD)
    hold_s = arguments.settle + arguments.seconds + HOLD_SLACK_S
    if arguments.run == "swap":
        hold_s += arguments.seconds + (arguments.swaps + 1) * scale_swap.SWAP_S_MAX
    if arguments.run == "listclients":
        hold_s += arguments.seconds + scale_listclients.ASK_TIMEOUT_S
    if arguments.run == "fallback":
        hold_s += 2 * (arguments.seconds + scale_fallback.PATIENCE_S)
    checked = CHECKED.get(arguments.run, CHECKED_MOSTLY)
    check_share = arguments.check_share or min(1, checked / listeners)
    commands = []
    for first, count in split(listeners, processes):
        command = [scale_crowd.tool(arguments.build, "floe-load"), "--server", f"127.0.0.1:{port}",
                   "--path", *scale_crowd.path_of(arguments.mounts), "--first", str(first),
                   "--listeners", str(count), "--rate", f"{arguments.join_rate / processes:g}",
                   "--mss", str(arguments.mss), "--bitrate", str(arguments.bitrate),
                   "--check-share", f"{check_share:g}",
                   "--read-every", arguments.read_every, "--hold", f"{hold_s:g}s",
                   "--max-underruns", "0", "--max-gaps", "0", "--max-closes", "0",
                   "--max-refused", "0", "--min-listeners", str(count),
                   "--json", "--report-every", "500ms"]
        if arguments.rcvbuf:
            command += ["--rcvbuf", str(arguments.rcvbuf)]
        commands.append(command)
    return commands


def source_commands(arguments, port):
    """One floe-source for all mounts; and one of the fallback."""
    command = scale_crowd.source_command(arguments.build, port, arguments.mounts,
                                         arguments.bitrate)
    if arguments.run != "fallback":
        return [command]
    return [command + ["--json"], scale_fallback.backup_command(command)]


def say(command):
    print("$ " + results.shell(command), file=sys.stderr)
    return command


def crowd_of(arguments):
    if arguments.run == "swap":
        return functools.partial(scale_swap.Crowd, arguments.swaps)
    if arguments.run == "fallback":
        return scale_fallback.Crowd
    if arguments.run == "listclients":
        return scale_listclients.Crowd
    return scale_crowd.Crowd


def run_once(arguments, listeners):
    """One server, its sources, one crowd; what came of it."""
    shards = arguments.shards or shards_for(listeners, process.raise_open_files(),
                                            os.cpu_count())
    server = servers.Floe(arguments.build, shards=shards, sets=arguments.sets)
    if server.missing():
        sys.exit(f"scale.py: {server.missing()}")
    process.wait_for_quiet(QUIET_WAIT_S)
    sources = []
    with tempfile.TemporaryDirectory(prefix="floe-scale-") as folder:
        try:
            server.start(folder, listeners, core=None)
            commands = [say(server.process.args)]
            fresh = process.memory_bytes(server.process.pid)
            for command in source_commands(arguments, server.port):
                commands.append(say(command))
                sources.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
            time.sleep(arguments.fill)
            loads = load_commands(arguments, server.port, listeners)
            commands += map(say, loads)
            watch = crowd_of(arguments)(server, sources, loads, listeners, MEMORY_RESERVE_BYTES)
            result = watch.run(listeners / arguments.join_rate, arguments.settle,
                               arguments.seconds)
        finally:
            for source in sources:
                process.stop(source)
            if server.process is not None:
                server.stop(timeout_s=120)
    result.update({"listeners": listeners, "shards": shards, "fresh": fresh,
                   "mounts": arguments.mounts, "kbps": arguments.bitrate, "mss": arguments.mss,
                   "processes": len(loads),
                   "commands": commands})
    return result


def main():
    arguments = parse(sys.argv[1:])
    arguments.build = arguments.build or servers.build_release()
    folder = results.Folder(arguments.out)
    rows, name = [], f"scale-{arguments.run}"
    lines = LINES.get(arguments.run, scale_report.LINES)
    for listeners in arguments.listeners:
        rows.append(run_once(arguments, listeners))
        whole = folder.write_json(name + ".json", {"rows": rows})
        text = folder.write_markdown(name + ".md", scale_report.scale_markdown(rows, lines))
        print(scale_report.verdict(rows[-1]), file=sys.stderr)
        if rows[-1]["stopped"]:
            break  # more would not fit either
    print(results.as_text(whole) + "\n" if arguments.json else text, end="")
    sys.exit(0 if all(scale_report.is_good(row) for row in rows) else 1)


if __name__ == "__main__":
    main()
