# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Binary swaps: what a listener hears, and what an operator is told."""
import contextlib
import os
import signal
import socket
import threading

import pytest

from studio import marked_mp3, swap
from studio.crowd import UNHARMED, Crowd
from studio.encoder import Encoder
from studio.ffmpeg import FORMATS, FfmpegEncoder
from studio.listener import Listener
from studio.programs import floe_source
from studio.server import SOURCE_PASSWORD, basic
from studio.tap import Tap
from studio.toml import toml_of
from studio.waiting import PATIENCE_S, eventually
from studio.wire import Closed

AUDIO = ["Content-Type: audio/mpeg"]


@pytest.fixture
def stage(make_floe):
    """Those who are on it leave before the servers are looked after."""
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture
def start(make_floe, stage):
    """Servers that are stopped well when everybody has left."""
    def start(*settings, **how):
        floe = make_floe(*settings, **how)
        stage.callback(floe.stop)
        return floe
    return start


@pytest.fixture
def floe(start):
    return start()


def feed(stage, floe, mount="/live", **how):
    encoder = stage.enter_context(Encoder(floe, mount, **how))
    assert encoder.is_accepted, encoder.head
    return encoder


def hear(stage, floe, mount="/live", **how):
    listener = stage.enter_context(Listener(floe, mount, **how))
    assert listener.head.status == 200, listener.head.text
    return listener


def configure(floe, **tables):
    floe.settings.update(tables)
    floe.config_path.write_text(toml_of(floe.settings), encoding="utf-8")


# ---- to the byte ----

@pytest.mark.parametrize("how", [
    {"method": "PUT"},
    {"method": "PUT", "is_chunked": True},
    {"method": "SOURCE"},
], ids=["put", "chunked", "source"])
def test_every_listener_goes_on_at_the_next_byte(stage, floe, how):
    encoder = feed(stage, floe, **how)
    encoder.send_seconds(5)
    encoder.play()
    plain = hear(stage, floe)
    icy = hear(stage, floe, icy=True)
    for number in range(3):
        plain.hears_seconds_more(0.3)
        floe.set_title("/live", song=f"Song {number}")
        swap.swap(floe)
    late = hear(stage, floe, icy=True)
    late.hears_seconds_more(1)
    icy.hears_title("Song 2").hears_seconds_more(1)
    for listener in (plain, icy, late):
        listener.frames_heard()
    assert [title for _, title in icy.titles()] == ["Song 0", "Song 1", "Song 2"]
    assert encoder.error is None


