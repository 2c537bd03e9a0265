# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What listeners hear when a source is gone: its fallback, and then the source again."""
import contextlib
import json
import subprocess

import pytest

from studio import marked_mp3, swap
from studio.crowd import Crowd
from studio.encoder import Encoder
from studio.ffmpeg import FORMATS, FfmpegEncoder, complaints_on_decoding
from studio.listener import Listener
from studio.server import ADMIN_PASSWORD
from studio.toml import toml_of
from studio.waiting import PATIENCE_S, eventually

BACKUP, LAST, AGAIN = 1_000_000, 2_000_000, 500_000  # where each programme begins to count
CROWD = 300


@pytest.fixture(scope="module")
def settings():
    quick = {"burst": "1s", "linger": "30s"}
    return {
        "fanout": {"interval": "100ms"},
        "mount_defaults": quick,
        "mount": {
            "/live": {"fallback": ["/backup"]},
            "/four": {"fallback": ["/queue", "/list"]},
            "/list": {"fallback": ["/last"]},
            "/pull": {"fallback": ["/pulled"], "fallback_override": "all"},
            "/stay": {"fallback": ["/stayed"], "fallback_override": "none"},
            "/down": {"fallback": ["/up"], "stream_name": "Down"},
            "/full": {"fallback": ["/roomy"], "fallback_when_full": True, "max_listeners": 1},
            "/ogg": {"fallback": ["/ogg2"]},
            "/explained": {"fallback": ["/aac", "/none", "/spare"]},
            "/crowd": {"fallback": ["/crowd2"]},
        },
    }


def on_air(station, mount, **how):
    """A source that is heard already, and goes on in real time."""
    encoder = station.encoder(mount, **how)
    assert encoder.is_accepted, encoder.head
    encoder.send_seconds(0.5)
    return encoder.play()


def numbers(listener):
    """The runs of consecutive frames that it heard; nothing was torn."""
    return marked_mp3.runs(bytes(listener.audio))


