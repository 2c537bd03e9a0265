# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What a player is answered, what it hears first, and when it hears no more."""
import configparser
import xml.etree.ElementTree

import pytest

from studio import binaries, marked_mp3
from studio.containers import mp3_frames
from studio.encoder import Encoder
from studio.ffmpeg import complaints_on_decoding
from studio.listener import Listener
from studio.programs import floe_load, floe_source
from studio.server import ADMIN_PASSWORD
from studio.swap import swap
from studio.waiting import eventually
from studio.wire import Line

BURST_S = 2
STREAM_FIELDS = ["Server", "Date", "Connection", "Content-Type", "Cache-Control", "Expires",
                 "Pragma", "icy-pub"]


@pytest.fixture(scope="module")
def settings():
    return {
        "server": {"hostname": "fallback.example"},
        "mount_defaults": {"burst": f"{BURST_S}s", "linger": "60s"},
        "mount": {
            "/small": {"max_listeners": 1},
            "/no-titles": {"metaint": 0},
            "/no-burst": {"burst": "0s"},
            "/brief": {"linger": "300ms"},
            "/named": {"stream_name": "Ours", "stream_genre": "Set"},
            "/page": {"cors_origins": ["https://radio.example", "https://b.example"]},
            "/closed": {"cors_origins": []},
            "/demo": {"file": str(binaries.ROOT / "conf/demo/demo.mp3")},
        },
    }


@pytest.fixture
def fed(station, mount):
    """A mount that has played some seconds, and whose source sends no more now."""
    encoder = station.encoder(mount)
    encoder.send_seconds(4 * BURST_S)
    eventually(lambda: mount in station.floe.mounts())
    return mount


# ---- the reply ----

@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
def test_a_listener_is_answered_as_players_expect(station, fed, version):
    head = station.hear(fed, version=version).head
    assert head.version == version
    assert [name for name in STREAM_FIELDS if name not in head] == []
    assert head.get("Content-Type") == "audio/mpeg"
    assert head.get("Connection").lower() == "close"
    assert head.get("Cache-Control") == "no-cache, no-store"
    for name in ("Content-Length", "Transfer-Encoding", "icy-metaint"):
        assert name not in head


def test_who_asks_for_titles_is_answered_in_http_1_0(station, fed):
    """Players of that age stumble over 1.1."""
    head = station.hear(fed, icy=True).head
    assert (head.version, head.get("icy-metaint")) == ("HTTP/1.0", "16000")
    assert ("icy-metaint", "16000") in head.fields  # no space behind the colon


@pytest.mark.parametrize("wish", ["Icy-MetaData: 0", "Icy-MetaData:", "Icy-MetaData: yes"])
def test_who_does_not_ask_for_titles_gets_none(station, fed, wish):
    listener = station.hear(fed, headers=[wish])
    assert "icy-metaint" not in listener.head
    listener.hears_seconds(1).frames_heard()


def test_a_mount_may_have_no_titles_in_its_stream(station):
    station.encoder("/no-titles").send_seconds(3)
    assert "icy-metaint" not in station.hear("/no-titles", icy=True).head


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
def test_head_is_answered_like_get_and_counts_as_no_listener(station, fed, version):
    get = station.hear(fed, version=version).head
    reply = station.floe.ask("HEAD", fed, version=version)
    assert (reply.status, reply.body) == (200, b"")
    same = [name for name, _ in get.fields if name != "Date"]
    assert [name for name, _ in reply.head.fields if name != "Date"] == same
    eventually(lambda: station.floe.mounts()[fed]["listeners"] == 1)
    assert station.floe.mounts()[fed]["listener_peak"] == 1  # the one who said GET


def test_what_the_operator_says_of_a_mount_goes_over_what_the_source_says(station):
    station.encoder("/named", headers=["ice-name: Theirs", "ice-genre: Theirs",
                                       "ice-url: http://theirs/"]).send_seconds(3)
    head = station.hear("/named").head
    assert (head.get("icy-name"), head.get("icy-genre")) == ("Ours", "Set")
    assert head.get("icy-url") == "http://theirs/"


