# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""How encoders come, what they are told, and how they go."""
import base64
import subprocess

import pytest

from studio import marked_mp3
from studio.containers import ogg_pages
from studio.encoder import Encoder
from studio.ffmpeg import FORMATS
from studio.listener import Listener
from studio.programs import ezstream, hash_of
from studio.server import ADMIN_PASSWORD, SOURCE_PASSWORD, basic, free_port
from studio.tap import Tap
from studio.waiting import PATIENCE_S, eventually

OK_OF_SOURCE = b"HTTP/1.0 200 OK\r\n\r\n"
OK2 = b"OK2\r\nicy-caps:11\r\n\r\n"


@pytest.fixture(scope="module")
def settings():
    return {
        "server": {"shoutcast_mount": "/shout"},
        "mount_defaults": {"burst": "60s", "history": "60s", "linger": "1s"},
        "mount": {
            "/own": {"source_password": "its-own"},
            "/dj": {"source_user": "dj", "source_password": "spin:it"},
            "/bcrypt": {"source_password": hash_of("hashed", "$2b$05$abcdefghijklmnopqrstuu")},
            "/yescrypt": {"source_password": hash_of("hashed", "$y$j75$abcdefghijkl")},
            "/taken": {"takeover": True},
        },
    }


# ---- PUT ----

def test_a_put_that_expects_it_is_told_to_continue_and_in_the_end_that_all_was_well(station, mount):
    encoder = station.encoder(mount)
    assert encoder.head.text == "HTTP/1.1 100 Continue\r\n\r\n"
    end = encoder.send_seconds(2)
    listener = station.hear(mount)
    reply = encoder.finish()
    assert reply.startswith(b"HTTP/1.1 200 OK\r\n")
    assert listener.hears_frame(end - 1).frames_heard() == (0, end)


def test_a_put_that_does_not_expect_anything_is_told_nothing_before_its_end(station, mount):
    encoder = station.encoder(mount, expects=False)
    encoder.send_seconds(2)
    eventually(lambda: mount in station.floe.mounts())
    station.hear(mount).hears_bytes(1)
    assert encoder.wire.hears_nothing_for(0.2)
    assert encoder.finish().startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("cut", [1, 7, 4096])
def test_the_chunks_of_a_put_are_not_heard(station, mount, cut):
    encoder = station.encoder(mount, is_chunked=True)
    audio = marked_mp3.frames(0, 50)
    for at in range(0, len(audio), cut):
        encoder.wire.say(b"%X;name=\"value\"\r\n" % len(audio[at:at + cut]))
        encoder.wire.say(audio[at:at + cut] + b"\r\n")
    listener = station.hear(mount)
    assert listener.hears_frame(49).frames_heard() == (0, 50)
    encoder.wire.say(b"0\r\nTrailer: of no interest\r\n\r\n")
    assert encoder.wire.reply().status == 200
    assert listener.is_closed_by_server()


def test_a_put_of_a_stated_length_is_over_after_it(station, mount):
    audio = marked_mp3.frames(0, 50)
    encoder = station.encoder(mount, headers=[f"Content-Length: {len(audio)}"])
    encoder.say(audio)
    assert encoder.wire.reply().status == 200


def test_a_put_without_a_content_type_is_refused(station, mount):
    encoder = station.encoder(mount, content_type=None)
    assert encoder.head.status == 400
    assert b"Content-Type" in encoder.wire.rest()


def test_a_transfer_coding_that_is_not_known_is_refused(station, mount):
    assert station.encoder(mount, headers=["Transfer-Encoding: gzip"]).head.status == 501


