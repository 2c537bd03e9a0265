# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""A thousand listeners at the end of a chain: an encoder, an icecast2, a Floe, and another one."""

import pytest

from studio.crowd import UNHARMED, Crowd
from studio.encoder import Encoder
from studio.icecast import Icecast
from studio.listener import Listener
from studio.programs import floe_source
from studio.several import KEPT
from studio.tap import Tap
from studio.waiting import eventually

CROWD = 1000
JOINS_PER_S = 1000
# What players have in store when they come: enough for a break that is noticed and one after which
# the mount is left (2 s), and for what machines under sanitizers take besides.
STORE_S = 7
MOUNTS = ("/crowd", "/witness")


@pytest.fixture
def fetch(make_floe, stack):
    """Starts a server that fetches both mounts of another, and has them."""
    def start(server):
        relays = {name: {"upstream": [server.url(name)]} for name in MOUNTS}
        floe = make_floe({"mount_defaults": KEPT, "relay": relays})
        stack.callback(floe.stop)
        eventually(lambda: floe.mounts().keys() == set(MOUNTS), saying="both are fetched")
        return floe
    return start


def test_a_break_between_two_floes_is_heard_by_none_of_a_thousand_listeners(fetch, stack):
    """It lasts until the edge has given its mounts up, and not as long as the other one's history.
    The crowd judges every frame by its stamp, and one more listener every byte."""
    icecast = stack.enter_context(Icecast())
    stack.enter_context(floe_source(icecast, "/crowd"))
    encoder = stack.enter_context(Encoder(icecast, "/witness"))
    assert encoder.is_accepted, encoder.head
    encoder.play()
    # Who asks for them before might be refused often enough to wait long for the next try.
    for mount in MOUNTS:
        eventually(lambda mount=mount: icecast.plays(mount))
    middle = fetch(icecast)
    tap = Tap(middle)
    stack.callback(tap.close)
    edge = fetch(tap)
    witnesses = [stack.enter_context(Listener(edge, "/witness", icy=icy)) for icy in (False, True)]
    for witness in witnesses:
        witness.hears_seconds(STORE_S)
    crowd = stack.enter_context(Crowd(edge, "/crowd", "--listeners", CROWD, "--rate", JOINS_PER_S,
                                      "--icy-share", 0.5, *UNHARMED))
    crowd.until_hearing(CROWD)

    tap.cut()
    eventually(lambda: edge.stderr().count("has nothing to play") == len(MOUNTS))
    assert edge.listeners() == CROWD + len(witnesses)
    tap.mend()
    eventually(lambda: edge.stderr().count("goes on where it broke off") == len(MOUNTS))

    for witness in witnesses:
        witness.hears_frame(encoder.next_frame)  # one that was played after the break
        witness.frames_heard()
    frames = crowd.counts()["frames"]
    crowd.until(lambda counts: counts["frames"] >= frames + CROWD)
    assert crowd.counts()["hearing"] == CROWD
    counts = crowd.send_away()
    assert counts["statuses"] == {"200": CROWD}