def test_a_query_is_no_part_of_the_mounts_name(station, fed):
    station.hear(fed + "?session=1&x=/other").hears_bytes(1)


def test_a_mount_may_be_asked_for_by_an_absolute_url(station, fed):
    station.hear(f"http://other.example:81{fed}").hears_bytes(1)


def test_a_mount_may_have_letters_of_any_alphabet(station):
    station.encoder("/caf%C3%A9%20%D0%B4").send_seconds(3)
    station.hear("/caf%C3%A9%20%D0%B4").hears_bytes(1)
    station.hear("/caf%c3%a9%20д").hears_bytes(1)  # as some players write it
    assert "/caf%C3%A9%20%D0%B4" in station.floe.mounts()


def test_a_playlist_is_described_to_head_as_get_would_send_it(station, fed):
    get, head = station.floe.ask("GET", fed + ".m3u"), station.floe.ask("HEAD", fed + ".m3u")
    assert (head.status, head.body) == (200, b"")
    assert head.get("Content-Length") == get.get("Content-Length") == str(len(get.body))


def test_options_of_the_whole_server_are_answered(station):
    reply = station.floe.ask("OPTIONS", "*")
    assert (reply.status, reply.body) == (204, b"")
    assert {"GET", "PUT", "SOURCE", "OPTIONS"} <= set(reply.get("Allow").split(", "))


# ---- what is not there ----

def test_a_mount_without_a_source_is_not_found(station):
    reply = station.floe.ask("GET", "/nobody")
    assert (reply.status, reply.get("Content-Type")) == (404, "text/plain; charset=utf-8")
    assert station.floe.ask("HEAD", "/nobody").status == 404
    assert station.floe.ask("GET", "/small").status == 404  # configured, and still nobody there
    assert station.floe.ask("GET", "/nobody.m3u").status == 404


def test_a_method_that_means_nothing_here_is_told_which_do(station, fed):
    for method in ("PATCH", "TRACE", "POST"):
        reply = station.floe.ask(method, fed)
        assert reply.status == 405
        assert "GET" in reply.get("Allow")


# ---- the burst ----

def test_a_new_listener_is_sent_the_burst_at_once_and_it_begins_with_a_frame(station, fed):
    count = marked_mp3.count_of(4 * BURST_S)
    station.hear(fed).hears_frame(count - 1)  # all of it is there
    listener = station.hear(fed).hears_frame(count - 1)
    begin, end = listener.frames_heard()
    assert end == count
    seconds = (end - begin) * marked_mp3.FRAME_S
    # A place to begin is at most 50 ms before the one that was wished for.
    assert BURST_S <= seconds <= BURST_S + 0.1


def test_without_a_burst_a_listener_begins_with_what_comes_next(station):
    encoder = station.encoder("/no-burst")
    witness = station.hear("/no-burst")
    sent = encoder.send_seconds(10)
    witness.hears_frame(sent - 1)
    listener = station.hear("/no-burst")
    eventually(lambda: station.floe.mounts()["/no-burst"]["listeners"] == 2)
    end = encoder.send_seconds(1)
    begin, _ = listener.hears_frame(end - 1).frames_heard()
    assert sent - marked_mp3.count_of(0.1) <= begin <= sent


def test_listeners_who_join_while_it_plays_hear_it_unbroken(station, mount):
    station.feed(mount)
    first = station.hear(mount).hears_seconds_more(0.5)
    listeners = [first] + [station.hear(mount, icy=index % 2 == 0) for index in range(20)]
    later = first.frames_heard()[1] + marked_mp3.count_of(3)
    for listener in listeners:
        begin, _ = listener.hears_frame(later).frames_heard()
        assert begin < later


# ---- playlists ----

def authority_of(station, host):
    return f"fallback.example:{station.floe.port}" if host is None else host


