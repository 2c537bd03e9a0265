# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Another configuration while the server serves: what is otherwise holds from then on, what is not
goes on untouched, and a file with a mistake changes nothing."""
import concurrent.futures
import contextlib
import re
import signal
import socket
import threading

import pytest

from studio import marked_mp3, swap
from studio.crowd import UNHARMED, Crowd
from studio.encoder import Encoder
from studio.listener import Listener
from studio.programs import floe_source
from studio.server import ADMIN_PASSWORD, SOURCE_PASSWORD, free_port
from studio.waiting import eventually
from studio.wire import Closed

OTHER_PASSWORD = "another-loud-secret"
RELOADS = 100
CROWD = 2_000
SOURCES = 10


@pytest.fixture
def floe(make_floe):
    """A server of the test's own, which it may configure as it likes and which must end well."""
    floe = make_floe({"mount_defaults": {"linger": "30s"}})
    yield floe
    floe.stop()
    assert OTHER_PASSWORD not in floe.stderr() + floe.stdout()


def edit(floe, old, new):
    """Changes the file as an operator does."""
    text = floe.config_path.read_text(encoding="utf-8")
    assert old in text
    floe.config_path.write_text(text.replace(old, new, 1), encoding="utf-8")


def append(floe, text):
    floe.config_path.write_text(floe.config_path.read_text(encoding="utf-8") + text,
                                encoding="utf-8")


def asked(floe, method="POST"):
    return floe.ask(method, "/admin/reloadconfig", user="admin", password=ADMIN_PASSWORD)


def message_of(reply):
    said = re.fullmatch(r'<\?xml version="1.0"\?>\n<iceresponse><message>(.*)</message>'
                        r"<return>([01])</return></iceresponse>\n", reply.text(), re.S)
    assert said, reply.text()
    return said.group(1).replace("&gt;", ">").replace("&quot;", '"'), said.group(2) == "1"


def reloaded(floe):
    """The list of what a reload has changed."""
    reply = asked(floe)
    message, is_done = message_of(reply)
    assert (reply.status, is_done) == (200, True), message
    return message.splitlines()


def refused(floe):
    """Why a reload has changed nothing."""
    reply = asked(floe)
    message, is_done = message_of(reply)
    assert (reply.status, is_done) == (400, False), message
    return message


def logged(floe, text):
    return eventually(lambda: [line for line in floe.stderr().splitlines() if text in line],
                      saying=f"the log says {text}")


@contextlib.contextmanager
def on_air(floe, mount, **how):
    """A source that plays and a listener that hears it; it must have heard everything at the end,
    from one connection."""
    with Encoder(floe, mount, **how) as encoder:
        assert encoder.is_accepted, encoder.head
        encoder.play()
        eventually(lambda: floe.ask("HEAD", mount).status == 200)
        with Listener(floe, mount) as listener:
            listener.hears_seconds(0.5)
            yield listener
            listener.hears_seconds_more(1)
            listener.frames_heard()


# ---- how it is asked for ----

def test_a_reload_is_the_administrators_by_get_or_post_or_a_signal(floe):
    assert floe.ask("POST", "/admin/reloadconfig").status == 401
    assert floe.ask("POST", "/admin/reloadconfig", password=SOURCE_PASSWORD).status == 403
    assert asked(floe, "HEAD").status == 405
    assert reloaded(floe) == ["nothing has changed"]
    edit(floe, 'arena = "64MiB"', 'arena = "64MiB"\nsources = 100')
    assert message_of(asked(floe, "GET")) == ("limits.sources 64 -> 100", True)
    edit(floe, "sources = 100", "sources = 101")
    floe.signal(signal.SIGHUP)
    line, = logged(floe, "limits.sources 100 -> 101")
    assert " info reload: " in line


