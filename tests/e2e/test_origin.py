# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What a Floe upstream does for a Floe edge: it tells where in the stream one is, goes on at the
exact byte after a break, and refuses to be part of a circle."""
import contextlib
import re

import pytest
from conftest import Station

from studio import marked_mp3, swap
from studio.ffmpeg import FORMATS, FfmpegEncoder
from studio.listener import Listener
from studio.waiting import eventually

ASK = "Floe-Position: ask"
SAID = re.compile(r"([0-9a-f]{32}):(\d+);preamble=(\d+)$")


@pytest.fixture
def station_at():
    """A station at a server of the test's own; all leave before the server ends."""
    with contextlib.ExitStack() as stack:
        yield lambda floe: Station(floe, stack)


def on_air(station, mount):
    """A source that plays, and has been heard."""
    encoder = station.feed(mount)
    station.hear(mount).hears_seconds(0.5)
    return encoder


class Edge:
    """A listener that knows where in the stream it is."""

    def __init__(self, station, mount, *, asks="ask", **how):
        self.listener = station.hear(mount, headers=[f"Floe-Position: {asks}"], **how)
        said = SAID.match(self.listener.head.get("Floe-Position") or "")
        assert said, self.listener.head.text
        self.stream, self.begin, self.preamble = said[1], int(said[2]), int(said[3])

    def hears(self, audio_bytes):
        """So much audio and no more is used; answers what was heard after the preamble."""
        self.listener.hears_bytes(self.preamble + audio_bytes)
        return bytes(self.listener.audio[self.preamble:self.preamble + audio_bytes])

    def breaks(self, audio_bytes):
        """Uses so much audio and is gone. Answers that, and what is to be asked for next."""
        audio = self.hears(audio_bytes)
        self.listener.leave()
        return audio, f"{self.stream}:{self.begin + audio_bytes}"


def slice_of(unbroken, begin, count):
    """What the unbroken listener has of the stream from there on."""
    at = begin - unbroken.begin
    assert at >= 0
    return unbroken.hears(at + count)[at:]


@pytest.mark.parametrize("icy", [False, True])
def test_a_broken_edge_goes_on_at_the_exact_byte(station, mount, icy):
    on_air(station, mount)
    unbroken = Edge(station, mount)
    edge = Edge(station, mount, icy=icy)
    first, asks = edge.breaks(20_001)
    assert first == slice_of(unbroken, edge.begin, len(first))
    again = Edge(station, mount, asks=asks, icy=icy)
    assert (f"{again.stream}:{again.begin}", again.preamble) == (asks, 0)
    assert again.listener.head.get("icy-metaint") == ("16000" if icy else None)
    second, asks = again.breaks(15_003)
    third = Edge(station, mount, asks=asks).hears(10_000)
    whole = first + second + third
    assert whole == slice_of(unbroken, edge.begin, len(whole))
    marked_mp3.check_unbroken(whole)


def test_what_was_heard_to_the_end_goes_on_with_what_comes(station, mount):
    encoder = station.encoder(mount)
    encoder.send_frames(20)
    edge = Edge(station, mount)
    count = 20 * marked_mp3.frame_bytes(128) - edge.begin
    _, asks = edge.breaks(count)
    again = Edge(station, mount, asks=asks)
    assert f"{again.stream}:{again.begin}" == asks
    encoder.send_frames(5)
    frames = again.hears(5 * marked_mp3.frame_bytes(128))
    assert marked_mp3.number_at(frames, 0) == 20


def test_before_there_is_audio_it_begins_with_the_first(station, mount):
    encoder = station.encoder(mount)
    edge = Edge(station, mount)
    encoder.send_frames(20)
    first, asks = edge.breaks(1_001)
    whole = first + Edge(station, mount, asks=asks).hears(1_000)
    assert edge.preamble == 0
    assert marked_mp3.number_at(whole) == 0
    marked_mp3.check_unbroken(whole)


def test_it_begins_where_any_listener_does(station, mount):
    on_air(station, mount)
    edge, listener = Edge(station, mount), station.hear(mount)
    assert edge.preamble == 0
    listener.hears_seconds(2)
    edge.listener.hears_seconds(2)
    first, end = edge.listener.frames_heard()
    assert end - first >= marked_mp3.count_of(2)


def test_after_the_preamble_of_a_format_that_has_one(station, mount, floe):
    encoder = FfmpegEncoder(floe.port, mount, FORMATS["vorbis"])
    try:
        eventually(lambda: mount in floe.mounts(), saying="the source is there")
        Listener(floe, mount).hears_bytes(60_000).leave()  # more than a burst
        unbroken, edge = Edge(station, mount), Edge(station, mount)
        assert edge.preamble > 1_000
        first, asks = edge.breaks(10_001)
        assert bytes(edge.listener.audio[:4]) == b"OggS"
        again = Edge(station, mount, asks=asks)
        assert again.preamble == 0
        whole = first + again.hears(10_000)
        assert whole == slice_of(unbroken, edge.begin, len(whole))
    finally:
        encoder.kill()


