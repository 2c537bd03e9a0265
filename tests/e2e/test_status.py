# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What machines and people are shown."""
import html.parser
import json
import re
import urllib.parse
import xml.etree.ElementTree

import pytest

from studio import binaries, marked_mp3
from studio.encoder import Encoder
from studio.listener import Listener
from studio.waiting import eventually

ICESTATS_KEYS = {"admin", "host", "location", "server_id", "server_start", "server_start_iso8601"}
# Of an MP3 source that says everything it can say; as Icecast 2.4 has them.
SOURCE_KEYS = {"audio_info", "bitrate", "genre", "ice-bitrate", "ice-channels", "ice-samplerate",
               "listener_peak", "listeners", "listenurl", "server_description", "server_name",
               "server_type", "server_url", "stream_start", "stream_start_iso8601", "title",
               "dummy"}
MINIMAL_KEYS = {"genre", "listener_peak", "listeners", "listenurl", "server_description",
                "server_name", "server_type", "stream_start", "stream_start_iso8601", "dummy"}
ICECAST_TIME = r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}"
ISO_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4}"


@pytest.fixture(scope="module")
def settings():
    return {"server": {"hostname": "radio.example", "location": "Here",
                       "admin_contact": "me@radio.example"},
            "mount_defaults": {"linger": "0s"},
            "mount": {"/secret": {"hidden": True}, "/idle": {"burst": "1s"}}}


@pytest.fixture
def fresh_floe(floe):
    """One on which nothing plays any more."""
    eventually(lambda: floe.mounts() == {} and floe.health()["sources"] == 0)
    eventually(lambda: floe.listeners() == 0)
    return floe


def test_the_status_json_has_icecasts_shape_for_no_one_and_two_mounts(fresh_floe):
    status = fresh_floe.status()
    assert set(status) == ICESTATS_KEYS | {"dummy"}
    assert (status["admin"], status["host"], status["location"]) == (
        "me@radio.example", "radio.example", "Here")
    assert re.fullmatch(ICECAST_TIME, status["server_start"])
    assert re.fullmatch(ISO_TIME, status["server_start_iso8601"])
    with Encoder(fresh_floe, "/one"):
        eventually(lambda: isinstance(fresh_floe.status().get("source"), dict))
        assert set(fresh_floe.status()) == ICESTATS_KEYS | {"source"}
        with Encoder(fresh_floe, "/two"):
            two = eventually(lambda: isinstance(fresh_floe.status()["source"], list) and
                             fresh_floe.status()["source"])
            assert sorted(each["listenurl"] for each in two) == [
                fresh_floe.url("/one"), fresh_floe.url("/two")]
        eventually(lambda: isinstance(fresh_floe.status().get("source"), dict))
    eventually(lambda: "source" not in fresh_floe.status())


def test_a_source_is_described_with_exactly_icecasts_keys(fresh_floe):
    says_everything = ["ice-name: N", "ice-description: D", "ice-genre: G", "ice-url: http://u/",
                       "ice-bitrate: 128", "ice-public: 1",
                       "ice-audio-info: ice-samplerate=48000;ice-bitrate=128;ice-channels=2"]
    with Encoder(fresh_floe, "/full", headers=says_everything) as full:
        full.send_seconds(2)
        fresh_floe.set_title("/full", song="T")
        source = fresh_floe.mounts()["/full"]
        assert set(source) == SOURCE_KEYS
        assert (source["server_name"], source["server_url"]) == ("N", "http://u/")
        assert (source["bitrate"], source["ice-channels"]) == (128, 2)
        assert (source["title"], source["dummy"]) == ("T", None)
        assert re.fullmatch(ICECAST_TIME, source["stream_start"])
        assert re.fullmatch(ISO_TIME, source["stream_start_iso8601"])


def test_a_source_that_says_nothing_is_described_as_icecast_does(fresh_floe):
    with Encoder(fresh_floe, "/bare"):
        source = eventually(lambda: fresh_floe.mounts().get("/bare"))
        assert set(source) == MINIMAL_KEYS
        assert source["server_name"] == "Unspecified name"
        assert source["server_description"] == "Unspecified description"
        assert source["genre"] == "various"


def test_listeners_are_counted_and_their_peak_is_kept(fresh_floe):
    with Encoder(fresh_floe, "/counted").play():
        eventually(lambda: "/counted" in fresh_floe.mounts())
        with Listener(fresh_floe, "/counted"), Listener(fresh_floe, "/counted"):
            eventually(lambda: fresh_floe.mounts()["/counted"]["listeners"] == 2)
            eventually(lambda: fresh_floe.health()["listeners"] == 2)
        eventually(lambda: fresh_floe.mounts()["/counted"]["listeners"] == 0)
        assert fresh_floe.mounts()["/counted"]["listener_peak"] == 2
        eventually(lambda: fresh_floe.health()["listeners"] == 0)


def test_a_hidden_mount_is_not_shown_and_plays(fresh_floe):
    with Encoder(fresh_floe, "/secret") as encoder:
        encoder.send_seconds(3)
        eventually(lambda: fresh_floe.health()["sources"] == 1)
        assert fresh_floe.mounts() == {}
        assert "/secret" not in fresh_floe.ask("GET", "/").text()
        with Listener(fresh_floe, "/secret") as listener:
            listener.hears_seconds(1)


