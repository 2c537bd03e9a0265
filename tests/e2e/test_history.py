# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What is kept of the past: songs and who listened for how long, in a file that outlives the
process. Hours are exact: they are the sum of what the access log says, over swaps and stops."""
import contextlib
import re
import resource
import sqlite3
import time

import pytest

from studio import swap
from studio.encoder import Encoder
from studio.listener import Listener
from studio.server import Floe
from studio.waiting import eventually

# Listeners are counted in ticks of 10 ms; the log says milliseconds of the same.
SECONDS_IN_LOG = re.compile(r'"GET (/\S+) HTTP[^"]*" 200 .* ([0-9.]+)$', re.M)
# A file that may not grow is an error of a write then, and no signal.
WITHOUT_SIGXFSZ = ("sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh")


@pytest.fixture(scope="module")
def settings():
    return {"mount_defaults": {"linger": "0s"}}


def database(floe):
    return floe.folder / "state" / "floe.db"


def rows(floe, sql, *values):
    with contextlib.closing(sqlite3.connect(f"file:{database(floe)}?mode=ro", uri=True)) as file:
        return file.execute(sql, values).fetchall()


def songs(floe, mount):
    return [title for title, in rows(
        floe, "SELECT title FROM songs WHERE mount = ? ORDER BY begun_ms, id", mount)]


def listened_ms(floe, mount):
    return rows(floe, "SELECT COALESCE(SUM(listened_ms), 0) FROM listened WHERE mount = ?",
                mount)[0][0]


def sessions(floe, mount):
    return rows(floe, "SELECT lasted_ms, bytes, address, agent, cause FROM sessions "
                "WHERE mount = ? ORDER BY id", mount)


def hear_and_leave(floe, mount, seconds, **how):
    with Listener(floe, mount, **how) as listener:
        listener.hears_seconds(seconds)


def tell(floe, mount, *titles):
    """Titles one after the other, each heard of before the next."""
    for title in titles:
        assert floe.set_title(mount, song=title).status == 200
        eventually(lambda: title in songs(floe, mount), saying=f"{title} is kept")


def test_songs_and_sessions_are_there_while_the_server_runs(floe, station, mount):
    station.feed(mount)
    tell(floe, mount, "One", "Two")
    hear_and_leave(floe, mount, 1, headers=["User-Agent: player/1"])
    eventually(lambda: len(sessions(floe, mount)) == 1, saying="the session is kept")
    (lasted_ms, sent, address, agent, cause), = sessions(floe, mount)
    assert lasted_ms > 0 and sent > 0
    assert (address, agent, cause) == ("127.0.0.1", "player/1", "gone")
    assert listened_ms(floe, mount) == lasted_ms
    assert songs(floe, mount) == ["One", "Two"]


def test_a_title_that_is_told_again_is_one_song(floe, station, mount):
    station.feed(mount)
    tell(floe, mount, "One", "One", "Two")
    assert songs(floe, mount) == ["One", "Two"]


def test_a_stop_writes_down_everybody_who_still_listens(tmp_path, settings, mount):
    floe = Floe(tmp_path, settings)
    with contextlib.ExitStack() as stack:
        stack.callback(floe.kill)
        encoder = stack.enter_context(Encoder(floe, mount))
        encoder.play()
        listeners = [stack.enter_context(Listener(floe, mount)) for _ in range(30)]
        begun = time.monotonic()
        for listener in listeners:
            listener.hears_seconds(1)
        least_ms = (time.monotonic() - begun) * 1000
        assert floe.set_title(mount, song="the last").status == 200
        floe.stop()
    kept = sessions(floe, mount)
    assert len(kept) == 30
    assert {cause for *_, cause in kept} == {"stopping"}
    assert listened_ms(floe, mount) == sum(lasted for lasted, *_ in kept)
    assert max(lasted for lasted, *_ in kept) >= least_ms - 1000
    logged = [float(seconds) for path, seconds in SECONDS_IN_LOG.findall(floe.stdout())
              if path == mount]
    assert len(logged) == 30
    assert sum(logged) * 1000 == pytest.approx(listened_ms(floe, mount), abs=30 * 1000)


def test_over_a_swap_a_listener_is_one_session_and_a_song_one_song(make_floe, settings, mount):
    floe = make_floe(settings)
    with contextlib.ExitStack() as stack:
        encoder = stack.enter_context(Encoder(floe, mount))
        encoder.play()
        begun = time.monotonic()
        stays = stack.enter_context(Listener(floe, mount))
        hear_and_leave(floe, mount, 1)  # in the process before
        tell(floe, mount, "One", "Two")
        assert floe.set_title(mount, song="as it swaps").status == 200
        swap.swap(floe)
        tell(floe, mount, "Three")
        stays.hears_seconds(2)
        stays.leave()
        eventually(lambda: len(sessions(floe, mount)) == 2, saying="both sessions are kept")
        most_ms = (time.monotonic() - begun) * 1000
    floe.stop()
    assert [title for title in songs(floe, mount) if title != "as it swaps"] == [
        "One", "Two", "Three"]
    assert songs(floe, mount).count("as it swaps") == 1
    lasted = [lasted for lasted, *_ in sessions(floe, mount)]
    assert listened_ms(floe, mount) == sum(lasted)
    assert lasted[0] < lasted[1] <= most_ms + 2000


def test_a_restart_goes_on_with_what_was_kept(tmp_path, settings, mount):
    for title in ("One", "Two"):
        floe = Floe(tmp_path, settings)
        with contextlib.ExitStack() as stack:
            stack.callback(floe.kill)
            stack.enter_context(Encoder(floe, mount)).play()
            tell(floe, mount, title)
            hear_and_leave(floe, mount, 1)
            floe.stop()
    assert songs(floe, mount) == ["One", "Two"]
    assert len(sessions(floe, mount)) == 2


def test_what_is_not_to_be_kept_is_not_and_hours_are(make_floe, settings, mount):
    floe = make_floe({**settings, "history": {"songs": "0s", "sessions": "0s"}})
    with Encoder(floe, mount) as encoder:
        encoder.play()
        assert floe.set_title(mount, song="One").status == 200
        hear_and_leave(floe, mount, 1)
    floe.stop()
    assert songs(floe, mount) == []
    assert sessions(floe, mount) == []
    assert listened_ms(floe, mount) > 0


# ---- a disk that does not do what it is to ----
def test_a_broken_file_is_named_and_the_server_serves(tmp_path, settings, mount):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "floe.db").write_bytes(b"this is no database, but it was here\n" * 100)
    floe = Floe(tmp_path, settings)
    with contextlib.ExitStack() as stack:
        stack.callback(floe.kill)
        stack.enter_context(Encoder(floe, mount)).play()
        hear_and_leave(floe, mount, 2)
        assert floe.set_title(mount, song="One").status == 200
        floe.stop()
    said = [line for line in floe.stderr().splitlines() if "floe.db" in line]
    # Once by what keeps the past in it, and once by what keeps there what others are to be told.
    assert len(said) == 2, floe.stderr()
    assert all("not a database" in line for line in said)
    assert database(floe).read_bytes().startswith(b"this is no database")


@contextlib.contextmanager
def full_disk(floe, mount):
    """The title "One" is written, and "Two" has no room. Gives what to limit files by when it has
    again."""
    with contextlib.ExitStack() as stack:
        stack.callback(floe.kill)
        stack.enter_context(Encoder(floe, mount)).play()
        tell(floe, mount, "One")
        journal = database(floe).with_name("floe.db-wal")
        unlimited = resource.prlimit(floe.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(floe.process.pid, resource.RLIMIT_FSIZE,
                         (journal.stat().st_size, unlimited[1]))
        assert floe.set_title(mount, song="Two").status == 200
        floe.says("the store waits for the disk")
        yield unlimited


def test_a_disk_that_is_full_holds_up_nobody_and_what_it_missed_is_written_later(
        tmp_path, settings, mount):
    floe = Floe(tmp_path, settings, before=WITHOUT_SIGXFSZ)
    with full_disk(floe, mount) as unlimited:
        hear_and_leave(floe, mount, 2)  # all goes on
        assert songs(floe, mount) == ["One"]
        resource.prlimit(floe.process.pid, resource.RLIMIT_FSIZE, unlimited)
        eventually(lambda: songs(floe, mount) == ["One", "Two"], saying="the rest is written")
        eventually(lambda: len(sessions(floe, mount)) == 1)
        floe.stop()
    assert floe.stderr().count("the store waits for the disk") == 1
    assert listened_ms(floe, mount) == sessions(floe, mount)[0][0]


def test_a_stop_does_not_wait_for_a_disk_that_is_full(tmp_path, settings, mount):
    floe = Floe(tmp_path, settings, before=WITHOUT_SIGXFSZ)
    with full_disk(floe, mount):
        floe.stop()  # looks at how long it takes
    assert "not kept" in floe.stderr()
