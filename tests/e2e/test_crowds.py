# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Thousands who come, go, hang or flood at once, and those who listen meanwhile and notice
nothing. No time is measured here but those that a timeout promises; the release is served."""
import contextlib
import threading

import pytest

from studio import binaries, kernel
from studio.crowd import UNHARMED, Crowd
from studio.encoder import Encoder
from studio.listener import Listener
from studio.programs import floe_source
from studio.server import ADMIN_PASSWORD
from studio.waiting import PATIENCE_S, eventually

SEATED = 200
NEVER_READING, NEVER_READING_PER_S = 19_000, 5_000
CLIENT_TIMEOUT_S = 12
GRACE_S = 10  # in which who is timed out is gone
RUSH = 5_000
FLOOD, FLOOD_PER_S = 18_000, 5_000
REQUESTS_OF_A_SHARD = 4096
SLOW, SLOW_HEARD_FOR_S = 5_000, 4
LISTENING = 5_000
LISTED, LISTED_SHARDS, LISTED_PER_S = 50_000, 4, 5_000
DRIP_EVERY_S = 0.005
SEND_BUFFER = 64 * 1024  # the default
# A crowd of which everybody is to be served; frames are looked at where a machine has time for it.
SERVED = ("--check", "light", "--buffer", "3s", "--max-gaps", "0", "--max-underruns", "0",
          "--max-closes", "0", "--max-refused", "0", "--max-ragged", "0")


@pytest.fixture
def serve(make_floe):
    served = []

    def start(settings, **how):
        floe = make_floe({"server": {"shards": 2}, "log": {"access_file": ""}, **settings},
                         **{"binary": binaries.release_floe(), **how})
        served.append(floe)
        return floe
    yield start
    for floe in served:
        floe.stop()


@contextlib.contextmanager
def seated(floe):
    """Listeners who must not notice anything of what happens meanwhile."""
    with floe_source(floe, "/seated"):
        eventually(lambda: "/seated" in floe.mounts())
        with Crowd(floe, "/seated", "--listeners", SEATED, *UNHARMED) as crowd:
            crowd.until_hearing(SEATED)
            yield
            crowd.send_away()


def resident_bytes(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) * 1024


def test_players_that_never_read_cost_little_and_are_let_go(serve):
    """Most have little room for what comes, and some as much as players have: then the kernel adds
    a whole send to what is still below the socket's own bound."""
    floe = serve({"limits": {"client_timeout": f"{CLIENT_TIMEOUT_S}s"}})
    with seated(floe), Encoder(floe, "/live", kbps=320) as encoder:
        encoder.send_seconds(10)
        encoder.play()
        eventually(lambda: "/live" in floe.mounts())
        resident_before = resident_bytes(floe.process)
        never_read = ("--never-share", 1, "--listeners")
        with Crowd(floe, "/live", *never_read, SEATED) as ordinary, \
                Crowd(floe, "/live", *never_read, NEVER_READING, "--rate", NEVER_READING_PER_S,
                      "--rcvbuf", 4096) as crowd:
            eventually(lambda: floe.listeners() > SEATED + NEVER_READING / 2)
            held = kernel.socket_memory(floe.port)
            assert SEND_BUFFER / 4 < max(held) <= SEND_BUFFER
            for each, count in ((ordinary, SEATED), (crowd, NEVER_READING)):
                each.until(lambda counts: counts["never_closed_after_ms"]["count"] == count,
                           within=2 * PATIENCE_S)
                closed_after_ms = each.counts()["never_closed_after_ms"]
                assert closed_after_ms["mean"] > 900 * CLIENT_TIMEOUT_S
                assert closed_after_ms["max"] < 1000 * (CLIENT_TIMEOUT_S + GRACE_S)
            eventually(lambda: floe.listeners() == SEATED)
            eventually(lambda: floe.open_sockets() < SEATED + 100)
        assert resident_bytes(floe.process) - resident_before < 2048 * NEVER_READING


