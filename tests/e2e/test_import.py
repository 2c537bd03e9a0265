# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""floe import: configurations of other servers, and a server that runs by them."""
import contextlib
import json
import pathlib
import stat
import subprocess

import pytest

from studio import binaries
from studio.encoder import Encoder
from studio.listener import Listener
from studio.server import Floe, environment_with, free_port
from studio.waiting import PATIENCE_S

DEBIANS = pathlib.Path("/etc/icecast2/icecast.xml")  # of the package that the tests have installed
HASH = "$2b$04$abcdefghijklmnopqrstuuBO6vXpoPoXVJ3M/MBgBfR0B5SvJaGtW"

SAMPLES = {
    "icecast.xml": """<?xml version="1.0"?>
<!DOCTYPE icecast [ <!ENTITY x SYSTEM "file:///etc/passwd"> ]>
<icecast>
  <hostname>radio.example.com</hostname>
  <limits><clients>100</clients><sources>5</sources><queue-size>524288</queue-size></limits>
  <authentication><source-password>import-me</source-password>
    <admin-password>and-me</admin-password></authentication>
  <listen-socket><port>8000</port><bind-address>127.0.0.1</bind-address></listen-socket>
  <mount><mount-name>/live</mount-name><password>of-the-mount</password>
    <max-listeners>3</max-listeners><dump-file>/tmp/x</dump-file>
    <stream-name>Imported</stream-name></mount>
</icecast>
""",
    "gocast.vibe": """server { hostname radio.example.com listen 127.0.0.1 port 8000 }
auth { source_password import-me admin_user admin admin_password and-me }
limits { burst_size 65535 }
mounts { live { password of-the-mount max_listeners 3 stream_name Imported dump_file /tmp/x } }
""",
    "config.json": json.dumps({
        "server": {"hostname": "radio.example.com", "listen_address": "127.0.0.1", "port": 8000},
        "auth": {"source_password": "import-me", "admin_user": "admin",
                 "admin_password": "and-me"},
        "mounts": {"/live": {"password": "of-the-mount", "max_listeners": 3,
                             "stream_name": "Imported", "dump_file": "/tmp/x"}}}),
    "tinyice.json": json.dumps({
        "bind_host": "127.0.0.1", "port": "8000", "default_source_password": HASH,
        "advanced_mounts": {"/live": {"password": HASH, "name_override": "Imported"}},
        "banned_ips": ["192.0.2.1"], "page_title": "TinyIce"}),
    "legacystream.ini": """[Server]
HttpPort=8000
BindAddress=127.0.0.1
SourcePassword=import-me
WorkerThreads=8
[MountPoints]
/live=icecast
[MountPoint:/live]
Name=Imported
MaxListeners=3
""",
}
FORMATS = {"icecast.xml": "icecast", "gocast.vibe": "vibe", "config.json": "gocast",
           "tinyice.json": "tinyice", "legacystream.ini": "legacystream"}


def run(*arguments):
    return subprocess.run([binaries.release_floe(), *arguments], capture_output=True, text=True,
                          timeout=PATIENCE_S, check=False, env=environment_with({}))


@pytest.fixture(params=SAMPLES)
def sample(request, tmp_path):
    path = tmp_path / request.param
    path.write_text(SAMPLES[request.param], encoding="utf-8")
    return path


@pytest.fixture
def icecast_xml(tmp_path):
    path = tmp_path / "icecast.xml"
    path.write_text(SAMPLES["icecast.xml"], encoding="utf-8")
    return path


def test_every_format_is_recognized_and_gives_a_configuration_that_is_valid(sample, tmp_path):
    to = tmp_path / "floe.toml"
    done = run("import", sample, "-o", to)
    assert done.returncode == 3 and done.stdout == "", done.stderr
    assert "NOT CARRIED OVER" in done.stderr and str(sample) in done.stderr
    check = run("check", "--print", "-c", to)
    assert check.returncode == 0, check.stderr
    assert 'address = "127.0.0.1:8000"' in check.stdout
    assert 'stream_name = "Imported"' in check.stdout
    assert run("import", sample, "--format", FORMATS[sample.name]).stdout == to.read_text()


def test_a_file_with_passwords_is_for_its_owner_alone(icecast_xml, tmp_path):
    to = tmp_path / "floe.toml"
    assert run("import", icecast_xml, "-o", to).returncode == 3
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["floe.toml", "icecast.xml"]


