# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Origins behind bad lines, in a network of their own: one that is too narrow for the stream, one
that swallows all that is sent. What listeners hear is compared with what each origin sent."""

import pytest

from studio import marked_mp3
from studio.encoder import Encoder
from studio.listener import Listener
from studio.netns import FarNetwork
from studio.origin import Origin, Programme
from studio.several import KEPT
from studio.swap import status
from studio.waiting import eventually

APART = 1_000_000  # frames between what the first origin plays, the second, and the fallback
SOURCE_TIMEOUT_S = 3
STREAM_KBIT = 128
HALF_KBIT, WIDE_KBIT = STREAM_KBIT // 2, 8 * STREAM_KBIT
# One segment takes longer than source_timeout.
CRAWL_KBIT = 1
SLOW_S = 2 * SOURCE_TIMEOUT_S


@pytest.fixture
def network():
    with FarNetwork() as far:
        yield far


class SecondProgramme(Programme):
    def now(self):
        return APART + super().now()


class OnAir:
    """A Floe that fetches /live, first from an origin in the far network. When that is not to be
    had there is another, or a fallback: its programme is numbered from APART on."""

    def __init__(self, make_floe, network, stack, instead):
        self.first = Programme()
        self.far = stack.enter_context(network.make_there(
            lambda: Origin(self.first.plays(), network.addresses[0])))
        upstreams, mounts = [self.far.url()], {}
        if instead == "second upstream":
            self.near = stack.enter_context(Origin(SecondProgramme().plays()))
            upstreams.append(self.near.url())
        else:
            mounts["/live"] = {"fallback": ["/backup"]}
        self.floe = make_floe({
            "limits": {"source_timeout": f"{SOURCE_TIMEOUT_S}s"}, "fanout": {"interval": "100ms"},
            "mount_defaults": KEPT, "mount": mounts,
            "relay": {"/live": {"upstream": upstreams, "prefer_after": "1s"}}})
        stack.callback(self.floe.stop)
        if instead == "fallback":
            self.backup = stack.enter_context(Encoder(self.floe, "/backup", first_frame=APART))
            self.backup.play()
        eventually(lambda: "/live" in self.floe.mounts())
        self.listeners = [stack.enter_context(Listener(self.floe, "/live", icy=icy))
                          for icy in (False, True)]
        self.all_hear_seconds_more(1)

    def all_hear_bytes_more(self, count):
        ends = [len(listener.audio) + count for listener in self.listeners]
        for listener, end in zip(self.listeners, ends):
            listener.hears_bytes(end)

    def all_hear_seconds_more(self, seconds):
        self.all_hear_bytes_more(marked_mp3.count_of(seconds) * marked_mp3.frame_bytes())

    def all_come_to(self, programme):
        for listener in self.listeners:
            listener.until(lambda heard: marked_mp3.runs(heard.audio)[-1][0] // APART == programme)

    def upstream(self, number=0):
        return status(self.floe)["relays"][0]["upstreams"][number]

    def is_as_it_was(self):
        """Nothing has been held against the first upstream."""
        first = self.upstream()
        return (first["phase"], first["failures"], first["attempts"]) == ("up", 0, 1)

    def check_heard(self, programmes):
        """Nothing but whole frames; of each programme those that it had sent, each in its place,
        none twice."""
        for listener in self.listeners:
            assert not listener.is_closed
            runs = marked_mp3.runs(bytes(listener.audio))
            assert changes([begin // APART for begin, _ in runs]) == programmes
            for number in set(programmes):
                of_one = [run for run in runs if run[0] // APART == number]
                assert all(a[1] < b[0] for a, b in zip(of_one, of_one[1:])), of_one
            assert max(end for _, end in runs if end < APART) <= self.first.now()


def changes(numbers):
    """Each number that differs from the one before it."""
    return [number for at, number in enumerate(numbers) if at == 0 or number != numbers[at - 1]]


@pytest.fixture
def on_air(make_floe, network, stack):
    return lambda instead: OnAir(make_floe, network, stack, instead)


def test_a_line_that_is_too_narrow_is_no_upstream_that_is_down_until_it_stalls(on_air, network):
    air = on_air("second upstream")
    # Half of the stream comes: listeners fall behind, and nobody is asked instead.
    network.narrow(HALF_KBIT)
    air.all_hear_bytes_more(HALF_KBIT * 1000 // 8 * SLOW_S)
    behind = air.first.now() - air.listeners[0].frames_heard()[1]
    assert behind > marked_mp3.count_of(SLOW_S / 4)
    assert air.is_as_it_was() and not air.near.asked
    # All of it was only late.
    network.narrow(WIDE_KBIT)
    for listener in air.listeners:
        listener.hears_frame(air.first.now())
        listener.frames_heard()
    assert air.is_as_it_was() and not air.near.asked
    # Something comes, but too seldom.
    network.narrow(CRAWL_KBIT)
    air.all_come_to(1)
    assert "sent nothing" in air.upstream()["error"]
    network.widen()
    air.all_come_to(0)
    eventually(lambda: (air.upstream(0)["phase"], air.upstream(1)["phase"]) == ("up", "idle"))
    air.all_hear_seconds_more(1)
    air.check_heard([0, 1, 0])


@pytest.mark.parametrize("instead", ["second upstream", "fallback"])
def test_an_upstream_in_a_black_hole_is_down_after_source_timeout_and_returned_to_out_of_it(
        on_air, network, instead):
    air = on_air(instead)
    asked = len(air.far.asked)
    network.swallow_all()
    air.all_come_to(1)
    assert "sent nothing" in air.upstream()["error"]
    air.all_hear_seconds_more(SOURCE_TIMEOUT_S)
    assert len(air.far.asked) == asked and air.upstream()["phase"] != "up"
    network.swallow_nothing()
    air.all_come_to(0)
    eventually(lambda: air.upstream()["phase"] == "up")
    if instead == "second upstream":
        eventually(lambda: air.upstream(1)["phase"] == "idle")
    air.all_hear_seconds_more(1)
    air.check_heard([0, 1, 0])