def test_thousands_come_at_once_and_leave_at_once(serve):
    floe = serve({})
    with seated(floe), floe_source(floe, "/live"):
        eventually(lambda: "/live" in floe.mounts())
        for _ in range(2):
            with Crowd(floe, "/live", "--listeners", RUSH, "--reset", *SERVED) as crowd:
                crowd.until_hearing(RUSH)
                crowd.send_away()
            eventually(lambda: floe.listeners() == SEATED)


def test_thousands_come_again_when_their_source_does(serve):
    floe = serve({"mount_defaults": {"linger": "0s"}})
    with seated(floe), contextlib.ExitStack() as stack:
        with floe_source(floe, "/live"):
            eventually(lambda: "/live" in floe.mounts())
            crowd = stack.enter_context(
                Crowd(floe, "/live", "--listeners", RUSH, "--rejoin", "--check", "light",
                      "--max-gaps", "0", "--max-ragged", "0"))
            crowd.until_hearing(RUSH)
        crowd.until(lambda counts: counts["hearing"] == 0)
        eventually(lambda: floe.listeners() == SEATED)
        with floe_source(floe, "/live"):
            crowd.until_hearing(RUSH)
            counts = crowd.send_away()
        assert set(counts["statuses"]) == {"200", "404"}
        assert counts["failed_connects"] == 0


def test_who_is_too_many_is_told_when_to_come_back_however_many_they_are(serve):
    floe = serve({"limits": {"listeners": SEATED}})
    with seated(floe):
        with Crowd(floe, "/seated", "--listeners", FLOOD) as surplus:
            surplus.until(lambda counts: counts["statuses"] == {"503": FLOOD})
        reply = floe.ask("GET", "/seated")
        assert (reply.status, reply.get("Retry-After")) == (503, "10")


def test_who_finds_every_place_to_ask_taken_waits_until_one_is_free(serve):
    floe = serve({"server": {"shards": 1}})
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(floe.line()) for _ in range(REQUESTS_OF_A_SHARD + 200)]
        first, last = lines[:200], lines[-200:]
        for line in lines:  # nobody has been turned away
            line.socket.setblocking(False)
            with pytest.raises(BlockingIOError):
                line.socket.recv(1)
            line.socket.settimeout(PATIENCE_S)
        for line in first + last:
            line.say("GET /health HTTP/1.0\r\n\r\n")
            assert line.reply().status == 200


def test_five_thousand_who_never_end_their_request_disturb_none_of_five_thousand_listeners(serve):
    """Each says another byte of its head before it is too late for the last one, and is told off
    all the same when the head as a whole is late."""
    floe = serve({"limits": {"header_timeout": f"{SLOW_HEARD_FOR_S}s", "request_rate": 0}})
    with floe_source(floe, "/live"), contextlib.ExitStack() as stack:
        eventually(lambda: "/live" in floe.mounts())
        crowd = stack.enter_context(Crowd(floe, "/live", "--listeners", LISTENING, *SERVED))
        crowd.until_hearing(LISTENING)
        slow = [stack.enter_context(floe.line()) for _ in range(SLOW)]
        for byte in b"GET /live HTTP/1.0\r\nX: ":
            for line in slow:
                with contextlib.suppress(OSError):  # it was told off, and has gone
                    line.say(bytes([byte]))
        for line in slow:
            assert line.reply().status == 408
        counts = crowd.send_away()
        assert counts["closes"] == 0


def test_fifty_thousand_are_listed_and_none_of_them_waits(serve):
    """The answer is sent as it is made, slice by slice: it is never in memory as a whole."""
    floe = serve({"server": {"shards": LISTED_SHARDS}, "limits": {"listeners": 2 * LISTED}})
    with floe_source(floe, "/live"):
        eventually(lambda: "/live" in floe.mounts())
        with Crowd(floe, "/live", "--listeners", LISTED, "--rate", LISTED_PER_S,
                   *SERVED) as crowd:
            crowd.until_hearing(LISTED, within=3 * PATIENCE_S)
            resident_before = resident_bytes(floe.process)
            for form, entry in (("listclients", b"<ip>"), ("listclients.json", b'"ip":')):
                reply = floe.ask("GET", f"/admin/{form}?mount=/live", user="admin",
                                 password=ADMIN_PASSWORD)
                assert reply.status == 200
                assert reply.body.lower().count(entry) == LISTED
                assert resident_bytes(floe.process) - resident_before < len(reply.body) / 2
            counts = crowd.send_away()
        assert counts["closes"] == 0