def test_what_is_there_is_replaced_only_by_force(icecast_xml, tmp_path):
    to = tmp_path / "floe.toml"
    to.write_text("# mine\n")
    refused = run("import", icecast_xml, "-o", to)
    assert refused.returncode == 2 and "--force" in refused.stderr
    assert to.read_text() == "# mine\n"
    assert run("import", icecast_xml, "-o", to, "--force").returncode == 3
    assert "import-me" in to.read_text()
    assert stat.S_IMODE(to.stat().st_mode) == 0o600


def test_without_a_file_it_goes_to_stdout_and_what_is_lost_to_stderr(icecast_xml):
    done = run("import", icecast_xml)
    assert 'source_password = "import-me"' in done.stdout
    assert "dump-file" in done.stderr and "dump-file" not in done.stdout
    assert "of-the-mount" not in done.stderr and "import-me" not in done.stderr


def test_programs_are_answered_in_json(icecast_xml, tmp_path):
    done = run("import", icecast_xml, "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, done.stderr, report["format"]) == (3, "", "icecast")
    note, = [note for note in report["notes"] if note["key"] == "dump-file"]
    assert (note["kind"], note["line"], note["where"]) == ("left_out", 10, "mount /live")
    to = tmp_path / "floe.toml"
    written = json.loads(run("import", icecast_xml, "--json", "-o", to).stdout)
    assert written["written"] == str(to) and to.read_text() == report["toml"]


def test_all_that_is_carried_over_is_status_0(tmp_path):
    path = tmp_path / "small.xml"
    path.write_text("<icecast><hostname>a.example</hostname></icecast>")
    done = run("import", path)
    assert done.returncode == 0 and "0 settings were not carried over" in done.stderr


@pytest.mark.parametrize("text, status, words", [
    (None, 1, "No such file"),
    ("<icecast><limits>", 1, "is not XML"),
    ("hello", 1, "--format"),
])
def test_what_cannot_be_read_is_one_clear_line(tmp_path, text, status, words):
    path = tmp_path / "some.file"
    if text is not None:
        path.write_text(text)
    done = run("import", path)
    assert done.returncode == status and done.stdout == ""
    line, = done.stderr.strip().splitlines()
    assert words in line and str(path) in line


@pytest.mark.parametrize("arguments", [[], ["x", "--format", "nginx"], ["x", "--what"]])
def test_options_that_do_not_fit_are_status_2(arguments):
    assert run("import", *arguments).returncode == 2


def serve(stack, tmp_path, imported):
    """A server that goes by that file, but for what would be in its way here."""
    folder, port = tmp_path / "served", free_port()
    folder.mkdir()
    sets = [f"listen=127.0.0.1:{port}", f"server.state_dir={folder}/state", "log.file=-",
            f"server.control_socket={folder}/control.sock", "log.access_file=-"]
    arguments = [word for each in sets for word in ("--set", each)]
    floe = Floe(folder, port=port, arguments=arguments, text=imported.read_text())
    stack.callback(floe.stop)
    return floe


def feed_and_hear(floe, password):
    with Encoder(floe, "/live", password=password) as encoder:
        assert encoder.is_accepted, encoder.head
        encoder.play()
        with Listener(floe, "/live") as listener:
            assert listener.head.status == 200
            listener.hears_bytes(20_000)
            return listener.head


def test_a_server_runs_by_what_was_imported(icecast_xml, tmp_path):
    to = tmp_path / "floe.toml"
    run("import", icecast_xml, "-o", to)
    with contextlib.ExitStack() as stack:
        floe = serve(stack, tmp_path, to)
        with Encoder(floe, "/live", password="import-me") as stranger:
            assert stranger.head.status == 401
        head = feed_and_hear(floe, "of-the-mount")
        assert head.get("icy-name") == "Imported"


def test_a_server_runs_by_the_icecast_xml_of_debian(tmp_path):
    to = tmp_path / "floe.toml"
    done = run("import", DEBIANS, "-o", to)
    assert done.returncode == 3, done.stderr
    assert "fileserve" in done.stderr and "everybody tries first" in done.stderr
    printed = run("check", "--print", "-c", to).stdout
    for line in ('address = "0.0.0.0:8000"', "listeners = 100", "sources = 2", 'burst = "4s"',
                 'history = "33s"', 'access_file = "/var/log/icecast2/access.log"',
                 'rotate_size = "10000KiB"'):
        assert line in printed
    with contextlib.ExitStack() as stack:
        floe = serve(stack, tmp_path, to)
        feed_and_hear(floe, "hackme")
