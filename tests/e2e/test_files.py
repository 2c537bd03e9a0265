# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Files that play: what a listener hears of them is compared with what ffmpeg wrote."""
import contextlib
import socket
import subprocess
import time

import pytest

from studio import marked_mp3, swap
from studio.encoder import Encoder
from studio.ffmpeg import complaints_on_decoding
from studio.listener import Listener
from studio.waiting import PATIENCE_S, eventually

TONE = "sine=frequency={hz}:sample_rate={rate}:duration={seconds},aformat=channel_layouts={layout}"
# All that was ever played is kept, so that a listener hears it from the beginning.
WHOLE = {"burst": "60s", "history": "60s"}


def write_file(path, *options, hz=440, rate=44100, seconds=1.5, layout="stereo"):
    tone = TONE.format(hz=hz, rate=rate, seconds=seconds, layout=layout)
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", tone, *options,
                    str(path)], check=True, timeout=PATIENCE_S)
    return path


def write_mp3(path, *options, **sound):
    return write_file(path, "-c:a", "libmp3lame", "-b:a", "128k", *options, **sound)


def frames_of(path, *options, **sound):
    """The MP3 frames that write_mp3 puts behind what describes them."""
    bare = path.with_suffix(".bare.mp3")
    write_mp3(bare, "-write_xing", "0", "-id3v2_version", "0", *options, **sound)
    frames = bare.read_bytes()
    bare.unlink()
    return frames


def decoded(media, *options):
    """Samples of one channel, 16 bits each; fails if ffmpeg has anything to say about it."""
    run = subprocess.run(["ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-xerror", *options,
                          "-i", "pipe:0", "-ac", "1", "-f", "s16le", "-c:a", "pcm_s16le", "-"],
                         input=bytes(media), capture_output=True, timeout=PATIENCE_S, check=False)
    assert (run.returncode, run.stderr) == (0, b"")
    return run.stdout


def links_of(ogg):
    """The links of a chain, each from its first page to the next one's."""
    starts, at = [], 0
    while at < len(ogg):
        assert ogg[at:at + 4] == b"OggS", at
        if len(ogg) < at + 27:
            break
        lacings = ogg[at + 26]
        if len(ogg) < at + 27 + lacings:
            break
        if ogg[at + 5] & 2:
            starts.append(at)
        at += 27 + lacings + sum(ogg[at + 27:at + 27 + lacings])
    return [bytes(ogg[begin:end]) for begin, end in zip(starts, starts[1:])]


@pytest.fixture
def play(make_floe):
    """A server with mounts on which files play."""
    def begin(mounts, **tables):
        floe = make_floe({"mount": {name: {**WHOLE, **keys} for name, keys in mounts.items()},
                          "limits": {"arena": "64MiB"}, **tables})
        for name in mounts:
            eventually(lambda name=name: floe.ask("HEAD", name).status == 200,
                       saying=f"{name} plays")
        return floe
    return begin


# ---- loops ----

def test_frames_of_mp3_follow_one_another_over_the_end_of_the_file(play, tmp_path):
    path = write_mp3(tmp_path / "tone.mp3", "-metadata", "title=Floe", "-metadata", "artist=Ice",
                     "-write_id3v1", "1")
    frames = frames_of(path)
    assert b"Info" in path.read_bytes() and b"Info" not in frames
    floe = play({"/loop": {"file": str(path)}})
    with Listener(floe, "/loop") as listener:
        heard = bytes(listener.hears_bytes(3 * len(frames)).audio)
    assert heard[:3 * len(frames)] == 3 * frames
    assert len(decoded(heard[:2 * len(frames)])) == 2 * len(decoded(frames))


def test_frames_of_aac_follow_one_another_over_the_end_of_the_file(play, tmp_path):
    path = write_file(tmp_path / "tone.aac", "-c:a", "aac", "-b:a", "96k", "-f", "adts")
    frames = path.read_bytes()
    floe = play({"/loop": {"file": str(path)}})
    with Listener(floe, "/loop") as listener:
        heard = bytes(listener.hears_bytes(3 * len(frames)).audio)
    assert heard[:3 * len(frames)] == 3 * frames
    assert len(decoded(heard[:2 * len(frames)])) == 2 * len(decoded(frames))


