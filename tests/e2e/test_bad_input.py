# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What no well-meaning peer sends. Each case gets the right refusal or a clean close; after each
the server holds no more sockets, descriptors and requests than before, and a listener that plays
all the while has heard every byte."""
import random
import subprocess
import time

import pytest

from studio import marked_mp3
from studio.encoder import Encoder
from studio.listener import Listener
from studio.programs import hash_of
from studio.server import SOURCE_PASSWORD, basic
from studio.waiting import PATIENCE_S, eventually

HEADER_TIMEOUT_S = 3.0
HEAD_BYTES_MAX = 8 * 1024
HEADERS_MAX = 64
AS_SOURCE = f"Authorization: {basic('source', SOURCE_PASSWORD)}\r\n"
TLS_ALERT = 0x15


@pytest.fixture(scope="module")
def settings():
    return {
        "limits": {"header_timeout": f"{int(HEADER_TIMEOUT_S)}s", "source_timeout": "60s",
                   "sources": 64},
        "mount_defaults": {"linger": "0s"},
        "mount": {"/bcrypt": {"source_password": hash_of("hashed",
                                                         "$2b$05$abcdefghijklmnopqrstuu")}},
    }


@pytest.fixture(scope="module")
def witness(floe):
    """Plays through the whole module."""
    with Encoder(floe, "/witness").play():
        eventually(lambda: "/witness" in floe.mounts())
        with Listener(floe, "/witness", icy=True) as listener:
            listener.hears_seconds_more(1)
            yield listener


def held(floe):
    """What the server holds for its peers. Requests: coroutines that are under way."""
    health = floe.health()
    return {"sockets": floe.open_sockets(), "descriptors": floe.descriptors(),
            "sources": health["sources"], "listeners": health["listeners"],
            "mounts": health["mounts"],
            "requests": sum(shard["requests"] for shard in health["shards"])}


def at_rest(floe):
    """What it holds with nobody there but the witness, its source, who asks for the health, and the
    courier of hooks; who asked has left when the sockets are counted."""
    now = held(floe)
    alone = {"sources": 1, "listeners": 1, "requests": 3, "sockets": 2}
    return now if now == {**now, **alone} else None


@pytest.fixture(autouse=True)
def nobody_else_notices(floe, witness):
    before = eventually(lambda: at_rest(floe))
    yield

    def is_as_before():
        now = held(floe)
        assert now == before
        return True
    eventually(is_as_before, saying="the server holds what it held before")
    witness.hears_seconds_more(0.1).frames_heard()


def answer_to(station, raw):
    """All that is said to it, until the server closes."""
    line = station.line()
    line.say_if_heard(raw if isinstance(raw, bytes) else raw.encode("latin-1"))
    return line.rest()


def status_of(answer):
    return int(answer.split()[1]) if answer.startswith(b"HTTP/1.") else None


# ---- request heads ----

def head_of(size):
    """A request whose head has exactly that many bytes."""
    frame = "GET /health HTTP/1.1\r\nX-{}: {}\r\n\r\n"
    return frame.format("Fill", "x" * (size - len(frame.format("Fill", ""))))


HEADS = {
    "a head of 8 KiB": (head_of(HEAD_BYTES_MAX), 200),
    "a head of one byte more": (head_of(HEAD_BYTES_MAX + 1), 431),
    "a head of a megabyte": (head_of(1 << 20), 431),
    "a line without an end": ("GET /" + "x" * 20_000, 431),
    "64 headers": ("GET /health HTTP/1.1\r\n" + "A: b\r\n" * HEADERS_MAX + "\r\n", 200),
    "65 headers": ("GET /health HTTP/1.1\r\n" + "A: b\r\n" * (HEADERS_MAX + 1) + "\r\n", 431),
    "a header without a colon": ("GET / HTTP/1.1\r\nnonsense\r\n\r\n", 400),
    "a folded header": ("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 400),
    "a space before the colon": ("GET / HTTP/1.1\r\nHost : b\r\n\r\n", 400),
    "a header without a name": ("GET / HTTP/1.1\r\n: b\r\n\r\n", 400),
    "two hosts": ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    "a carriage return within a line": ("GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n", 400),
    "NULs": (b"\0" * 100, 400),
    "a NUL within a head": (b"GET / HTTP/1.1\r\nA: \0\r\n\r\n", 400),
    "an escape character": (b"GET /\x1b HTTP/1.1\r\n\r\n", 400),
    "HTTP/2's preface": ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "HTTP/9.9": ("GET / HTTP/9.9\r\n\r\n", 505),
    "no version": ("GET / HTTP/\r\n\r\n", 400),
    "a lower-case method": ("get / HTTP/1.1\r\n\r\n", 405),
    "a method of signs": ("<>@ / HTTP/1.1\r\n\r\n", 400),
    "a long method": ("G" * 100 + " / HTTP/1.1\r\n\r\n", 400),
    "no target": ("GET HTTP/1.1\r\n\r\n", 400),
    "CONNECT": ("CONNECT a.example:443 HTTP/1.1\r\n\r\n", 400),
}


@pytest.mark.parametrize("what", HEADS)
def test_a_head_is_answered(station, what):
    raw, status = HEADS[what]
    assert status_of(answer_to(station, raw)) == status


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_refused_or_closed(station, seed):
    noise = random.Random(seed).randbytes(20_000)
    assert answer_to(station, noise)[:20] in (b"", b"HTTP/1.0 400 Bad Req")


def test_a_tls_hello_is_told_in_its_own_words_that_this_is_no_tls(station):
    hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)
    assert answer_to(station, hello)[0] == TLS_ALERT
    run = subprocess.run(["curl", "-sS", "-k", station.floe.url("/").replace("http", "https")],
                         capture_output=True, timeout=PATIENCE_S, check=False)
    assert run.returncode == 35, run.stderr  # at once: no time-out


@pytest.mark.parametrize("target, status", [
    ("/../etc/passwd", 400),
    ("/a/../b", 400),
    ("/%2e%2e/etc/passwd", 400),
    ("/..%2fetc", 400),
    ("/a%2F..%2Fb", 400),
    ("/.", 400),
    ("/live%00", 400),
    ("/live%0d%0aSet-Cookie:x", 400),
    ("/%zz", 400),
    ("/%", 400),
    ("/%ff%fe", 400),  # no UTF-8
    ("live", 400),
    ("/" + "x" * 255, 414),
    ("/" + "%41" * 255, 414),
    ("/" + "x" * 254, 404),
    ("/a//b", 404),
    ("ftp://a.example/live", 400),
])
def test_a_mount_that_is_no_path_is_refused_to_listeners_and_sources(station, target, status):
    assert status_of(answer_to(station, f"GET {target} HTTP/1.1\r\n\r\n")) == status
    if status != 404:
        put = f"PUT {target} HTTP/1.1\r\n{AS_SOURCE}Content-Type: audio/mpeg\r\n\r\n"
        assert status_of(answer_to(station, put)) == status
        title = f"GET /admin/metadata?mode=updinfo&mount={target}&song=x HTTP/1.1\r\n{AS_SOURCE}"
        assert status_of(answer_to(station, title + "\r\n")) == 404


@pytest.mark.parametrize("login", [
    "Basic", "Basic ", "Basic !!!!", "Basic " + "A" * 7000, "Digest username=x", "Bearer x",
    "Basic c291cmNlOgA=",  # a NUL
    "Basic " + "c291cmNlOmhhc2hlZA" + "=" * 30,
])
@pytest.mark.parametrize("mount", ["/plain", "/bcrypt"])
def test_a_login_that_is_none_opens_nothing(station, mount, login):
    put = f"PUT {mount} HTTP/1.1\r\nAuthorization: {login}\r\nContent-Type: audio/mpeg\r\n\r\n"
    assert status_of(answer_to(station, put)) == 401


# ---- slow, half open, broken off ----

def test_a_head_that_comes_letter_by_letter_has_so_long_and_no_longer(station):
    begun = time.monotonic()
    line = station.line()
    while line.say_if_heard("G") and line.hears_nothing_for(0.05):
        assert time.monotonic() - begun < 5 * HEADER_TIMEOUT_S
    assert line.reply().status == 408
    assert time.monotonic() - begun > 0.9 * HEADER_TIMEOUT_S


def test_who_says_nothing_is_let_go(station):
    line = station.line()
    assert line.reply().status == 408


def test_a_shoutcast_source_that_stops_after_its_password_is_let_go(station):
    line = station.line()
    line.say(SOURCE_PASSWORD + "\r\n")
    assert line.rest() == b"OK2\r\nicy-caps:11\r\n\r\n"


def test_a_shoutcast_header_block_without_an_end_is_let_go(station):
    line = station.line()
    line.say(SOURCE_PASSWORD + "\r\n")
    line.say_if_heard("icy-name:x\r\n" * 2000)
    assert line.rest() == b"OK2\r\nicy-caps:11\r\n\r\n"


def test_a_password_line_longer_than_any_password_is_refused(station):
    assert status_of(answer_to(station, "x" * 2000 + "\r\n")) == 400


def test_who_closes_its_side_after_the_request_is_served_all_the_same(station):
    line = station.line()
    line.say("GET /witness HTTP/1.0\r\n\r\n")
    line.end_saying()
    assert line.head().status == 200
    marked_mp3.check_unbroken(line.exactly(100_000))


@pytest.mark.parametrize("part", ["", "G", "GET /live HTTP/1.1\r\nHost: a\r\n",
                                  "PUT /live HTTP/1.1\r\n" + AS_SOURCE, SOURCE_PASSWORD])
def test_half_a_request_and_an_end_is_closed(station, part):
    line = station.line()
    line.say(part)
    line.end_saying()
    assert line.rest() == b""


PUT_HEAD = f"PUT /reset HTTP/1.1\r\n{AS_SOURCE}Content-Type: audio/mpeg\r\n"
STEPS = {
    "at once": "",
    "within a request": "GET /live HT",
    "with its request": "GET /health HTTP/1.1\r\n\r\n",
    "as a listener": "GET /witness HTTP/1.1\r\n\r\n",
    "as a listener with titles": "GET /witness HTTP/1.1\r\nIcy-MetaData: 1\r\n\r\n",
    "as a source": PUT_HEAD + "\r\n",
    "as a source before the go-ahead": PUT_HEAD + "Expect: 100-continue\r\n\r\n",
    "as a source within a frame": PUT_HEAD + "\r\n" + "\xff\xfb\x94\x00" + "x" * 1000,
    "as a source within a chunk": PUT_HEAD + "Transfer-Encoding: chunked\r\n\r\n1000\r\nabc",
    "as a source within a chunk's size": PUT_HEAD + "Transfer-Encoding: chunked\r\n\r\n10",
    "as a shoutcast source": SOURCE_PASSWORD + "\r\nicy-name:x\r\n",
    "while its password is checked": ("PUT /bcrypt HTTP/1.1\r\nContent-Type: audio/mpeg\r\n"
                                      f"Authorization: {basic('source', 'hashed')}\r\n\r\n"),
    "within a form": ("POST /admin/metadata HTTP/1.1\r\nContent-Length: 1000\r\n"
                      f"{AS_SOURCE}\r\nmode=updinfo"),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("is_answered", [False, True])
def test_a_peer_that_resets_leaves_nothing_behind(station, step, is_answered):
    for _ in range(10):
        line = station.line()
        line.say(STEPS[step].encode("latin-1"))
        if is_answered:  # it gets to hear a byte, if there is any to hear
            line.hears_nothing_for(0.05)
        line.reset()


def test_five_hundred_half_requests_keep_nobody_waiting(station):
    lines = [station.line() for _ in range(500)]
    for line in lines:
        line.say("GET /live HTTP/1.1\r\n")
    begun = time.monotonic()
    assert station.floe.ask("GET", "/health").status == 200
    assert time.monotonic() - begun < HEADER_TIMEOUT_S
    station.hear("/witness").hears_bytes(1)
    for line in lines:
        assert line.reply().status == 408


# ---- bodies ----

@pytest.mark.parametrize("length", ["-1", "+1", "abc", "1 2", "0x10", "99999999999999999999",
                                    "9223372036854775808", "1\r\nContent-Length: 2",
                                    "1\r\nTransfer-Encoding: chunked"])
def test_a_length_that_is_none_is_refused(station, length):
    assert status_of(answer_to(station, PUT_HEAD + f"Content-Length: {length}\r\n\r\n")) == 400


def test_a_body_that_says_it_has_eight_exabytes_is_a_source_like_others(station):
    encoder = station.encoder("/huge", headers=["Content-Length: 9223372036854775807"])
    encoder.send_seconds(5)
    station.hear("/huge").hears_seconds(2).frames_heard()


@pytest.mark.parametrize("size", ["10000000000000000", "ffffffffffffffff", "8000000000000000",
                                  "-1", "", "xyz", "1" * 300, "5;" + "x" * 5000])
def test_a_chunk_of_no_possible_size_is_refused(station, size):
    chunked = PUT_HEAD + "Transfer-Encoding: chunked\r\n\r\n"
    assert status_of(answer_to(station, chunked + size + "\r\nabc")) == 400


def test_a_chunk_that_is_longer_than_it_said_is_refused(station):
    chunked = PUT_HEAD + "Transfer-Encoding: chunked\r\n\r\n"
    assert status_of(answer_to(station, chunked + "3\r\nabcdef\r\n")) == 400


def test_a_trailer_without_an_end_is_refused(station):
    chunked = PUT_HEAD + "Transfer-Encoding: chunked\r\n\r\n0\r\n"
    assert status_of(answer_to(station, chunked + "A: b\r\n" * 2000)) == 400


@pytest.mark.parametrize("length, status", [("", 400), ("Content-Length: 20000\r\n", 413),
                                            ("Transfer-Encoding: chunked\r\n", 411)])
def test_a_form_is_of_a_reasonable_length(station, length, status):
    head = f"POST /admin/metadata HTTP/1.1\r\n{AS_SOURCE}{length}\r\n"
    assert status_of(answer_to(station, head)) == status


# ---- streams ----

def test_text_that_is_called_mpeg_is_heard_by_nobody(station):
    encoder = station.encoder("/text")
    encoder.say(b"I am not a stream of MPEG audio.\n" * 10_000)
    listener = station.hear("/text")
    encoder.send_frames(100)  # what is audio behind it, is
    assert listener.hears_frame(99).frames_heard()[0] < 5


@pytest.mark.parametrize("content_type", [
    "audio/mpeg", "audio/aac", "application/ogg", "audio/webm", "audio/flac", "text/plain",
    "audio/mpeg; charset=x", "AUDIO/MPEG", "nonsense", "a" * 500, "<script>", "\xff\xfe"])
def test_noise_of_any_type_harms_nobody(station, content_type):
    line = station.line()
    line.say(f"SOURCE /noise ICE/1.0\r\n{AS_SOURCE}Content-Type: {content_type}\r\n\r\n"
             .encode("latin-1"))
    assert line.head().status == 200
    listener = Listener(station.floe, "/noise")
    assert listener.head.status == 200
    noise = random.Random(content_type)
    for magic in (b"", b"OggS\0", b"\x1a\x45\xdf\xa3", b"fLaC", b"\xff\xfb\x90\0", b"\xff\xf1"):
        line.say(magic + noise.randbytes(50_000))
    line.end_saying()
    assert listener.is_closed_by_server()
    listener.leave()


@pytest.mark.parametrize("metaint", ["0", "-5", "99999999999", "x", "1"])
def test_a_source_with_an_absurd_metaint_is_taken_as_it_is(station, metaint):
    line = station.line()
    line.say(f"SOURCE /metaint ICE/1.0\r\n{AS_SOURCE}icy-metaint: {metaint}\r\n\r\n")
    assert line.head().status == 200
    line.say(marked_mp3.frames(0, 50))
    line.end_saying()
    line.rest()


def test_what_a_listener_says_after_its_request_is_of_no_interest(station):
    line = station.line()
    line.say("GET /witness HTTP/1.1\r\n\r\n")
    line.head()
    for _ in range(10):
        line.say("GET /health HTTP/1.1\r\n\r\n" * 100)
        line.exactly(2000)


def test_a_second_request_on_the_same_line_is_not_answered(station):
    answer = answer_to(station, "GET /health HTTP/1.1\r\n\r\n" * 2)
    assert answer.count(b"HTTP/1.1 200 OK") == 1


def test_an_encoder_that_broke_off_mid_head_can_come_again(station):
    for _ in range(20):
        line = station.line()
        line.say(PUT_HEAD)
        line.close()
    assert station.encoder("/reset").is_accepted