@pytest.mark.parametrize("host, shown", [
    ("radio.example:8123", "radio.example:8123"),
    ("radio.example", "radio.example"),
    ("[2001:db8::1]:80", "[2001:db8::1]:80"),
    ("192.0.2.7:9", "192.0.2.7:9"),
    ('x"><script>alert(1)</script>', None),
    ("a b", None),
    ("host/../path", None),
    ("host:99999", None),
    ("", None),
])
def test_playlists_lead_back_to_where_the_player_came_from(station, fed, host, shown):
    url = f"http://{authority_of(station, shown)}{fed}"

    def playlist(ending):
        line = station.line()
        line.say(f"GET {fed}.{ending} HTTP/1.1\r\nHost: {host}\r\n\r\n")
        return line.reply()

    m3u = playlist("m3u")
    assert (m3u.get("Content-Type"), m3u.text()) == ("audio/x-mpegurl", url + "\r\n")
    pls = playlist("pls")
    assert pls.get("Content-Type") == "audio/x-scpls"
    parsed = configparser.ConfigParser()
    parsed.read_string(pls.text())
    assert parsed["playlist"]["File1"] == url
    assert parsed["playlist"]["NumberOfEntries"] == "1"
    xspf = playlist("xspf")
    assert xspf.get("Content-Type") == "application/xspf+xml"
    space = "{http://xspf.org/ns/0/}"
    tree = xml.etree.ElementTree.fromstring(xspf.body)
    assert tree.findtext(f"{space}trackList/{space}track/{space}location") == url


def test_a_playlist_for_who_does_not_say_a_host_names_the_servers_own(station, fed):
    line = station.line()
    line.say(f"GET {fed}.m3u HTTP/1.0\r\n\r\n")
    assert line.reply().text() == f"http://fallback.example:{station.floe.port}{fed}\r\n"


# ---- scripts in other pages ----

def test_any_page_may_play_a_mount_and_read_its_headers(station, fed):
    for head in (station.hear(fed, headers=["Origin: https://a.example"]).head,
                 station.floe.ask("GET", "/nobody", headers=["Origin: https://a.example"]).head,
                 station.floe.ask("GET", "/status-json.xsl").head):
        assert head.get("Access-Control-Allow-Origin") == "*"
        assert "icy-metaint" in head.get("Access-Control-Expose-Headers")


def test_a_preflight_allows_what_players_in_pages_send(station, fed):
    reply = station.floe.ask("OPTIONS", fed, headers=[
        "Origin: https://a.example", "Access-Control-Request-Method: GET",
        "Access-Control-Request-Headers: icy-metadata, range"])
    assert (reply.status, reply.body) == (204, b"")
    allowed = reply.get("Access-Control-Allow-Headers").lower().split(", ")
    assert {"icy-metadata", "range"} <= set(allowed)
    assert "GET" in reply.get("Access-Control-Allow-Methods").split(", ")


def test_a_mount_may_name_the_pages_that_play_it(station):
    station.encoder("/page").send_seconds(3)
    allowed = station.hear("/page", headers=["Origin: https://b.example"]).head
    assert allowed.get("Access-Control-Allow-Origin") == "https://b.example"
    assert allowed.get("Vary") == "Origin"
    other = station.hear("/page", headers=["Origin: https://evil.example"]).head
    assert "Access-Control-Allow-Origin" not in other
    assert other.get("Vary") == "Origin"
    station.encoder("/closed").send_seconds(3)
    closed = station.hear("/closed", headers=["Origin: https://b.example"]).head
    assert "Access-Control-Allow-Origin" not in closed


# ---- Range ----

def test_apples_first_two_bytes_are_given_and_nobody_is_counted(station, fed):
    reply = station.floe.ask("GET", fed, headers=["Range: bytes=0-1"])
    assert (reply.status, reply.get("Content-Range")) == (206, "bytes 0-1/*")
    assert reply.get("Content-Length") == "2"
    assert reply.body == marked_mp3.HEADERS[128][:2]
    assert reply.get("Content-Type") == "audio/mpeg"
    assert station.floe.mounts()[fed]["listener_peak"] == 0


@pytest.mark.parametrize("value", ["bytes=0-", "bytes=100-", "bytes=0-1,5-9", "lines=1-2"])
def test_any_other_range_of_a_live_stream_is_the_stream(station, fed, value):
    listener = station.hear(fed, headers=[f"Range: {value}"])
    assert "Content-Range" not in listener.head
    listener.hears_seconds(1).frames_heard()