def test_a_source_goes_on_in_the_middle_of_a_frame_and_of_a_chunk(stage, floe):
    encoder = feed(stage, floe, is_chunked=True)
    encoder.send_seconds(2)
    listener = hear(stage, floe)
    audio = marked_mp3.frames(encoder.next_frame, encoder.next_frame + 40)
    chunk = b"%x\r\n%s\r\n" % (len(audio), audio)
    for at in range(0, len(chunk), len(chunk) // 3):
        encoder.wire.say(chunk[at:at + len(chunk) // 3])
        eventually(encoder.wire.is_taken)
        swap.swap(floe)
    listener.hears_frame(encoder.next_frame + 39)
    listener.frames_heard()


class Recording:
    """ffmpeg through a wire that keeps what it says."""

    def __init__(self, stage, floe, mount, form, **how):
        self.tap = Tap(floe)
        stage.callback(self.tap.close)
        self.encoder = FfmpegEncoder(self.tap.port, mount, FORMATS[form], **how)
        stage.callback(self.encoder.kill)
        eventually(lambda: self.tap.programme() and len(self.tap.programme().audio()) > 20_000,
                   saying=f"ffmpeg sends {form}")

    def holds(self, heard):
        """Whether that is a piece of what was sent, without a byte lost or doubled."""
        return bytes(heard) in bytes(self.tap.programme().audio())


def after_headers(ogg):
    """Ogg as a late joiner hears it: behind the two pages of headers the stream goes on."""
    third = ogg.find(b"OggS", ogg.find(b"OggS", 4) + 4)
    return ogg[third:]


def test_real_encoders_and_players_notice_nothing(stage, floe):
    mp3 = Recording(stage, floe, "/mp3", "mp3")
    opus = Recording(stage, floe, "/opus", "opus", is_legacy=True)
    flac = Recording(stage, floe, "/flac", "flac")
    listeners = [hear(stage, floe, "/mp3"), hear(stage, floe, "/mp3", icy=True)]
    of_opus = hear(stage, floe, "/opus")
    of_flac = hear(stage, floe, "/flac")
    for _ in range(3):
        swap.swap(floe)
        for listener in (*listeners, of_opus, of_flac):
            listener.hears_bytes(len(listener.audio) + 4_000)
    for listener in listeners:
        eventually(lambda heard=listener: mp3.holds(heard.audio), saying="MP3 is unbroken")
    eventually(lambda: opus.holds(after_headers(of_opus.audio)), saying="Opus is unbroken")
    # The preamble is Floe's own; behind it the frames are those of the encoder.
    frames = bytes(of_flac.audio).find(b"\xff\xf8", 42)
    eventually(lambda: flac.holds(of_flac.audio[frames:]), saying="FLAC is unbroken")


def test_shoutcast_goes_on(stage, floe):
    line = stage.enter_context(floe.line())
    line.say(SOURCE_PASSWORD + "\r\n")
    assert line.until(b"\r\n\r\n").startswith(b"OK2")
    swap.swap(floe)  # between the password and the headers
    line.say("icy-name:Between\r\ncontent-type:audio/mpeg\r\n\r\n")
    line.say(marked_mp3.frames(0, 100))
    eventually(lambda: "/stream" in floe.mounts(), saying="the source is there")
    swap.swap(floe)
    listener = hear(stage, floe, "/stream")
    line.say(marked_mp3.frames(100, 200))
    listener.hears_frame(199)
    listener.frames_heard()


@pytest.mark.parametrize("zero_copy", ["off", "on"])
def test_who_does_not_read_and_who_is_in_its_burst_lose_nothing(stage, start, zero_copy):
    floe = start({"mount_defaults": {"burst": "10s", "history": "60s"},
                  "fanout": {"zero_copy": zero_copy}})
    encoder = feed(stage, floe, kbps=320)
    encoder.send_seconds(10)
    stuck = stage.enter_context(socket.create_connection(("127.0.0.1", floe.port)))
    stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stuck.sendall(b"GET /live HTTP/1.0\r\n\r\n")
    eventually(lambda: floe.listeners() == 1)
    bursting = hear(stage, floe, kbps=320)
    # The one before stays until the kernel has sent what it was told to, and says so.
    before = [floe.process]
    swap.swap(floe, waits=False)
    before.append(floe.process)
    swap.swap(floe, waits=False)
    end = encoder.send_seconds(5)
    bursting.hears_frame(end - 1)
    bursting.frames_heard()
    stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)
    heard = bytearray()
    size = marked_mp3.frame_bytes(320)
    while not heard or marked_mp3.number_at(heard, (len(heard) // size - 1) * size) < end - 1:
        heard += stuck.recv(1 << 16)
        if b"\r\n\r\n" in heard[:2000]:
            heard = heard.partition(b"\r\n\r\n")[2]
    marked_mp3.check_unbroken(heard, 320)
    assert [process.wait() for process in before] == [0, 0]


def test_fifty_swaps_in_a_row(stage, floe):
    stage.enter_context(floe_source(floe, "/live", "--title-every", "2s"))
    stage.enter_context(floe_source(floe, "/opus", "--format", "opus", "--method", "SOURCE"))
    crowds = [stage.enter_context(Crowd(floe, "/live", "--listeners", 100, "--icy-share", 0.5,
                                        "--slow-share", 0.05, *UNHARMED)),
              stage.enter_context(Crowd(floe, "/opus", "--listeners", 20, *UNHARMED))]
    for crowd, count in zip(crowds, (100, 20)):
        crowd.until_hearing(count)
    swap.swap(floe)
    descriptors = floe.descriptors()
    for _ in range(49):
        swap.swap(floe, waits=False)
    eventually(lambda: floe.descriptors() <= descriptors, saying="no descriptor is left over")
    for crowd in crowds:
        crowd.send_away()


# ---- what is under way ----

def test_nobody_is_refused_while_one_goes_on_for_another(stage, floe):
    feed(stage, floe).play()
    stop, failures, answered = threading.Event(), [], []

    def ask_on():
        while not stop.is_set():
            try:
                answered.append(floe.ask("GET", "/status-json.xsl").status)
            except (OSError, Closed) as error:
                failures.append(error)
    askers = [threading.Thread(target=ask_on) for _ in range(4)]
    for asker in askers:
        asker.start()
    for _ in range(5):
        swap.swap(floe)
    stop.set()
    for asker in askers:
        asker.join()
    assert not failures and set(answered) == {200} and len(answered) > 20


def test_a_request_that_is_half_there_is_answered_by_who_goes_on(stage, floe):
    encoder = feed(stage, floe)
    encoder.send_seconds(3)
    get, put, post = (stage.enter_context(floe.line()) for _ in range(3))
    get.say("GET /live HTTP/1.1\r\nHost: f")
    put.say("PUT /other HTTP/1.1\r\nAuthorization: " + basic("source", SOURCE_PASSWORD))
    post.say("POST /admin/metadata?mode=updinfo&mount=/live HTTP/1.1\r\nAuthorization: "
             + basic("source", SOURCE_PASSWORD) + "\r\nContent-Length: 9\r\nContent-Type: "
             "application/x-www-form-urlencoded\r\n\r\nsong")
    eventually(lambda: get.is_taken() and put.is_taken() and post.is_taken())
    swap.swap(floe)
    get.say("loe\r\n\r\n")
    put.say("\r\nContent-Type: audio/mpeg\r\nExpect: 100-continue\r\n\r\n")
    post.say("=Half")
    assert get.head().status == 200
    assert put.head().status == 100
    assert post.reply().status == 200
    eventually(lambda: floe.mounts()["/live"]["title"] == "Half")


def test_listeners_keep_their_numbers_times_and_counts(stage, start):
    floe = start({"mount_defaults": {"linger": "0s"}})
    encoder = feed(stage, floe)
    encoder.send_seconds(3)
    listener = hear(stage, floe, headers=["User-Agent: Radio/7", "Referer: http://x/"])
    listener.hears_seconds(3)
    # What shards have sent they say once a second.
    eventually(lambda: swap.status(floe)["totals"]["sent_bytes"] > 0)
    before = swap.status(floe, "--listeners")
    swap.swap(floe)
    after = swap.status(floe, "--listeners")
    kept = ("id", "peer", "agent", "connected", "sent_bytes")
    assert [[each[key] for key in kept if key in each] for each in after["listeners"]] == \
           [[each[key] for key in kept if key in each] for each in before["listeners"]]
    assert after["started"] == before["started"]
    assert after["totals"]["connections"] == before["totals"]["connections"] == 1
    assert after["totals"]["sent_bytes"] == before["totals"]["sent_bytes"]
    mount_before, mount_after = before["mounts"][0], after["mounts"][0]
    for key in ("connections", "listener_peak", "sent_bytes", "received_bytes", "title"):
        assert mount_after.get(key) == mount_before.get(key), key
    newcomer = hear(stage, floe)
    newcomer.hears_seconds(3)
    ids = [each["id"] for each in swap.status(floe, "--listeners")["listeners"]]
    assert sorted(ids) == [before["listeners"][0]["id"], before["listeners"][0]["id"] + 1]
    encoder.finish()
    eventually(lambda: floe.stdout().count("GET /live") == 2, saying="a line for each listener")
    assert floe.stdout().count("Radio/7") == 1 and '"http://x/" "Radio/7"' in floe.stdout()


def test_a_file_that_plays_goes_on_where_it_was(stage, start, tmp_path):
    file = tmp_path / "loop.mp3"
    file.write_bytes(marked_mp3.frames(0, marked_mp3.count_of(60)))
    floe = start({"mount": {"/loop": {"file": str(file)}}})
    listener = hear(stage, floe, "/loop")
    for _ in range(3):
        listener.hears_seconds_more(0.5)
        swap.swap(floe)
    listener.hears_seconds_more(1)
    listener.frames_heard()


def test_shards_and_arena_may_be_others(stage, floe):
    encoder = feed(stage, floe)
    encoder.send_seconds(5)
    encoder.play()
    listeners = [hear(stage, floe) for _ in range(12)]
    for shards, arena in ((3, "128MiB"), (1, "16MiB"), (2, "32MiB")):
        configure(floe, server={**floe.settings["server"], "shards": shards},
                  limits={"arena": arena})
        swap.swap(floe)
        assert len(floe.health()["shards"]) == shards
        listeners.append(hear(stage, floe))
        until = encoder.next_frame + marked_mp3.count_of(0.3)
        for listener in listeners:
            listener.hears_frame(until)
    for listener in listeners:
        listener.frames_heard()


def test_the_control_socket_may_be_another(stage, floe):
    feed(stage, floe).play()
    listener = hear(stage, floe)
    old, new = (str(floe.folder / name) for name in ("control.sock", "other.sock"))
    floe.settings["server"]["control_socket"] = new
    configure(floe)
    swap.adopt_grandchildren()
    asked = swap.upgrade(floe, "--control", old)
    assert asked.returncode == 0, (asked, floe.stderr())
    eventually(lambda: os.path.exists(new), saying="commands are taken elsewhere")
    before = swap.follow(floe, swap.status(floe)["pid"])
    assert before.wait() == 0 and not os.path.exists(old)
    swap.swap(floe)
    listener.hears_seconds_more(1)
    listener.frames_heard()


def test_a_later_and_an_earlier_version_understand_each_other(stage, floe):
    feed(stage, floe).play()
    listener = hear(stage, floe)
    this, later = floe.binary, swap.next_binary()
    swap.swap(floe, later)
    # The field is not there, and reads as nothing.
    floe.says("had novelty 0")
    listener.hears_seconds_more(1)
    swap.swap(floe, later)
    floe.says("had novelty 7")
    listener.hears_seconds_more(1)
    swap.swap(floe, this)  # which does not know the field
    listener.hears_seconds_more(1)
    listener.frames_heard()


# ---- how it is asked for, and refused ----

def test_the_operator_is_told_how_it_went(stage, floe):
    feed(stage, floe).send_seconds(2)
    hear(stage, floe)
    said = swap.swap(floe)
    assert f"process {floe.process.pid} goes on with 1 listeners, 1 sources and 1 mounts" in said
    assert "nothing was sent for" in said
    floe.says(f"handed over to process {floe.process.pid}")


def test_a_signal_has_the_same_binary_take_over(stage, floe):
    feed(stage, floe).play()
    listener = hear(stage, floe)
    swap.adopt_grandchildren()
    pid = floe.process.pid
    floe.signal(signal.SIGUSR2)
    before = swap.follow(floe, swap.is_another_process(floe, pid))
    assert before.wait() == 0
    listener.hears_seconds_more(1)
    listener.frames_heard()


def test_a_server_may_be_started_to_take_over(stage, make_floe, start):
    floe = make_floe()
    feed(stage, floe).play()
    listener = hear(stage, floe)
    swap.adopt_grandchildren()
    start({"server": floe.settings["server"]}, port=floe.port, arguments=["--take-over"])
    assert floe.process.wait(PATIENCE_S) == 0
    listener.hears_seconds_more(1)
    listener.frames_heard()


def carries_on(floe, listener, pid):
    assert floe.process.poll() is None and swap.status(floe)["pid"] == pid
    listener.hears_seconds_more(1)
    listener.frames_heard()


def test_a_binary_that_cannot_be_run_changes_nothing(stage, floe, tmp_path):
    feed(stage, floe).play()
    listener = hear(stage, floe)
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 7\n", encoding="utf-8")
    broken.chmod(0o755)
    for binary, why in ((tmp_path / "none", "cannot start"), (broken, "ended with status 7"),
                        ("/bin/true", "ended without a word")):
        asked = swap.command(floe, "upgrade", "--binary", str(binary))
        assert asked.returncode == 1 and why in asked.stderr, asked
        carries_on(floe, listener, floe.process.pid)


def test_a_configuration_that_is_wrong_changes_nothing(stage, floe):
    feed(stage, floe).play()
    listener = hear(stage, floe)
    good = floe.config_path.read_text(encoding="utf-8")
    floe.config_path.write_text(good + "\n[limits]\nsuorces = 1\n", encoding="utf-8")
    asked = swap.command(floe, "upgrade")
    floe.config_path.write_text(good, encoding="utf-8")
    assert asked.returncode == 1 and "limits" in asked.stderr, asked
    carries_on(floe, listener, floe.process.pid)


def test_an_address_that_is_taken_changes_nothing(stage, floe):
    feed(stage, floe).play()
    listener = hear(stage, floe)
    taken = stage.enter_context(socket.create_server(("127.0.0.1", 0)))
    address = f"127.0.0.1:{taken.getsockname()[1]}"
    good = list(floe.settings["listen"])
    configure(floe, listen=[*good, address])
    asked = swap.command(floe, "upgrade")
    configure(floe, listen=good)
    assert asked.returncode == 1 and "in use" in asked.stderr, asked
    carries_on(floe, listener, floe.process.pid)


# ---- who dies in the middle ----

TAKEN_BACK = ["successor-hello", "successor-offered", "successor-opened", "successor-passports",
              "successor-state", "successor-restored", "successor-ready", "successor-committed"]


@pytest.mark.parametrize("point", TAKEN_BACK)
def test_a_successor_that_dies_costs_a_pause_and_nothing_else(stage, start, point):
    floe = start(environment={"FAULT_POINT": f"{point}:kill"})
    encoder = feed(stage, floe)
    encoder.send_seconds(5)
    encoder.play()
    listeners = [hear(stage, floe), hear(stage, floe, icy=True)]
    head = stage.enter_context(floe.line())
    head.say("GET /live HT")
    eventually(head.is_taken)
    asked = swap.command(floe, "upgrade")
    assert asked.returncode == 1 and asked.stderr.startswith("floe: "), asked
    for listener in listeners:
        carries_on(floe, listener, floe.process.pid)
    head.say("TP/1.0\r\n\r\n")
    assert head.head().status == 200
    assert encoder.error is None


@pytest.mark.parametrize("point", ["successor-restored", "successor-committed"])
def test_a_successor_that_hangs_costs_a_pause_and_nothing_else(stage, start, point):
    floe = start({"mount_defaults": {"burst": "10s"}},
                 environment={"FAULT_POINT": f"{point}:hang"})
    encoder = feed(stage, floe)
    encoder.send_seconds(10)
    encoder.play()
    listener = hear(stage, floe)
    asked = swap.command(floe, "upgrade")
    assert asked.returncode == 1 and "in time" in asked.stderr, asked
    carries_on(floe, listener, floe.process.pid)


def test_a_successor_that_dies_after_it_has_begun_takes_all_with_it(stage, make_floe):
    floe = make_floe(environment={"FAULT_POINT": "successor-started:kill"})
    encoder = feed(stage, floe)
    encoder.send_seconds(2)
    listener = hear(stage, floe)
    asked = swap.upgrade(floe)
    assert asked.returncode == 1 and "died after it had taken over" in asked.stderr, asked
    # So a service manager starts the next one.
    assert floe.process.wait(PATIENCE_S) == 1
    assert listener.is_closed_by_server()


@pytest.mark.parametrize("point", ["predecessor-passports", "predecessor-frozen"])
def test_a_predecessor_that_dies_before_all_is_said_takes_all_with_it(stage, make_floe, point):
    swap.adopt_grandchildren()
    floe = make_floe(environment={"FAULT_POINT": f"{point}:kill"})
    encoder = feed(stage, floe)
    encoder.send_seconds(2)
    listener = hear(stage, floe)
    swap.upgrade(floe)
    assert floe.process.wait(PATIENCE_S) == -signal.SIGKILL
    assert listener.is_closed_by_server()
    eventually(lambda: not floe.is_answering(), saying="nobody answers")
    assert "process before" not in floe.stderr() or "goes on" not in floe.stderr()


@pytest.mark.parametrize("point", ["predecessor-sent", "predecessor-commit"])
def test_who_is_left_with_all_of_it_goes_on(stage, start, point):
    swap.adopt_grandchildren()
    floe = start(environment={"FAULT_POINT": f"{point}:kill"})
    encoder = feed(stage, floe)
    encoder.send_seconds(5)
    encoder.play()
    listener = hear(stage, floe)
    pid = floe.process.pid
    swap.upgrade(floe)
    before = swap.follow(floe, swap.is_another_process(floe, pid))
    assert before.wait() == -signal.SIGKILL
    listener.hears_seconds_more(1)
    listener.frames_heard()


def test_what_is_private_stays_so(stage, floe):
    feed(stage, floe).send_seconds(1)
    swap.swap(floe)
    path = floe.settings["server"]["control_socket"]
    assert os.stat(path).st_mode & 0o777 == 0o600
    floe.check_words()
