# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
import socket
import threading
import time

from studio.wire import HEAD_END, Head


class Tap:
    """A wire between the server and whoever calls it, an encoder or another server; it keeps what
    they said, and may be cut. They are given `port`; each connection of theirs gets one to the
    server."""

    def __init__(self, floe, port=0):
        self._floe = floe
        self._listening = socket.create_server(("127.0.0.1", port))
        self.port = self._listening.getsockname()[1]
        self.calls = []
        self._is_whole = threading.Event()
        self._is_whole.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:
                return
            self._is_whole.wait()
            self.calls.append(Call(near, self._floe.port))

    def cut(self):
        """Every call ends; who calls now is not heard before mend()."""
        self._is_whole.clear()
        for call in self.calls:
            call.end()

    def mend(self):
        self._is_whole.set()

    def url(self, path=""):
        return f"http://127.0.0.1:{self.port}{path}"

    def close(self):
        self._listening.close()

    def programme(self):
        """The call that carries audio: the last one whose head was accepted."""
        accepted = [call for call in self.calls if call.is_accepted()]
        return accepted[-1] if accepted else None


class Call:
    def __init__(self, near, port):
        self._near = near
        self._far = socket.create_connection(("127.0.0.1", port))
        self.said = bytearray()  # by who called
        self.answered = bytearray()
        self.audio_since = None
        threading.Thread(target=self._copy, args=(near, self._far, self.said), daemon=True).start()
        threading.Thread(target=self._copy, args=(self._far, near, self.answered),
                         daemon=True).start()

    def _copy(self, source, sink, kept):
        try:
            while more := source.recv(1 << 16):
                kept += more
                if kept is self.said and self.audio_since is None and self.is_accepted():
                    self.audio_since = time.monotonic()
                sink.sendall(more)
            sink.shutdown(socket.SHUT_WR)
        except OSError:  # one side has reset: so does the other
            for each in (source, sink):
                each.close()

    def end(self):
        for each in (self._near, self._far):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:  # it has ended already
                pass

    def is_accepted(self):
        first_line = bytes(self.answered).split(b"\r\n")[0]
        return first_line.startswith(b"HTTP/") and first_line.split()[1] in (b"100", b"200")

    def head(self):
        return Head.parse(b"X 0\r\n" + bytes(self.said).split(HEAD_END)[0].split(b"\r\n", 1)[1])

    def request_line(self):
        return bytes(self.said).split(b"\r\n")[0].decode()

    def audio(self):
        """The body: what came behind the head; raw, or out of its chunks."""
        head, _, body = bytes(self.said).partition(HEAD_END)
        if b"transfer-encoding: chunked" in head.lower():
            return dechunked(body)
        return body

    def plays_for(self):
        return 0.0 if self.audio_since is None else time.monotonic() - self.audio_since


def dechunked(body):
    audio = b""
    while b"\r\n" in body:
        size, _, body = body.partition(b"\r\n")
        audio += body[:int(size, 16)]
        body = body[int(size, 16) + 2:]
    return audio
