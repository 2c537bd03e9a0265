# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""The control socket, and the commands that ask there."""
import contextlib
import json
import os
import pty
import re
import select
import signal
import socket
import stat
import subprocess
import time

import pytest

from studio.server import environment_with
from studio.waiting import PATIENCE_S, eventually

NOBODY = 65534
PEERS_MAX = 16  # kPeersMax of control/protocol.h


@pytest.fixture(scope="module")
def settings():
    return {"mount": {"/hidden": {"hidden": True}}}


def control_path(floe):
    return floe.settings["server"]["control_socket"]


def floe_command(floe, command, *arguments, **how):
    """A command that finds the server by the configuration that the server was given."""
    return subprocess.run([floe.binary, command, "-c", floe.config_path, *arguments],
                          capture_output=True, text=True, timeout=PATIENCE_S, check=False,
                          env=environment_with({}), **how)


def done(answer):
    assert (answer.returncode, answer.stderr) == (0, ""), answer
    return answer.stdout


def status_of(floe, *arguments):
    return json.loads(done(floe_command(floe, "status", "--json", *arguments)))


def mount_of(floe, name):
    return next((each for each in status_of(floe)["mounts"] if each["name"] == name), None)


def listeners_of(floe, mount):
    return status_of(floe, "--listeners", mount)["listeners"]


def id_of(floe, listener):
    """By the address that the player has at its own end."""
    address = "%s:%d" % listener.wire.socket.getsockname()[:2]
    return next(each["id"] for each in status_of(floe, "--listeners")["listeners"]
                if each["address"] == address)


@contextlib.contextmanager
def peer_of(path):
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(PATIENCE_S)
        peer.connect(str(path))
        yield peer


# ---- status ----

def test_status_says_in_json_what_plays_and_to_whom(station, mount):
    station.feed(mount)
    station.floe.set_title(mount, song="A Tïtle")
    for _ in range(2):
        station.hear(mount).hears_seconds(2)
    status = status_of(station.floe)
    assert status["pid"] == station.floe.process.pid
    assert status["configuration"] == str(station.floe.config_path)
    assert status["listen"] == [f"127.0.0.1:{station.floe.port}"]
    assert status["control_socket"] == control_path(station.floe)
    assert status["uptime_ms"] > 0 and status["memory"]["arena_pages_used"] > 0
    playing, = [each for each in status["mounts"] if each["name"] == mount]
    assert (playing["phase"], playing["codec"], playing["content_type"], playing["hidden"]) == (
        "live", "MP3", "audio/mpeg", False)
    assert (playing["listeners"], playing["listener_peak"], playing["connections"]) == (2, 2, 2)
    assert playing["title"] == "A Tïtle"
    assert 126 <= playing["bitrate_kbps"] <= 129  # measured
    assert (playing["source"]["peer"], playing["source"]["agent"]) == ("127.0.0.1", "marked/1.0")
    assert playing["received_bytes"] > 16_000 and playing["sent_bytes"] > 32_000
    # Shards say once a second what they have sent.
    eventually(lambda: status_of(station.floe)["totals"]["sent_bytes"] > 32_000)
    totals = status_of(station.floe)["totals"]
    assert totals["connections"] >= totals["listeners"] >= 2
    assert totals["sources"] >= 1 and totals["mounts"] >= 1
    shards = station.floe.health()["shards"]
    assert [set(each) for each in status["shards"]] == [set(each) for each in shards]


def test_status_knows_hidden_mounts_and_those_that_wait_for_their_source(station):
    encoder = station.encoder("/hidden")
    encoder.send_seconds(1)
    assert mount_of(station.floe, "/hidden")["hidden"] is True
    assert mount_of(station.floe, "/hidden")["phase"] == "live"
    encoder.leave()
    eventually(lambda: mount_of(station.floe, "/hidden")["phase"] == "lingering")
    assert mount_of(station.floe, "/hidden")["source"] is None


