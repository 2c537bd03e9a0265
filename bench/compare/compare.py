#!/usr/bin/env python3
# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Runs Floe, icecast2 and the bare io_uring floor in turn and compares what they cost.

`compare.py table` is the comparison; the other commands give single figures. All servers are
pinned to core 0, source and listeners to core 1. See bench/README.md for what each figure means.
"""
import argparse
import json
import os
import subprocess
import sys

import figures
import measure
import servers
import table

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def numbers(text):
    return [int(word) for word in text.split(",")]


def seconds_of(interval):
    """"1s" and "250ms" as seconds."""
    if interval.endswith("ms"):
        return float(interval[:-2]) / 1e3
    return float(interval.rstrip("s"))


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("figure", nargs="?", default="table",
                        choices=["table", "cpu", "start", "memory", "joins", "latency"])
    parser.add_argument("--build", help="folder of a build that is there (default: build/release, "
                                        "which is brought up to date first)")
    parser.add_argument("--servers", default="floe,floe-fixed,icecast2,floor",
                        help="which, in this order; floe-fixed is Floe at --interval")
    parser.add_argument("--listeners", type=numbers, help="counts, such as 1000,5000")
    parser.add_argument("--mss", type=numbers, default=[1448, 0], help="0: loopback's own")
    parser.add_argument("--interval", default="1s", help="of floor and floe-fixed (default 1s)")
    parser.add_argument("--bitrate", type=int, default=128)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--window", type=float, default=30, help="seconds that are measured")
    parser.add_argument("--settle", type=float, default=10, help="seconds before the window")
    parser.add_argument("--fill", type=float, default=8, help="seconds of source before listeners")
    parser.add_argument("--join-rate", type=int, default=500, help="joins a second before a window")
    parser.add_argument("--no-storms", dest="storms", action="store_false",
                        help="leave out the joins at once")
    parser.add_argument("--storm-time", type=float, default=40, help="seconds a storm may take")
    parser.add_argument("--quick", action="store_true",
                        help="5,000 listeners, MSS 1448, one repeat, 10 s, no storms")
    parser.add_argument("--out", help="folder for table.md, results.json and cpu.png")
    parsed = parser.parse_args(arguments)
    if parsed.quick:
        parsed.listeners = parsed.listeners or [5000]
        parsed.mss, parsed.repeats, parsed.window, parsed.storms = [1448], 1, 10, False
    return parsed


def build_release():
    """The release that tools/run starts, and the tools; the folder it is in."""
    targets = "src/server/floe tools/floe-load tools/floe-source bench/floor/floe-floor"
    script = f'root=$1; source "$root/tools/steps.sh"; build_release "{targets}"'
    if subprocess.run(["bash", "-c", script, "compare.py", ROOT], check=False).returncode != 0:
        sys.exit("compare.py: no release to measure")
    return os.path.join(ROOT, "build/release")


def choose_servers(arguments):
    """Those that can take part; the others are named and left out."""
    every = {
        "floe": lambda: servers.Floe(arguments.build),
        "floe-fixed": lambda: servers.Floe(arguments.build, arguments.interval),
        "icecast2": lambda: servers.Icecast(arguments.build),
        "floor": lambda: servers.Floor(arguments.build, seconds_of(arguments.interval),
                                       arguments.bitrate),
    }
    chosen = []
    for name in arguments.servers.split(","):
        if name not in every:
            sys.exit(f"compare.py: no server \"{name}\": there are {', '.join(every)}")
        missing = every[name]().missing()
        if missing:
            print(f"left out: {name}: {missing}", file=sys.stderr)
        else:
            chosen.append(every[name])
    return chosen


def run_table(arguments, plan, chosen):
    rows = []
    counts = arguments.listeners or [1000, 5000, 10000, 19000]
    for repeat in range(arguments.repeats):
        for mss in arguments.mss:
            for listeners in counts:
                for make in chosen:
                    server = make()
                    row = measure.measure(plan, server, listeners, mss)
                    rows.append(row)
                    print(f"{repeat + 1}/{arguments.repeats}  MSS {mss or 'loopback'}  "
                          f"{listeners:,} listeners  {server.name}: {row['cpu_us']:.1f} us, "
                          f"core {row['core_busy']:.0%} busy", file=sys.stderr)
    rows.sort(key=lambda row: (-row["mss"], row["listeners"]))
    merged = table.medians(rows)
    text = table.markdown(merged)
    result = {"machine": figures.machine(), "medians": merged, "rows": rows}
    if arguments.out:
        os.makedirs(arguments.out, exist_ok=True)
        with open(os.path.join(arguments.out, "table.md"), "w", encoding="utf-8") as file:
            file.write(text)
        with open(os.path.join(arguments.out, "results.json"), "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)
        table.plot(merged, arguments.out)
    print(json.dumps(result["machine"]))
    print(text, end="")


def main():
    arguments = parse(sys.argv[1:])
    arguments.build = arguments.build or build_release()
    plan = measure.Plan(arguments)
    listeners = (arguments.listeners or [None])[0]
    mss = arguments.mss[0]
    if arguments.figure == "start":
        result = figures.start(plan, max(arguments.repeats, 10))
    elif arguments.figure == "memory":
        result = figures.memory(plan, listeners or 10000)
    else:
        if arguments.figure == "cpu":
            arguments.listeners = arguments.listeners or [5000]
            plan.storms = False
        chosen = choose_servers(arguments)
        if arguments.figure in ("table", "cpu"):
            return run_table(arguments, plan, chosen)
        made = [make() for make in chosen]
        if arguments.figure == "joins":
            result = figures.joins(plan, made, listeners or 5000, mss)
        else:
            heard = [server for server in made if server.plays_audio]
            result = figures.latency(plan, heard, listeners or 10, mss)
    print(json.dumps({"figure": arguments.figure, "machine": figures.machine(), "result": result},
                     indent=1))
    return None


if __name__ == "__main__":
    main()
