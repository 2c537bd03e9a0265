# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
import re
import threading

from studio import marked_mp3
from studio.waiting import PATIENCE_S


class Listener:
    """A player on a bare socket. It reads all the time, on a thread of its own, and takes the
    ICY blocks out as the reply's icy-metaint says, with a parser of its own."""

    def __init__(self, floe, mount, *, icy=False, version="HTTP/1.1", headers=(), kbps=128):
        self.kbps = kbps
        self.wire = floe.line()
        lines = [f"GET {mount} {version}", f"Host: 127.0.0.1:{floe.port}", *headers]
        if icy:
            lines.append("Icy-MetaData: 1")
        self.wire.say("\r\n".join(lines) + "\r\n\r\n")
        self.head = self.wire.head()
        self.metaint = int(self.head.get("icy-metaint") or 0)
        self.audio = bytearray()
        self.blocks = []  # (bytes of audio before it, its text; b"" for one of no length)
        self.is_closed = False
        self._raw = bytearray()  # not yet told apart
        self._until_block = self.metaint
        self._changed = threading.Condition()
        self._leaving = False
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.leave()

    def _listen(self):
        more = self.wire.pending
        while True:
            with self._changed:
                self._take(more)
                self._changed.notify_all()
            try:
                more = self.wire.receive()
            except TimeoutError:
                more = b""
                if not self._leaving:
                    continue
            except OSError:  # closed by leave()
                more = b""
            if not more:
                break
        with self._changed:
            self.is_closed = True
            self._changed.notify_all()

    def _take(self, more):
        if not self.metaint:
            self.audio += more
            return
        self._raw += more
        while self._raw:
            if self._until_block > 0:
                part = self._raw[:self._until_block]
                self.audio += part
                self._until_block -= len(part)
                del self._raw[:len(part)]
                continue
            size = 1 + 16 * self._raw[0]
            if len(self._raw) < size:
                return
            self.blocks.append((len(self.audio), bytes(self._raw[1:size])))
            del self._raw[:size]
            self._until_block = self.metaint

    def leave(self):
        self._leaving = True
        try:
            self.wire.socket.shutdown(2)
        except OSError:
            pass
        self._thread.join(PATIENCE_S)
        self.wire.close()

    # ---- waiting for what is heard ----
    def until(self, heard, within=PATIENCE_S):
        """Waits until `heard(self)` is true; fails when the server closes before."""
        with self._changed:
            self._changed.wait_for(lambda: heard(self) or self.is_closed, within)
            assert heard(self), (f"not heard within {within} s; {len(self.audio)} bytes, "
                                 f"closed: {self.is_closed}, titles: {self.titles()}")
        return self

    def hears_bytes(self, count, within=PATIENCE_S):
        return self.until(lambda self: len(self.audio) >= count, within)

    def hears_seconds(self, seconds, within=PATIENCE_S):
        """Since it began, the burst included."""
        frame_bytes = marked_mp3.frame_bytes(self.kbps)
        return self.hears_bytes(marked_mp3.count_of(seconds) * frame_bytes, within)

    def hears_seconds_more(self, seconds, within=PATIENCE_S):
        frame_bytes = marked_mp3.frame_bytes(self.kbps)
        return self.hears_bytes(
            len(self.audio) + marked_mp3.count_of(seconds) * frame_bytes, within)

    def hears_frame(self, number, within=PATIENCE_S):
        """Until the marked frame of that number is there as a whole."""
        size = marked_mp3.frame_bytes(self.kbps)

        def has_it(self):
            whole = len(self.audio) // size
            return whole > 0 and marked_mp3.number_at(self.audio, (whole - 1) * size) >= number
        return self.until(has_it, within)

    def hears_title(self, title, within=PATIENCE_S):
        return self.until(lambda self: title in [each for _, each in self.titles()], within)

    def is_closed_by_server(self, within=PATIENCE_S):
        with self._changed:
            return self._changed.wait_for(lambda: self.is_closed, within)

    # ---- what was heard ----
    def titles(self):
        """(bytes of audio before it, title) of each block that says one."""
        found = []
        for at, block in self.blocks:
            said = re.match(rb"StreamTitle='(.*?)';", block, re.S)
            if said:
                found.append((at, said.group(1).decode("utf-8")))
        return found

    def title_at(self, audio_bytes):
        """What the player shows after so many bytes of audio."""
        shown = None
        for at, title in self.titles():
            if at <= audio_bytes:
                shown = title
        return shown

    def frames_heard(self):
        """[begin, end) of the numbered frames; fails unless they are unbroken."""
        with self._changed:
            return marked_mp3.check_unbroken(self.audio, self.kbps)
