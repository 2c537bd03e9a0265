# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Titles: how they are set, at which byte they are heard, and in which characters."""
import json
import re
import subprocess
import time
import urllib.parse
import xml.etree.ElementTree

import pytest

from studio import marked_mp3
from studio.containers import ogg_headers_end, split_join
from studio.encoder import Encoder
from studio.ffmpeg import FORMATS, NOISE, complaints_on_decoding
from studio.listener import Listener
from studio.server import ADMIN_PASSWORD, SOURCE_PASSWORD
from studio.waiting import PATIENCE_S, eventually

FRAME_BYTES = marked_mp3.frame_bytes()
METAINT = 2000
TITLE_BYTES_MAX = 4000


@pytest.fixture(scope="module")
def settings():
    return {
        "mount_defaults": {"burst": "100s", "history": "10m", "metaint": METAINT},
        "mount": {
            "/russian": {"charset": "KOI8-R"},
            "/usual": {"metaint": 16000, "burst": "4s"},
            "/own": {"source_password": "its-own"},
        },
    }


def first_block_at_or_after(audio_bytes):
    """Where the next block stands, in audio bytes from a listener's beginning."""
    return -(-audio_bytes // METAINT) * METAINT


def raw_title(station, mount, query):
    path = f"/admin/metadata?mode=updinfo&mount={mount}&{query}"
    return station.floe.ask("GET", path, password=SOURCE_PASSWORD)


# ---- at the right byte ----

def test_the_first_block_says_what_plays_and_the_next_ones_nothing_new(station, mount):
    encoder = station.encoder(mount)
    encoder.send_frames(10)
    assert station.floe.set_title(mount, song="Before").status == 200
    encoder.send_frames(100)
    station.hear(mount, icy=True).hears_title("Before")
    listener = station.hear(mount, icy=True)
    listener.hears_frame(109)
    titles = [(at, text) for at, text in listener.titles() if text]
    assert titles[0][1] == "Before" and len(titles) == 1
    assert [at for at, _ in listener.blocks] == list(
        range(METAINT, len(listener.audio), METAINT))
    silent = [block for at, block in listener.blocks if at > titles[0][0]]
    assert silent and not any(silent)  # one zero byte each


def test_a_joiner_whose_burst_is_of_this_title_has_it_in_its_first_block(station, mount):
    encoder = station.encoder(mount)
    encoder.send_frames(1)
    station.floe.set_title(mount, song="Current")
    encoder.send_frames(6000)  # more than the burst
    listener = station.hear(mount, icy=True)
    listener.hears_bytes(2 * METAINT)
    assert listener.frames_heard()[0] > 1
    assert listener.titles()[0] == (METAINT, "Current")


def test_every_listener_hears_a_new_title_at_the_same_place_in_the_audio(station, mount):
    encoder = station.encoder(mount)
    encoder.send_frames(50)
    listeners = [station.hear(mount, icy=True)]
    for index in range(1, 4):  # each begins elsewhere in the cycle
        listeners[0].hears_frame(encoder.next_frame - 1)
        station.floe.set_title(mount, song=f"Song {index}")
        set_at = encoder.next_frame
        encoder.send_frames(53)
        for listener in listeners:
            listener.hears_title(f"Song {index}")
            begin, _ = listener.frames_heard()
            at = next(at for at, title in listener.titles() if title == f"Song {index}")
            # The frame under way when it was set may belong to either title.
            assert first_block_at_or_after((set_at - begin) * FRAME_BYTES) <= at
            assert at <= first_block_at_or_after((set_at + 1 - begin) * FRAME_BYTES)
        listeners.append(station.hear(mount, icy=True))


def test_a_late_joiner_hears_the_titles_of_its_burst_where_they_were(station, mount):
    encoder = station.encoder(mount)
    places = {}
    witness = None
    for index in range(3):
        places[f"Song {index}"] = encoder.next_frame
        encoder.send_frames(60)
        witness = witness or station.hear(mount)
        witness.hears_frame(encoder.next_frame - 1)
        if index < 2:
            station.floe.set_title(mount, song=f"Song {index + 1}")
    late = station.hear(mount, icy=True).hears_title("Song 2")
    assert late.frames_heard()[0] == 0
    for at, title in late.titles()[-2:]:
        assert first_block_at_or_after(places[title] * FRAME_BYTES) <= at
        assert at <= first_block_at_or_after((places[title] + 1) * FRAME_BYTES)


def test_the_cycle_is_exact_over_minutes_of_audio_and_many_titles(station):
    """The audio between the blocks is unbroken only if every block is where it was promised."""
    encoder = station.encoder("/usual", kbps=320)
    encoder.send_seconds(5)
    listener = station.hear("/usual", icy=True, kbps=320)
    assert listener.metaint == 16000
    encoder.play(speed=25)
    minutes_of_bytes = 4 * 60 * 320_000 // 8
    count = 0
    while len(listener.audio) < minutes_of_bytes:
        count += 1
        title = f"Number {count} " + "é" * (count % 50)
        assert station.floe.set_title("/usual", song=title).status == 200
        listener.hears_title(title)
    listener.frames_heard()
    said = [title for _, title in listener.titles()]
    assert said[-count:] == [f"Number {i} " + "é" * (i % 50) for i in range(1, count + 1)]
    for at, block in listener.blocks:
        assert at % 16000 == 0
        assert block == b"" or re.fullmatch(rb"StreamTitle='[^']*';\0{0,15}", block)


def test_a_title_that_waits_for_audio_is_on_the_status_page_at_once(station, mount):
    encoder = station.encoder(mount)
    encoder.send_seconds(1)
    station.hear(mount).hears_frame(encoder.next_frame - 1)
    station.floe.set_title(mount, song="Soon")
    assert station.floe.mounts()[mount]["title"] == "Soon"


# ---- as real players see it ----

def test_ffprobe_and_mpg123_show_the_title(station, mount):
    station.feed(mount)
    station.hear(mount).hears_bytes(1)
    station.floe.set_title(mount, song="Shown by players")
    station.hear(mount, icy=True).hears_title("Shown by players")
    probe = subprocess.run(["ffprobe", "-v", "error", "-of", "json", "-show_format",
                            station.floe.url(mount)],
                           capture_output=True, timeout=PATIENCE_S, check=True)
    assert json.loads(probe.stdout)["format"]["tags"]["StreamTitle"] == "Shown by players"
    play = subprocess.run(["mpg123", "--test", "-n", "100", station.floe.url(mount)],
                          capture_output=True, timeout=PATIENCE_S, check=True)
    assert b"ICY-META: StreamTitle='Shown by players';" in play.stderr


# ---- in the right characters ----

@pytest.mark.parametrize("query, title", [
    ("song=Caf%C3%A9", "Café"),
    ("song=Caf%E9", "Café"),  # no UTF-8, so ISO-8859-1
    ("song=Caf%C3%A9&charset=UTF-8", "Café"),
    ("song=%CF%F0%E8%E2%E5%F2&charset=windows-1251", "Привет"),
    ("song=Caf%E9&charset=no-such-charset", "Café"),
    ("song=%80%20uro", "€ uro"),  # as browsers read ISO-8859-1
    ("song=a+plus%2Bplus", "a plus+plus"),
    ("title=Name&artist=Someone", "Someone - Name"),
    ("title=Name", "Name"),
    ("artist=Someone&title=", "Someone"),
    ("song=%E2%82%AC%00%0A%1Bx", "€   x"),  # nothing that would end a line or a string
    ("song=", None),
])
def test_a_title_is_understood(station, mount, query, title):
    encoder = station.encoder(mount)
    encoder.send_frames(50)
    assert raw_title(station, mount, query).status == 200
    assert station.floe.mounts()[mount].get("title") == title
    if title:
        encoder.send_frames(50)
        station.hear(mount, icy=True).hears_title(title)


def test_the_charset_of_a_mount_holds_where_none_is_said(station):
    encoder = station.encoder("/russian")
    encoder.send_frames(50)
    query = "song=" + urllib.parse.quote("Привет".encode("koi8-r"))
    assert raw_title(station, "/russian", query).status == 200
    assert station.floe.mounts()["/russian"]["title"] == "Привет"


def test_a_url_goes_along_with_the_title(station, mount):
    encoder = station.encoder(mount)
    encoder.send_frames(10)
    station.floe.set_title(mount, song="Song", url="http://a.example/?x=1&y=2")
    encoder.send_frames(50)
    listener = station.hear(mount, icy=True).hears_title("Song")
    block = next(block for _, block in listener.blocks if b"Song" in block)
    assert block.rstrip(b"\0") == b"StreamTitle='Song';StreamUrl='http://a.example/?x=1&y=2';"


@pytest.mark.parametrize("song, heard", [
    ("It's 5 o'clock", "It's 5 o'clock"),
    ("Rock 'n' roll 'n'", "Rock 'n' roll 'n'"),
    ("End';StreamUrl='http://evil/", "End\u2019;StreamUrl='http://evil/"),  # one field, not two
])
def test_quotes_in_a_title_do_not_end_it(station, mount, song, heard):
    encoder = station.encoder(mount)
    encoder.send_frames(10)
    station.floe.set_title(mount, song=song)
    encoder.send_frames(50)
    station.hear(mount, icy=True).hears_title(heard)
    assert station.floe.mounts()[mount]["title"] == song


# ---- of any length ----

def test_a_long_title_is_cut_at_a_character(station, mount):
    encoder = station.encoder(mount)
    encoder.send_frames(10)
    song = "x" + "é" * 3000
    form = urllib.parse.urlencode({"mode": "updinfo", "mount": mount, "song": song}).encode()
    post = station.floe.ask("POST", "/admin/metadata?charset=UTF-8", password=SOURCE_PASSWORD,
                            headers=["Content-Type: application/x-www-form-urlencoded"],
                            body=form[:14_000])  # an escape may be cut: song is the last
    assert post.status == 200
    encoder.send_frames(50)
    shown = station.floe.mounts()[mount]["title"]
    assert song.startswith(shown)
    assert TITLE_BYTES_MAX - 2 < len(shown.encode()) <= TITLE_BYTES_MAX
    station.hear(mount, icy=True).hears_title(shown)


def test_a_title_of_100_kb_is_refused_and_changes_nothing(station, mount):
    encoder = station.encoder(mount)
    encoder.send_frames(10)
    station.floe.set_title(mount, song="Stays")
    assert station.floe.set_title(mount, song="x" * 100_000).status == 431
    form = urllib.parse.urlencode({"mode": "updinfo", "mount": mount, "song": "x" * 100_000})
    post = station.floe.ask("POST", "/admin/metadata", password=SOURCE_PASSWORD,
                            headers=["Content-Type: application/x-www-form-urlencoded"],
                            body=form.encode())
    assert post.status == 413
    assert station.floe.mounts()[mount]["title"] == "Stays"


# ---- who may ----

def test_the_reply_is_what_icecast_answers(station, mount):
    station.encoder(mount).send_frames(10)
    reply = station.floe.set_title(mount, song="Song")
    assert (reply.status, reply.get("Content-Type")) == (200, "text/xml; charset=utf-8")
    answer = xml.etree.ElementTree.fromstring(reply.body)
    assert answer.tag == "iceresponse"
    assert answer.findtext("message") == "Metadata update successful"
    assert answer.findtext("return") == "1"


def test_only_the_encoder_of_a_mount_and_the_administrator_may_set_its_title(station, mount):
    station.encoder("/own", password="its-own").send_frames(10)
    set_title = station.floe.set_title
    assert set_title("/own", song="A", password=SOURCE_PASSWORD).status == 401
    assert set_title("/own", song="A", password="its-own").status == 200
    assert set_title("/own", song="A", user="admin", password=ADMIN_PASSWORD).status == 200
    assert set_title("/own", song="A", user="admin", password="its-own").status == 401
    assert set_title("/own", song="A", password=None).status == 401


def test_what_is_missing_is_said(station, mount):
    assert station.floe.set_title(mount, song="Nobody there").status == 404
    station.encoder(mount).send_frames(10)
    no_song = station.floe.set_title(mount)
    assert (no_song.status, b"song=" in no_song.body) == (400, True)
    ask = station.floe.ask
    assert ask("GET", "/admin/metadata?mode=updinfo&song=x", password=SOURCE_PASSWORD).status == 400
    other_mode = f"/admin/metadata?mode=other&mount={mount}&song=x"
    assert ask("GET", other_mode, password=SOURCE_PASSWORD).status == 400


# ---- titles within the stream ----

def with_icy(audio, metaint, titles):
    """Interleaves blocks as an ICY source does; `titles` by the number of the block."""
    out = b""
    for number, at in enumerate(range(0, len(audio), metaint)):
        part = audio[at:at + metaint]
        out += part
        if len(part) == metaint:
            block = titles.get(number, "").encode("latin-1")
            sixteens = -(-len(block) // 16)
            out += bytes([sixteens]) + block.ljust(16 * sixteens, b"\0")
    return out


def test_blocks_of_the_source_become_titles_where_they_were_and_are_not_heard(station, mount):
    encoder = station.encoder(mount, headers=["icy-metaint: 1000"])
    audio = marked_mp3.frames(0, 200)
    encoder.say(with_icy(audio, 1000, {
        4: "StreamTitle='First';", 5: "StreamUrl='no title here';", 9: "no field at all",
        39: "StreamTitle='Zw\xf6lf';StreamUrl='http://u/';"}))
    listener = station.hear(mount, icy=True).hears_frame(199)
    assert listener.frames_heard() == (0, 200)
    titles = [(at, title) for at, title in listener.titles() if title]
    assert [title for _, title in titles] == ["First", "Zwölf"]
    # In force from the frame that is under way at its byte.
    for (at, _), said_at in zip(titles, (5000, 40_000)):
        assert first_block_at_or_after(said_at - FRAME_BYTES) <= at
        assert at <= first_block_at_or_after(said_at + FRAME_BYTES)


def test_an_ogg_mount_takes_no_titles_by_url(station, mount, tmp_path):
    encoder = station.encoder(mount, content_type="application/ogg")
    encoder.say(song_in_ogg(tmp_path, "Own title", 2))
    eventually(lambda: station.floe.mounts()[mount].get("title") == "Own title")
    reply = station.floe.set_title(mount, song="Another")
    assert reply.status == 200
    assert b"<message>Mountpoint will not accept URL updates</message>" in reply.body
    assert station.floe.mounts()[mount]["title"] == "Own title"


def test_an_ogg_listener_is_sent_no_blocks_however_it_asks(station, mount, tmp_path):
    encoder = station.encoder(mount, content_type="application/ogg")
    encoder.say(song_in_ogg(tmp_path, "A title", 2))
    assert "icy-metaint" not in station.hear(mount, icy=True).head


def song_in_ogg(folder, title, seconds):
    """A file as oggenc makes it."""
    wav, ogg = folder / "song.wav", folder / "song.ogg"
    subprocess.run(["ffmpeg", "-v", "error", *NOISE, "-t", str(seconds), "-y", wav], check=True)
    subprocess.run(["oggenc", "-Q", "-q", "2", "-t", title, "-o", ogg, wav], check=True)
    return ogg.read_bytes()


def test_a_chain_of_links_is_heard_whole_with_each_links_title(station, mount, tmp_path):
    links = [song_in_ogg(tmp_path, f"Song {index}", 3) for index in range(3)]
    encoder = station.encoder(mount, content_type="application/ogg")
    early = station.hear(mount)
    for index, link in enumerate(links):
        encoder.say(link)
        eventually(lambda: station.floe.mounts()[mount].get("title") == f"Song {index}")
        early.hears_bytes(sum(map(len, links[:index + 1])))
    assert bytes(early.audio) == b"".join(links)


def test_who_joins_in_a_later_link_is_sent_that_links_headers(start_floe, tmp_path):
    floe = start_floe({"mount_defaults": {"burst": "1s"}})
    links = [song_in_ogg(tmp_path, f"Song {index}", 3) for index in range(2)]
    with Encoder(floe, "/chain", content_type="application/ogg") as encoder:
        encoder.say(links[0])
        encoder.say(links[1])
        eventually(lambda: floe.mounts()["/chain"].get("title") == "Song 1")
        with Listener(floe, "/chain") as late:
            headers = links[1][:ogg_headers_end(links[1])]
            late.hears_bytes(len(headers) + 1)
            heard = eventually(lambda: bytes(late.audio) if bytes(late.audio).endswith(
                links[1][-1000:]) else None)
            preamble, rest = split_join("ogg", heard)
            assert preamble == headers
            assert links[1].endswith(rest) and rest
            assert complaints_on_decoding(heard) == ""


def test_a_comment_of_100_kb_is_cut_and_the_headers_stay_whole(station, mount, tmp_path):
    song = song_in_ogg(tmp_path, "ü" * 50_000, 2)  # twice as many bytes
    encoder = station.encoder(mount, content_type="application/ogg")
    encoder.say(song)
    shown = eventually(lambda: station.floe.mounts()[mount].get("title"))
    assert shown == "ü" * (TITLE_BYTES_MAX // 2)
    listener = station.hear(mount).hears_bytes(len(song))
    assert bytes(listener.audio) == song


def test_the_title_of_a_webm_stream_is_its_own(station, mount):
    made = subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=3", "-metadata",
                           "title=In the info", "-metadata", "artist=Someone",
                           *FORMATS["webm"].options, "-"], capture_output=True, check=True)
    encoder = station.encoder(mount, content_type="audio/webm")
    encoder.say(made.stdout)
    eventually(lambda: "In the info" in station.floe.mounts()[mount].get("title", ""))


def test_titles_follow_each_other_faster_than_blocks(station, mount):
    """Only the last of them is due when a block is; none is torn or out of order."""
    encoder = station.feed(mount)
    listener = station.hear(mount, icy=True)
    begun, count = time.monotonic(), 0
    while time.monotonic() < begun + 2:
        count += 1
        station.floe.set_title(mount, song=f"Fast {count}")
    listener.hears_title(f"Fast {count}")
    said = [int(title.split()[1]) for _, title in listener.titles() if title]
    assert said == sorted(set(said))
    listener.frames_heard()
    assert encoder.error is None