def test_status_in_text_is_a_table_without_anything_a_terminal_obeys(station, mount):
    station.feed(mount, headers=["ice-name: x"])
    station.floe.set_title(mount, song="red\u009b31m")
    station.hear(mount, headers=["User-Agent: evil\u009b31m"]).hears_seconds(0.2)
    text = done(floe_command(station.floe, "status"))
    row, = [line for line in text.splitlines() if line.startswith(mount + " ")]
    assert row.split()[1:5] == ["live", "1", "1", "1"]
    assert "SHARD" in text and f"pid {station.floe.process.pid}" in text
    listeners = done(floe_command(station.floe, "status", "--listeners"))
    assert "red" in row and "evil?31m" in listeners
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text + listeners)


def test_listeners_are_listed_one_by_one(station, mount):
    station.feed(mount)
    station.feed(mount + "-other")
    listeners = [station.hear(mount, headers=[f"User-Agent: player-{index}"]).hears_seconds(0.2)
                 for index in range(3)]
    other = station.hear(mount + "-other").hears_seconds(0.2)
    listed = listeners_of(station.floe, mount)
    assert sorted(each["agent"] for each in listed) == ["player-0", "player-1", "player-2"]
    for each in listed:
        listener = listeners[int(each["agent"][-1])]
        assert each["address"] == "%s:%d" % listener.wire.socket.getsockname()[:2]
        assert (each["mount"], each["user"]) == (mount, "")
        assert each["sent_bytes"] > 3_000 and 0 <= each["seconds"] < PATIENCE_S
    everyone = status_of(station.floe, "--listeners")
    ids = [each["id"] for each in everyone["listeners"]]
    assert len(set(ids)) == len(ids) and sorted(ids) == ids and min(ids) >= 1
    assert id_of(station.floe, other) in ids and everyone["listeners_left_off"] == 0


# ---- top ----

def test_top_prints_one_table_with_rates_where_nobody_watches(station, mount):
    station.feed(mount)
    station.hear(mount).hears_seconds(0.2)
    answer = done(floe_command(station.floe, "top"))  # its output is a pipe
    assert "\x1b" not in answer
    row, = [line for line in answer.splitlines() if line.startswith(mount + " ")]
    rates = re.findall(r"\d+ kbit/s", row)
    assert len(rates) == 2 and int(rates[0].split()[0]) > 0, row
    once = floe_command(station.floe, "top", "--once", "--interval", "0.1")
    assert "SHARD" in done(once)


@pytest.mark.parametrize("end", [b"q", signal.SIGTERM])
def test_top_leaves_the_terminal_as_it_was(floe, end):
    ours, theirs = pty.openpty()
    before = subprocess.check_output(["stty", "-g"], stdin=theirs)
    top = subprocess.Popen([floe.binary, "top", "-c", floe.config_path, "--interval", "0.1"],
                           stdin=theirs, stdout=theirs, stderr=theirs,
                           env=environment_with({"NO_COLOR": "1"}))
    shown = b""
    try:
        while shown.count(b"\x1b[H") < 3:  # painted again and again
            assert select.select([ours], [], [], PATIENCE_S)[0], shown
            shown += os.read(ours, 65536)
        assert shown.startswith(b"\x1b[?1049h") and b"SHARD" in shown
        assert b"\x1b[1m" not in shown  # NO_COLOR
        if isinstance(end, bytes):
            os.write(ours, end)
        else:
            top.send_signal(end)
        assert top.wait(PATIENCE_S) == 0
        while select.select([ours], [], [], 0)[0]:
            shown += os.read(ours, 65536)
        assert shown.endswith(b"\x1b[?1049l")
        assert subprocess.check_output(["stty", "-g"], stdin=theirs) == before
    finally:
        top.kill()
        top.wait()
        os.close(ours)
        os.close(theirs)


# ---- kick ----

