# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What scale.py says of its runs: figures, bounds, and how the runs were made."""
import results

MIB = 1 << 20


def per_listener(row, key):
    """Growth since before the listeners, by those that hear audio."""
    return (row["after"][key] - row["before"][key]) / max(row["hearing"], 1)


def server_growth(row):
    growth = row["after"]["server"]["private"] - row["before"]["server"]["private"]
    return growth / max(row["hearing"], 1)


def us_per_listener_s(row, cores):
    return cores / max(row["hearing"], 1) * 1e6


def interval_text(row):
    """What the shards chose, in the middle of the window."""
    intervals = sorted(row["intervals_ms"])
    if not intervals:
        return "-"
    low, high = intervals[0], intervals[-1]
    return f"{low:,} ms" if low == high else f"{low:,} to {high:,} ms"


def quantile(row, name, which):
    values = [load[name][which] for load in row["loads"] if load.get(name, {}).get("count")]
    return f"{max(values):,.0f} ms" if values else "-"


def total(row, key):
    return sum(load.get(key, 0) for load in row["loads"])


# What is said of a run, and how. Quantiles are those of the load process that had it worst.
LINES = [
    ("listeners that hear audio", lambda row: f"{row['hearing']:,} of {row['listeners']:,}"),
    ("mounts, kbit/s, MSS",
     lambda row: f"{row['mounts']}, {row['kbps']}, {row['mss'] or 'loopback'}"),
    ("shards, load processes", lambda row: f"{row['shards']}, {row['processes']}"),
    ("all joined after", lambda row: f"{row['joined_s']:.1f} s"),
    ("held and measured for", lambda row: f"{row['window_s']:.1f} s"),
    ("underruns", lambda row: f"{total(row, 'underruns'):,}"),
    ("gaps, repeats, torn frames", lambda row: f"{total(row, 'gaps'):,}, "
                                               f"{total(row, 'repeats'):,}, "
                                               f"{total(row, 'torn'):,}"),
    ("closes, refusals", lambda row: f"{total(row, 'closes'):,}, "
                                     f"{total(row, 'refused') + total(row, 'failed_connects'):,}"),
    ("listeners checked frame by frame", lambda row: f"{total(row, 'checked'):,}"),
    ("interval", interval_text),
    ("latency p50, p99", lambda row: f"{quantile(row, 'latency_ms', 'p50')}, "
                                     f"{quantile(row, 'latency_ms', 'p99')}"),
    ("first audio p99", lambda row: quantile(row, "first_audio_ms", "p99")),
    ("kbit/s heard by each",
     lambda row: f"{row['bytes_per_s'] * 0.008 / max(row['hearing'], 1):.1f}"),
    ("server: cores", lambda row: f"{row['server_cores']:.2f}"),
    ("server: us per listener-second",
     lambda row: f"{us_per_listener_s(row, row['server_cores']):.1f}"),
    ("load tool: cores", lambda row: f"{row['load_cores']:.2f}"),
    ("machine: cores busy", lambda row: f"{row['busy_cores']:.2f} of {row['cores']}"),
    ("server: resident memory", lambda row: f"{row['after']['server']['rss'] / MIB:,.0f} MiB"),
    ("server: B per listener", lambda row: f"{server_growth(row):,.0f}"),
    ("TCP B per listener, both ends", lambda row: f"{per_listener(row, 'tcp'):,.0f}"),
    ("slab B per listener, both ends", lambda row: f"{per_listener(row, 'slab'):,.0f}"),
    ("machine B per listener, load tool included",
     lambda row: f"{per_listener(row, 'machine'):,.0f}"),
    ("memory available at the least", lambda row: f"{row['available_min'] / MIB:,.0f} MiB"),
]


def is_good(row):
    return not row["stopped"] and not row["broken"]


def verdict(row):
    """Whether all bounds held; if not, by how much they were missed."""
    if is_good(row):
        return f"{row['listeners']:,} listeners: all bounds held"
    parts = [f"cut short: {row['stopped']}"] if row["stopped"] else []
    return f"{row['listeners']:,} listeners: " + "; ".join(parts + row["broken"])


def scale_markdown(rows, lines_of_run=LINES):
    """A column per run; below it what broke, and the commands."""
    lines = ["| | " + " | ".join(f"{row['listeners']:,}" for row in rows) + " |",
             "|---" * (len(rows) + 1) + "|"]
    for title, text in lines_of_run:
        lines.append(f"| {title} | " + " | ".join(text(row) for row in rows) + " |")
    text = "\n".join(lines) + "\n\n" + results.paragraph(
        "Server, source and load tool shared all cores of the machine.") + "\n"
    text += "".join(results.paragraph(verdict(row), first="- ") for row in rows)
    for row in rows:
        text += f"\n{row['listeners']:,} listeners were run with:\n\n"
        text += results.code(row["commands"])
    return text