def test_curl_feeds_from_a_pipe_in_chunks(station, mount, tmp_path):
    curl = subprocess.Popen(
        ["curl", "-sS", "-T", "-", "-u", f"source:{SOURCE_PASSWORD}", "-H",
         "Content-Type: audio/mpeg", "-H", "Expect: 100-continue", station.floe.url(mount)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    end = marked_mp3.count_of(5)
    curl.stdin.write(marked_mp3.frames(0, end))
    curl.stdin.flush()
    eventually(lambda: mount in station.floe.mounts())
    listener = station.hear(mount)
    curl.stdin.write(marked_mp3.frames(end, 2 * end))
    out, err = curl.communicate(timeout=PATIENCE_S)
    assert (curl.returncode, out, err) == (0, b"", b"")
    assert listener.hears_frame(2 * end - 1).frames_heard() == (0, 2 * end)


def test_curl_feeds_a_file(station, mount, tmp_path):
    file = tmp_path / "file.mp3"
    file.write_bytes(marked_mp3.frames(0, 100))
    run = subprocess.run(
        ["curl", "-sS", "-f", "-T", file, "-u", f"source:{SOURCE_PASSWORD}", "-H",
         "Content-Type: audio/mpeg", "-w", "%{http_code}", station.floe.url(mount)],
        capture_output=True, timeout=PATIENCE_S, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, b"200", b"")


# ---- SOURCE ----

@pytest.mark.parametrize("version", ["HTTP/1.0", "ICE/1.0", "HTTP/1.1"])
def test_source_is_answered_with_the_words_that_old_encoders_compare(station, mount, version):
    line = station.line()
    line.say(f"SOURCE {mount} {version}\r\nContent-Type: audio/mpeg\r\n"
             f"Authorization: {basic('source', SOURCE_PASSWORD)}\r\n\r\n")
    assert line.exactly(len(OK_OF_SOURCE)) == OK_OF_SOURCE
    line.say(marked_mp3.frames(0, 100))
    assert station.hear(mount).hears_frame(99).frames_heard() == (0, 100)


def test_a_source_that_sends_audio_along_with_its_head_loses_none_of_it(station, mount):
    line = station.line()
    line.say(b"SOURCE %s ICE/1.0\nAuthorization: %s\n\n" %
             (mount.encode(), basic("source", SOURCE_PASSWORD).encode()) +
             marked_mp3.frames(0, 10))
    assert line.exactly(len(OK_OF_SOURCE)) == OK_OF_SOURCE
    assert station.hear(mount).hears_frame(9).frames_heard() == (0, 10)


def test_a_source_that_does_not_say_its_type_sends_mp3(station, mount):
    encoder = station.encoder(mount, method="SOURCE", content_type=None)
    encoder.send_seconds(2)
    assert station.hear(mount).head.get("Content-Type") == "audio/mpeg"


def test_a_source_may_give_a_password_and_no_name(station, mount):
    for login in (SOURCE_PASSWORD, ":" + SOURCE_PASSWORD):
        line = station.line()
        line.say(f"SOURCE {mount}-{len(login)} ICE/1.0\r\nAuthorization: Basic "
                 f"{base64.b64encode(login.encode()).decode()}\r\n\r\n")
        assert line.head().status == 200


# ---- passwords ----

@pytest.mark.parametrize("mount, user, password, status", [
    ("/open", "source", SOURCE_PASSWORD, 100),
    ("/open", "source", SOURCE_PASSWORD[:-1], 401),
    ("/open", "source", SOURCE_PASSWORD + "x", 401),
    ("/open", "source", "", 401),
    ("/open", "Source", SOURCE_PASSWORD, 401),
    ("/open", "admin", ADMIN_PASSWORD, 403),  # an administrator is no encoder
    ("/open", "source", None, 401),
    ("/own", "source", "its-own", 100),
    ("/own", "source", SOURCE_PASSWORD, 401),  # the global one does not open it
    ("/dj", "dj", "spin:it", 100),
    ("/dj", "source", "spin:it", 401),
    ("/bcrypt", "source", "hashed", 100),
    ("/bcrypt", "source", "hashes", 401),
    ("/yescrypt", "source", "hashed", 100),
    ("/yescrypt", "source", "hashes", 401),
])
def test_only_who_knows_the_password_of_a_mount_may_feed_it(station, mount, user, password,
                                                            status):
    encoder = eventually(  # the one of the test before may be about to leave
        lambda: (lambda it: it if it.head.status != 409 else it.leave())(
            Encoder(station.floe, mount, user=user, password=password)))
    assert encoder.head.status == status
    assert (encoder.head.get("WWW-Authenticate") == 'Basic realm="Floe"') == (status == 401)
    encoder.leave()


def test_the_hash_itself_is_not_the_password(station):
    encoder = station.encoder("/bcrypt", password=hash_of("hashed",
                                                          "$2b$05$abcdefghijklmnopqrstuu"))
    assert encoder.head.status == 401


def test_a_refused_encoder_that_sends_on_can_still_read_why(station, mount):
    """Encoders of old send at once; a reset would take the answer from them."""
    line = station.line()
    line.say(f"SOURCE {mount} ICE/1.0\r\nAuthorization: {basic('source', 'wrong')}\r\n\r\n")
    line.say_if_heard(marked_mp3.frames(0, 1000))
    assert line.reply().status == 401


# ---- who has the mount ----

def test_a_second_source_is_refused_and_the_first_is_not_disturbed(station, mount):
    encoder = station.feed(mount)
    listener = station.hear(mount)
    assert station.encoder(mount).head.status == 409
    assert station.encoder(mount, method="SOURCE").head.status == 409
    listener.hears_seconds_more(1).frames_heard()
    assert encoder.error is None


def test_a_mount_that_allows_takeover_goes_over_to_the_newcomer_on_a_whole_frame(station):
    first = station.feed("/taken")
    listener = station.hear("/taken").hears_seconds_more(1)
    first.pause()
    listener.hears_frame(first.next_frame - 1)
    first.say(marked_mp3.frame(first.next_frame)[:100])  # a frame is under way
    second = station.encoder("/taken", first_frame=100_000)
    assert second.is_accepted
    end = second.send_seconds(2)
    assert first.wire.rest() == b""  # closed
    audio = bytes(listener.hears_frame(end - 1).audio)
    (_, old_end), (new_begin, new_end) = marked_mp3.runs(audio)
    assert old_end == first.next_frame
    assert (new_begin, new_end) == (100_000, end)


def test_the_number_of_sources_is_limited(start_floe):
    floe = start_floe({"limits": {"sources": 1}})
    with Encoder(floe, "/one") as one, Encoder(floe, "/two") as two:
        assert one.is_accepted
        assert (two.head.status, two.head.get("Retry-After")) == (503, "10")


@pytest.mark.parametrize("path", ["/", "/health", "/status-json.xsl", "/admin/metadata",
                                  "/admin.cgi", "/live.m3u", "/live.pls", "/live.xspf"])
def test_a_page_of_the_server_is_no_mount(station, path):
    assert station.encoder(path).head.status == 403


# ---- the end ----

def test_delete_ends_a_source(station, mount):
    encoder = station.feed(mount)
    listener = station.hear(mount).hears_seconds_more(0.5)
    assert station.floe.ask("DELETE", mount, password="wrong").status == 401
    reply = station.floe.ask("DELETE", mount, password=SOURCE_PASSWORD)
    assert (reply.status, reply.body) == (204, b"")
    encoder.wire.rest()
    listener.frames_heard()
    eventually(lambda: station.floe.ask("DELETE", mount, password=SOURCE_PASSWORD).status == 404)


def test_an_administrator_may_end_a_source(station, mount):
    encoder = station.feed(mount)
    assert station.floe.ask("DELETE", mount, user="admin", password=ADMIN_PASSWORD).status == 204
    encoder.wire.rest()


def test_a_source_that_sends_nothing_is_let_go(start_floe):
    floe = start_floe({"limits": {"source_timeout": "3s"}})
    with Encoder(floe, "/silent") as encoder, Encoder(floe, "/busy").play() as busy:
        encoder.send_frames(3)
        assert encoder.wire.rest() == b""
        eventually(lambda: list(floe.mounts()) == ["/busy"])
        assert busy.error is None


def test_a_broken_chunked_body_ends_the_source_and_is_called_bad(station, mount):
    encoder = station.encoder(mount, is_chunked=True)
    encoder.send_frames(10)
    encoder.wire.say(b"this is no size\r\n")
    assert encoder.wire.reply().status == 400


# ---- what a source says of itself ----

def test_what_a_source_says_of_itself_reaches_listeners_and_the_status_page(station, mount):
    encoder = station.encoder(mount, headers=[
        "ice-name: A name", "icy-name: not this", "icy-genre:Jazz", "ice-url: http://a.example/",
        "ice-description: Café", "ice-public: 1",
        "ice-bitrate: 128", "ice-audio-info: ice-samplerate=48000;ice-bitrate=128;ice-channels=2"])
    encoder.send_seconds(2)
    head = station.hear(mount).head
    assert ("icy-name", "A name") in head.fields  # without a space behind the colon
    assert ("icy-genre", "Jazz") in head.fields
    assert ("icy-url", "http://a.example/") in head.fields
    assert ("icy-description", "Café") in head.fields
    assert ("icy-pub", "1") in head.fields
    assert ("icy-br", "128") in head.fields
    assert head.get("ice-audio-info") == "ice-samplerate=48000;ice-bitrate=128;ice-channels=2"
    source = station.floe.mounts()[mount]
    assert source["server_name"] == "A name"
    assert source["server_description"] == "Café"
    assert source["genre"] == "Jazz"
    assert source["bitrate"] == 128
    assert source["ice-samplerate"] == 48000


def test_a_source_cannot_break_out_of_a_header_line(station, mount):
    """A bare CR in a header is refused; an escaped one in a value stays text."""
    line = station.line()
    line.say(f"SOURCE {mount} ICE/1.0\r\nAuthorization: {basic('source', SOURCE_PASSWORD)}\r\n"
             "ice-name: a\rSet-Cookie: b\r\n\r\n")
    assert line.head().status == 400


# ---- SHOUTcast v1 ----

def shoutcast(station, password_line, headers=b"icy-name:Old\r\nicy-br:128\r\n\r\n"):
    """Says nothing but the password until it is told OK2."""
    line = station.line()
    line.say(password_line)
    assert line.exactly(len(OK2)) == OK2
    line.say(headers)
    return line


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r\r\n"])
def test_a_shoutcast_source_is_let_in_after_its_password_line(station, end):
    eventually(lambda: station.floe.ask("GET", "/shout").status == 404)  # nobody lingers
    line = shoutcast(station, SOURCE_PASSWORD.encode() + end,
                     b"icy-name:Old" + end + b"content-type:audio/mpeg" + end + end)
    line.say(marked_mp3.frames(0, 100))
    listener = hear_once_there(station, "/shout")
    assert listener.hears_frame(99).frames_heard() == (0, 100)
    assert ("icy-name", "Old") in listener.head.fields
    assert listener.head.get("Content-Type") == "audio/mpeg"
    line.close()


def hear_once_there(station, mount):
    """SHOUTcast has no word for "the mount is yours"."""
    eventually(lambda: mount in station.floe.mounts())
    return station.hear(mount)


def test_a_shoutcast_source_may_name_its_mount_with_its_password(station):
    line = shoutcast(station, b"/own:its-own\r\n")
    line.say(marked_mp3.frames(0, 100))
    hear_once_there(station, "/own").hears_frame(99)


def test_a_shoutcast_dj_may_have_a_password_with_a_colon(station):
    line = shoutcast(station, b"/dj:spin:it\r\n")
    line.say(marked_mp3.frames(0, 100))
    hear_once_there(station, "/dj").hears_frame(99)


def test_a_wrong_shoutcast_password_is_told_so(station):
    line = station.line()
    line.say(b"nonsense\r\n")
    assert line.rest() == b"invalid password\r\n"


def test_a_second_shoutcast_source_is_told_that_the_mount_is_in_use(station, mount):
    station.encoder(mount, method="SOURCE")
    line = shoutcast(station, f"{mount}:{SOURCE_PASSWORD}\n".encode())
    assert line.rest() == b"stream already in use\r\n"


def test_a_poke_is_closed_without_a_word(station):
    line = station.line()
    line.say(b"!POKE\r\n")
    assert line.rest() == b""


def test_a_shoutcast_source_sets_titles_by_admin_cgi(station, mount):
    line = shoutcast(station, f"{mount}:{SOURCE_PASSWORD}\n".encode())
    line.say(marked_mp3.frames(0, 100))
    hear_once_there(station, mount)
    path = f"/admin.cgi?pass={mount}:{SOURCE_PASSWORD}&mode=updinfo&song=Old%20Song"
    assert station.floe.ask("GET", path, version="HTTP/1.0").status == 200
    assert station.floe.mounts()[mount]["title"] == "Old Song"
    wrong = f"/admin.cgi?mount={mount}&pass=wrong&mode=updinfo&song=Other"
    assert station.floe.ask("GET", wrong).status == 401
    by_parameter = f"/admin.cgi?mount={mount}&pass={SOURCE_PASSWORD}&mode=updinfo&song=New"
    assert station.floe.ask("GET", by_parameter).status == 200
    assert station.floe.mounts()[mount]["title"] == "New"


# ---- real encoders ----

@pytest.mark.parametrize("protocol", ["HTTP", "ICY"])
def test_ezstream_feeds_a_mount(station, mount, tmp_path, protocol):
    """libshout asks by OPTIONS what is spoken here; for ICY it uses the next port, here a wire
    that leads to the one there is."""
    port = free_port()
    tap = Tap(station.floe, port + (protocol == "ICY"))
    target = mount if protocol == "HTTP" else "/shout"
    program = ezstream(tmp_path, port, mount, "MP3", protocol=protocol)
    try:
        audio = marked_mp3.frames(0, 500)
        program.stdin.write(audio)
        program.stdin.flush()
        eventually(lambda: target in station.floe.mounts())
        listener = station.hear(target).hears_bytes(10_000)
        begin, end = listener.frames_heard()
        assert begin == 0 and end > 20
        assert ("icy-name", "Ez & easy") in listener.head.fields
    finally:
        program.kill()
        program.wait()
        tap.close()


def listen_if_there(floe, mount):
    listener = Listener(floe, mount)
    return listener if listener.head.status == 200 else None


@pytest.mark.parametrize("way", ["takeover", "return"])
def test_ogg_goes_over_to_another_source_with_all_of_its_headers(start_floe, tmp_path, way):
    """Who listens hears a chain: the first stream up to a page's end, then the second one whole."""
    floe = start_floe({"mount_defaults": {"burst": "60s", "history": "60s",
                                          "takeover": way == "takeover"}})
    songs = [noise_in_ogg(seed) for seed in (1, 2)]
    with Encoder(floe, "/ogg", content_type="application/ogg") as first:
        first.say(songs[0][:len(songs[0]) * 2 // 3])  # ends within a page
        listener = eventually(lambda: listen_if_there(floe, "/ogg"))
        listener.hears_bytes(len(songs[0]) // 2)
        if way == "return":
            first.crash()
            eventually(lambda: "/ogg" not in floe.mounts())
        with Encoder(floe, "/ogg", content_type="application/ogg") as second:
            assert second.is_accepted
            second.say(songs[1])
            eventually(lambda: bytes(listener.audio).endswith(songs[1]))
    listener.leave()
    heard_of_first = bytes(listener.audio)[:-len(songs[1])]
    assert songs[0].startswith(heard_of_first)
    assert len(heard_of_first) in [at for at, _, _ in ogg_pages(songs[0])]


def noise_in_ogg(seed):
    made = subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i",
                           f"anoisesrc=seed={seed}:d=5", *FORMATS["vorbis"].options, "-"],
                          capture_output=True, check=True)
    return made.stdout
