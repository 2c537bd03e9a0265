# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""How it stops, and that it starts soon."""
import signal
import subprocess
import time

import pytest

from studio import binaries, marked_mp3
from studio.encoder import Encoder
from studio.listener import Listener
from studio.programs import hash_of
from studio.server import STOP_S, environment_with
from studio.waiting import PATIENCE_S, eventually
from studio.wire import Line


QUICK_HASH = hash_of("hashed", "$2b$08$abcdefghijklmnopqrstuu")  # some tens of milliseconds
SLOW_HASH = "$2b$18$abcdefghijklmnopqrstuu" + "x" * 31  # several


@pytest.fixture(params=["floe", "release_floe"])
def binary(request):
    """What is built with sanitizers takes its own time to end; the release is timed."""
    return getattr(binaries, request.param)()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_everyone(make_floe, binary, number):
    floe = make_floe(binary=binary)
    source, half_source = Encoder(floe, "/live").play(), Encoder(floe, "/half", is_awaited=False)
    eventually(lambda: "/live" in floe.mounts())
    listeners = [Listener(floe, "/live", icy=index % 2 == 0) for index in range(50)]
    for listener in listeners:
        listener.hears_bytes(1)
    stuck = Line(floe.port, receive_buffer=4096)
    stuck.say("GET /live HTTP/1.0\r\n\r\n")
    half_open = [Line(floe.port) for _ in range(20)]
    for line in half_open[10:]:
        line.say("GET /live HT")
    eventually(lambda: floe.listeners() == 51)

    begun = time.monotonic()
    floe.signal(number)
    for listener in listeners:
        assert listener.is_closed_by_server()
        listener.frames_heard()
    for line in (source.wire, half_source.wire, *half_open, stuck):
        line.rest()
    assert time.monotonic() - begun < STOP_S
    assert floe.process.wait(PATIENCE_S) == 0, floe.stderr()
    floe.check_words()
    for each in (source, half_source, *listeners):
        each.leave()


def test_a_second_signal_ends_it_at_once(make_floe):
    """The first one waits for a password that takes seconds to check."""
    floe = make_floe({"mount": {"/slow": {"source_password": SLOW_HASH}}},
                     binary=binaries.release_floe())
    with Encoder(floe, "/slow", is_awaited=False) as encoder:
        eventually(encoder.wire.is_taken)
        floe.signal()
        floe.says("stopping")
        assert floe.process.poll() is None
        begun = time.monotonic()
        floe.signal()
        assert floe.process.wait(PATIENCE_S) == 1
        assert time.monotonic() - begun < 5


def test_a_stop_waits_for_a_password_that_is_being_checked(make_floe):
    floe = make_floe({"mount": {"/hashed": {"source_password": QUICK_HASH}}})
    with Encoder(floe, "/hashed", is_awaited=False) as encoder:
        eventually(encoder.wire.is_taken)
        floe.stop()


def test_a_source_that_was_let_go_by_a_stop_did_not_lose_what_it_had_sent(make_floe):
    floe = make_floe()
    with Encoder(floe, "/live") as encoder:
        end = encoder.send_seconds(2)
        eventually(lambda: "/live" in floe.mounts())
        with Listener(floe, "/live") as listener:
            listener.hears_frame(end - 1)
            floe.stop()
            assert listener.is_closed_by_server()
            assert listener.frames_heard() == (0, end)


def test_it_starts_in_no_time(make_floe):
    """To the first reply; the process itself is up in less."""
    floe = make_floe(binary=binaries.release_floe())
    floe.stop()
    begun = time.monotonic()
    process = subprocess.Popen([floe.binary, "serve", "-c", floe.config_path],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=environment_with({}))
    eventually(floe.is_answering, within=PATIENCE_S)
    took = time.monotonic() - begun
    process.terminate()
    process.wait(PATIENCE_S)
    assert took < 10  # a hundred milliseconds where nothing else runs


def test_it_starts_again_on_the_same_port_right_after_a_stop_with_listeners(make_floe):
    first = make_floe()
    with Encoder(first, "/live").play():
        eventually(lambda: "/live" in first.mounts())
        with Listener(first, "/live") as listener:
            listener.hears_seconds_more(0.2)
            first.stop()
    second = make_floe(port=first.port)
    with Encoder(second, "/live") as encoder:
        encoder.send_frames(100)
        eventually(lambda: "/live" in second.mounts())
        with Listener(second, "/live") as listener:
            assert listener.hears_frame(99).frames_heard() == (0, 100)
    second.stop()


def test_a_crash_of_all_its_peers_at_once_is_survived(make_floe):
    floe = make_floe()
    sources = [Encoder(floe, f"/m{index}").play() for index in range(10)]
    eventually(lambda: len(floe.mounts()) == 10)
    lines = []
    for index in range(100):
        line = Line(floe.port)
        line.say(f"GET /m{index % 10} HTTP/1.0\r\n\r\n")
        line.exactly(marked_mp3.frame_bytes())
        lines.append(line)
    for each in sources:
        each.crash()
    for line in lines:
        line.reset()
    eventually(lambda: floe.health()["sources"] == 0)
    eventually(lambda: floe.open_sockets() <= 1)
    floe.stop()
