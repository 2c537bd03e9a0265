# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Every format, from ffmpeg's encoder to a listener and to real players. All encoders run at the
same time, each behind a wire that keeps what it said."""
import contextlib
import dataclasses
import json
import subprocess

import pytest

from studio.containers import boundaries, split_join
from studio.ffmpeg import FORMATS, FfmpegEncoder, complaints_on_decoding, seconds_decoded
from studio.listener import Listener
from studio.tap import Tap
from studio.waiting import PATIENCE_S, eventually

BOTH_WAYS = ["mp3", "aac", "vorbis", "opus", "flac", "webm"]
PROGRAMMES = ([f"{name}-{way}" for name in BOTH_WAYS for way in ("PUT", "SOURCE")] +
              [f"{name}-PUT" for name in FORMATS if name not in BOTH_WAYS])
PLAYED = [name for name in PROGRAMMES if name.endswith("PUT")]
BEFORE_JOIN_S = 4  # well over the burst, so that a join is late
HEARD_S = 2.0


@pytest.fixture(scope="module")
def settings():
    # Without linger a listener is closed with the last byte of its source.
    return {"mount_defaults": {"burst": "1s", "linger": "0s"}, "limits": {"arena": "256MiB"}}


@dataclasses.dataclass
class Programme:
    name: str
    mount: str
    form: object
    tap: Tap
    encoder: FfmpegEncoder

    def call(self):
        return self.tap.programme()


@pytest.fixture(scope="module")
def on_air(floe):
    """All encoders, each playing for some seconds already."""
    with contextlib.ExitStack() as stack:
        programmes = {}
        for name in PROGRAMMES:
            form, _, way = name.rpartition("-")
            tap = Tap(floe)
            stack.callback(tap.close)
            encoder = FfmpegEncoder(tap.port, "/" + name, FORMATS[form], is_legacy=way == "SOURCE",
                                    options=("-metadata", f"title=Song in {form}",
                                             "-metadata", "artist=The Encoders"))
            stack.callback(encoder.finish)
            programmes[name] = Programme(name, "/" + name, FORMATS[form], tap, encoder)
        for programme in programmes.values():
            eventually(lambda: programme.call() and programme.call().plays_for() > BEFORE_JOIN_S,
                       within=2 * PATIENCE_S, saying=f"{programme.name} is on the air")
        yield programmes


def ffprobe(url, *what):
    run = subprocess.run(["ffprobe", "-v", "error", "-of", "json", *what, url], timeout=PATIENCE_S,
                         capture_output=True, check=True)
    assert run.stderr == b"", run.stderr
    return json.loads(run.stdout)


@pytest.mark.parametrize("name", PROGRAMMES)
def test_the_encoder_speaks_the_method_it_was_told(on_air, name):
    way = name.rpartition("-")[2]
    assert on_air[name].call().request_line().startswith(way + " ")
    assert ("Expect" in on_air[name].call().head()) == (way == "PUT")


@pytest.mark.parametrize("name", PLAYED)
def test_ffprobe_knows_what_plays(floe, on_air, name):
    streams = ffprobe(floe.url(on_air[name].mount), "-show_streams")["streams"]
    assert tuple(each["codec_name"] for each in streams) == on_air[name].form.codecs


@pytest.mark.parametrize("name", PLAYED)
def test_mpv_plays_it(floe, on_air, name):
    run = subprocess.run(["mpv", "--no-config", "--ao=null", "--vo=null", "--length=1",
                          "--msg-level=all=warn", floe.url(on_air[name].mount)],
                         capture_output=True, timeout=PATIENCE_S, check=False)
    assert (run.returncode, run.stderr) == (0, b""), run.stdout


def test_mpg123_plays_mp3(floe, on_air):
    run = subprocess.run(["mpg123", "--quiet", "--test", "-n", "40", floe.url("/mp3-PUT")],
                         capture_output=True, timeout=PATIENCE_S, check=False)
    assert (run.returncode, run.stderr) == (0, b"")


def test_curl_hears_it_without_any_framing(floe, on_air):
    """What curl takes out of the reply is audio from its first byte on."""
    run = subprocess.run(["curl", "-sS", "--max-time", "2", floe.url("/mp3-PUT")],
                         capture_output=True, timeout=PATIENCE_S, check=False)
    assert run.returncode == 28, run.stderr  # the time was over, nothing else
    assert run.stdout in on_air["mp3-PUT"].call().audio()


@pytest.mark.parametrize("name", PROGRAMMES)
def test_the_status_page_says_what_the_encoder_said(floe, on_air, name):
    source = floe.mounts()["/" + name]
    assert source["server_type"] == on_air[name].form.content_type
    assert source["server_name"] == f"Noise in {on_air[name].form.name}"
    assert source["genre"] == "Noise"


@pytest.mark.parametrize("name", [name for name in PROGRAMMES
                                  if FORMATS[name.rpartition("-")[0]].container == "ogg"])
def test_the_title_in_the_comments_is_the_mounts_title(floe, on_air, name):
    form = on_air[name].form.name
    assert floe.mounts()["/" + name]["title"] == f"The Encoders - Song in {form}"


@dataclasses.dataclass
class Recital:
    """From a late join to the end of the programme."""
    container: str
    sent: bytes
    heard: bytes


@pytest.fixture(scope="module")
def recitals(floe, on_air):
    listeners = {}
    for name, programme in on_air.items():
        listeners[name] = Listener(floe, programme.mount)
    joined = {name: on_air[name].call().plays_for() for name in on_air}
    for name, at in joined.items():
        eventually(lambda: on_air[name].call().plays_for() > at + 3 * HEARD_S)
    for programme in on_air.values():
        programme.encoder.process.send_signal(2)
    found = {}
    for name, listener in listeners.items():
        assert listener.is_closed_by_server(), f"{name}: not closed after the end"
        found[name] = Recital(on_air[name].form.container, on_air[name].call().audio(),
                              bytes(listener.audio))
        listener.leave()
    return found


@pytest.mark.parametrize("name", PROGRAMMES)
def test_a_late_listener_hears_the_encoders_bytes_from_a_boundary_to_the_end(recitals, name):
    recital = recitals[name]
    _, heard = split_join(recital.container, recital.heard)
    begin = recital.sent.find(heard)
    assert begin > 0, f"{len(heard)} bytes that the encoder did not send so"
    places = boundaries(recital.container, recital.sent)
    assert places is None or begin in places, f"{begin} is within a frame"
    assert len(recital.sent) == begin + len(heard), "the end is missing"


@pytest.mark.parametrize("name", PROGRAMMES)
def test_a_late_join_decodes_without_a_complaint(recitals, name):
    assert complaints_on_decoding(recitals[name].heard) == ""


@pytest.mark.parametrize("name", PROGRAMMES)
def test_a_late_join_decodes_to_what_it_should_last(recitals, name):
    assert seconds_decoded(recitals[name].heard) > HEARD_S
