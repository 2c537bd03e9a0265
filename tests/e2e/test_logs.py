# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What is written down: a line for each request and each listener, events in words, no secrets."""
import json
import re
import subprocess
import time

import pytest

from studio.encoder import Encoder
from studio.listener import Listener
from studio.server import ADMIN_PASSWORD, SOURCE_PASSWORD, basic, environment_with
from studio.waiting import PATIENCE_S, eventually

COMBINED = re.compile(
    r'(?P<peer>\S+) - (?P<user>\S+) '
    r'\[(?P<time>\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] '
    r'"(?P<request>(?:[^"\\]|\\.)*)" (?P<status>\d{3}) (?P<bytes>\d+) '
    r'"(?P<referer>(?:[^"\\]|\\.)*)" "(?P<agent>(?:[^"\\]|\\.)*)" (?P<seconds>\d+)')


@pytest.fixture(scope="module")
def settings():
    return {"mount_defaults": {"linger": "0s"}}


def access_lines(floe, wanted):
    """Every line but those of the greeting, once there are some that have `wanted` in them."""
    def lines():
        _, _, written = floe.stdout().partition("/live\n\n")
        return [line for line in written.splitlines() if line]
    eventually(lambda: [line for line in lines() if wanted in line], saying=f"a line of {wanted}")
    return lines()


def line_of(floe, wanted):
    line, = [line for line in access_lines(floe, wanted) if wanted in line]
    parsed = COMBINED.fullmatch(line)
    assert parsed, line
    return parsed.groupdict()


def test_a_request_is_a_line_of_the_combined_format_and_its_seconds(station):
    station.floe.ask("GET", "/nothing-here", headers=["User-Agent: Player/1.0 (x; y)",
                                                      "Referer: http://a.example/page"])
    line = line_of(station.floe, "/nothing-here")
    assert line["peer"] == "127.0.0.1" and line["user"] == "-"
    assert line["request"] == "GET /nothing-here HTTP/1.1"
    assert line["status"] == "404" and int(line["seconds"]) < 30
    assert int(line["bytes"]) > 0
    assert (line["referer"], line["agent"]) == ("http://a.example/page", "Player/1.0 (x; y)")
    written = time.mktime(time.strptime(line["time"].split(" ")[0], "%d/%b/%Y:%H:%M:%S"))
    assert abs(written - time.time()) < 60


def test_a_finished_listener_is_a_line_with_its_bytes_and_seconds(station, mount):
    station.feed(mount)
    listener = station.hear(mount, headers=["User-Agent: Ears/2.0"])
    heard = time.monotonic()
    listener.hears_seconds_more(1.5)
    heard_s = time.monotonic() - heard
    listener.leave()
    line = line_of(station.floe, "Ears/2.0")
    assert line["request"] == f"GET {mount} HTTP/1.1"
    assert line["status"] == "200"
    assert int(line["bytes"]) >= len(listener.audio)
    assert int(heard_s) - 1 <= int(line["seconds"]) <= 30 + heard_s


def test_a_listener_that_plays_has_no_line_yet(station, mount):
    station.feed(mount)
    station.hear(mount, headers=["User-Agent: Still/1.0"]).hears_seconds_more(0.5)
    station.floe.ask("GET", "/marker-of-now")
    assert not [line for line in access_lines(station.floe, "/marker-of-now") if "Still" in line]


def test_a_finished_source_is_a_line_with_its_user_and_seconds(station, mount):
    encoder = station.encoder(mount, method="SOURCE")
    encoder.send_seconds(1)
    encoder.leave()
    line = line_of(station.floe, f"SOURCE {mount} ")
    assert (line["user"], line["status"]) == ("source", "200")
    assert line["agent"] == "marked/1.0"


def test_what_peers_say_cannot_forge_a_line(station):
    forged = ['User-Agent: a" 200 0 "-" "b\\', 'Referer: "']
    station.floe.ask("GET", "/forge%22%20200", headers=forged)
    line = line_of(station.floe, "/forge")
    assert line["status"] == "404"
    assert line["agent"] == 'a\\" 200 0 \\"-\\" \\"b\\\\'
    assert line["referer"] == '\\"'


def test_a_name_of_no_charset_is_written_as_it_came(station):
    line = station.line()
    line.say(b"GET /bytes HTTP/1.1\r\nUser-Agent: caf\xe9\r\n\r\n")
    line.rest()
    access_lines(station.floe, "/bytes")
    assert b'"caf\xe9"' in station.floe.stdout_path.read_bytes()


def test_what_was_no_request_is_a_line_without_one(station):
    with station.floe.line() as line:
        line.say(b"GET /%zz HTTP/1.1\r\nUser-Agent: Unheard\r\n\r\n")
        assert line.reply().status == 400
    refused = eventually(lambda: [each for each in access_lines(station.floe, '"-" 400 ')])
    assert all(COMBINED.fullmatch(each) for each in refused)