def test_the_environment_and_the_command_line_stay_stronger_than_the_file(make_floe):
    floe = make_floe({"limits": {"sources": 5}}, environment={"FLOE_LIMITS_LISTENERS": "7"},
                     arguments=["--set", "limits.sources=3"])
    edit(floe, "sources = 5", "sources = 6\nlisteners = 8")
    assert reloaded(floe) == ["nothing has changed"]
    floe.stop()


def test_a_mistake_anywhere_leaves_everything_as_it_was(floe):
    edit(floe, 'arena = "64MiB"', 'arena = "64MiB"\nsources = 1')
    append(floe, '[mount."/new"]\nburst = "soon"\n')
    line = floe.config_path.read_text(encoding="utf-8").splitlines().index('burst = "soon"') + 1
    with on_air(floe, "/live"), on_air(floe, "/other"):  # two sources: the old limit holds
        why = refused(floe)
        assert f"floe.toml:{line}:" in why and '"soon"' in why
        logged(floe, f"reload refused: {floe.config_path}:{line}:")
        floe.signal(signal.SIGHUP)
        eventually(lambda: floe.stderr().count("reload refused: ") == 2)
        floe.config_path.write_text("[limits\n", encoding="utf-8")
        assert "floe.toml:1:" in refused(floe)
        floe.config_path.unlink()
        assert "floe.toml" in refused(floe)
    assert "info reload: " not in floe.stderr()


def test_the_command_prints_what_has_changed_or_why_nothing_has(floe):
    edit(floe, "linger = \"30s\"", "linger = \"20s\"")
    done = swap.command(floe, "reload")
    assert (done.returncode, done.stderr) == (0, "") and "linger 30s -> 20s" in done.stdout, done
    edit(floe, "linger = \"20s\"", "linger = \"soon\"")
    failed = swap.command(floe, "reload")
    assert (failed.returncode, failed.stdout) == (1, ""), failed
    assert re.search(r"floe\.toml:\d+:\d+: .*linger", failed.stderr), failed
    floe.says("reload refused: ")


def test_what_needs_a_swap_says_so_and_stays(floe):
    pages = floe.health()["memory"]["arena_pages"]
    edit(floe, 'arena = "64MiB"', 'arena = "128MiB"\nsources = 9')
    edit(floe, "shards = 2", "shards = 3")
    expected = ["server.shards 2 -> 3 needs a swap: floe upgrade", "limits.sources 64 -> 9",
                "limits.arena 64MiB -> 128MiB needs a swap: floe upgrade"]
    assert reloaded(floe) == expected
    assert (floe.health()["memory"]["arena_pages"], len(floe.health()["shards"])) == (pages, 2)
    assert reloaded(floe) == [expected[0], expected[2]], "it is still otherwise"


# ---- mounts ----

def test_a_mounts_settings_change_under_its_source_and_listeners(floe):
    append(floe, '[mount."/live"]\nburst = "1s"\nmetaint = 8000\n')
    assert reloaded(floe) == ["mount /live: added"]
    with on_air(floe, "/live") as listener:
        listener.hears_seconds_more(3)
        edit(floe, 'burst = "1s"\nmetaint = 8000', 'burst = "3s"\nmetaint = 4000\n'
             f'stream_name = "Other"\nmax_listeners = 2\nsource_password = "{OTHER_PASSWORD}"')
        line, = reloaded(floe)
        assert line == ('mount /live: burst 1s -> 3s, metaint 8000 -> 4000, max_listeners 0 -> 2, '
                        'source_password changed, stream_name "" -> "Other"')
        with Listener(floe, "/live", icy=True) as second:
            assert second.head.get("icy-metaint") == "4000"
            assert second.head.get("icy-name") == "Other"
            second.hears_seconds(2)
            assert floe.ask("GET", "/live").status == 503
        assert floe.set_title("/live", song="x").status == 401
        assert floe.set_title("/live", song="x", password=OTHER_PASSWORD).status == 200