def programmes(listener):
    """Which programmes those were."""
    return [begin // AGAIN for begin, _ in numbers(listener)]


def status_of(floe, mount):
    return next(each for each in swap.status(floe)["mounts"] if each["name"] == mount)


def test_listeners_hear_the_fallback_and_come_back_and_lose_no_frame(station):
    live = on_air(station, "/live")
    on_air(station, "/backup", first_frame=BACKUP)
    station.floe.set_title("/live", song="Live")
    station.floe.set_title("/backup", song="Backup")
    plain = station.hear("/live")
    icy = station.hear("/live", icy=True)
    for listener in (plain, icy):
        listener.hears_seconds(2)
    live.crash()
    for listener in (plain, icy):
        listener.hears_frame(BACKUP)
        listener.hears_seconds_more(1)
    assert status_of(station.floe, "/live")["plays"] == "/backup"
    assert status_of(station.floe, "/live")["listeners"] == 2
    assert status_of(station.floe, "/backup")["listeners"] == 0
    icy.hears_title("Backup")
    again = station.encoder("/live", first_frame=AGAIN)
    again.send_seconds(1)  # and no more before they are there
    for listener in (plain, icy):
        listener.until(lambda heard: programmes(heard)[-1] == 1)
    again.play()
    for listener in (plain, icy):
        listener.hears_seconds_more(1)
        assert not listener.is_closed
        assert programmes(listener) == [0, 2, 1]
        assert numbers(listener)[2][0] < AGAIN + marked_mp3.count_of(1)
    assert [title for _, title in icy.titles()] == ["Live", "Backup", "Live"]


def test_a_chain_is_walked_down_and_up(station):
    four = on_air(station, "/four")
    queue = on_air(station, "/queue", first_frame=AGAIN)
    last = on_air(station, "/last", first_frame=LAST)
    listener = station.hear("/four")
    listener.hears_seconds(1)
    four.crash()
    listener.until(lambda heard: programmes(heard)[-1] == 1)
    queue.crash()
    listener.until(lambda heard: programmes(heard)[-1] == 4)  # the fallback of a fallback
    listener.hears_seconds_more(0.5)
    on_air(station, "/list", first_frame=BACKUP)
    listener.until(lambda heard: programmes(heard)[-1] == 2)
    on_air(station, "/four", first_frame=3 * BACKUP)
    listener.until(lambda heard: programmes(heard)[-1] == 6)
    assert programmes(listener) == [0, 1, 4, 2, 6]
    assert not listener.is_closed
    last.leave()


def test_who_returns_pulls_all_or_leaves_them(station):
    for mount, fallback, stays in (("/pull", "/pulled", False), ("/stay", "/stayed", True)):
        first = on_air(station, mount)
        on_air(station, fallback, first_frame=BACKUP)
        own, others = station.hear(mount), station.hear(fallback)
        own.hears_seconds(1)
        first.crash()
        own.hears_frame(BACKUP)
        on_air(station, mount, first_frame=AGAIN)
        if stays:
            own.hears_seconds_more(2)
            others.hears_seconds_more(0.1)
            assert programmes(own) == [0, 2]
            assert programmes(others) == [2]
            assert status_of(station.floe, fallback)["listeners"] == 2
        else:
            for listener in (own, others):
                listener.until(lambda heard: programmes(heard)[-1] == 1)
            assert status_of(station.floe, mount)["listeners"] == 2


def test_who_comes_to_a_mount_that_is_down_hears_its_fallback(station):
    assert station.floe.ask("GET", "/down").status == 404
    on_air(station, "/up", first_frame=BACKUP, headers=["Ice-Name: Up"])
    eventually(lambda: station.floe.ask("HEAD", "/down").status == 200)
    listener = station.hear("/down")
    assert listener.head.get("content-type") == "audio/mpeg"
    assert listener.head.get("icy-name") == "Down"
    listener.hears_frame(BACKUP + 10)
    on_air(station, "/down")
    listener.until(lambda heard: programmes(heard)[-1] == 0)
    assert status_of(station.floe, "/down")["listeners"] == 1


def test_who_finds_a_mount_full_hears_the_first_fallback_with_room(station):
    on_air(station, "/full")
    on_air(station, "/roomy", first_frame=BACKUP)
    first = station.hear("/full")
    first.hears_seconds(0.5)
    second = station.hear("/full")
    second.hears_frame(BACKUP)
    assert status_of(station.floe, "/full")["listeners"] == 1
    assert status_of(station.floe, "/roomy")["listeners"] == 1


def test_an_ogg_player_is_sent_the_headers_of_what_it_hears(station):
    live = FfmpegEncoder(station.floe.port, "/ogg", FORMATS["vorbis"])
    spare = FfmpegEncoder(station.floe.port, "/ogg2", FORMATS["vorbis"])
    try:
        eventually(lambda: {"/ogg", "/ogg2"} <= set(station.floe.mounts()), 2 * PATIENCE_S)
        station.hear("/ogg2").hears_bytes(10_000)
        station.hear("/ogg").hears_bytes(10_000)  # what is more than its headers
        listener = station.hear("/ogg")
        listener.hears_bytes(40_000)
        heads = bytes(listener.audio).count(b"\x01vorbis")
        live.kill()
        listener.until(lambda heard: bytes(heard.audio).count(b"\x01vorbis") > heads)
        listener.hears_bytes(len(listener.audio) + 30_000)
        assert not listener.is_closed
        heard = bytes(listener.audio)
        assert heard.count(b"\x01vorbis") == heads + 1
        # Each half decodes by itself: whole pages, behind headers of their own.
        second = heard.rindex(b"OggS", 0, heard.rindex(b"\x01vorbis"))
        assert complaints_on_decoding(heard[:second]) == ""
        assert complaints_on_decoding(heard[second:heard.rindex(b"OggS")]) == ""
    finally:
        live.kill()
        spare.kill()


def test_it_is_explained_to_operators(station):
    floe = station.floe
    source = on_air(station, "/explained")
    on_air(station, "/aac", content_type="audio/x-unheard-of")
    on_air(station, "/spare", first_frame=BACKUP)
    listener = station.hear("/explained")
    listener.hears_seconds(0.5)

    def explain(*arguments):
        return subprocess.run([floe.binary, "explain", "/explained", "-c", floe.config_path,
                               *arguments], capture_output=True, text=True, timeout=PATIENCE_S,
                              check=False)
    told = explain()
    assert told.returncode == 0, told.stderr
    assert "/explained plays its own source since " in told.stdout
    assert "If its source left, it would play /spare:" in told.stdout
    source.crash()
    listener.hears_frame(BACKUP)
    told = json.loads(explain("--json").stdout)
    assert told["plays"] == "/spare"
    assert told["listeners"] == 1
    assert [(step["mount"], step["verdict"]) for step in told["steps"]] == [
        ("/explained", "no-source"), ("/aac", "other-format"), ("/none", "unknown"),
        ("/spare", "plays")]
    reply = floe.ask("GET", "/admin/explain?mount=/explained", user="admin",
                     password=ADMIN_PASSWORD)
    assert reply.status == 200
    assert "3. /none is not there" in reply.body.decode()
    path = "/admin/explain?format=json&mount=/explained"
    reply = floe.ask("GET", path, user="admin", password=ADMIN_PASSWORD)
    assert json.loads(reply.body)["plays"] == "/spare"
    assert floe.ask("GET", path).status == 401
    reply = floe.ask("GET", "/admin/explain?mount=/nobody", user="admin", password=ADMIN_PASSWORD)
    assert reply.status == 404


def test_a_crowd_goes_there_and_back_and_nobody_is_closed(station):
    live = on_air(station, "/crowd")
    on_air(station, "/crowd2", first_frame=BACKUP)
    with Crowd(station.floe, "/crowd", "--listeners", CROWD, "--check", "light", "--max-closes",
               "0", "--max-refused", "0") as crowd:
        crowd.until_hearing(CROWD)
        for begin in (AGAIN, 3 * AGAIN):
            live.crash()
            away = station.hear("/crowd")
            away.hears_frame(BACKUP)
            live = on_air(station, "/crowd", first_frame=begin)
            away.until(lambda heard, begin=begin: programmes(heard)[-1] == begin // AGAIN)
        assert crowd.counts()["hearing"] == CROWD
        crowd.send_away()


def test_who_was_moved_comes_back_after_a_swap(make_floe):
    with contextlib.ExitStack() as stage:
        floe = make_floe({"mount": {"/live": {"fallback": ["/backup"]}},
                          "mount_defaults": {"burst": "1s"}, "fanout": {"interval": "100ms"}})
        stage.callback(floe.stop)
        live = stage.enter_context(Encoder(floe, "/live")).play()
        stage.enter_context(Encoder(floe, "/backup", first_frame=BACKUP)).play()
        listener = stage.enter_context(Listener(floe, "/live"))
        listener.hears_seconds(1)
        live.crash()
        listener.hears_frame(BACKUP)
        swap.swap(floe)
        listener.hears_seconds_more(1)
        assert status_of(floe, "/live")["plays"] == "/backup"
        assert status_of(floe, "/live")["listeners"] == 1
        stage.enter_context(Encoder(floe, "/live", first_frame=AGAIN)).play()
        listener.until(lambda heard: programmes(heard)[-1] == 1)
        assert programmes(listener) == [0, 2, 1]
        assert not listener.is_closed


# ---- the last resort ----

def tiers(listener):
    """What it heard, in order: numbers of programmes, "silence"; all of it whole frames."""
    audio, size, heard = bytes(listener.audio), marked_mp3.frame_bytes(), []
    for at in range(0, len(audio) - size + 1, size):
        frame = audio[at:at + size]
        if any(frame[4:]):
            number = marked_mp3.number_at(frame)
            assert frame == marked_mp3.frame(number), f"a torn frame at byte {at}"
            tier = number // AGAIN
        else:
            assert frame[:2] == marked_mp3.HEADERS[128][:2], f"no frame at byte {at}"
            tier = "silence"
        if not heard or heard[-1] != tier:
            heard.append(tier)
    return heard


def test_four_tiers_are_walked_down_to_silence_and_up_again(make_floe, tmp_path):
    for number, name in ((LAST, "a.mp3"), (LAST + 100, "b.mp3")):
        (tmp_path / name).write_bytes(marked_mp3.frames(number, number + 100))
    playlist = tmp_path / "sorry.m3u"
    playlist.write_text("a.mp3\nb.mp3\n", encoding="utf-8")
    with contextlib.ExitStack() as stage:
        floe = make_floe({"mount": {"/live": {"fallback": ["/queue", f"file:{playlist}",
                                                           "silence:"]}},
                          "mount_defaults": {"burst": "1s"}, "fanout": {"interval": "100ms"}})
        stage.callback(floe.stop)

        def source(mount, first_frame):
            encoder = stage.enter_context(Encoder(floe, mount, first_frame=first_frame))
            encoder.send_seconds(0.5)
            return encoder.play()

        def configure(fallback):
            floe.settings["mount"]["/live"]["fallback"] = fallback
            floe.config_path.write_text(toml_of(floe.settings), encoding="utf-8")
            assert swap.command(floe, "reload").returncode == 0

        live, queue = source("/live", 0), source("/queue", BACKUP)
        listener = stage.enter_context(Listener(floe, "/live"))
        listener.hears_seconds(1)
        every = floe.settings["mount"]["/live"]["fallback"]
        live.crash()
        listener.until(lambda heard: tiers(heard)[-1] == 2)
        queue.crash()
        listener.until(lambda heard: tiers(heard)[-1] == 4)
        listener.hears_seconds_more(3)  # into the second file, and round again
        configure(["/queue", "silence:"])
        listener.until(lambda heard: tiers(heard)[-1] == "silence")
        listener.hears_seconds_more(1)
        configure(every)
        listener.until(lambda heard: tiers(heard)[-1] == 4)
        source("/queue", 3 * AGAIN)
        listener.until(lambda heard: tiers(heard)[-1] == 3)
        source("/live", AGAIN)
        listener.until(lambda heard: tiers(heard)[-1] == 1)
        assert tiers(listener) == [0, 2, 4, "silence", 4, 3, 1]
        assert not listener.is_closed


def test_silence_goes_on_after_a_swap(make_floe):
    with contextlib.ExitStack() as stage:
        floe = make_floe({"mount": {"/live": {"fallback": ["silence:"]}},
                          "mount_defaults": {"burst": "1s"}, "fanout": {"interval": "100ms"}})
        stage.callback(floe.stop)
        live = stage.enter_context(Encoder(floe, "/live")).play()
        listener = stage.enter_context(Listener(floe, "/live"))
        listener.hears_seconds(2)
        live.crash()
        listener.until(lambda heard: tiers(heard)[-1] == "silence")
        swap.swap(floe)
        listener.hears_seconds_more(1)
        stage.enter_context(Encoder(floe, "/live", first_frame=AGAIN)).play()
        listener.until(lambda heard: tiers(heard)[-1] == 1)
        assert tiers(listener) == [0, "silence", 1]
        assert not listener.is_closed
