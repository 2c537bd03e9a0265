# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""The command line and the configuration, as an operator meets them."""
import json
import re
import stat
import subprocess

import pytest

from studio import binaries
from studio.encoder import Encoder
from studio.server import SOURCE_PASSWORD, environment_with, free_port
from studio.waiting import PATIENCE_S, eventually


def run(*arguments, environment=None, cwd=None):
    """The server's program until it ends."""
    return subprocess.run([binaries.floe(), *arguments], capture_output=True, text=True,
                          timeout=PATIENCE_S, cwd=cwd, check=False,
                          env=environment_with(environment or {}))


@pytest.fixture
def check(tmp_path):
    """floe check of a file with that text."""
    def check_text(text, *arguments, environment=None):
        path = tmp_path / "floe.toml"
        path.write_text(text, encoding="utf-8")
        return run("check", "-c", path, *arguments, environment=environment)
    return check_text


# ---- floe check ----

def test_an_empty_file_is_valid(check):
    answer = check("")
    assert (answer.returncode, answer.stdout) == (0, "")
    assert "valid" in answer.stderr


def test_the_example_that_ships_is_valid_and_says_the_defaults():
    example = binaries.ROOT / "conf/floe.toml"
    with_it = run("check", "--print", "-c", example)
    without = run("check", "--print")
    assert (with_it.returncode, without.returncode) == (0, 0)
    assert with_it.stdout == without.stdout != ""


def test_an_unknown_key_is_named_with_its_line_and_what_was_meant(check, tmp_path):
    answer = check("[server]\nhostname = \"a.example\"\n\n[limits]\nsorces = 3\n")
    assert answer.returncode == 1
    line, = answer.stderr.strip().splitlines()
    assert f"{tmp_path / 'floe.toml'}:5:" in line
    assert "sorces" in line and "sources" in line


def test_everything_that_is_wrong_is_said_at_once(check):
    answer = check('[limits]\nsources = "many"\nheader_timeout = "15"\n'
                   '[mount_defaults]\nlagging = "hop"\n[nonsense]\n')
    assert answer.returncode == 1
    lines = answer.stderr.strip().splitlines()
    assert len(lines) == 4
    for line, (number, word) in zip(lines, [(2, "sources"), (3, "header_timeout"), (5, "lagging"),
                                            (6, "nonsense")]):
        assert f"floe.toml:{number}:" in line and word in line
    assert '"skip"' in lines[2] and '"drop"' in lines[2]


def test_a_file_that_is_no_toml_is_refused_with_its_line(check):
    answer = check("[server]\nhostname = \n")
    assert answer.returncode == 1
    assert "floe.toml:2:" in answer.stderr


def test_a_contradiction_is_an_error(check):
    answer = check('[fanout]\ninterval_min = "2s"\ninterval_max = "1s"\n')
    assert answer.returncode == 1
    assert "interval_min" in answer.stderr and "interval_max" in answer.stderr


@pytest.mark.parametrize("path", ["/nowhere/floe.toml", "."])
def test_a_file_that_cannot_be_read_is_one_clear_line(path):
    for command in ("check", "serve"):
        answer = run(command, "-c", path)
        assert answer.returncode == 1
        line, = answer.stderr.strip().splitlines()
        assert path in line


def test_no_password_is_shown_in_a_message_or_in_what_is_printed(check):
    text = '[auth]\nsource_password = "very-secret"\nadmin_password = "env:NOT_THERE"\n'
    answer = check(text, "--print")
    assert answer.returncode == 1 and "NOT_THERE" in answer.stderr
    printed = check(text, "--print", environment={"NOT_THERE": "very-secret-too"})
    assert printed.returncode == 0
    for said in (answer, printed):
        assert "very-secret" not in said.stdout + said.stderr


def test_a_secret_comes_from_the_environment_or_from_a_file(start_floe, tmp_path):
    kept = tmp_path / "kept"
    kept.touch(mode=0o600)
    kept.write_text("from-a-file\n")
    floe = start_floe({"auth": {"source_password": "env:THE_SECRET"},
                       "mount": {"/filed": {"source_password": f"file:{kept}"}}},
                      environment={"THE_SECRET": "from-the-environment"})
    with Encoder(floe, "/live", password="from-the-environment") as encoder:
        assert encoder.is_accepted
    with Encoder(floe, "/filed", password="from-a-file") as encoder:
        assert encoder.is_accepted


# ---- who is stronger ----

def burst_of(printed):
    table = printed.split("[mount_defaults]")[1]
    return re.search(r'^burst = "(.*?)"', table, re.M).group(1)


def test_the_command_line_is_stronger_than_the_environment_and_that_than_the_file(check):
    text = '[mount_defaults]\nburst = "5s"\n'
    environment = {"FLOE_MOUNT_DEFAULTS_BURST": "6s"}
    sets = ["--set", "mount_defaults.burst=7s"]
    assert burst_of(check("", "--print").stdout) == "4s"
    assert burst_of(check(text, "--print").stdout) == "5s"
    assert burst_of(check(text, "--print", environment=environment).stdout) == "6s"
    assert burst_of(check(text, "--print", *sets, environment=environment).stdout) == "7s"
    both = [*sets, "--set", "mount_defaults.burst=8s"]
    assert burst_of(check(text, "--print", *both).stdout) == "8s"


def test_a_mount_of_its_own_is_set_on_the_command_line(start_floe):
    floe = start_floe(arguments=["--set", "mount./live.source_password=set-here"])
    with Encoder(floe, "/live", password="set-here") as encoder:
        assert encoder.is_accepted
    with Encoder(floe, "/live") as encoder:
        assert encoder.head.status == 401