def test_mount_defaults_reach_mounts_that_a_source_alone_has_made(floe):
    with on_air(floe, "/live"):
        edit(floe, 'linger = "30s"', 'linger = "30s"\nhidden = true')
        assert "/live" in floe.mounts()
        assert reloaded(floe) == ["mount_defaults: hidden false -> true"]
        assert "/live" not in floe.mounts()


def test_a_mount_that_is_removed_goes_on_with_the_defaults_while_it_has_a_source(floe):
    append(floe, '[mount."/live"]\nstream_name = "Mine"\n[mount."/empty"]\nhidden = true\n')
    reloaded(floe)
    with on_air(floe, "/live"):
        assert floe.mounts()["/live"]["server_name"] == "Mine"
        text = floe.config_path.read_text(encoding="utf-8")
        floe.config_path.write_text(text[:text.index("[mount.")], encoding="utf-8")
        assert reloaded(floe) == [
            "mount /empty: removed",
            "mount /live: removed; its source and 1 listeners go on with mount_defaults"]
        assert floe.mounts()["/live"]["server_name"] != "Mine"
    eventually(lambda: floe.health()["mounts"] == 1, saying="only the live one is left")


# ---- files that play ----

def loop_file(path, first):
    path.write_bytes(marked_mp3.frames(first, first + marked_mp3.count_of(3)))
    return path


def test_a_file_begins_changes_and_ends_with_what_is_configured(floe, tmp_path):
    path = loop_file(tmp_path / "loop.mp3", 1_000)
    append(floe, f'[mount."/loop"]\nfile = "{path}"\n')
    assert reloaded(floe) == ["mount /loop: added"]
    eventually(lambda: floe.ask("HEAD", "/loop").status == 200)
    with Listener(floe, "/loop") as listener:
        listener.hears_frame(1_000)
        loop_file(path, 5_000)
        assert reloaded(floe) == ["mount /loop: file was written anew"]
        listener.hears_frame(5_000)
        other = loop_file(tmp_path / "other.mp3", 9_000)
        edit(floe, str(path), str(other))
        assert reloaded(floe) == [f'mount /loop: file "{path}" -> "{other}"']
        listener.hears_frame(9_000)
        assert not listener.is_closed
        text = floe.config_path.read_text(encoding="utf-8")
        floe.config_path.write_text(text[:text.index("[mount.")], encoding="utf-8")
        assert reloaded(floe) == [
            "mount /loop: removed; its file ends, and its 1 listeners are closed"]
        logged(floe, "its 1 listeners are closed")
        assert listener.is_closed_by_server()


def test_a_file_that_cannot_be_played_refuses_the_reload(floe, tmp_path):
    path = loop_file(tmp_path / "loop.mp3", 1_000)
    append(floe, f'[mount."/loop"]\nfile = "{path}"\n')
    reloaded(floe)
    eventually(lambda: floe.ask("HEAD", "/loop").status == 200)
    path.write_bytes(b"")
    edit(floe, 'arena = "64MiB"', 'arena = "64MiB"\nsources = 9')
    assert str(path) in refused(floe)
    path.unlink()
    assert str(path) in refused(floe)
    with Listener(floe, "/loop") as listener:
        listener.hears_frame(1_000)
    loop_file(path, 2_000)
    assert reloaded(floe) == ["limits.sources 64 -> 9", "mount /loop: file was written anew"]


# ---- limits and passwords ----

def test_limits_hold_for_those_who_come_next(floe):
    with on_air(floe, "/live"):
        edit(floe, 'arena = "64MiB"', 'arena = "64MiB"\nsources = 1\nlisteners = 1')
        reloaded(floe)
        with Encoder(floe, "/other") as encoder:
            assert encoder.head.status == 503
        assert floe.ask("GET", "/live").status == 503
        edit(floe, "sources = 1\nlisteners = 1", "sources = 2\nlisteners = 3")
        reloaded(floe)
        with on_air(floe, "/other"):
            pass


