# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What is bounded stays bounded, whoever comes, however many, and all at the same time."""
import concurrent.futures
import threading

import pytest

from studio import marked_mp3
from studio.encoder import Encoder
from studio.listener import Listener
from studio.programs import hash_of
from studio.server import SOURCE_PASSWORD
from studio.waiting import eventually
from studio.wire import Line


@pytest.fixture(scope="module")
def settings():
    return {"mount_defaults": {"linger": "0s"},
            "mount": {"/five": {"max_listeners": 5}, "/narrow": {"bandwidth": "88kB"}}}


def all_at_once(count, act):
    """Runs act(index) on as many threads, which set out together."""
    barrier = threading.Barrier(count)

    def run(index):
        barrier.wait()
        return act(index)
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_of_many_sources_that_claim_a_mount_at_once_one_has_it(station, mount):
    for _ in range(5):
        encoders = all_at_once(20, lambda index: Encoder(station.floe, mount))
        statuses = sorted(encoder.head.status for encoder in encoders)
        for encoder in encoders:
            encoder.leave()
        assert statuses == [100] + [409] * 19
        eventually(lambda: mount not in station.floe.mounts())


def test_of_many_listeners_that_come_at_once_as_many_get_in_as_may(station):
    station.feed("/five")
    eventually(lambda: "/five" in station.floe.mounts())

    def listeners_of_five():
        return station.floe.mounts()["/five"]["listeners"]
    for _ in range(3):
        lines = [station.line() for _ in range(50)]
        for line in lines:
            line.say("GET /five HTTP/1.0\r\n\r\n")
        heads = [line.head() for line in lines]
        assert sorted(head.status for head in heads) == [200] * 5 + [503] * 45
        # Who was told so first becomes a listener, and only then one who leaves.
        eventually(lambda: listeners_of_five() == 5)
        for line in lines:
            line.close()
        eventually(lambda: listeners_of_five() == 0)


def test_of_many_listeners_that_come_at_once_no_more_get_in_than_there_is_bandwidth_for(station):
    """Once those who were still being answered were not counted, and all of them got in."""
    station.feed("/narrow", headers=["ice-bitrate: 128"])  # 16 kB a second each
    eventually(lambda: "/narrow" in station.floe.mounts())
    lines = [station.line() for _ in range(50)]
    for line in lines:
        line.say("GET /narrow HTTP/1.0\r\n\r\n")
    statuses = [line.head().status for line in lines]
    assert set(statuses) == {200, 503} and statuses.count(200) <= 5, statuses


def test_sources_that_come_and_go_in_a_rush_are_all_told_to_continue(station):
    """Once the end of one connection fell on the next that got its slot, a few times in a hundred.
    And the mounts that came with them go."""
    before = station.floe.health()["mounts"]
    for index in range(500):
        with Encoder(station.floe, f"/come-and-go-{index}") as encoder:
            assert encoder.is_accepted
            encoder.wire.say(marked_mp3.frame(0))
    eventually(lambda: station.floe.health()["mounts"] <= before)
    eventually(lambda: station.floe.health()["sources"] == 0)


def test_an_encoder_that_sends_far_faster_than_it_plays_harms_nobody(station, mount):
    """An hour of audio in a second or two: others hear on, its own listener is at the newest."""
    station.feed(mount)
    witness = station.hear(mount)
    resident_before = resident_kib(station.floe)
    hasty = station.encoder(mount + "-hasty", kbps=320)
    burst = marked_mp3.frames(0, 20_000, 320)
    for _ in range(5):
        hasty.wire.say(burst)
    hasty.next_frame = 20_000
    end = hasty.send_frames(100)
    wait_until_newcomers_hear(station.floe, mount + "-hasty", end - 200)
    listener = station.hear(mount + "-hasty", kbps=320)
    hasty.send_frames(100)
    assert listener.hears_frame(end + 99).frames_heard()[1] == end + 100
    witness.hears_seconds_more(0.5).frames_heard()
    # The arena and little else.
    assert resident_kib(station.floe) - resident_before < 100 * 1024


