# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""A server of which a test says what it answers."""
import socket
import threading
import time

from studio import marked_mp3
from studio.waiting import PATIENCE_S
from studio.wire import Head

OK = "HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n"
PACE_S = 0.02
BURST_S = 2.0


class Asker:
    """One who has connected, and what was asked."""

    def __init__(self, connection):
        self.socket = connection
        self.is_closed = False
        self.socket.settimeout(PATIENCE_S)
        raw = b""
        while b"\r\n\r\n" not in raw:
            more = self.socket.recv(4096)
            if not more:
                raise ConnectionError("asked nothing")
            raw += more
        first, rest = raw.split(b"\r\n", 1)
        self.line = first.decode()
        self.path = self.line.split(" ")[1]
        self.head = Head.parse(b"HTTP/1.1 0 \r\n" + rest)

    def get(self, name):
        return self.head.get(name)

    def say(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def close(self):
        self.is_closed = True
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()


class Origin:
    """Listens on a port of its own; `answer(asker)` runs on a thread for each who asks, and the
    connection is closed when it returns. What it raises of a connection's end is no failure."""

    def __init__(self, answer, host="127.0.0.1"):
        self.answer = answer
        self.asked = []  # Askers, in their order
        self._threads = []
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listening = socket.create_server((host, 0), family=family)
        self.port = self._listening.getsockname()[1]
        self._host = f"[{host}]" if ":" in host else host
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def url(self, path="/live"):
        return f"http://{self._host}:{self.port}{path}"

    def _accept(self):
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _serve(self, connection):
        try:
            asker = Asker(connection)
        except OSError:
            connection.close()
            return
        self.asked.append(asker)
        try:
            self.answer(asker)
        except OSError:
            pass
        asker.close()

    def hang_up(self):
        """On all who listen."""
        for asker in list(self.asked):
            asker.close()

    def close(self):
        # A thread that waits in accept() is not woken by close() alone.
        try:
            self._listening.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listening.close()
        self.hang_up()
        for thread in self._threads:
            thread.join(PATIENCE_S)


class Programme:
    """Numbered frames in real time: at any moment the same for everybody who asks, wherever."""

    def __init__(self, burst_s=BURST_S):
        self._begun = time.monotonic()
        self._burst = marked_mp3.count_of(burst_s)
        self.late_s = 0.0

    def now(self):
        """The frame that is due."""
        return self._burst + marked_mp3.count_of(time.monotonic() - self._begun - self.late_s)

    def frames(self):
        """The next frames to be sent, for ever, from a burst of the last ones on."""
        begin = self.now() - self._burst
        while True:
            end = self.now()
            if end > begin:
                yield marked_mp3.frames(begin, end)
                begin = end
            time.sleep(PACE_S)  # an origin plays in real time

    def plays(self, head=OK):
        """An answer."""
        def answer(asker):
            asker.say(head)
            for audio in self.frames():
                asker.say(audio)
        return answer

    def plays_in_chunks(self):
        def answer(asker):
            asker.say("HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n")
            for audio in self.frames():
                asker.say(b"%x\r\n%s\r\n" % (len(audio), audio))
        return answer
