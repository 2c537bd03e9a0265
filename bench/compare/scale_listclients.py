# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""A crowd that is listed: how long an answer takes that names each listener, and who waits for it.

Two windows of the same length, in the second the listeners are asked for over and over, in both
forms that tools use. A listener's figure is its longest time between two receives that brought
audio, as in scale_swap.
"""
import base64
import http.client
import re
import signal
import statistics
import time

import process
import scale_crowd
import scale_swap
from servers import MOUNT, PASSWORD

LISTED_S_MAX = 1.0    # a bound: an answer takes no longer
ASK_TIMEOUT_S = 30
PIECE_BYTES = 1 << 20
PAUSE_S = 0.2
FORMS = {
    "listclients": (f"/admin/listclients?mount={MOUNT}", re.compile(rb"<ip>", re.IGNORECASE)),
    "JSON": (f"/admin/listclients.json?mount={MOUNT}", re.compile(rb'"ip":', re.IGNORECASE)),
}


def ask(port, path):
    """The whole answer, seconds to its first byte, and to its last."""
    login = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
    began = time.monotonic()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=ASK_TIMEOUT_S)
    line.request("GET", path, headers={"Authorization": "Basic " + login})
    reply = line.getresponse()
    first_s = time.monotonic() - began
    pieces = []
    while piece := reply.read(PIECE_BYTES):
        pieces.append(piece)
    whole_s = time.monotonic() - began
    line.close()
    if reply.status != 200:
        raise http.client.HTTPException(f"{path} answers {reply.status}")
    return b"".join(pieces), first_s, whole_s


class Crowd(scale_crowd.Crowd):
    """The same crowd, whose listeners are asked for."""

    def __init__(self, *terms):
        super().__init__(*terms)
        self.windows = {}  # "without" anybody asking, and "with"
        self.asked = {form: [] for form in FORMS}

    def measure(self, window_s):
        for number, name in enumerate(["without", "with"], start=1):
            if not self.stopped:
                self.windows[name] = self.window(number, window_s, asks=name == "with")

    def window(self, number, seconds, asks):
        began = time.monotonic()
        for load in self.loads:
            load.process.send_signal(signal.SIGUSR1)
        while asks and self.check() and time.monotonic() < began + seconds:
            for form, (path, entry) in FORMS.items():
                rss = process.memory_bytes(self.server.process.pid)["rss"]
                try:
                    text, first_s, whole_s = ask(self.server.port, path)
                except (OSError, http.client.HTTPException) as failed:
                    self.stopped = str(failed)
                    break
                peak = process.memory_bytes(self.server.process.pid)["rss"]
                self.asked[form].append({"first_s": first_s, "whole_s": whole_s,
                                         "bytes": len(text), "listed": len(entry.findall(text)),
                                         "rss_growth": peak - rss})
                self.hold(PAUSE_S)
        self.hold(max(began + seconds - time.monotonic(), 0))
        return {"seconds": time.monotonic() - began,
                "loads": [{"longest_wait_ms": load.latest.get("longest_wait_ms", {})}
                          for load in self.loads]}

    def run(self, join_s, settle_s, window_s):
        result = super().run(join_s, settle_s, window_s)
        result.update({"windows": self.windows, "asked": self.asked})
        for form, answers in self.asked.items():
            result["broken"] += broken_answers(form, answers, self.listeners)
        return result


def broken_answers(form, answers, listeners):
    """What is wrong with them, in words."""
    broken = [] if answers else [f"{form} was never answered"]
    for each in answers:
        if each["listed"] != listeners:
            broken.append(f"{form} names {each['listed']:,} of {listeners:,} listeners")
        if each["whole_s"] > LISTED_S_MAX:
            broken.append(f"{form} took {each['whole_s']:.2f} s")
    return broken


def of_form(form, key, text):
    def say(row):
        values = [each[key] for each in row["asked"][form]]
        return text(statistics.median(values), max(values)) if values else "-"
    return say


def seconds_text(median, most):
    return f"{median * 1e3:,.0f} ms, {most * 1e3:,.0f} ms"


def lines_of(form):
    return [
        (f"{form}: whole answer, median and worst", of_form(form, "whole_s", seconds_text)),
        (f"{form}: first byte, median and worst", of_form(form, "first_s", seconds_text)),
        (f"{form}: answers, size",
         lambda row: f"{len(row['asked'][form])}, "
                     f"{of_form(form, 'bytes', lambda _, most: f'{most / 1e6:,.1f} MB')(row)}"),
        (f"{form}: resident memory grew by at most",
         of_form(form, "rss_growth", lambda _, most: f"{most / 1e6:,.1f} MB")),
    ]


LINES = [line for line in scale_swap.LINES
         if not line[0].startswith(("swaps", "Floe's own", "peak memory", "listeners, sources"))]
LINES = [(name.replace("a swap", "anybody asking"), say) for name, say in LINES]
LINES += [line for form in FORMS for line in lines_of(form)]