@pytest.mark.parametrize("name, options", [
    ("tone.ogg", ("-c:a", "libvorbis", "-q:a", "3")),
    ("tone.opus", ("-c:a", "libopus", "-b:a", "64k")),
    ("tone.oga", ("-c:a", "flac", "-f", "ogg")),
])
def test_each_pass_of_ogg_is_a_link_that_is_decoded_to_its_last_sample(play, tmp_path, name,
                                                                       options):
    path = write_file(tmp_path / name, *options, rate=48000)
    whole = len(decoded(path.read_bytes()))
    floe = play({"/loop": {"file": str(path)}})
    with Listener(floe, "/loop") as listener:
        size = len(path.read_bytes())
        heard = bytes(listener.hears_bytes(int(3.5 * size)).audio)
    links = links_of(heard)
    assert len(links) >= 3
    serials = {link[14:18] for link in links}
    assert len(serials) == len(links)
    for link in links:
        assert len(decoded(link)) == whole
    # As much as ffmpeg finds in the file behind another copy of it.
    other = write_file(tmp_path / f"other-{name}", *options, rate=48000)
    chain = path.read_bytes() + other.read_bytes()
    assert len(decoded(b"".join(links[:2]))) == len(decoded(chain))
    assert complaints_on_decoding(heard[:sum(map(len, links))]) == ""


def test_frames_of_flac_follow_one_another_over_the_end_of_the_file(play, tmp_path):
    path = write_file(tmp_path / "tone.flac", "-c:a", "flac", seconds=1.5)
    sound = decoded(path.read_bytes())
    floe = play({"/loop": {"file": str(path)}})
    with Listener(floe, "/loop") as listener:
        heard = bytes(listener.hears_bytes(int(2.5 * path.stat().st_size)).audio)
    assert decoded(heard).startswith(2 * sound)


def test_a_file_plays_in_the_time_that_its_frames_take(play, tmp_path):
    path = write_mp3(tmp_path / "tone.mp3", seconds=0.5)
    floe = play({"/loop": {"file": str(path)}})
    with Listener(floe, "/loop") as listener:
        listener.hears_bytes(1)
        began, before = time.monotonic(), len(listener.audio)
        listener.hears_bytes(before + 4 * 16_000)
        assert 2.5 < time.monotonic() - began < 20


# ---- titles ----

def test_titles_of_tags_begin_where_their_files_begin(play, tmp_path):
    first = write_mp3(tmp_path / "1.mp3", "-metadata", "title=Größe", "-metadata", "artist=Ice",
                      "-id3v2_version", "3")
    second = write_mp3(tmp_path / "2.mp3", "-metadata", "title=Другой", "-id3v2_version", "4",
                       hz=660)
    third = write_mp3(tmp_path / "3.mp3", hz=880)
    fourth = write_mp3(tmp_path / "A file.mp3", hz=220)
    playlist = tmp_path / "list.m3u8"
    playlist.write_text("#EXTM3U\n1.mp3\n2.mp3\n#EXTINF:2,Of - the list\n3.mp3\nA file.mp3\n",
                        encoding="utf-8")
    passes = [frames_of(path, hz=hz) for path, hz in
              ((first, 440), (second, 660), (third, 880), (fourth, 220))]
    floe = play({"/loop": {"file": str(playlist), "metaint": 512}})
    with Listener(floe, "/loop", icy=True) as listener:
        listener.hears_bytes(sum(map(len, passes)) + 2000)
        heard, titles = bytes(listener.audio), listener.titles()
    assert heard.startswith(b"".join(passes))
    assert [title for _, title in titles][:5] == [
        "Ice - Größe", "Другой", "Of - the list", "A file", "Ice - Größe"]
    begins = [0]
    for each in passes:
        begins.append(begins[-1] + len(each))
    for (at, _), begin in zip(titles, begins):
        assert begin <= at < begin + 512 + 418  # the block behind it, and a frame that is under way


# ---- playlists ----