def test_listeners_are_kicked_by_number_and_nobody_else(station, mount):
    station.feed(mount)
    stays, first, second = [station.hear(mount).hears_seconds(0.2) for _ in range(3)]
    ids = [id_of(station.floe, each) for each in (first, second)]
    assert "2 listeners" in done(floe_command(station.floe, "kick", *map(str, ids)))
    assert first.is_closed_by_server() and second.is_closed_by_server()
    stays.hears_seconds_more(0.2).frames_heard()
    assert [each["id"] for each in listeners_of(station.floe, mount)] == [
        id_of(station.floe, stays)]
    again = floe_command(station.floe, "kick", str(ids[0]))
    assert again.returncode == 1 and f"no such listener: [{ids[0]}]" in again.stderr


def test_all_listeners_of_a_mount_are_kicked_and_nobody_else(station, mount):
    station.feed(mount)
    station.feed(mount + "-other")
    listeners = [station.hear(mount).hears_seconds(0.2) for _ in range(5)]
    stays = station.hear(mount + "-other").hears_seconds(0.2)
    answer = floe_command(station.floe, "kick", "--mount", mount)
    assert "5 listeners" in done(answer)
    assert all(each.is_closed_by_server() for each in listeners)
    stays.hears_seconds_more(0.2).frames_heard()
    assert mount_of(station.floe, mount)["phase"] == "live"
    station.hear(mount).hears_seconds(0.2)  # who was kicked may come again


def test_a_source_is_kicked_and_its_listeners_wait(station, mount):
    kicked, other = station.feed(mount), station.feed(mount + "-other")
    listener = station.hear(mount).hears_seconds(0.2)
    assert mount in done(floe_command(station.floe, "kick", "--source", mount))
    eventually(lambda: mount_of(station.floe, mount)["phase"] == "lingering")
    eventually(lambda: kicked.error is not None)
    assert other.error is None and mount_of(station.floe, mount + "-other")["phase"] == "live"
    assert not listener.is_closed
    again = floe_command(station.floe, "kick", "--source", mount)
    assert again.returncode == 1 and "no source feeds" in again.stderr


@pytest.mark.parametrize("arguments, word", [
    ([], "required"), (["--mount", "/nowhere"], "no such mount"),
    (["--source", "/nowhere"], "no such mount"), (["x"], "x"),
    (["1", "--mount", "/live"], "required")])
def test_a_kick_of_nobody_is_explained(floe, arguments, word):
    answer = floe_command(floe, "kick", *arguments)
    assert answer.returncode == 1 and word in answer.stderr


# ---- who may, and who is there ----

def test_the_socket_is_for_its_user_alone(floe):
    assert stat.S_IMODE(os.stat(control_path(floe)).st_mode) == 0o600


def test_another_user_is_refused_though_the_file_lets_it_in(start_floe):
    """Who runs this is root: there is no other user otherwise."""
    floe = start_floe()
    os.chmod(control_path(floe), 0o666)
    os.chmod(floe.folder, 0o711)  # it stands there already; those above stay ours alone
    say = ("import socket; peer = socket.socket(socket.AF_UNIX); peer.settimeout(30); "
           "peer.connect('control.sock'); print(peer.recv(4096).decode())")
    answer = subprocess.run(["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
                             "/usr/bin/python3", "-I", "-c", say], cwd=floe.folder, text=True,
                            capture_output=True, timeout=PATIENCE_S, check=False)
    assert json.loads(answer.stdout) == {
        "ok": False, "error": f"uid {NOBODY} may not command this server"}, answer
    assert status_of(floe)["pid"] == floe.process.pid


def test_a_second_server_at_the_same_socket_says_who_is_there(floe, make_floe):
    second = make_floe({"server": {"control_socket": control_path(floe)}}, is_awaited=False)
    assert second.process.wait(PATIENCE_S) == 1
    line, = second.stderr().strip().splitlines()
    assert f"another floe runs here (pid {floe.process.pid})" in line
    assert status_of(floe)["pid"] == floe.process.pid