# ---- how many ----

def test_a_full_mount_says_when_to_come_back(station):
    station.feed("/small")
    listener = station.hear("/small").hears_bytes(1)
    reply = station.floe.ask("GET", "/small")
    assert (reply.status, reply.get("Retry-After")) == (503, "10")
    listener.leave()
    eventually(lambda: station.floe.ask("HEAD", "/small").status == 200)  # there is room again


def test_a_full_server_says_when_to_come_back(start_floe):
    floe = start_floe({"limits": {"listeners": 2}})
    with Encoder(floe, "/live") as encoder:
        encoder.send_seconds(5)
        eventually(lambda: floe.mounts())
        with Listener(floe, "/live"), Listener(floe, "/live"):
            eventually(lambda: floe.listeners() == 2)
            reply = floe.ask("GET", "/live")
            assert (reply.status, reply.get("Retry-After")) == (503, "10")
            assert floe.ask("GET", "/health").status == 200


def test_a_thousand_listeners_at_once_hear_every_frame(start_floe):
    """Every frame of every listener is looked at; some ask for titles, which change meanwhile."""
    floe = start_floe()
    with floe_source(floe, "/live", "--title-every", "1s"):
        eventually(lambda: floe.mounts().get("/live", {}).get("title"))
        floe_load(floe, "/live", "--listeners", "1000", "--icy-share", "0.5", "--check", "full",
                  "--hold", "5s", "--min-listeners", "1000")


@pytest.mark.parametrize("zero_copy", ["off", "on"])
def test_in_a_crowd_as_crowds_are_who_listens_well_hears_every_frame(start_floe, zero_copy):
    """Others are slow, never read, come and go, or leave with a reset."""
    floe = start_floe({"fanout": {"zero_copy": zero_copy}, "limits": {"client_timeout": "2s"}})
    with floe_source(floe, "/m%d", "--mounts", "5", "--title-every", "500ms"):
        eventually(lambda: len(floe.mounts()) == 5)
        floe_load(floe, "/m%d", "--mounts", "5", "--listeners", "300", "--icy-share", "0.5",
                  "--slow-share", "0.1", "--never-share", "0.1", "--churn-share", "0.3",
                  "--churn-every", "1s", "--half-close-share", "0.1", "--reset",
                  "--check", "full", "--hold", "5s")
        eventually(lambda: floe.listeners() == 0)


# ---- when the source goes ----

def test_listeners_wait_for_a_source_that_broke_off_and_hear_it_go_on(station, mount):
    first = station.encoder(mount)
    first.send_frames(100)
    listener = station.hear(mount).hears_frame(99)
    first.say(marked_mp3.frame(100)[:200])  # a torn frame is nobody's to hear
    first.crash()
    eventually(lambda: mount not in station.floe.mounts())
    waiting = station.hear(mount)  # who comes now waits as well
    second = station.encoder(mount, first_frame=5000)
    second.send_frames(100)
    for each in (listener, waiting):
        each.hears_frame(5099)
        assert not each.is_closed
    (_, end_of_first), of_second = marked_mp3.runs(bytes(listener.audio))
    assert (end_of_first, of_second) == (100, (5000, 5100))


def test_listeners_are_closed_when_the_source_does_not_return(station):
    encoder = station.encoder("/brief")
    encoder.send_frames(100)
    listener = station.hear("/brief").hears_frame(99)
    encoder.crash()
    assert listener.is_closed_by_server()
    assert listener.frames_heard()[1] == 100
    eventually(lambda: station.floe.ask("GET", "/brief").status == 404)


def test_a_source_of_another_type_closes_who_listened_to_the_one_before(station, mount):
    first = station.encoder(mount)
    first.send_frames(100)
    listener = station.hear(mount).hears_frame(99)
    first.leave()
    eventually(lambda: mount not in station.floe.mounts())
    second = station.encoder(mount, content_type="text/plain")
    assert listener.is_closed_by_server()
    assert listener.frames_heard()[1] == 100
    second.say(b"other" * 1000)
    newcomer = station.hear(mount)
    assert newcomer.head.get("Content-Type") == "text/plain"
    newcomer.hears_bytes(5)
    assert b"other" in bytes(newcomer.audio) and b"\xff\xfb" not in bytes(newcomer.audio)