def test_a_playlist_goes_round_and_passes_over_what_cannot_be_played(play, tmp_path):
    write_mp3(tmp_path / "1.mp3", hz=440)
    (tmp_path / "2.mp3").write_bytes(b"no audio")
    write_mp3(tmp_path / "3.mp3", hz=660, rate=24000)
    (tmp_path / "list.pls").write_text(
        "[playlist]\nFile1=1.mp3\nFile2=2.mp3\nFile3=3.mp3\nFile4=none.mp3\nFile5=5.ogg\n",
        encoding="utf-8")
    both = frames_of(tmp_path / "1.mp3") + frames_of(tmp_path / "3.mp3", hz=660, rate=24000)
    floe = play({"/loop": {"file": str(tmp_path / "list.pls")}})
    with Listener(floe, "/loop") as listener:
        heard = bytes(listener.hears_bytes(2 * len(both)).audio)
        assert heard[:2 * len(both)] == 2 * both
    for name in ("2.mp3", "none.mp3", "5.ogg"):
        log = floe.says(f"/{name}\"")
        assert log.count(f"/{name}\" ") + log.count(f"/{name}\": ") == 1, name


def test_a_folder_is_shuffled_each_round_without_repeats(play, tmp_path):
    music = tmp_path / "music" / "sub"
    music.mkdir(parents=True)
    passes = {}
    for i in range(5):
        path = write_mp3(music / f"{i}.mp3", hz=300 + 100 * i, seconds=0.3)
        passes[i] = frames_of(path, hz=300 + 100 * i, seconds=0.3)
    floe = play({"/loop": {"file": str(music.parent), "file_order": "shuffle"}})
    rounds = 4
    size = len(passes[0])
    with Listener(floe, "/loop") as listener:
        heard = bytes(listener.hears_bytes(rounds * 5 * size).audio)
    order = []
    while len(order) < rounds * 5:
        order.append(next(i for i, each in passes.items() if heard.startswith(each)))
        heard = heard[size:]
    for i in range(rounds):
        assert sorted(order[5 * i:5 * i + 5]) == list(range(5))


def test_a_playlist_that_changes_is_read_again_by_a_reload(play, tmp_path):
    one = write_mp3(tmp_path / "1.mp3")
    two = write_mp3(tmp_path / "2.mp3", "-metadata", "title=Two", hz=660)
    playlist = tmp_path / "list.m3u"
    playlist.write_text(f"{one}\n", encoding="utf-8")
    floe = play({"/loop": {"file": str(playlist), "metaint": 512}})
    with Listener(floe, "/loop", icy=True) as listener:
        listener.hears_title("1")
        playlist.write_text(f"{two}\n{one}\n", encoding="utf-8")
        floe.ask("POST", "/admin/reloadconfig", password=None)
        swap.command(floe, "reload")
        listener.hears_title("Two")
        assert not listener.is_closed


def test_nothing_that_can_be_played_refuses_to_start(make_floe, tmp_path):
    (tmp_path / "list.m3u").write_text("none.mp3\n", encoding="utf-8")
    floe = make_floe({"mount": {"/loop": {"file": str(tmp_path / "list.m3u")}}}, is_awaited=False)
    assert floe.process.wait(PATIENCE_S) != 0
    assert "none.mp3" in floe.stderr()


# ---- hand-over ----

