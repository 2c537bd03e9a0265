# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""How the cost of a server grows: with listeners, with mounts, with bitrate, each by itself."""
import measure
import plot
import table

LISTENERS = [1000, 2000, 5000, 10000, 15000, 19000]
MOUNTS = [1, 10, 50, 200]
BITRATES = [32, 64, 128, 320]
LISTENERS_OF_THE_OTHERS = 10000

# What grows: title, label of the x axis, key of a row, whether its values span magnitudes.
SERIES = [("more listeners", "listeners", "listeners", False),
          ("more mounts", "mounts", "mounts", True),
          ("more kbit/s", "kbit/s", "kbps", False)]


def loads(counts, kbps):
    """Every load as (what grows, listeners, mounts, kbit/s). `counts`: other listener counts."""
    fixed = min(LISTENERS_OF_THE_OTHERS, max(counts or [LISTENERS_OF_THE_OTHERS]))
    return ([("listeners", count, 1, kbps) for count in counts or LISTENERS] +
            [("mounts", fixed, count, kbps) for count in MOUNTS] +
            [("kbps", fixed, 1, each) for each in BITRATES])


def run(plan, make_servers, counts, mss, on_row):
    """Calls `on_row` with each row; `make_servers` gives servers for a bitrate."""
    measured = {}  # a load that stands in more than one series is run once
    for grows, *load in loads(counts, plan.kbps):
        listeners, mounts, kbps = load
        for server in make_servers(kbps):
            if mounts > 1 and not server.plays_audio:
                continue  # it has no mounts
            key = (*load, server.name)
            if key not in measured:
                measured[key] = measure.measure(plan.at_bitrate(kbps), server, listeners, mss,
                                                mounts)
            if measured[key] is not None:
                on_row(dict(measured[key], grows=grows))


def medians_by_kind(rows):
    """What grows to the medians of its rows."""
    return {key: table.medians([row for row in rows if row["grows"] == key])
            for _, _, key, _ in SERIES}


def markdown(rows):
    keys = [("listeners", "listeners"), ("mounts", "mounts"), ("kbit/s", "kbps"),
            ("server", "server"), ("runs", "repeats")]
    parts = []
    for key, merged in medians_by_kind(rows).items():
        title = next(title for title, _, each, _ in SERIES if each == key)
        if merged:
            parts.append(f"### With {title}\n\n" + table.markdown(merged, keys))
    return "\n".join(parts)


def draw(rows, path, mss):
    merged = medians_by_kind(rows)
    panels = [plot.Panel(f"with {title}", label, "us of CPU per listener-second",
                         table.lines_over(merged[key], key), is_log)
              for title, label, key, is_log in SERIES]
    return plot.draw(path, f"How the cost of a listener grows (MSS {mss or 'of loopback'})", panels)