def test_the_socket_of_a_server_that_was_killed_is_replaced_and_goes_with_the_next(make_floe):
    first = make_floe()
    first.kill()
    assert os.path.exists(control_path(first))
    answer = floe_command(first, "status")
    assert answer.returncode == 1
    assert f"no floe answers at {control_path(first)}: Connection refused" in answer.stderr
    second = make_floe({"server": {"control_socket": control_path(first)}})
    assert status_of(first)["pid"] == second.process.pid
    second.stop()
    assert not os.path.exists(control_path(first))


@pytest.mark.parametrize("command", [
    ["status"], ["top"], ["kick", "1"], ["reload"], ["upgrade", "--binary", "/bin/floe"]])
def test_where_no_server_runs_each_command_says_so(floe, tmp_path, command):
    answer = floe_command(floe, *command, "--control", str(tmp_path / "none.sock"))
    assert (answer.returncode, answer.stdout) == (1, "")
    line, = answer.stderr.strip().splitlines()
    assert f"no floe answers at {tmp_path / 'none.sock'}: No such file" in line


def test_a_configuration_with_mistakes_keeps_nobody_from_asking(floe, tmp_path):
    broken = tmp_path / "broken.toml"
    broken.write_text('[auth]\nsource_password = "file:/nowhere/password"\n[limits]\nsuorces = 1\n'
                      f'[server]\nshards = -1\ncontrol_socket = "{control_path(floe)}"\n')
    asked = subprocess.run([floe.binary, "status", "--json", "-c", broken], capture_output=True,
                           text=True, check=True, env=environment_with({}))
    assert json.loads(asked.stdout)["pid"] == floe.process.pid and asked.stderr == ""


def test_a_configuration_that_is_no_toml_keeps_nobody_from_asking(floe, tmp_path):
    broken = tmp_path / "broken.toml"
    broken.write_text(f'[limits]\nsources = \n[server]\ncontrol_socket = "{control_path(floe)}"\n'
                      '[limits]\nsources = 1\n')
    asked = subprocess.run([floe.binary, "status", "--json", "-c", broken], capture_output=True,
                           text=True, check=True, env=environment_with({}))
    assert json.loads(asked.stdout)["pid"] == floe.process.pid


def test_a_configuration_that_is_not_there_is_said(floe, tmp_path):
    asked = subprocess.run([floe.binary, "status", "-c", tmp_path / "none.toml"], check=False,
                           capture_output=True, text=True, env=environment_with({}))
    assert asked.returncode == 1 and "none.toml" in asked.stderr and "--control" in asked.stderr


# ---- nobody disturbs ----

def test_silent_slow_and_mad_peers_disturb_nobody(station, mount):
    station.feed(mount)
    listener = station.hear(mount).hears_seconds(0.2)
    path = control_path(station.floe)
    with contextlib.ExitStack() as stack:
        # More than there are places for, so that each kind has been turned away, too.
        for index in range(3 * PEERS_MAX):
            peer = stack.enter_context(peer_of(path))
            if index % 3 == 1:
                peer.send(b'{"command":')
        for said in (b"GET / HTTP/1.1\r\n\r\n", b"\xff\xfe\n", b"[" * 10_000 + b"\n", b"{}\n"):
            peer = stack.enter_context(peer_of(path))
            peer.sendall(said)
            assert json.loads(peer.recv(65536))["ok"] is False
        begun = time.monotonic()
        assert status_of(station.floe)["pid"] == station.floe.process.pid
        assert time.monotonic() - begun < PATIENCE_S / 4
        # A stop is not kept waiting either; nor is the audio.
        listener.hears_seconds_more(0.2).frames_heard()


def test_peers_who_wait_do_not_hold_up_a_stop(make_floe):
    floe = make_floe()
    with peer_of(control_path(floe)) as silent, peer_of(control_path(floe)) as half:
        half.send(b"{")
        status_of(floe)  # by then both are answered, as far as they have asked
        floe.stop()
        assert silent.recv(1) == b"" == half.recv(1)


def test_sighup_reloads_instead_of_ending_it(make_floe):
    floe = make_floe()
    floe.signal(signal.SIGHUP)
    floe.says("reload: nothing has changed")
    assert status_of(floe)["pid"] == floe.process.pid
    floe.stop()
