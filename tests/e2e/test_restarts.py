# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Encoders that are killed and started again while somebody listens, in every format at once."""
import contextlib
import dataclasses

import pytest

from studio.containers import boundaries, headers_end, split_join
from studio.ffmpeg import FORMATS, FfmpegEncoder
from studio.listener import Listener
from studio.tap import Tap
from studio.waiting import eventually

RESTARTED = ["mp3", "aac", "vorbis", "opus", "flac", "ogg_flac", "webm"]
PLAYED_S = 2.0
# Beyond the headers of every format.
WITHIN_AUDIO_BYTES = 12_000
# More than may still be on its way of the first programme when its end is known.
BEYOND_THE_FIRST_BYTES = 30_000


@pytest.fixture(scope="module")
def settings():
    return {"mount_defaults": {"linger": "60s", "burst": "1s"}}


@dataclasses.dataclass
class Restart:
    container: str
    first: bytes
    second: bytes
    heard: bytes


def start(tap, name):
    """ffmpeg, and the wire on which it is accepted."""
    before = tap.programme()
    encoder = FfmpegEncoder(tap.port, "/" + name, FORMATS[name])
    return encoder, lambda: (lambda call: call if call is not before else None)(tap.programme())


@pytest.fixture(scope="module")
def restarts(floe):
    with contextlib.ExitStack() as stack:
        taps, listeners, calls = {name: Tap(floe) for name in RESTARTED}, {}, {}
        for tap in taps.values():
            stack.callback(tap.close)

        def play_all(round_number):
            encoders = {name: start(tap, name) for name, tap in taps.items()}
            for name, (encoder, accepted) in encoders.items():
                stack.callback(encoder.kill)
                calls[name, round_number] = eventually(accepted)
            for name in RESTARTED:
                eventually(lambda: calls[name, round_number].plays_for() > PLAYED_S)
            return [encoder for encoder, _ in encoders.values()]

        first = play_all(1)
        for name in RESTARTED:
            listener = stack.enter_context(Listener(floe, "/" + name))
            listeners[name] = listener.hears_bytes(WITHIN_AUDIO_BYTES)
        for encoder in first:
            encoder.kill()
        eventually(lambda: floe.health()["sources"] == 0)
        heard_of_first = {name: len(listener.audio) for name, listener in listeners.items()}
        play_all(2)
        for name, listener in listeners.items():
            listener.hears_bytes(heard_of_first[name] + BEYOND_THE_FIRST_BYTES)
            assert not listener.is_closed
        heard = {name: bytes(listeners[name].audio) for name in RESTARTED}  # first: it is a part
        yield {name: Restart(FORMATS[name].container, calls[name, 1].audio(),
                             calls[name, 2].audio(), heard[name])
               for name in RESTARTED}


@pytest.mark.parametrize("name", RESTARTED)
def test_who_listens_goes_on_with_the_first_byte_of_an_encoder_that_was_killed_and_returned(
        restarts, name):
    """A run of the first programme up to the end of a whole frame, then the second from its begin:
    with its headers where a stream may have them in its midst, else from its first frame."""
    restart = restarts[name]
    _, heard = split_join(restart.container, restart.heard)
    is_chain = restart.container in ("ogg", "webm")
    begin = 0 if is_chain else headers_end(restart.container, restart.second)
    second = restart.second[begin:]
    begin_of_second = heard.find(second[:1000])
    assert begin_of_second > 0
    assert second.startswith(heard[begin_of_second:])
    of_first = heard[:begin_of_second]
    begin = restart.first.find(of_first)
    assert begin >= 0
    places = boundaries(restart.container, restart.first)
    assert places is None or begin in places
    assert places is None or begin + len(of_first) in places | {len(restart.first)}
