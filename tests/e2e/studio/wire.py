# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Bare sockets: what goes over the wire, with nobody in between to be clever about it."""
import dataclasses
import select
import socket
import struct

from studio import kernel
from studio.waiting import PATIENCE_S

HEAD_END = b"\r\n\r\n"


@dataclasses.dataclass
class Head:
    text: str
    version: str
    status: int
    fields: list  # of (name, value), the value as it stands behind the colon

    @staticmethod
    def parse(raw):
        text = raw.decode("utf-8", "surrogateescape")
        first, *rest = text.rstrip("\r\n").split("\r\n")
        version, status = first.split(" ")[:2]
        fields = [tuple(line.split(":", 1)) for line in rest]
        return Head(text, version, int(status), fields)

    def all(self, name):
        return [value.strip() for key, value in self.fields if key.lower() == name.lower()]

    def get(self, name):
        values = self.all(name)
        assert len(values) <= 1, f"{name} is said {len(values)} times: {self.text}"
        return values[0] if values else None

    def __contains__(self, name):
        return bool(self.all(name))


@dataclasses.dataclass
class Reply:
    head: Head
    body: bytes

    @property
    def status(self):
        return self.head.status

    def get(self, name):
        return self.head.get(name)

    def text(self):
        return self.body.decode("utf-8")


class Closed(Exception):
    """The server ended the connection before what was waited for."""


class Line:
    """One TCP connection to the server."""

    def __init__(self, port, *, host="127.0.0.1", source=None, receive_buffer=None):
        self.socket = socket.socket()
        if source:
            self.socket.bind((source, 0))
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect((host, port))
        self.pending = b""  # received, not yet asked for

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def say(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def is_taken(self):
        """Whether the server has received all that was said; of one that has closed, it has."""
        ours, theirs = self.socket.getsockname(), self.socket.getpeername()
        _, unsent = kernel.queues(ours, theirs)
        unread, _ = kernel.queues(theirs, ours)
        return not unsent and not unread

    def say_if_heard(self, data):
        """As say, but the other side may have ended it already."""
        try:
            self.say(data)
        except OSError:
            return False
        return True

    def end_saying(self):
        self.socket.shutdown(socket.SHUT_WR)

    def close(self):
        self.socket.close()

    def reset(self):
        """Leaves as a crashed machine does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def receive(self):
        """What has come; empty when the server has ended its side, or reset the connection."""
        try:
            return self.socket.recv(1 << 16)
        except ConnectionResetError:
            return b""

    def until(self, end):
        while end not in self.pending:
            more = self.receive()
            if not more:
                raise Closed(f"after {self.pending!r}")
            self.pending += more
        got, self.pending = self.pending.split(end, 1)
        return got + end

    def exactly(self, count):
        while len(self.pending) < count:
            more = self.receive()
            if not more:
                raise Closed(f"after {len(self.pending)} of {count} bytes")
            self.pending += more
        got, self.pending = self.pending[:count], self.pending[count:]
        return got

    def head(self):
        return Head.parse(self.until(HEAD_END))

    def rest(self):
        """All until the server closes."""
        got, self.pending = self.pending, b""
        while more := self.receive():
            got += more
        return got

    def reply(self):
        head = self.head()
        return Reply(head, self.rest())

    def hears_nothing_for(self, seconds):
        """Whether the line stays open and silent."""
        readable, _, _ = select.select([self.socket], [], [], seconds)
        return not readable and not self.pending
