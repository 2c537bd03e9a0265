# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""An upstream that is started again and plays something else: who heard MP3 is never sent Ogg or
AAC, and who comes then hears that from its first byte on."""
import json
import subprocess
import time

import pytest

from studio import marked_mp3
from studio.containers import adts_frames, ogg_pages
from studio.encoder import Encoder
from studio.ffmpeg import FORMATS, complaints_on_decoding
from studio.listener import Listener
from studio.origin import PACE_S, Origin, Programme
from studio.several import KEPT
from studio.swap import command
from studio.waiting import PATIENCE_S, eventually

BACKUP = 1_000_000  # where the fallback's frames begin to count
SONG_S = 30  # longer than any test
HEARD_S = 2
NAMES = {"vorbis": "Ogg Vorbis", "aac": "ADTS"}  # as `floe explain` has them


class Song:
    """Noise as ffmpeg makes it, all of which is known."""

    def __init__(self, name):
        self.form = FORMATS[name]
        self.bytes = subprocess.run(
            ["ffmpeg", "-v", "error", "-f", "lavfi", "-i",
             f"anoisesrc=r=48000:a=0.3:d={SONG_S},aformat=channel_layouts=stereo",
             *self.form.options, "-"], capture_output=True, check=True, timeout=PATIENCE_S).stdout

    def size_of(self, seconds):
        return int(len(self.bytes) * seconds / SONG_S)

    def plays(self):
        """An answer: in real time, from the first byte on."""
        def answer(asker):
            asker.say(f"HTTP/1.0 200 OK\r\nContent-Type: {self.form.content_type}\r\n\r\n")
            begun, sent = time.monotonic(), 0
            while sent < len(self.bytes):
                end = self.size_of(time.monotonic() - begun + HEARD_S)
                asker.say(self.bytes[sent:end])
                sent = end
                time.sleep(PACE_S)  # an origin plays in real time
        return answer

    def whole_part(self, heard):
        """Of what was heard: up to the begin of the last page or frame."""
        if self.form.container == "ogg":
            return heard[:ogg_pages(heard)[-1][0]]
        return heard[:adts_frames(heard)[-1]]


@pytest.fixture(scope="module", params=["vorbis", "aac"])
def song(request):
    return Song(request.param)


@pytest.fixture
def edge(make_floe, stack):
    """Starts a server that fetches /live."""
    def start(origin, **mounts):
        floe = make_floe({
            "mount_defaults": KEPT, **mounts,
            "fanout": {"interval": "100ms"}, "relay": {"/live": {"upstream": [origin.url()]}}})
        stack.callback(floe.stop)
        eventually(lambda: "/live" in floe.mounts())
        return floe
    return start


@pytest.fixture
def hear(stack):
    def listen(floe, **how):
        listener = stack.enter_context(Listener(floe, "/live", **how))
        assert listener.head.status == 200, listener.head.text
        return listener
    return listen


def start_again(origin, answer):
    origin.answer = answer
    origin.hang_up()


def type_of(floe):
    return floe.mounts()["/live"]["server_type"] if "/live" in floe.mounts() else None


def check_it_hears(listener, song):
    """From the first byte on, with all it takes to decode it."""
    assert listener.head.get("content-type") == song.form.content_type
    listener.hears_bytes(song.size_of(2 * HEARD_S))
    heard = bytes(listener.audio)
    assert song.bytes.startswith(heard)
    assert complaints_on_decoding(song.whole_part(heard)) == ""


def check_it_is_explained(floe, song):
    """Why nobody who hears it would be sent to the fallback."""
    name = NAMES[song.form.name]
    told = json.loads(command(floe, "explain", "/live", "--json").stdout)
    assert (told["plays"], told["media"]) == ("/live", name)
    assert [(step["mount"], step["verdict"], step["media"]) for step in told["steps"]] == [
        ("/live", "plays", name), ("/backup", "other-format", "MPEG audio")]
    assert told["without_source"]["plays"] is None
    assert (f"2. /backup is passed over: it is MPEG audio, and players that heard {name} could not "
            "go on with it") in command(floe, "explain", "/live").stdout


def test_who_heard_mp3_is_sent_the_rest_of_it_and_closed(edge, hear, stack, song):
    programme = Programme()
    origin = stack.enter_context(Origin(programme.plays()))
    floe = edge(origin)
    old = [hear(floe), hear(floe, icy=True)]
    for listener in old:
        listener.hears_seconds(1)
    start_again(origin, song.plays())
    for listener in old:
        assert listener.is_closed_by_server()
        begin, end = listener.frames_heard()
        assert len(listener.audio) == (end - begin) * marked_mp3.frame_bytes()
    eventually(lambda: type_of(floe) == song.form.content_type)
    check_it_hears(hear(floe), song)


def test_who_heard_mp3_goes_to_the_fallback_that_can_be_joined_and_comes_back_to_mp3(
        edge, hear, stack, song):
    programme = Programme()
    origin = stack.enter_context(Origin(programme.plays()))
    floe = edge(origin, mount={"/live": {"fallback": ["/backup"]}})
    backup = stack.enter_context(Encoder(floe, "/backup", first_frame=BACKUP))
    backup.send_seconds(1)
    backup.play()
    eventually(lambda: "/backup" in floe.mounts())
    old = [hear(floe), hear(floe, icy=True)]
    for listener in old:
        listener.hears_seconds(1)

    start_again(origin, song.plays())
    for listener in old:
        listener.hears_frame(BACKUP)
    eventually(lambda: type_of(floe) == song.form.content_type)
    new = hear(floe)
    check_it_hears(new, song)
    check_it_is_explained(floe, song)
    for listener in old:
        listener.hears_seconds_more(1)

    start_again(origin, programme.plays())
    for listener in old:
        listener.until(lambda heard: marked_mp3.runs(heard.audio)[-1][0] < BACKUP)
        runs = marked_mp3.runs(bytes(listener.audio))
        assert [begin >= BACKUP for begin, _ in runs] == [False, True, False], runs
        assert runs[0][1] <= runs[2][0] <= programme.now()
        assert not listener.is_closed
    assert new.is_closed_by_server()
    assert song.bytes.startswith(bytes(new.audio))