def test_bytes_of_a_type_nobody_knows_are_passed_on_as_they_are(station, mount):
    encoder = station.encoder(mount, content_type="application/octet-stream")
    listener = station.hear(mount)
    sent = bytes(range(256)) * 1000
    encoder.say(sent)
    assert bytes(listener.hears_bytes(len(sent)).audio) == sent


# ---- players that do not keep up ----

def slow_listeners(floe, mount="/live"):
    """How many were sent away, as Icecast's statistics say it."""
    reply = floe.ask("GET", f"/admin/stats?mount={mount}", user="admin", password=ADMIN_PASSWORD)
    assert reply.status == 200, reply.text()
    return int(xml.etree.ElementTree.fromstring(reply.body).findtext("source/slow_listeners"))


def test_who_reads_nothing_is_dropped_and_nobody_else_notices(start_floe):
    floe = start_floe({"limits": {"client_timeout": "5s"}, "fanout": {"send_buffer": "16KiB"}})
    with Encoder(floe, "/live", kbps=320).play(), Encoder(floe, "/other"):
        eventually(lambda: "/live" in floe.mounts())
        with Listener(floe, "/live", kbps=320) as quick:
            stuck = [Line(floe.port, receive_buffer=4096) for _ in range(5)]
            for line in stuck:
                line.say("GET /live HTTP/1.0\r\n\r\n")
                line.head()
            eventually(lambda: floe.listeners() == 6)
            assert slow_listeners(floe) == 0
            eventually(lambda: floe.listeners() == 1)
            assert slow_listeners(floe) == 5
            swap(floe)
            assert slow_listeners(floe) == 5, "the next process goes on counting"
            quick.hears_seconds_more(1).frames_heard()
            for line in stuck:
                line.rest()  # ends: it was closed
                line.close()


@pytest.mark.parametrize("lagging", ["skip", "drop"])
def test_who_falls_behind_the_history_is_skipped_or_dropped_as_the_mount_says(start_floe, lagging):
    floe = start_floe({"fanout": {"send_buffer": "16KiB"},
                       "mount_defaults": {"history": "2s", "burst": "1s", "lagging": lagging}})
    with Encoder(floe, "/live") as encoder, Line(floe.port, receive_buffer=4096) as slow:
        encoder.send_seconds(5)
        eventually(lambda: "/live" in floe.mounts())
        slow.say("GET /live HTTP/1.0\r\n\r\n")
        slow.head()
        eventually(lambda: floe.listeners() == 1)
        end = encoder.send_seconds(150)  # far more than any buffer on the way holds
        eventually(lambda: floe.mounts())
        encoder.play()
        if lagging == "drop":
            marked_mp3.check_unbroken(slow.rest())  # up to where it was dropped
            eventually(lambda: floe.listeners() == 0)
            assert slow_listeners(floe) == 1
            return
        heard = b""
        while marked_mp3.frame(end + 100) not in heard[-10_000:]:
            heard += slow.exactly(marked_mp3.frame_bytes())
        numbers = marked_mp3.numbers_of_whole_frames(heard)
        assert numbers == sorted(set(numbers))
        assert numbers[-1] - numbers[0] > len(numbers) + 1000  # it lost minutes, and goes on
        assert slow_listeners(floe) == 0


# ---- a file that plays ----

def test_a_file_plays_in_a_loop_while_no_source_is_there(station):
    listener = station.hear("/demo").hears_bytes(30_000)
    assert complaints_on_decoding(cut_at_frame(listener)) == ""
    with station.feed("/demo"):
        assert station.floe.mounts()["/demo"]["server_type"] == "audio/mpeg"
        live = station.hear("/demo")
        eventually(lambda: marked_mp3.numbers_of_whole_frames(bytes(live.audio)))
    before = len(listener.audio)
    listener.hears_bytes(before + 30_000)  # the file is back, and the listener never left


def cut_at_frame(listener):
    heard = bytes(listener.audio)
    return heard[:mp3_frames(heard)[-1]]
