# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Medians of repeated rows, as a Markdown table and as lines of a plot."""
import collections
import statistics

# What makes two runs the same measurement.
KEYS = ["mss", "kbps", "mounts", "listeners", "server"]

# Column title, where its value is, how it is written.
COLUMNS = [
    ("CPU us per listener-second", "cpu_us", "{:.1f}"),
    ("of the floor", "of_floor", "{:.2f}"),
    ("of icecast2", "of_icecast2", "{:.2f}"),
    ("of nginx", "of_nginx", "{:.2f}"),
    ("kbit/s heard", "heard_kbps", "{:.0f}"),
    ("core busy", "core_busy", "{:.0%}"),
    ("process B per listener", "private_per_listener", "{:.0f}"),
    ("TCP B per listener", "tcp_per_listener", "{:.0f}"),
    ("slab B per listener", "slab_per_listener", "{:.0f}"),
    ("first audio p99 ms", "load.first_audio_ms.p99", "{:.1f}"),
    ("latency p50 ms", "load.latency_ms.p50", "{:.0f}"),
    ("latency p99 ms", "load.latency_ms.p99", "{:.0f}"),
    ("storm s", "storm.all_heard_after_s", "{:.2f}"),
    ("unserved", "storm.unserved", "{:.0f}"),
    ("underruns", "load.underruns", "{:.0f}"),
    ("gaps", "load.gaps", "{:.0f}"),
]
RATIOS = [("of_floor", "floor"), ("of_icecast2", "icecast2"), ("of_nginx", "nginx")]
# Said of audio alone: who sends something else was not judged.
JUDGED = {"load.latency_ms.p50", "load.latency_ms.p99", "load.underruns", "load.gaps"}


def value_at(row, path):
    """What stands at "load.latency_ms.p99"; None also where nothing was counted."""
    for key in path.split("."):
        row = row.get(key) if isinstance(row, dict) and row.get("count") != 0 else None
    return row


def key_of(row):
    return tuple(row[key] for key in KEYS)


def medians(rows):
    """One row per measurement, with the median of every column over its repeats."""
    groups = collections.OrderedDict()
    for row in rows:
        groups.setdefault(key_of(row), []).append(row)
    merged = []
    for key, group in groups.items():
        row = dict(zip(KEYS, key), repeats=len(group), plays_audio=group[0]["plays_audio"])
        for _, path, _ in COLUMNS:
            values = [value_at(each, path) for each in group]
            values = [value for value in values if value is not None]
            if values and (row["plays_audio"] or path not in JUDGED):
                row[path] = statistics.median(values)
        merged.append(row)
    add_ratios(merged)
    return merged


def add_ratios(merged):
    """CPU as a multiple of the peers', each measured under the same load."""
    cpu = {key_of(row): row["cpu_us"] for row in merged}
    for row in merged:
        for column, peer in RATIOS:
            other = cpu.get(key_of(dict(row, server=peer)))
            if other:
                row[column] = row["cpu_us"] / other


def markdown(merged, keys):
    """A table whose first columns are `keys`, as title and key; columns nobody fills are left out.
    """
    columns = [column for column in COLUMNS if any(column[1] in row for row in merged)]
    titles = [title for title, _ in keys] + [title for title, _, _ in columns]
    lines = ["| " + " | ".join(titles) + " |", "|---" * len(titles) + "|"]
    for row in merged:
        cells = [key_text(key, row[key]) for _, key in keys]
        cells += [form.format(row[path]) if path in row else "-" for _, path, form in columns]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def key_text(key, value):
    if key == "mss":
        return str(value or "loopback")
    return value if isinstance(value, str) else f"{value:,}"


def lines_over(merged, x_key, y_path="cpu_us"):
    """Series for a plot: server to points (x, y)."""
    series = collections.OrderedDict()
    for row in merged:
        if y_path in row:
            series.setdefault(row["server"], []).append((row[x_key], row[y_path]))
    return series