def test_events_are_lines_of_words(station, mount):
    encoder = station.encoder(mount)
    encoder.send_seconds(1)
    encoder.finish()
    came, went = eventually(lambda: (lambda lines: lines if len(lines) == 2 else None)(
        [line for line in station.floe.stderr().splitlines() if f" {mount} " in line]))
    for line in (came, went):
        assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} info ", line), line
    assert "127.0.0.1" in came and "audio/mpeg" in came
    assert "has finished" in went


def test_nothing_is_written_while_audio_flows(station, mount):
    station.feed(mount)
    listener = station.hear(mount).hears_seconds_more(0.5)
    station.floe.ask("GET", "/before-quiet")
    access_lines(station.floe, "/before-quiet")
    before = station.floe.stdout(), station.floe.stderr()
    listener.hears_seconds_more(2)
    assert (station.floe.stdout(), station.floe.stderr()) == before


def test_no_password_is_ever_written(station, mount):
    """What the server knows is looked for at the end of every server; here is what peers say."""
    said = "never-to-be-written"
    floe = station.floe
    floe.ask("GET", f"/admin.cgi?pass={said}&mode=updinfo&song=x")
    floe.ask("GET", f"/admin.cgi?mode=updinfo&song=x&pass={SOURCE_PASSWORD}&mount={mount}")
    floe.ask("GET", f"/admin/metadata?mode=updinfo&mount={mount}&song=x&pass={said}",
             user=said, password=said)
    floe.ask("PUT", mount, password=said)
    floe.ask("GET", f"http://source:{said}@127.0.0.1/live")
    for first_line in (said, f"{mount}:{said}", f"dj:{said}", f"{said}:#1"):
        with floe.line() as line:
            line.say(first_line + "\r\n")
            line.rest()
    with floe.line() as line:
        line.say(SOURCE_PASSWORD + "\r\nicy-name:x\r\n\r\n")
        line.exactly(4)
    for user, password in (("source", SOURCE_PASSWORD), ("admin", ADMIN_PASSWORD)):
        floe.ask("DELETE", mount, user=user, password=password)
    floe.ask("GET", "/after-all-that")
    access_lines(floe, "/after-all-that")
    for written in (floe.stdout(), floe.stderr()):
        for secret in (said, SOURCE_PASSWORD, ADMIN_PASSWORD, basic("source", said)[6:]):
            assert secret not in written


@pytest.fixture
def json_floe(start_floe, tmp_path):
    return start_floe({"log": {"format": "json", "file": str(tmp_path / "events"),
                               "access_file": str(tmp_path / "access")}})


def test_logs_may_be_json_and_files(json_floe, tmp_path):
    with Encoder(json_floe, "/live", headers=["ice-name: x\"y"]).play():
        eventually(lambda: "/live" in json_floe.mounts())
        with Listener(json_floe, "/live", headers=['User-Agent: "Ears"\\']) as listener:
            listener.hears_seconds_more(0.5)

        def access_of_listener():
            lines = [json.loads(line) for line in (tmp_path / "access").read_text().splitlines()]
            return [line for line in lines if line["agent"] == '"Ears"\\']
        line, = eventually(access_of_listener)
    assert set(line) == {"time", "peer", "user", "request", "status", "bytes", "referer", "agent",
                         "seconds"}
    assert (line["request"], line["status"]) == ("GET /live HTTP/1.1", 200)
    with json_floe.line() as bare:  # JSON stays UTF-8 whatever a player calls itself
        bare.say(b"GET /bytes HTTP/1.1\r\nUser-Agent: caf\xe9\r\n\r\n")
        bare.rest()
    eventually(lambda: '"agent":"caf\ufffd"' in (tmp_path / "access").read_text())

    def events():
        return [json.loads(line) for line in (tmp_path / "events").read_text().splitlines()]
    eventually(lambda: [event for event in events() if "/live" in event["text"]])
    assert all(set(event) == {"time", "level", "text"} for event in events())


def test_who_reads_the_logs_may_leave(make_floe, tmp_path):
    """As in "floe serve | head"."""
    floe = make_floe()
    floe.stop()
    process = subprocess.Popen([floe.binary, "serve", "-c", floe.config_path], cwd=tmp_path,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env=environment_with({}))
    try:
        assert b"is ready" in process.stdout.readline()
        process.stdout.close()
        process.stderr.close()
        for _ in range(3):  # of which each writes a line
            eventually(floe.is_answering)
        with Encoder(floe, "/live") as encoder:
            assert encoder.is_accepted
    finally:
        process.terminate()
        assert process.wait(PATIENCE_S) == 0


def test_the_access_log_may_be_none(start_floe):
    floe = start_floe({"log": {"access_file": ""}})
    floe.ask("GET", "/nothing")
    floe.stop()
    assert "/nothing" not in floe.stdout()
