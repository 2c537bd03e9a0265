# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Mounts that are sent to another server."""
import functools
import json

import pytest

from studio import marked_mp3
from studio.ffmpeg import FORMATS, FfmpegEncoder, complaints_on_decoding
from studio.icecast import Icecast
from studio.origin import Origin
from studio.server import SOURCE_PASSWORD, basic
from studio.several import KEPT, play_into, reload_with
from studio.swap import command, status, swap
from studio.toml import toml_of
from studio.waiting import PATIENCE_S, eventually

MOUNTS = {"mount_defaults": KEPT}


@pytest.fixture
def start(make_floe, stack):
    def start_floe(settings=None):
        floe = make_floe({**MOUNTS, **(settings or {})})
        stack.callback(floe.stop)
        return floe
    return start_floe


@pytest.fixture
def pusher(start):
    """Starts a server that sends /live to a URL."""
    def start_pusher(to, *, password=SOURCE_PASSWORD, settings=None):
        return start({"push": {"/live": {"to": to, "password": password}}, **(settings or {})})
    return start_pusher


@pytest.fixture
def feed(stack):
    return functools.partial(play_into, stack)


def push(floe):
    pushes = status(floe)["pushes"]
    return pushes[0] if pushes else None


def is_up(floe):
    eventually(lambda: push(floe) and push(floe)["state"] == "up" and push(floe)["bytes"] > 0,
               saying="the push is up")


def reload_with(floe, settings):
    floe.config_path.write_text(toml_of(settings), encoding="utf-8")
    done = command(floe, "reload")
    assert done.returncode == 0, (done.stdout, done.stderr)


def whole_frames(audio):
    """From the first frame on: an Icecast begins where its own buffers do."""
    return audio[audio.find(marked_mp3.HEADERS[128]):]


def largest_step(audio):
    """Frames that were missed or repeated at once, at most; all frames are whole."""
    runs = marked_mp3.runs(audio)
    return max((abs(b[0] - a[1]) for a, b in zip(runs, runs[1:])), default=0)


# ---- what is sent ----

def test_an_icecast_gets_every_byte_with_headers_and_titles(pusher, feed, hear, stack):
    icecast = stack.enter_context(Icecast())
    floe = pusher(icecast.url("/far"))
    feed(floe, headers=["ice-name: Jazz", "ice-genre: cool", "ice-description: All of it",
                        "ice-url: http://jazz.example/", "ice-bitrate: 128"])
    is_up(floe)
    eventually(lambda: icecast.plays("/far"))  # it has answered before
    listener = hear(icecast, "/far", icy=True)
    assert listener.head.get("Content-Type") == "audio/mpeg"
    assert listener.head.get("icy-name") == "Jazz"
    assert listener.head.get("icy-genre") == "cool"
    assert listener.head.get("icy-description") == "All of it"
    assert listener.head.get("icy-url") == "http://jazz.example/"
    assert listener.head.get("icy-br") == "128"
    floe.set_title("/live", song="Bread & Butter")
    listener.hears_title("Bread & Butter")
    listener.hears_seconds_more(3)
    begin, end = marked_mp3.check_unbroken(whole_frames(bytes(listener.audio)))
    assert end - begin > marked_mp3.count_of(3)


def test_a_floe_gets_ogg_with_its_headers(pusher, start, hear, stack):
    far = start()
    floe = pusher(far.url("/far"))
    encoder = FfmpegEncoder(floe.port, "/live", FORMATS["vorbis"])
    stack.callback(encoder.kill)
    is_up(floe)
    here = hear(floe, "/live")
    there = hear(far, "/far")
    assert there.head.get("Content-Type") == "application/ogg"
    there.until(lambda self: len(self.audio) > 60_000, 2 * PATIENCE_S)
    heard = bytes(there.audio)
    here.until(lambda self: heard[-20_000:] in self.audio)
    heard = heard[:heard.rindex(b"OggS")]
    assert complaints_on_decoding(heard) == ""


@pytest.mark.parametrize("how", ["answers 405", "hangs up", "is silent"])
def test_a_server_that_does_not_know_put_is_asked_with_source(pusher, feed, stack, how):
    heard = bytearray()

    def answer(asker):
        if asker.line.startswith("PUT"):
            if how == "answers 405":
                asker.say("HTTP/1.0 405 No\r\n\r\n")
            elif how == "is silent":
                asker.socket.recv(1)  # until the pusher has had enough
            return
        asker.say("HTTP/1.0 200 OK\r\n\r\n")
        while more := asker.socket.recv(65536):
            heard.extend(more)

    origin = stack.enter_context(Origin(answer))
    floe = pusher(origin.url("/far"))
    feed(floe)
    frame_bytes = marked_mp3.frame_bytes()
    eventually(lambda: len(heard) > marked_mp3.count_of(2) * frame_bytes, saying="audio comes")
    marked_mp3.check_unbroken(bytes(heard))
    put, source = origin.asked
    assert put.line == "PUT /far HTTP/1.1" and put.get("Expect") == "100-continue"
    assert source.line == "SOURCE /far HTTP/1.0"
    for asked in origin.asked:
        assert asked.get("Host") == f"127.0.0.1:{origin.port}"
        assert asked.get("Authorization") == basic("source", SOURCE_PASSWORD)
        assert asked.get("Content-Type") == "audio/mpeg"