def test_health_says_what_a_supervisor_wants_to_know(fresh_floe):
    reply = fresh_floe.ask("GET", "/health")
    assert (reply.status, reply.get("Content-Type")) == (200, "application/json; charset=utf-8")
    health = json.loads(reply.body)
    assert set(health) == {"status", "version", "uptime_seconds", "mounts", "sources",
                           "listeners", "memory", "shards", "relays", "master", "pushes"}
    assert (health["status"], health["sources"], health["listeners"]) == ("ok", 0, 0)
    assert re.fullmatch(r"\d+\.\d+\.\d+", health["version"])
    assert 0 <= health["uptime_seconds"] < 600
    assert len(health["shards"]) == 2
    assert health["memory"]["arena_pages"] * health["memory"]["page_bytes"] == 64 << 20
    for shard in health["shards"]:
        assert 0 < shard["descriptors_kept_back"] < shard["descriptors_max"]
        assert shard["listeners"] == 0 and shard["lag_ms"] >= 0
    head = fresh_floe.ask("HEAD", "/health")
    assert (head.status, head.body) == (200, b"")


def test_health_says_what_listeners_cost(make_floe):
    floe = make_floe({"mount_defaults": {"linger": "0s"}})

    def pages():
        return floe.health()["memory"]["arena_pages_used"]

    def shard_of_listener():
        return next(shard for shard in floe.health()["shards"] if shard["listeners"])
    assert pages() == 0
    with Encoder(floe, "/live") as encoder:
        encoder.play()
        with Listener(floe, "/live") as listener:
            heard = len(listener.hears_seconds(2).audio)
            eventually(lambda: shard_of_listener()["sent_bytes"] >= heard)
            assert shard_of_listener()["sends"] > 0
            assert shard_of_listener()["descriptors"] > 0
            assert pages() > 0
    eventually(lambda: pages() == 0)
    floe.stop()


def test_the_heap_is_reported_where_jemalloc_is_there_to_ask(make_floe):
    floe = make_floe(binary=binaries.release_floe())
    memory = floe.health()["memory"]
    assert 0 < memory["heap_allocated_bytes"] <= memory["heap_resident_bytes"]
    floe.stop()


class Page(html.parser.HTMLParser):
    """What a browser would make of it. Every element that is opened must be closed."""
    VOID = {"meta", "br", "link", "img", "input"}

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.open, self.texts = [], [], []
        self.feed(text)
        self.close()
        assert self.open == [], self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    def all(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


def test_the_home_page_has_a_player_for_each_mount(fresh_floe):
    empty = Page(fresh_floe.ask("GET", "/").text())
    assert empty.all("audio") == []
    with Encoder(fresh_floe, "/one", headers=["ice-name: First"]), Encoder(fresh_floe, "/two"):
        eventually(lambda: len(fresh_floe.mounts()) == 2)
        reply = fresh_floe.ask("GET", "/")
        assert (reply.status, reply.get("Content-Type")) == (200, "text/html; charset=utf-8")
        page = Page(reply.text())
        assert sorted(audio["src"] for audio in page.all("audio")) == ["/one", "/two"]
        assert all("controls" in audio for audio in page.all("audio"))
        assert "First" in page.texts
        links = [a["href"] for a in page.all("a")]
        assert {"/one.m3u", "/one.pls", "/one.xspf", "/status-json.xsl"} <= set(links)


EVIL = "<script>alert(1)</script>\"'&amp;"


def test_what_a_source_calls_itself_is_text_and_never_markup(fresh_floe):
    evil_mount = "/%3Cscript%3E%22%27%26"
    headers = [f"ice-name: {EVIL}", f"ice-description: {EVIL}", f"ice-genre: {EVIL}",
               f"ice-url: javascript:{EVIL}"]
    with Encoder(fresh_floe, evil_mount, headers=headers, content_type="audio/mpeg") as encoder:
        encoder.send_seconds(1)
        fresh_floe.set_title("/<script>\"'&", song=EVIL)
        page = Page(eventually(lambda: (lambda text: text if "alert" in text else None)(
            fresh_floe.ask("GET", "/").text())))
        assert page.all("script") == []
        assert page.texts.count(EVIL) == 3  # the name, the title, the description
        assert [urllib.parse.unquote(audio["src"]) for audio in page.all("audio")] == [
            "/<script>\"'&"]
        source = fresh_floe.status()["source"]
        assert (source["server_name"], source["title"]) == (EVIL, EVIL)
        tree = xml.etree.ElementTree.fromstring(fresh_floe.ask("GET", f"{evil_mount}.xspf").body)
        assert [each.text for each in tree.iter("{http://xspf.org/ns/0/}title")] == [EVIL, EVIL]


@pytest.mark.parametrize("path", ["/status-json.xsl", "/health", "/"])
def test_pages_say_their_length_and_are_whole(fresh_floe, path):
    with Encoder(fresh_floe, "/live", headers=["ice-name: Pàge"]) as encoder:
        encoder.send_seconds(marked_mp3.FRAME_S)
        reply = fresh_floe.ask("GET", path)
        assert int(reply.get("Content-Length")) == len(reply.body)
        assert "Transfer-Encoding" not in reply.head
        json.loads(reply.body) if path != "/" else Page(reply.text())
