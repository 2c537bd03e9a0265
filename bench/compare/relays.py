# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What a mount costs that is fetched from another server: every edge in turn, of one origin.

Origin (icecast2), source and listeners are on core 1, the edge alone on core 0. Each edge is
started without relays first: what they cost in memory, threads and descriptors is the difference.
Then it has them for a window without listeners, and for one with a listener on each relay, whose
every frame is looked at.
"""
import base64
import os
import re
import statistics
import tempfile
import time
import urllib.request

import measure
import process
import results
import scale_swap
import servers

CONNECT_S_MAX = 60  # until all relays are fetched
IDLE_S = 3          # of an edge without relays, before it is looked at
JOIN_RATE = 50      # a second: an icecast2 has room for five who wait to be accepted
LISTENERS = re.compile(r"<source mount=.*?<listeners>(\d+)</listeners>", re.DOTALL)
# Where a stream begins is not among them: icecast2 begins within a frame.
BOUNDS = ["underruns", "gaps", "repeats", "torn", "closes", "refused"]
KEYS = ["server", "relays", "streams", "kbps"]

# Column title, key of a row, how it is written.
COLUMNS = [
    ("CPU us per relay-second", "cpu_us", "{:.1f}"),
    ("of icecast2", "cpu_us_of_icecast2", "{:.2f}"),
    ("with a listener each", "heard_cpu_us", "{:.1f}"),
    ("of icecast2", "heard_cpu_us_of_icecast2", "{:.2f}"),
    ("PSS KiB per relay", "pss_kib", "{:.1f}"),
    ("of icecast2", "pss_kib_of_icecast2", "{:.2f}"),
    ("RSS KiB per relay", "rss_kib", "{:.1f}"),
    ("of icecast2", "rss_kib_of_icecast2", "{:.2f}"),
    ("private KiB per relay", "private_kib", "{:.1f}"),
    ("audio kept, KiB per relay", "kept_kib", "{:.1f}"),
    ("threads", "threads", "{:.0f}"),
    ("descriptors per relay", "descriptors", "{:.2f}"),
    ("runs", "repeats", "{:.0f}"),
    ("all fetched after s", "connected_s", "{:.1f}"),
    ("relays heard", "heard", "{:.0f}"),
    ("frames looked at", "frames", "{:,.0f}"),
    ("flaws", "flaws", "{:.0f}"),
]
WITH_RATIO = ["cpu_us", "heard_cpu_us", "pss_kib", "rss_kib"]


def relays_of(port, relays, streams):
    """Of an origin at that port; they share its streams evenly."""
    return [servers.Relay(f"/r{number}", port, f"/live{number % streams}")
            for number in range(relays)]


def listeners_in(stats):
    """Of all mounts of an icecast2, by its /admin/stats."""
    return sum(map(int, LISTENERS.findall(stats)))


def listeners_at(origin):
    login = base64.b64encode(f"admin:{servers.PASSWORD}".encode()).decode()
    request = urllib.request.Request(f"http://127.0.0.1:{origin.port}/admin/stats",
                                     headers={"Authorization": f"Basic {login}"})
    with urllib.request.urlopen(request, timeout=10) as reply:
        return listeners_in(reply.read().decode())


class Origin(measure.Fed):
    """The icecast2 that all edges fetch from."""

    def __init__(self, plan, relays, streams):
        super().__init__(servers.Icecast(plan.build, sources=streams))
        try:
            self.server.start(os.path.join(self.folder.name, "origin"), relays + streams,
                              measure.LOAD_CORE)
            self.feed(plan, streams)
        except BaseException:
            self.__exit__()
            raise

    def wait_for_listeners(self, count):
        """The seconds until it had so many; raises when that took too long."""
        began = time.monotonic()
        while listeners_at(self.server) < count:
            if time.monotonic() - began > CONNECT_S_MAX:
                raise RuntimeError(f"{listeners_at(self.server)} of {count} relays are fetched")
            time.sleep(0.05)
        return time.monotonic() - began


def footprint(server):
    """Memory, threads and descriptors. Of Floe also the pages of its tapes, and the descriptors
    that its rings hold by themselves."""
    pid = server.process.pid
    found = {**process.memory_bytes(pid), "threads": len(os.listdir(f"/proc/{pid}/task")),
             "descriptors": len(os.listdir(f"/proc/{pid}/fd"))}
    if isinstance(server, servers.Floe):
        status = scale_swap.status(server)
        found["descriptors"] += sum(shard["descriptors"] for shard in status["shards"])
        found["kept"] = status["memory"]["arena_pages_used"] * status["memory"]["page_bytes"]
    return found


def window(server, seconds):
    """CPU seconds that the server took in it, and how long it was."""
    began, cpu = time.monotonic(), process.cpu_s(server.process.pid)
    time.sleep(seconds)
    return process.cpu_s(server.process.pid) - cpu, time.monotonic() - began


def without_relays(server):
    with tempfile.TemporaryDirectory(prefix="floe-relays-") as folder:
        os.chmod(folder, 0o755)
        server.relays = []
        server.start(os.path.join(folder, "edge"), 0, measure.SERVER_CORE)
        try:
            time.sleep(IDLE_S)
            return footprint(server)
        finally:
            server.stop()


def measure_edge(plan, origin, server, relays, streams):
    """A row: one edge with so many relays."""
    fresh = without_relays(server)
    with tempfile.TemporaryDirectory(prefix="floe-relays-") as folder:
        os.chmod(folder, 0o755)
        server.relays = relays_of(origin.server.port, relays, streams)
        server.start(os.path.join(folder, "edge"), relays, measure.SERVER_CORE)
        try:
            connected_s = origin.wait_for_listeners(relays)
            time.sleep(plan.settle_s)
            cpu_s, seconds = window(server, plan.window_s)
            fetched = listeners_at(origin.server)
            full = footprint(server)
            load = measure.start_load(plan, server, relays, 1448, ["--rate", str(JOIN_RATE)],
                                      check="full", mounts=relays, path="/r%d")
            try:
                load.wait_until(lambda report: report["hearing"] >= relays, CONNECT_S_MAX)
                heard_cpu_s, heard_seconds = window(server, plan.window_s)
            finally:
                final = load.finish()
            origin_cpu_s, origin_seconds = window(origin.server, 1)
        finally:
            server.stop()
    row = {"server": server.name, "relays": relays, "streams": streams, "kbps": plan.kbps,
           "connected_s": connected_s, "fetched": fetched, "fresh": fresh, "full": full,
           "cpu_us": cpu_s / seconds / relays * 1e6,
           "heard_cpu_us": heard_cpu_s / heard_seconds / relays * 1e6,
           "heard": final["hearing"], "frames": final["frames"],
           "flaws": sum(final[key] for key in BOUNDS),
           "origin_core": origin_cpu_s / origin_seconds,
           "threads": full["threads"] - fresh["threads"],
           "descriptors": (full["descriptors"] - fresh["descriptors"]) / relays, "load": final}
    for key in ("rss", "pss", "private", "kept"):
        if key in full:
            row[f"{key}_kib"] = (full[key] - fresh[key]) / relays / 1024
    return row


def broken(row):
    """What did not hold of a row, in words."""
    found = [f"{row['load'][key]:,} {key}" for key in BOUNDS if row["load"][key]]
    if row["fetched"] != row["relays"]:
        found.append(f"{row['fetched']:,} of {row['relays']:,} relays were fetched after the "
                     "window")
    if row["heard"] != row["relays"]:
        found.append(f"{row['heard']:,} of {row['relays']:,} relays were heard")
    return [f"{row['server']}: {each}" for each in found]


def medians(rows):
    """A row for each edge, with the median of every column, and what it is of icecast2's."""
    merged = {}
    for name in dict.fromkeys(row["server"] for row in rows):
        group = [row for row in rows if row["server"] == name]
        merged[name] = {key: group[0][key] for key in KEYS}
        merged[name]["repeats"] = len(group)
        for _, key, _ in COLUMNS:
            if key in group[0]:
                merged[name][key] = statistics.median(row[key] for row in group)
    peer = merged.get(servers.Icecast.name)
    for row in merged.values():
        for key in WITH_RATIO if peer else []:
            row[f"{key}_of_icecast2"] = row[key] / peer[key] if peer[key] else 0.0
    return list(merged.values())


def markdown(rows):
    """What is measured stands in lines, a column for each edge."""
    merged = medians(rows)
    lines = ["| | " + " | ".join(row["server"] for row in merged) + " |",
             "|---" * (len(merged) + 1) + "|"]
    for title, key, form in COLUMNS:
        lines.append(f"| {title} | " + " | ".join(
            form.format(row[key]) if key in row else "-" for row in merged) + " |")
    wrong = [each for row in rows for each in broken(row)]
    first = merged[0]
    text = "\n".join(lines) + "\n\n"
    text += results.paragraph(
        f"{first['relays']:,} relays of {first['streams']:,} streams at {first['kbps']} kbit/s; "
        "medians of the runs. The origin is an icecast2; it took "
        f"{max(row['origin_core'] for row in rows):.0%} of a core at most.") + "\n"
    return text + "".join(results.paragraph(each, first="- ")
                          for each in wrong or ["all relays were heard, unbroken"])