def test_what_the_history_has_no_more_is_answered_with_what_it_has(make_floe, station_at, mount):
    floe = make_floe({"mount_defaults": {"history": "2s", "burst": "1s"}})
    station = station_at(floe)
    encoder = station.encoder(mount)
    encoder.send_seconds(1)
    _, asks = Edge(station, mount).breaks(1_000)
    encoder.send_seconds(30)
    again = Edge(station, mount, asks=asks)
    stream, offset = asks.split(":")
    assert again.stream == stream
    assert again.begin > int(offset)


@pytest.mark.parametrize("asks", ["00000000000000010000000000000000:5", "nonsense", "", "x:-1"])
def test_what_is_of_another_stream_or_nothing_is_answered_like_a_first_question(
        station, mount, asks):
    on_air(station, mount)
    edge = Edge(station, mount, asks=asks)
    marked_mp3.check_unbroken(edge.hears(10 * marked_mp3.frame_bytes(128)))


def test_beyond_the_end_nobody_begins(station, mount):
    on_air(station, mount)
    edge = Edge(station, mount)
    edge.hears(1)
    again = Edge(station, mount, asks=f"{edge.stream}:{edge.begin + (1 << 40)}")
    assert again.begin < edge.begin + (1 << 40)


def test_another_type_of_stream_is_another_stream(station, mount):
    encoder = on_air(station, mount)
    before = Edge(station, mount)
    before.hears(1)
    encoder.leave()
    eventually(lambda: not any(each["name"] == mount and each["phase"] == "live"
                               for each in swap.status(station.floe)["mounts"]))
    with station.encoder(mount, content_type="audio/aac"):
        assert before.listener.is_closed_by_server()
        assert Edge(station, mount).stream != before.stream


def test_who_does_not_ask_is_told_nothing(station, mount, floe):
    on_air(station, mount)
    assert "Floe-Position" not in station.hear(mount).head
    assert "Floe-Hops" not in station.hear(mount).head
    asked = floe.ask("HEAD", mount, headers=[ASK])
    assert asked.status == 200 and "Floe-Position" not in asked.head


def test_a_swap_of_the_origin_is_no_other_stream(make_floe, station_at, mount):
    floe = make_floe()
    station = station_at(floe)
    on_air(station, mount)
    unbroken = Edge(station, mount)
    edge = Edge(station, mount)
    first, asks = edge.breaks(10_000)
    before = hops_of(floe, mount)
    swap.swap(floe)
    again = Edge(station, mount, asks=asks)
    assert f"{again.stream}:{again.begin}" == asks
    whole = first + again.hears(30_000)
    assert whole == slice_of(unbroken, edge.begin, len(whole))
    assert hops_of(floe, mount) == before


def test_a_restart_is_another_stream(make_floe, station_at, mount):
    ids = []
    for _ in range(2):
        floe = make_floe()
        station = station_at(floe)
        on_air(station, mount)
        ids.append(Edge(station, mount).stream)
    assert ids[0] != ids[1]


# ---- circles ----
def hops_of(floe, mount, hops="00000000000000aa"):
    with Listener(floe, mount, headers=[f"Floe-Hops: {hops}"]) as listener:
        assert listener.head.status == 200, listener.head.text
        return listener.head.get("Floe-Hops")


def refusal_of(floe, mount, hops):
    return floe.ask("GET", mount, headers=[f"Floe-Hops: {hops}"]).status


def test_a_server_that_asks_is_told_whom_the_stream_passed(station, mount, floe):
    on_air(station, mount)
    assert re.fullmatch(r"[0-9a-f]{16}", hops_of(floe, mount))


def test_a_request_that_came_from_itself_is_refused(station, mount, floe):
    on_air(station, mount)
    own = hops_of(floe, mount)
    assert refusal_of(floe, mount, own) == 508
    assert refusal_of(floe, mount, f"00000000000000aa,{own}") == 508


def test_a_tree_that_is_too_deep_is_refused(station, mount, floe):
    on_air(station, mount)
    assert hops_of(floe, mount, ",".join(["aa"] * 15))
    assert refusal_of(floe, mount, ",".join(["aa"] * 16)) == 508
    assert refusal_of(floe, mount, ",".join(["aa"] * 17)) == 508


def test_what_is_no_list_of_servers_is_refused(station, mount, floe):
    on_air(station, mount)
    assert refusal_of(floe, mount, "circle") == 400