def wait_until_newcomers_hear(floe, mount, number):
    """All that was sent before that frame has been taken in."""
    def begin():
        with Listener(floe, mount, kbps=320) as newcomer:
            return newcomer.hears_bytes(1000).frames_heard()[0] >= number
    eventually(begin)


def resident_kib(floe):
    with open(f"/proc/{floe.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def test_an_encoder_that_sends_byte_by_byte_is_heard_all_the_same(station, mount):
    encoder = station.encoder(mount)
    for byte in marked_mp3.frames(0, 4):
        encoder.wire.say(bytes([byte]))
    assert station.hear(mount).hears_frame(3).frames_heard() == (0, 4)


def test_a_player_that_asks_byte_by_byte_is_answered_all_the_same(station, mount):
    station.encoder(mount).send_seconds(1)
    line = station.line()
    for letter in f"GET {mount} HTTP/1.1\r\nHost: a\r\n\r\n":
        line.say(letter)
    assert line.head().status == 200


def test_when_the_arena_is_full_histories_get_shorter_and_nobody_is_cut_off(start_floe):
    """Ten mounts would keep three times what there is."""
    floe = start_floe({"limits": {"arena": "4MiB"}, "mount_defaults": {"burst": "1s"}})
    encoders = [Encoder(floe, f"/m{index}", kbps=320) for index in range(10)]
    for _ in range(7):
        for encoder in encoders:
            encoder.send_seconds(5)
    for index in range(10):
        wait_until_newcomers_hear(floe, f"/m{index}", marked_mp3.count_of(33))
    listeners = [Listener(floe, f"/m{index}", kbps=320) for index in range(10)]
    for encoder in encoders:
        encoder.play()
    for listener in listeners:
        listener.hears_seconds(4)
    for listener in listeners:
        listener.frames_heard()
        listener.leave()
    for encoder in encoders:
        assert encoder.error is None
        encoder.leave()


def test_a_player_that_lost_audio_still_has_its_titles_at_the_right_bytes(start_floe):
    """A skip is in the audio, never in the cycle of the blocks."""
    floe = start_floe({"fanout": {"send_buffer": "16KiB"},
                       "mount_defaults": {"history": "2s", "burst": "1s", "metaint": 1000}})
    with Encoder(floe, "/live") as encoder, Line(floe.port, receive_buffer=4096) as slow:
        encoder.send_seconds(5)
        eventually(lambda: "/live" in floe.mounts())
        slow.say("GET /live HTTP/1.0\r\nIcy-MetaData: 1\r\n\r\n")
        slow.head()
        eventually(lambda: floe.listeners() == 1)
        end = encoder.send_seconds(100)
        floe.set_title("/live", song="After the gap")
        encoder.play()
        audio, titles = b"", []
        while marked_mp3.frame(end + 80) not in audio[-10_000:]:
            audio += slow.exactly(1000)
            block = slow.exactly(16 * slow.exactly(1)[0]).rstrip(b"\0")
            titles += [block] if block else []
        assert titles == [b"StreamTitle='After the gap';"]
        numbers = marked_mp3.numbers_of_whole_frames(audio)
        assert numbers == sorted(set(numbers))
        assert numbers[-1] - numbers[0] > len(numbers) + 1000


def test_many_passwords_are_checked_at_once_and_nobody_waits_for_them(start_floe):
    """bcrypt takes its time on purpose; the shards do not."""
    slow_hash = hash_of("slow", "$2b$08$abcdefghijklmnopqrstuu")
    floe = start_floe({"mount": {"/slow": {"source_password": slow_hash}}})
    with Encoder(floe, "/live").play():
        eventually(lambda: "/live" in floe.mounts())
        with Listener(floe, "/live") as listener:
            listener.hears_bytes(1)
            heard = listener.frames_heard()[1]
            wrong = [Encoder(floe, "/slow", password=f"wrong-{number}", is_awaited=False)
                     for number in range(30)]
            assert floe.ask("GET", "/health").status == 200
            for encoder in wrong:
                assert encoder.wire.head().status == 401
                encoder.leave()
            listener.until(lambda self: self.frames_heard()[1] > heard)