def test_a_swap_goes_on_within_the_file_of_a_playlist_that_plays(play, tmp_path):
    swap.adopt_grandchildren()
    passes = {}
    for i in range(4):
        path = write_mp3(tmp_path / f"{i}.mp3", hz=300 + 100 * i, seconds=1.0)
        passes[i] = frames_of(path, hz=300 + 100 * i, seconds=1.0)
    floe = play({"/loop": {"file": str(tmp_path), "file_order": "shuffle"}})
    size = len(passes[0])
    with Listener(floe, "/loop") as listener:
        for _ in range(4):
            listener.hears_bytes(len(listener.audio) + 3 * size // 2)
            swap.swap(floe)
        heard = bytes(listener.hears_bytes(len(listener.audio) + 2 * size).audio)
    order = []
    while len(heard) >= size:
        order.append(next(i for i, each in passes.items() if heard.startswith(each)))
        heard = heard[size:]
    for i in range(len(order) // 4):
        assert sorted(order[4 * i:4 * i + 4]) == list(range(4))


def test_a_swap_goes_on_within_a_link_of_ogg(play, tmp_path):
    swap.adopt_grandchildren()
    path = write_file(tmp_path / "tone.ogg", "-c:a", "libvorbis", "-q:a", "3", seconds=1.0)
    whole = len(decoded(path.read_bytes()))
    size = path.stat().st_size
    floe = play({"/loop": {"file": str(path)}})
    with Listener(floe, "/loop") as listener:
        for _ in range(3):
            listener.hears_bytes(len(listener.audio) + size)
            swap.swap(floe)
        heard = bytes(listener.hears_bytes(len(listener.audio) + 2 * size).audio)
    links = links_of(heard)
    assert len({link[14:18] for link in links}) == len(links) >= 4
    for link in links:
        assert len(decoded(link)) == whole


# ---- intros ----

INTRO = {"burst": "4s", "history": "10s", "metaint": 1000}


@pytest.fixture
def intro(tmp_path):
    """A second of MP3, as marked_mp3's frames are: 48 kHz, stereo, 128 kbit/s."""
    path = write_mp3(tmp_path / "intro.mp3", "-metadata", "title=Intro", hz=880, seconds=1.0,
                     rate=48000)
    return path, frames_of(path, hz=880, seconds=1.0, rate=48000)


@pytest.fixture
def on_air(start, intro):
    """A server with an intro on /live, fed with numbered frames for a while."""
    floe = start({"mount": {"/live": {**INTRO, "intro": str(intro[0])}}})
    with Encoder(floe, "/live") as encoder:
        encoder.send_seconds(10)
        encoder.play()
        yield floe


@pytest.fixture
def start(make_floe):
    swap.adopt_grandchildren()
    return make_floe


def test_an_intro_goes_before_a_shorter_burst(start, intro):
    floe = start({"mount": {"/live": {**INTRO, "intro": str(intro[0])}}})
    with contextlib.ExitStack() as stack:
        encoder = stack.enter_context(Encoder(floe, "/live"))
        last = marked_mp3.frame(encoder.send_seconds(10) - 1)
        # Nothing is under way any more, so that both bursts end with the same frame.
        stack.enter_context(Listener(floe, "/live", headers=("User-Agent: zero",))).until(
            lambda zero: last in zero.audio)
        listener = stack.enter_context(Listener(floe, "/live", headers=("User-Agent: one",)))
        heard = bytes(listener.hears_bytes(len(intro[1]) + 30_000).audio)
        assert heard.startswith(intro[1])
        again = stack.enter_context(Listener(floe, "/live", headers=("User-Agent: one",)))
        without = bytes(again.hears_bytes(50_000).audio)
    size = marked_mp3.frame_bytes(128)
    first = marked_mp3.number_at(heard, len(intro[1]))
    burst = marked_mp3.number_at(without, 0)
    # A second of intro, so that the burst is of three instead of four.
    assert marked_mp3.count_of(0.5) < first - burst < marked_mp3.count_of(2)
    audio = heard[len(intro[1]):len(heard) // size * size]
    assert marked_mp3.check_unbroken(audio, 128)[0] == first


def test_titles_are_counted_through_the_intro(on_air, intro):
    on_air.set_title("/live", mode="updinfo", song="On air")
    with Listener(on_air, "/live", icy=True, headers=("User-Agent: icy",)) as listener:
        listener.hears_title("On air")
        listener.hears_bytes(len(intro[1]) + 40_000)
        heard = bytes(listener.audio)
        assert heard.startswith(intro[1])
        marked_mp3.check_unbroken(heard[len(intro[1]):], 128)
        assert [at for at, _ in listener.blocks][:20] == [1000 * (i + 1) for i in range(20)]


def test_a_player_that_comes_back_does_not_hear_it_again(on_air, intro):
    for _ in range(2):
        with Listener(on_air, "/live", headers=("User-Agent: new",)) as listener:
            listener.hears_bytes(20_000)
    assert not bytes(listener.audio).startswith(intro[1][:1000])
    listener.frames_heard()


def test_an_intro_that_does_not_fit_the_stream_is_not_played(start, tmp_path):
    path = write_mp3(tmp_path / "intro.mp3", rate=44100)
    floe = start({"mount": {"/live": {**INTRO, "intro": str(path)}}})
    with Encoder(floe, "/live") as encoder:
        encoder.send_seconds(5)
        for _ in range(3):
            with Listener(floe, "/live") as listener:
                listener.hears_bytes(20_000).frames_heard()
    misfit = "it has 44100 Hz, the stream has 48000"
    assert floe.says(misfit).count(misfit) == 1


def test_an_intro_of_ogg_is_a_link_before_the_streams_own(start, tmp_path):
    options = ("-c:a", "libvorbis", "-q:a", "3")
    path = write_file(tmp_path / "intro.ogg", *options, hz=880, seconds=1.0)
    loop = write_file(tmp_path / "loop.ogg", *options, seconds=2.0)
    floe = start({"mount": {"/live": {"file": str(loop), "intro": str(path)}}})
    eventually(lambda: floe.ask("HEAD", "/live").status == 200)
    with Listener(floe, "/live") as listener:
        heard = bytes(listener.hears_bytes(4 * loop.stat().st_size).audio)
    links = links_of(heard)
    assert len(decoded(links[0])) == len(decoded(path.read_bytes()))
    assert len({link[14:18] for link in links}) == len(links) >= 3
    assert complaints_on_decoding(b"".join(links)) == ""


def test_a_swap_in_the_middle_of_an_intro_goes_on_at_the_byte(start, tmp_path):
    path = write_mp3(tmp_path / "intro.mp3", hz=880, seconds=60.0, rate=48000)
    whole = frames_of(path, hz=880, seconds=60.0, rate=48000)
    floe = start({"mount": {"/live": {**INTRO, "history": "60s", "intro": str(path)}}})
    with Encoder(floe, "/live") as encoder:
        encoder.send_seconds(5)
        encoder.play()
        with floe.line() as line:
            line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.say("GET /live HTTP/1.0\r\n\r\n")
            line.head()
            heard = bytearray(line.pending)
            for _ in range(3):
                until = len(heard) + 50_000
                while len(heard) < until:
                    heard += line.receive()
                swap.swap(floe)
            while len(heard) < len(whole) + 100_000:
                heard += line.receive()
    assert bytes(heard).startswith(whole)
    rest = heard[len(whole):]
    size = marked_mp3.frame_bytes(128)
    marked_mp3.check_unbroken(rest[:len(rest) // size * size], 128)


def test_a_reload_changes_the_intro_and_refuses_one_that_cannot_be(on_air, intro, tmp_path):
    other = write_mp3(tmp_path / "other.mp3", hz=220, rate=48000)
    frames = frames_of(other, hz=220, rate=48000)
    text = on_air.config_path.read_text(encoding="utf-8")
    on_air.config_path.write_text(text.replace(str(intro[0]), str(other)), encoding="utf-8")
    assert swap.command(on_air, "reload").returncode == 0
    with Listener(on_air, "/live", headers=("User-Agent: after",)) as listener:
        assert bytes(listener.hears_bytes(len(frames)).audio).startswith(frames)
    on_air.config_path.write_text(text.replace(str(intro[0]), "/none.mp3"), encoding="utf-8")
    refused = swap.command(on_air, "reload")
    assert refused.returncode != 0 and "/none.mp3" in refused.stderr + refused.stdout


# ---- silence ----

SILENCES = [f"silence:audio/mpeg:{rate}:{channels}:{bitrate}"
            for rate, bitrate in ((44100, 128000), (48000, 320000), (32000, 32000), (22050, 64000),
                                  (24000, 8000), (11025, 16000), (8000, 160000))
            for channels in (1, 2)]
SILENCES += [f"silence:audio/aac:{rate}:{channels}:0"
             for rate in (48000, 44100, 22050, 8000) for channels in (1, 2)]


def test_silence_is_decoded_to_zeros_and_in_real_time(play):
    mounts = {f"/{i}": {"file": name} for i, name in enumerate(SILENCES)}
    began = time.monotonic()
    floe = play(mounts)
    for mount, settings in mounts.items():
        rate = int(settings["file"].split(":")[2])
        with Listener(floe, mount) as listener:
            enough = 1500 if "mpeg" in settings["file"] else 300
            media = bytes(listener.hears_bytes(enough).audio)
        sound = decoded(media, "-f", "mp3" if "mpeg" in settings["file"] else "aac")
        assert sound.strip(b"\0") == b"" and len(sound) > 0, settings["file"]
        assert len(sound) / 2 / rate < time.monotonic() - began + 10
