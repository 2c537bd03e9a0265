#!/usr/bin/env python3
# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Runs Floe, icecast2, nginx and the bare io_uring floor in turn and compares what they cost.

`compare.py table` is the comparison, `growth` what Floe costs with more of everything, `profile`
where its time goes; the other commands give single figures. All servers are pinned to core 0,
source and listeners to core 1. See bench/README.md for what each figure means.
"""
import argparse
import sys

import figures
import growth
import measure
import options
import plot
import process
import relays
import results
import servers
import shares
import table

COUNTS = [1000, 5000, 10000, 19000]
COUNT = 5000  # of what takes one
SHORT_HISTORY = "4s"  # at 128 kbit/s about what icecast2 keeps; Floe keeps two bursts
TABLE_KEYS = [("listeners", "listeners"), ("MSS", "mss"), ("server", "server"), ("runs", "repeats")]


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("figure", nargs="?", default="table", choices=list(COMMANDS))
    parser.add_argument("--build", help="folder of a build that is there (default: build/release, "
                                        "which is brought up to date first)")
    parser.add_argument("--servers", help="which, in this order (default: floe,floe-fixed,"
                                          "icecast2,nginx,floor; of growth and profile: floe; "
                                          "of relays: floe,floe-short,icecast2); floe-fixed is "
                                          "Floe at --interval, floe-short keeps a history of "
                                          f"{SHORT_HISTORY}")
    parser.add_argument("--listeners", type=options.numbers, help="counts, such as 1000,5000")
    parser.add_argument("--mss", type=options.numbers, default=[1448, 0], help="0: loopback's own")
    parser.add_argument("--interval", default="1s", help="of floor and floe-fixed (default 1s)")
    parser.add_argument("--bitrate", type=int, default=128)
    parser.add_argument("--set", action="append", default=[], dest="sets", metavar="KEY=VALUE",
                        help="a key of Floe's configuration")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--window", type=float, default=30, help="seconds that are measured")
    parser.add_argument("--settle", type=float, default=10, help="seconds before the window")
    parser.add_argument("--fill", type=float, default=8, help="seconds of source before listeners")
    parser.add_argument("--join-rate", type=int, default=500, help="joins a second before a window")
    parser.add_argument("--read-every", default="500ms",
                        help="how often listeners not checked are read; 0s: when something came")
    parser.add_argument("--relays", type=int, default=200, help="of an edge (default 200)")
    parser.add_argument("--streams", type=int, default=20,
                        help="of the origin, that the relays share (default 20)")
    parser.add_argument("--no-storms", dest="storms", action="store_false",
                        help="leave out the joins at once")
    parser.add_argument("--storm-time", type=float, default=40, help="seconds a storm may take")
    parser.add_argument("--quick", action="store_true",
                        help="5,000 listeners, MSS 1448, one repeat, 10 s, no storms")
    parser.add_argument("--out", help="folder for tables, plots and every run as JSON")
    parsed = parser.parse_args(arguments)
    if parsed.quick:
        parsed.listeners = parsed.listeners or [COUNT]
        parsed.mss, parsed.repeats, parsed.window, parsed.storms = [1448], 1, 10, False
    return parsed


def choose_servers(arguments, default="floe,floe-fixed,icecast2,nginx,floor"):
    """Those that can take part, each to be made for a bitrate; the others are named and left out.
    """
    build, interval, sets = arguments.build, arguments.interval, arguments.sets
    every = {
        "floe": lambda kbps: servers.Floe(build, sets=sets),
        "floe-fixed": lambda kbps: servers.Floe(build, interval, sets=sets),
        "floe-short": lambda kbps: servers.Floe(
            build, sets=[f"mount_defaults.history={SHORT_HISTORY}", *sets], name="floe-short"),
        "icecast2": lambda kbps: servers.Icecast(build),
        "nginx": lambda kbps: servers.Nginx(build, kbps),
        "floor": lambda kbps: servers.Floor(build, options.seconds_of(interval), kbps),
    }
    chosen = []
    for name in (arguments.servers or default).split(","):
        if name not in every:
            sys.exit(f"compare.py: no server \"{name}\": there are {', '.join(every)}")
        missing = every[name](arguments.bitrate).missing()
        if missing:
            print(f"left out: {name}: {missing}", file=sys.stderr)
        else:
            chosen.append(every[name])
    return chosen


def make_all(chosen, kbps):
    return [make(kbps) for make in chosen]


def say_row(text, row):
    print(f"{text}  MSS {row['mss'] or 'loopback'}  {row['kbps']} kbit/s  {row['mounts']} mounts  "
          f"{row['listeners']:,} listeners  {row['server']}: {row['cpu_us']:.1f} us, "
          f"core {row['core_busy']:.0%} busy", file=sys.stderr)


def run_table(arguments, plan, folder):
    chosen = choose_servers(arguments)
    rows, text = [], ""
    for repeat in range(arguments.repeats):
        for mss in arguments.mss:
            for listeners in arguments.listeners or COUNTS:
                for server in make_all(chosen, plan.kbps):
                    row = measure.measure(plan, server, listeners, mss)
                    if row is not None:
                        rows.append(row)
                        folder.write_json(f"{arguments.figure}.json", {"rows": rows})
                        say_row(f"{repeat + 1}/{arguments.repeats}", row)
        text = write_table(arguments, folder, rows)
    print(text, end="")


def write_table(arguments, folder, rows):
    """The table and the plot of what there is so far."""
    merged = table.medians(sorted(rows, key=lambda row: (-row["mss"], row["listeners"])))
    folder.write_json(f"{arguments.figure}.json", {"medians": merged, "rows": rows})
    if folder.path and arguments.figure == "table":
        panels = [plot.Panel("MSS 1448, as in a network" if mss == 1448 else
                             f"MSS {mss or 'of loopback'}",
                             "listeners", "us of CPU per listener-second",
                             table.lines_over([row for row in merged if row["mss"] == mss],
                                              "listeners"))
                  for mss in sorted(set(arguments.mss), reverse=True)]
        plot.draw(folder.file("cpu.png"), f"What a listener costs at {arguments.bitrate} kbit/s",
                  panels)
    return folder.write_markdown(f"{arguments.figure}.md", table.markdown(merged, TABLE_KEYS))


def run_cpu(arguments, plan, folder):
    arguments.listeners = arguments.listeners or [COUNT]
    plan.storms = False
    run_table(arguments, plan, folder)


def run_growth(arguments, plan, folder):
    plan.storms = False
    chosen = choose_servers(arguments, default="floe")
    mss, rows = arguments.mss[0], []
    for repeat in range(arguments.repeats):
        def on_row(row, text=f"{repeat + 1}/{arguments.repeats}"):
            rows.append(row)
            folder.write_json("growth.json", {"rows": rows})
            say_row(text, row)

        growth.run(plan, lambda kbps: make_all(chosen, kbps), arguments.listeners, mss, on_row)
    if folder.path:
        growth.draw(rows, folder.file("growth.png"), mss)
    print(folder.write_markdown("growth.md", growth.markdown(rows)), end="")


def run_profile(arguments, plan, folder):
    if shares.missing():
        sys.exit(f"left out: profile: {shares.missing()}")
    chosen = choose_servers(arguments, default="floe")
    found = [shares.profile(plan, server, (arguments.listeners or [COUNT])[0], arguments.mss[0])
             for server in make_all(chosen, plan.kbps)]
    folder.write_json("profile.json", {"result": found})
    text = "\n".join(shares.markdown(each) for each in found)
    print(folder.write_markdown("profile.md", text), end="")


def run_relays(arguments, plan, folder):
    """Edges in turn, all of one origin."""
    missing = servers.Icecast(plan.build).missing()
    if missing:
        sys.exit(f"left out: relays, whose origin is an icecast2: {missing}")
    chosen = choose_servers(arguments, default="floe,floe-short,icecast2")
    rows, text = [], ""
    with relays.Origin(plan, arguments.relays, arguments.streams) as origin:
        for repeat in range(arguments.repeats):
            for server in make_all(chosen, plan.kbps):
                try:
                    row = relays.measure_edge(plan, origin, server, arguments.relays,
                                              arguments.streams)
                except (OSError, RuntimeError) as error:
                    print(f"FAILED: {server.name}, status {server.process.returncode}: {error}",
                          file=sys.stderr)
                    continue
                rows.append(row)
                folder.write_json("relays.json", {"medians": relays.medians(rows), "rows": rows})
                print(f"{repeat + 1}/{arguments.repeats}  {row['server']}: {row['cpu_us']:.1f} us "
                      f"per relay-second, PSS {row['pss_kib']:.1f} KiB", file=sys.stderr)
            text = folder.write_markdown("relays.md", relays.markdown(rows))
    print(text, end="")
    if any(relays.broken(row) for row in rows):
        sys.exit(1)


def run_figure(arguments, plan, folder):
    listeners = (arguments.listeners or [None])[0]
    mss = arguments.mss[0]
    if arguments.figure == "start":
        result = figures.start(plan, max(arguments.repeats, 10))
    elif arguments.figure == "memory":
        result = figures.memory(plan, listeners or 10000)
    elif arguments.figure == "joins":
        made = make_all(choose_servers(arguments), plan.kbps)
        result = figures.joins(plan, made, listeners or COUNT, mss)
    else:
        made = make_all(choose_servers(arguments), plan.kbps)
        heard = [server for server in made if server.plays_audio]
        result = figures.latency(plan, heard, listeners or 10, mss)
    print(results.as_text(folder.write_json(f"{arguments.figure}.json", {"result": result})))


COMMANDS = {"table": run_table, "cpu": run_cpu, "growth": run_growth, "profile": run_profile,
            "relays": run_relays, "start": run_figure, "memory": run_figure, "joins": run_figure,
            "latency": run_figure}


def main():
    arguments = parse(sys.argv[1:])
    arguments.build = arguments.build or servers.build_release()
    process.raise_open_files()
    COMMANDS[arguments.figure](arguments, measure.Plan(arguments), results.Folder(arguments.out))


if __name__ == "__main__":
    main()
