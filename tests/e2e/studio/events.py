# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Who follows a server's events, over a bare socket."""
import dataclasses
import json
import time

from studio.server import ADMIN_PASSWORD, basic
from studio.waiting import PATIENCE_S
from studio.wire import Line

EVENTS = "/api/v1/events"


@dataclasses.dataclass
class Event:
    id: str
    kind: str
    data: dict


class EventFollower(Line):
    """Follows the events; `last` is the id of the last one it has heard, as a browser keeps it."""

    def __init__(self, floe, query="", *, last=None, headers=(), **how):
        super().__init__(floe.port, **how)
        lines = [f"GET {EVENTS}{'?' if query else ''}{query} HTTP/1.1", "Host: localhost",
                 "Authorization: " + basic("admin", ADMIN_PASSWORD), *headers]
        if last:
            lines.append("Last-Event-ID: " + last)
        self.say("\r\n".join(lines) + "\r\n\r\n")
        self.reply_head = self.head()
        self.last = last
        self.comments = 0

    def block(self):
        """The fields of one block; it may be a comment and an id alone."""
        fields = {}
        for line in self.until(b"\n\n").decode().strip("\n").split("\n"):
            name, _, value = line.partition(":")
            if name:
                fields[name] = value.removeprefix(" ")
            else:
                self.comments += 1
        self.last = fields.get("id", self.last)
        return fields

    def begins(self):
        """Until what is said first has been heard: from here on nothing is missed."""
        while not self.comments:
            self.block()
        return self

    def next(self):
        """The server says time and again that it is there: no reason to wait for ever."""
        by = time.monotonic() + PATIENCE_S
        while time.monotonic() < by:
            fields = self.block()
            if "data" in fields:
                return Event(fields["id"], fields["event"], json.loads(fields["data"]))
        raise AssertionError(f"no event within {PATIENCE_S} s")

    def next_of(self, kind, **says):
        """The next of that kind which says so; others are passed over."""
        return self.next_of_each((kind, says))[0]

    def next_of_each(self, *wanted):
        """The next of each (kind, what it says), in whatever order they come."""
        found = [None] * len(wanted)
        while None in found:
            event = self.next()
            for place, (kind, says) in enumerate(wanted):
                if found[place] is None and event.kind == kind and \
                        says.items() <= event.data.items():
                    found[place] = event
        return found

    def until_closed(self):
        """The events that still come before the server ends it."""
        text = self.rest().decode()
        events = []
        for block in text.split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
            self.last = fields.get("id", self.last)
            if "data" in fields:
                events.append(Event(fields["id"], fields["event"], json.loads(fields["data"])))
        return events
