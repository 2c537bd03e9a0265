# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Medians of repeated rows, as a Markdown table and as a plot."""
import collections
import os
import shutil
import statistics
import subprocess


def value_at(row, path):
    for key in path.split("."):
        row = row.get(key) if isinstance(row, dict) else None
    return row


# Column title, where its value is, how it is written.
COLUMNS = [
    ("CPU us per listener-second", "cpu_us", "{:.1f}"),
    ("of the floor", "of_floor", "{:.2f}"),
    ("of icecast2", "of_icecast2", "{:.2f}"),
    ("kbit/s heard", "heard_kbps", "{:.0f}"),
    ("core busy", "core_busy", "{:.0%}"),
    ("process B per listener", "private_per_listener", "{:.0f}"),
    ("TCP B per listener", "tcp_per_listener", "{:.0f}"),
    ("first audio p99 ms", "load.first_audio_ms.p99", "{:.1f}"),
    ("latency p50 ms", "load.latency_ms.p50", "{:.0f}"),
    ("latency p99 ms", "load.latency_ms.p99", "{:.0f}"),
    ("storm s", "storm.all_heard_after_s", "{:.2f}"),
    ("unserved", "storm.unserved", "{:.0f}"),
    ("underruns", "load.underruns", "{:.0f}"),
    ("gaps", "load.gaps", "{:.0f}"),
]


def medians(rows):
    """One row per server, listeners and MSS, with the median of every column."""
    groups = collections.OrderedDict()
    for row in rows:
        groups.setdefault((row["mss"], row["listeners"], row["server"]), []).append(row)
    merged = []
    for (mss, listeners, server), group in groups.items():
        row = {"mss": mss, "listeners": listeners, "server": server, "repeats": len(group)}
        for _, path, _ in COLUMNS:
            values = [value_at(each, path) for each in group]
            values = [value for value in values if value is not None]
            if values:
                row[path] = statistics.median(values)
        merged.append(row)
    add_ratios(merged)
    return merged


def add_ratios(merged):
    cpu = {(row["mss"], row["listeners"], row["server"]): row["cpu_us"] for row in merged}
    for row in merged:
        for column, peer in (("of_floor", "floor"), ("of_icecast2", "icecast2")):
            other = cpu.get((row["mss"], row["listeners"], peer))
            if other:
                row[column] = row["cpu_us"] / other


def has_heard(row, path):
    """The floor plays no audio: what is judged by listening says nothing of it."""
    return not (row["server"].startswith("floor") and
                ("latency" in path or path in ("load.underruns", "load.gaps")))


def markdown(merged):
    lines = ["| listeners | MSS | server | " + " | ".join(title for title, _, _ in COLUMNS) + " |",
             "|---" * (len(COLUMNS) + 3) + "|"]
    for row in merged:
        cells = [f"{row['listeners']:,}", str(row["mss"] or "loopback"), row["server"]]
        for _, path, form in COLUMNS:
            value = row.get(path)
            is_shown = value is not None and has_heard(row, path)
            cells.append(form.format(value) if is_shown else "-")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def plot(merged, folder):
    """cpu.png: CPU per listener-second over listeners, a panel per MSS. Needs gnuplot."""
    if not shutil.which("gnuplot"):
        return None
    sizes = sorted({row["mss"] for row in merged}, reverse=True)
    names = list(dict.fromkeys(row["server"] for row in merged))
    path = os.path.join(folder, "cpu.png")
    script = [f"set terminal pngcairo size {640 * len(sizes)},480 font 'sans,11'",
              f"set output '{path}'", f"set multiplot layout 1,{len(sizes)}",
              "set grid ytics", "set key top right", "set yrange [0:*]", "set xrange [0:*]",
              "set xlabel 'listeners'", "set ylabel 'CPU us per listener-second'"]
    for size in sizes:
        script.append(f"set title 'MSS {size or 'of loopback'}'")
        blocks, lines = [], []
        for name in names:
            points = [(row["listeners"], row["cpu_us"]) for row in merged
                      if row["server"] == name and row["mss"] == size]
            if points:
                lines.append(f"'-' using 1:2 with linespoints lw 2 title '{name}'")
                blocks.append("\n".join(f"{x} {y}" for x, y in sorted(points)) + "\ne")
        script.append("plot " + ", ".join(lines))
        script += blocks
    subprocess.run(["gnuplot"], input="\n".join(script) + "\n", text=True, check=True)
    return path