@pytest.mark.parametrize("arguments, environment, word", [
    (["--set", "limits.arna=1MiB"], {}, "limits.arena"),
    (["--set", "limits.arena"], {}, "key=value"),
    (["--set", "limits.arena=lots"], {}, "lots"),
    ([], {"FLOE_LIMITS_ARNA": "64MiB"}, "FLOE_LIMITS_ARENA"),
    ([], {"FLOE_LIMITS_ARENA": "lots"}, "lots"),
])
def test_a_mistake_outside_the_file_is_explained_as_well(check, arguments, environment, word):
    answer = check("", *arguments, environment=environment)
    assert answer.returncode == 1
    line, = answer.stderr.strip().splitlines()
    assert word in line


# ---- the command line ----

def test_help_and_version_are_there():
    assert run("--help").returncode == 0
    assert "serve" in run("--help").stdout and "check" in run("--help").stdout
    assert re.fullmatch(r"floe \d+\.\d+\.\d+\n", run("version").stdout)
    assert run("--version").stdout == run("version").stdout


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["serve", "--nonsense"],
                                       ["check", "-c"]])
def test_a_command_line_that_cannot_be_followed_is_status_1(arguments):
    answer = run(*arguments)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr != ""


# ---- starting ----

def test_a_port_in_use_is_one_clear_line_that_says_what_to_do(start_floe, make_floe):
    first = start_floe()
    second = make_floe(port=first.port, is_awaited=False)
    assert second.process.wait(PATIENCE_S) == 1
    line, = second.stderr().strip().splitlines()
    assert f"127.0.0.1:{first.port} is in use" in line and "--set listen=" in line
    second.check_words()


@pytest.mark.parametrize("over, word", [
    ({"log": {"file": "/dev/null/floe.log"}}, "/dev/null/floe.log"),
    ({"mount": {"/loop": {"file": "/nowhere/loop.mp3"}}}, "/nowhere/loop.mp3"),
    ({"mount": {"/loop": {"file": "/dev/null"}}}, "/dev/null"),
    ({"listen": ["192.0.2.1:8000"]}, "192.0.2.1:8000"),  # nobody's address
])
def test_what_keeps_it_from_starting_is_one_clear_line(make_floe, over, word):
    floe = make_floe(over, is_awaited=False)
    assert floe.process.wait(PATIENCE_S) == 1
    line, = floe.stderr().strip().splitlines()
    assert word in line
    floe.check_words()


def test_a_state_directory_that_cannot_be_made_is_one_clear_line(make_floe, tmp_path):
    (tmp_path / "file").write_text("")
    floe = make_floe({"server": {"state_dir": str(tmp_path / "file" / "state")},
                      "auth": {"source_password": ""}}, is_awaited=False)
    assert floe.process.wait(PATIENCE_S) == 1
    line, = floe.stderr().strip().splitlines()
    assert "state_dir" in line


def test_without_any_configuration_it_just_works(tmp_path):
    """Nothing but a port that is free, and places that are the test's own."""
    port = free_port()
    with open(tmp_path / "out", "wb") as out, open(tmp_path / "err", "wb") as err:
        process = subprocess.Popen(
            [binaries.floe(), "serve", "--set", f"listen=127.0.0.1:{port}",
             "--set", f"server.state_dir={tmp_path / 'state'}",
             "--set", f"server.control_socket={tmp_path / 'control.sock'}"],
            stdout=out, stderr=err, env=environment_with({}))
    try:
        eventually(lambda: b"is ready" in (tmp_path / "out").read_bytes())
        answer = subprocess.run(["curl", "-sf", f"http://127.0.0.1:{port}/health"],
                                capture_output=True, check=True)
        assert json.loads(answer.stdout)["status"] == "ok"
    finally:
        process.terminate()
        assert process.wait(PATIENCE_S) == 0, (tmp_path / "err").read_text()


def test_passwords_are_made_once_shown_once_and_kept_to_oneself(make_floe, tmp_path):
    without = {"auth": {"source_password": "", "admin_password": ""},
               "server": {"state_dir": str(tmp_path / "state")}}
    first = make_floe(without)
    kept = tmp_path / "state" / "passwords"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    source, admin = [line.split("=", 1)[1] for line in kept.read_text().splitlines()]
    assert len({source, admin}) == 2 and min(len(source), len(admin)) >= 16
    assert source in first.stdout() and admin in first.stdout()
    first.stop()

    second = make_floe(without)
    with Encoder(second, "/live", password=source) as encoder:
        assert encoder.is_accepted
    second.stop()
    for said in (second.stdout(), second.stderr()):
        assert source not in said and admin not in said
    assert str(kept) in second.stdout()
    assert [source, admin] == [line.split("=", 1)[1] for line in kept.read_text().splitlines()]


def test_it_listens_on_several_addresses_of_both_families(start_floe):
    ports = [free_port(), free_port()]
    floe = start_floe({"listen": [f"127.0.0.1:{ports[0]}", f"[::1]:{ports[1]}"]}, port=ports[0])
    for url in (f"http://127.0.0.1:{ports[0]}/health", f"http://[::1]:{ports[1]}/health"):
        subprocess.run(["curl", "-sf", url], capture_output=True, check=True, timeout=PATIENCE_S)
    assert floe.health()["status"] == "ok"


def test_the_greeting_says_where_to_open_and_how_to_feed(start_floe):
    floe = start_floe({"server": {"hostname": "radio.example"}})
    assert f"http://radio.example:{floe.port}/" in floe.stdout()
    feed, = [line for line in floe.stdout().splitlines() if "ffmpeg" in line]
    assert f"@radio.example:{floe.port}/live" in feed
    assert SOURCE_PASSWORD not in floe.stdout()


def test_as_many_shards_as_configured_serve(start_floe):
    floe = start_floe({"server": {"shards": 4}})
    assert len(floe.health()["shards"]) == 4