def test_another_timeout_holds_for_a_source_that_is_there(floe):
    with Encoder(floe, "/live") as encoder:
        encoder.send_seconds(1)
        edit(floe, 'arena = "64MiB"', 'arena = "64MiB"\nsource_timeout = "500ms"')
        assert reloaded(floe) == ["limits.source_timeout 10s -> 500ms"]
        encoder.send_seconds(1)  # the wait that begins now is the first of that length
        logged(floe, "sent nothing for source_timeout")


def test_passwords_change_for_those_who_come_next(floe):
    with on_air(floe, "/live"):
        edit(floe, SOURCE_PASSWORD, OTHER_PASSWORD)
        assert reloaded(floe) == ["auth.source_password changed"]
        with Encoder(floe, "/other") as encoder:
            assert encoder.head.status == 401
        with on_air(floe, "/other", password=OTHER_PASSWORD):
            pass


def test_passwords_that_were_made_are_kept_and_not_shown_again(make_floe):
    floe = make_floe({"auth": {"source_password": "", "admin_password": ""}})
    kept = (floe.folder / "state" / "passwords").read_text(encoding="utf-8")
    source, admin = re.findall("^(?:source|admin)_password=(.*)$", kept, re.M)
    shown = floe.stdout().count(source), floe.stdout().count(admin)
    for _ in range(2):
        reply = floe.ask("POST", "/admin/reloadconfig", user="admin", password=admin)
        assert message_of(reply) == ("nothing has changed", True)
    with Encoder(floe, "/live", password=source) as encoder:
        assert encoder.is_accepted
    floe.stop()
    assert (floe.stdout().count(source), floe.stdout().count(admin)) == shown
    assert source not in floe.stderr() and admin not in floe.stderr()


# ---- logs ----

def test_logs_are_opened_anew_by_their_names(make_floe, tmp_path):
    access, events = tmp_path / "access", tmp_path / "events"
    floe = make_floe({"log": {"file": str(events), "access_file": str(access)}})
    floe.ask("GET", "/before")
    eventually(lambda: "/before" in access.read_text())
    for path in (access, events):
        path.rename(path.with_suffix(".1"))
    reloaded(floe)
    floe.ask("GET", "/after")
    eventually(lambda: "/after" in access.read_text() and "reload: " in events.read_text())
    assert "/after" not in (tmp_path / "access.1").read_text()
    edit(floe, "[log]", '[log]\nformat = "json"')
    assert reloaded(floe) == ["log.format text -> json"]
    floe.ask("GET", "/as-json")
    eventually(lambda: '"request":"GET /as-json HTTP/1.1"' in access.read_text())
    edit(floe, str(events), "/dev/null/events")
    assert "/dev/null/events" in refused(floe)
    floe.ask("GET", "/at-last")
    eventually(lambda: "/at-last" in access.read_text())
    floe.stop()


# ---- addresses ----

class Callers:
    """They come to an address one after the other, all the time, and count who was not answered."""

    def __init__(self, floe, count=4):
        self.answered, self.failures = 0, []
        self._floe, self._is_over = floe, threading.Event()
        self._threads = [threading.Thread(target=self._call) for _ in range(count)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _call(self):
        while not self._is_over.is_set():
            try:
                assert self._floe.ask("GET", "/health").status == 200
                self.answered += 1
            except (OSError, AssertionError, Closed) as error:
                self.failures.append(repr(error))


def is_refused(port):
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) != 0


def answer_at(port, path="/health"):
    with socket.create_connection(("127.0.0.1", port)) as caller:
        caller.sendall(b"GET " + path.encode() + b" HTTP/1.1\r\n\r\n")
        return caller.recv(1 << 16)