@contextlib.contextmanager
def dripping(floe, mount):
    """A stream that has something new for its listeners in each turn of a shard: with an interval
    as short, the most work that a listener can be."""
    ended = threading.Event()
    with Encoder(floe, mount, content_type="application/octet-stream") as encoder:
        def drip():
            while not ended.wait(DRIP_EVERY_S):
                encoder.wire.say(bytes(100))
        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def test_a_flood_is_refused_by_a_shard_that_has_all_it_can_do_and_who_listens_hears_on(serve):
    floe = serve({"server": {"shards": 1}, "fanout": {"interval": "10ms"},
                  "limits": {"lag": "20ms"}})
    with seated(floe), dripping(floe, "/drip"):
        eventually(lambda: "/drip" in floe.mounts())
        with Crowd(floe, "/drip", "--listeners", FLOOD, "--rate", FLOOD_PER_S,
                   "--check", "count") as flood:
            flood.until(lambda counts: counts["opened"] == FLOOD)
            refused = eventually(lambda: refusal(floe, "/drip"))
            assert refused.get("Retry-After") == "10"
            counts = flood.until(lambda counts: counts["waiting"] == 0)
            assert counts["statuses"].keys() == {"200", "503"}
            assert counts["closes"] == 0
            eventually(lambda: floe.listeners() == SEATED + flood.counts()["hearing"])


def refusal(floe, mount):
    """What who comes now is answered; None if it got in."""
    with floe.line() as line:
        line.say(f"GET {mount} HTTP/1.0\r\n\r\n")
        head = line.head()
    return head if head.status == 503 else None


# ---- a table of descriptors that is full ----

DESCRIPTORS = 600
SEATS = DESCRIPTORS - DESCRIPTORS // 8  # the rest is for sources and requests


@pytest.fixture
def floe_of_few_descriptors(serve, tmp_path):
    """Of one shard, so that one table is all there is."""
    limited = tmp_path / "limited-floe"
    limited.write_text(f'#!/bin/sh\nexec prlimit --nofile={DESCRIPTORS}:{DESCRIPTORS} '
                       f'{binaries.release_floe()} "$@"\n', encoding="ascii")
    limited.chmod(0o755)
    return serve({"server": {"shards": 1}}, binary=limited)


def test_when_descriptors_are_used_up_listeners_are_refused_and_sources_are_not(
        floe_of_few_descriptors):
    floe = floe_of_few_descriptors
    with seated(floe), contextlib.ExitStack() as stack:
        crowd = stack.enter_context(Crowd(floe, "/seated", "--listeners", SEATS - SEATED - 10))
        crowd.until_hearing(SEATS - SEATED - 10)
        for taken in range(SEATS - 10, SEATS):
            eventually(lambda: floe.listeners() == taken)
            stack.enter_context(Listener(floe, "/seated"))
        eventually(lambda: floe.listeners() == SEATS)
        for _ in range(100):
            reply = floe.ask("GET", "/seated")
            assert (reply.status, reply.get("Retry-After")) == (503, "10")
        encoder = stack.enter_context(Encoder(floe, "/another"))
        assert encoder.is_accepted
        encoder.send_seconds(1)
        eventually(lambda: "/another" in floe.mounts())
        assert floe.health()["listeners"] == SEATS


def test_a_flood_that_finds_the_table_full_is_answered_to_the_last(floe_of_few_descriptors):
    floe = floe_of_few_descriptors
    with seated(floe), Crowd(floe, "/seated", "--listeners", 2 * DESCRIPTORS) as flood:
        flood.until(lambda counts: sum(counts["statuses"].values()) == 2 * DESCRIPTORS)
        assert flood.counts()["statuses"] == {"200": SEATS - SEATED,
                                              "503": 2 * DESCRIPTORS - SEATS + SEATED}
        assert flood.counts()["closes"] == 0
