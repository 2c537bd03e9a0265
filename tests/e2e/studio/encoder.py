# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
import threading
import time

from studio import marked_mp3
from studio.server import SOURCE_PASSWORD, basic
from studio.waiting import eventually
from studio.wire import Line

# How much an encoder is ahead of the clock: what its own buffers would hold.
AHEAD_S = 0.2
PACE_S = 0.05


class Encoder:
    """A source on a bare socket, whose MP3 frames are numbered. It says what the test has it say,
    and sends when the test has it send: send() at once, play() in real time on a thread."""

    def __init__(self, floe, mount, *, method="PUT", version=None, headers=(), user="source",
                 password=SOURCE_PASSWORD, content_type="audio/mpeg", is_chunked=False,
                 expects=True, kbps=128, first_frame=0, is_awaited=True):
        self.kbps = kbps
        self.is_chunked = is_chunked
        self.next_frame = first_frame
        self.wire = Line(floe.port)
        self.error = None
        self._playing = None
        self._stop = threading.Event()
        version = version or ("HTTP/1.1" if method == "PUT" else "ICE/1.0")
        lines = [f"{method} {mount} {version}", f"Host: 127.0.0.1:{floe.port}",
                 "User-Agent: marked/1.0", *headers]
        if password is not None:
            lines.append("Authorization: " + basic(user, password))
        if content_type:
            lines.append("Content-Type: " + content_type)
        if is_chunked:
            lines.append("Transfer-Encoding: chunked")
        if method == "PUT" and expects:
            lines.append("Expect: 100-continue")
        self.wire.say("\r\n".join(lines) + "\r\n\r\n")
        self.head = None
        if is_awaited and (method == "SOURCE" or expects):
            self.head = self.wire.head()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.leave()

    @property
    def is_accepted(self):
        return self.head is not None and self.head.status in (100, 200)

    def say(self, audio):
        """Bytes of audio, in a chunk of their own if the body is chunked. The server has them
        when this returns, unless they are played: who listens from now on hears them."""
        if self.is_chunked:
            audio = b"%x\r\n%s\r\n" % (len(audio), audio)
        self.wire.say(audio)
        if self._playing is None:
            eventually(self._is_taken, saying="the server receives what was sent")

    def _is_taken(self):
        try:
            return self.wire.is_taken()
        except OSError:  # closed meanwhile: who hears it will say
            return True

    def send_frames(self, count):
        """The next frames, all at once. Answers the number behind the last."""
        end = self.next_frame + count
        self.say(marked_mp3.frames(self.next_frame, end, self.kbps))
        self.next_frame = end
        return end

    def send_seconds(self, seconds):
        return self.send_frames(marked_mp3.count_of(seconds))

    def play(self, speed=1.0):
        """Goes on sending in real time, or faster."""
        self._playing = threading.Thread(target=self._play, args=(speed,), daemon=True)
        self._playing.start()
        return self

    def _play(self, speed):
        begun, first = time.monotonic(), self.next_frame
        while not self._stop.wait(PACE_S):
            played = (time.monotonic() - begun) * speed + AHEAD_S
            count = first + marked_mp3.count_of(played) - self.next_frame
            try:
                if count > 0:
                    self.send_frames(count)
            except OSError as error:  # the server ended it; what heard it will say
                self.error = error
                return

    def finish(self):
        """Ends the body as an encoder does that was told to stop, and reads what is answered."""
        self.pause()
        if self.is_chunked:
            self.wire.say(b"0\r\n\r\n")
        else:
            self.wire.end_saying()
        return self.wire.rest()

    def pause(self):
        if self._playing is not None:
            self._stop.set()
            self._playing.join()
            self._stop.clear()
            self._playing = None

    def leave(self):
        self.pause()
        self.wire.close()

    def crash(self):
        self.pause()
        self.wire.reset()