def test_addresses_come_and_go_and_nobody_is_refused_at_those_that_stay(floe):
    port = free_port()
    added = f'[[listen]]\naddress = "127.0.0.1:{port}"\n'
    with Callers(floe) as callers, on_air(floe, "/live"):
        for _ in range(10):
            append(floe, added)
            assert reloaded(floe) == [f"listen: added 127.0.0.1:{port}"]
            assert b" 200 " in answer_at(port)
            early = socket.create_connection(("127.0.0.1", port))
            edit(floe, added, "")
            assert reloaded(floe) == [f"listen: removed 127.0.0.1:{port}"]
            assert is_refused(port)
            early.sendall(b"GET /health HTTP/1.1\r\n\r\n")  # who has come there is served
            assert b" 200 " in early.recv(1 << 16)
            early.close()
    assert not callers.failures
    assert callers.answered > 20


def test_an_address_that_is_taken_refuses_the_reload_as_a_whole(floe, tmp_path):
    with socket.socket() as taken:
        port, free = free_port(), free_port()
        taken.bind(("127.0.0.1", port))
        taken.listen()
        append(floe, f'[[listen]]\naddress = "127.0.0.1:{free}"\n'
                     f'[[listen]]\naddress = "127.0.0.1:{port}"\n[mount."/new"]\nhidden = true\n')
        assert f"127.0.0.1:{port} is in use" in refused(floe)
    assert is_refused(free)
    assert floe.health()["mounts"] == 0
    assert set(reloaded(floe)) == {f"listen: added 127.0.0.1:{free}",
                                   f"listen: added 127.0.0.1:{port}", "mount /new: added"}
    assert b" 200 " in answer_at(free) and b" 200 " in answer_at(port)


# ---- under way ----

def test_a_stop_does_not_wait_for_reloads_nor_they_for_it(floe):
    append(floe, '[mount."/new"]\nburst = "1s"\n')
    is_over = threading.Event()

    def reload_on_and_on():
        while not is_over.is_set():
            try:
                asked(floe)
            except (OSError, Closed):  # it has stopped
                return

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(reload_on_and_on) for _ in range(4)]
        logged(floe, "reload: ")
        floe.stop()  # which looks at how long it took
        is_over.set()
        for each in asking:
            each.result()


def test_listeners_and_sources_do_not_notice_a_hundred_reloads(make_floe, tmp_path):
    """Each with other values of whatever may change in place."""
    log, port = tmp_path / "events", free_port()
    floe = make_floe({"log": {"file": str(log)}, "limits": {"client_timeout": "30s"},
                      "fanout": {"zero_copy": "auto"}})
    edit(floe, "[[listen]]", "# begin\n[[listen]]")
    plain = floe.config_path.read_text(encoding="utf-8")
    other = plain.replace('client_timeout = "30s"', 'client_timeout = "40s"')
    other = other.replace('lag = "10s"', 'lag = "2s"')
    other = other.replace('zero_copy = "auto"', 'zero_copy = "off"\ninterval_max = "800ms"\n'
                          'send_buffer = "48KiB"')
    other = other.replace("# begin", f'[[listen]]\naddress = "127.0.0.1:{port}"')
    other += '[mount_defaults]\nburst = "5s"\nhistory = "20s"\n[mount."/live1"]\nburst = "6s"\n'
    with floe_source(floe, "/live%d", "--mounts", str(SOURCES)):
        eventually(lambda: len(floe.mounts()) == SOURCES)
        with Crowd(floe, "/live%d", "--mounts", SOURCES, "--listeners", CROWD, "--rate", 1_000,
                   *UNHARMED) as crowd:
            crowd.until_hearing(CROWD)
            for i in range(RELOADS):
                floe.config_path.write_text((plain, other)[i % 2 == 0], encoding="utf-8")
                log.rename(tmp_path / "events.1")
                assert len(reloaded(floe)) == 8
            frames = crowd.counts()["frames"]
            went_on = crowd.until(lambda counts: counts["frames"] > frames + 100 * CROWD,
                                  saying="each has heard 100 frames more")
            assert went_on["hearing"] == CROWD
            crowd.send_away()
    floe.stop()