# ---- what fails ----

def test_a_wrong_password_is_said_and_not_tried_with_source(pusher, feed, start):
    far = start()
    floe = pusher(far.url("/far?token=x"), password="nothing-of-the-kind")
    feed(floe)
    eventually(lambda: push(floe) and push(floe)["failures"] >= 2)
    seen = push(floe)
    assert seen["mount"] == "/live" and seen["to"] == far.url("/far?...")
    assert "401" in seen["error"] and seen["state"] in ("down", "broken", "connecting")
    floe.says("push of /live")
    assert "nothing-of-the-kind" not in floe.stdout() + floe.stderr()
    shown = json.loads(command(floe, "status", "--json").stdout)
    assert [each["mount"] for each in shown["pushes"]] == ["/live"]
    assert "401" in command(floe, "status").stdout


def test_a_server_that_was_killed_is_fed_again_when_it_is_back(pusher, feed, hear, stack):
    icecast = stack.enter_context(Icecast())
    floe = pusher(icecast.url("/far"))
    feed(floe)
    is_up(floe)
    icecast.kill()
    eventually(lambda: push(floe)["state"] == "down")
    icecast.start()
    is_up(floe)
    eventually(lambda: icecast.plays("/far"))
    listener = hear(icecast, "/far")
    listener.hears_seconds_more(2)
    marked_mp3.check_unbroken(whole_frames(bytes(listener.audio)))


# ---- what changes ----

def test_a_push_leaves_with_its_source_and_comes_back_with_it(pusher, feed, start):
    far = start({"mount_defaults": {"linger": "0s"}})
    floe = pusher(far.url("/far"), settings={"mount_defaults": {"linger": "0s"}})
    eventually(lambda: push(floe), saying="the push is shown")
    assert push(floe)["state"] == "idle" and push(floe)["attempts"] == 0
    encoder = feed(floe)
    is_up(floe)
    eventually(lambda: "/far" in far.mounts())
    encoder.leave()
    eventually(lambda: push(floe)["state"] == "idle")
    eventually(lambda: "/far" not in far.mounts())
    feed(floe)
    eventually(lambda: "/far" in far.mounts())
    is_up(floe)


def test_a_source_that_comes_back_in_time_is_sent_on_the_same_line(pusher, feed, hear, start):
    far = start()
    floe = pusher(far.url("/far"))
    encoder = feed(floe)
    is_up(floe)
    listener = hear(far, "/far")
    encoder.leave()
    eventually(lambda: floe.health()["sources"] == 0)
    feed(floe)
    listener.hears_seconds_more(2)
    assert push(floe)["attempts"] == 1


def test_a_reload_sends_it_elsewhere_and_ends_it(pusher, feed, hear, start):
    first = start({"mount_defaults": {"linger": "0s"}})
    second = start({"mount_defaults": {"linger": "0s"}})
    floe = pusher(first.url("/far"))
    feed(floe)
    is_up(floe)
    settings = dict(floe.settings)
    reload_with(floe, {**settings, "push": {"/live": {"to": second.url("/other"),
                                                      "password": SOURCE_PASSWORD}}})
    eventually(lambda: "/other" in second.mounts())
    eventually(lambda: "/far" not in first.mounts())
    hear(second, "/other").hears_seconds_more(1)
    assert push(floe)["to"] == second.url("/other")
    reload_with(floe, {**settings, "push": {}})
    eventually(lambda: push(floe) is None)
    eventually(lambda: "/other" not in second.mounts())
    reload_with(floe, settings)
    eventually(lambda: "/far" in first.mounts())


def test_titles_keep_their_letters(pusher, feed, hear, start):
    far = start()
    floe = pusher(far.url("/far"))
    feed(floe)
    is_up(floe)
    listener = hear(far, "/far", icy=True)
    floe.set_title("/live", song="Käse & Brot")
    listener.hears_title("Käse & Brot")


def test_a_push_begins_anew_in_another_process(pusher, feed, hear, start):
    far = start()
    floe = pusher(far.url("/far"))
    feed(floe)
    is_up(floe)
    listener = hear(far, "/far")
    listener.hears_seconds_more(1)
    swap(floe)
    is_up(floe)
    listener.hears_seconds_more(2)
    assert not listener.is_closed
    assert largest_step(bytes(listener.audio)) <= marked_mp3.count_of(15)
