# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Players on a network, where the kernel goes on reading what a send was given until the last
acknowledgement: segments are lost and overtaken, machines vanish. With and without zero copy,
nobody hears a byte that the source did not send."""
import contextlib

import pytest

from studio import kernel, marked_mp3
from studio.crowd import UNHARMED, Crowd
from studio.encoder import Encoder
from studio.listener import Listener
from studio.netns import FarFloe, FarNetwork
from studio.programs import floe_source
from studio.server import free_port
from studio.waiting import eventually

KBPS = 320
ZERO_COPIES = ["off", "auto", "on"]
LOST, OVERTAKEN, SLOW_MBIT = 0.03, 0.25, 8
CLIENT_TIMEOUT_S = 6
GRACE_S = 10  # in which who is timed out is gone
SMALL_BUFFER = 4096


@pytest.fixture
def network():
    with FarNetwork() as far:
        yield far


@pytest.fixture
def rough(network):
    network.lose(LOST)
    network.reorder(OVERTAKEN, SLOW_MBIT)
    return network


@pytest.fixture
def serve(make_floe):
    """A server that machines over there can reach, and its end: when all have left, every page of
    the tapes is given back, whatever still was under way to whom. Half a second's audio a send,
    since only what is large is worth a page."""
    served = []

    def start(zero_copy, send_buffer="64KiB", client_timeout_s=60, **mount_defaults):
        port = free_port()
        floe = make_floe({"listen": [f"0.0.0.0:{port}"],
                          "limits": {"client_timeout": f"{client_timeout_s}s"},
                          "fanout": {"zero_copy": zero_copy, "interval": "500ms",
                                     "send_buffer": send_buffer},
                          "mount_defaults": {"linger": "0s", **mount_defaults}}, port=port)
        served.append(floe)
        return floe
    yield start
    for floe in served:
        if floe.process.poll() is None:
            eventually(lambda: floe.health()["memory"]["arena_pages_used"] == 0)
        floe.stop()


@pytest.fixture
def stack():
    with contextlib.ExitStack() as leaving:
        yield leaving


def play(stack, floe, mount="/live"):
    encoder = stack.enter_context(Encoder(floe, mount, kbps=KBPS)).play()
    eventually(lambda: mount in floe.mounts())
    return encoder


def zero_copies(floe):
    """(how many sends, of how many the kernel said that it copied them all the same)"""
    shards = floe.health()["shards"]
    return tuple(sum(shard[name] for shard in shards)
                 for name in ("zero_copy_sends", "zero_copy_copied"))


def unacknowledged_bytes(far_socket):
    """Of what the server has given to the kernel for that player."""
    return kernel.queues(far_socket.getpeername(), far_socket.getsockname())[1]


def ask_without_reading(stack, floe, count):
    """Players with next to no room for what comes, which read the reply's head only. Each has
    audio under way to it when this returns."""
    lines = [stack.enter_context(floe.line(receive_buffer=SMALL_BUFFER)) for _ in range(count)]
    for line in lines:
        line.say("GET /live HTTP/1.0\r\n\r\n")
    for line in lines:
        line.head()
        eventually(lambda: unacknowledged_bytes(line.socket) > 0)
    return lines


@pytest.mark.parametrize("zero_copy", ZERO_COPIES)
def test_where_segments_are_lost_and_overtaken_every_byte_is_heard_in_its_place(
        rough, serve, stack, zero_copy):
    floe = serve(zero_copy)
    encoder = play(stack, floe)
    listeners = [stack.enter_context(Listener(FarFloe(floe, rough), "/live", kbps=KBPS,
                                              icy=index % 2 == 1)) for index in range(10)]
    with floe_source(floe, "/crowd", "--title-every", "500ms"):
        eventually(lambda: "/crowd" in floe.mounts())
        crowd = stack.enter_context(Crowd(floe, "/crowd", "--listeners", 100, "--icy-share", 0.5,
                                          *UNHARMED, "--hold", "3s", network=rough))
        for number in range(5):
            assert floe.set_title("/live", song=f"Title {number}").status == 200
            listeners[1].hears_title(f"Title {number}")
        crowd.finish()
    encoder.pause()
    for listener in listeners:
        listener.hears_frame(encoder.next_frame - 1).frames_heard()
    assert (zero_copies(floe)[0] > 0) == (zero_copy != "off")
    assert rough.packets_lost() > 100
    assert rough.packets_overtaken() > 100


def test_where_the_kernel_copies_all_the_same_each_listener_is_tried_once(serve, stack):
    """As it does over loopback."""
    floe = serve("auto")
    play(stack, floe)
    listeners = [stack.enter_context(Listener(floe, "/live", kbps=KBPS)) for _ in range(10)]
    eventually(lambda: zero_copies(floe) == (10, 10))
    listeners[0].hears_seconds_more(3)  # several sends, and a second after which it is counted
    assert zero_copies(floe) == (10, 10)


@pytest.mark.parametrize("zero_copy", ZERO_COPIES)
def test_players_that_reset_while_audio_is_under_way_harm_nobody(rough, serve, stack, zero_copy):
    floe = serve(zero_copy, "16KiB")
    play(stack, floe)
    witness = stack.enter_context(Listener(FarFloe(floe, rough), "/live", kbps=KBPS))
    for _ in range(2):
        for line in ask_without_reading(stack, FarFloe(floe, rough), 20):
            line.reset()
        witness.hears_seconds_more(1)
    eventually(lambda: floe.listeners() == 1)
    witness.hears_seconds_more(1).frames_heard()


def runs_heard(audio):
    """[begin, end) of the frames of each run. Where one ends there may be a part of a frame: what
    was under way when the rest of it was dropped. No byte is of anything else."""
    size, at, runs = marked_mp3.frame_bytes(KBPS), 0, []
    header = marked_mp3.HEADERS[KBPS]
    head = header + marked_mp3.SIDE_INFO  # before a frame says its number
    while at + size <= len(audio):
        next_at = audio.find(header, at + 1) % (len(audio) + 1)  # the end when there is none
        if next_at - at < len(head) + marked_mp3.NUMBER_DIGITS:  # torn before it could say it
            assert audio[at:next_at][:len(head)] == head[:next_at - at]
            at = next_at
            continue
        number = marked_mp3.number_at(audio, at)
        frame = marked_mp3.frame(number, KBPS)
        if runs and runs[-1][1] == number:
            runs[-1][1] += 1
        else:
            runs.append([number, number + 1])
        if audio[at:at + size] == frame:
            at += size
            continue
        runs[-1][1] -= 1
        assert frame.startswith(audio[at:next_at]), f"not of frame {number}: {audio[at:next_at]!r}"
        at = next_at
    return runs


@pytest.mark.parametrize("zero_copy", ZERO_COPIES)
def test_who_reads_on_after_the_tape_went_round_hears_nothing_but_what_was_sent(
        rough, serve, stack, zero_copy):
    """What was on its way when the audio behind it was dropped arrives as it was."""
    floe = serve(zero_copy, "16KiB", history="2s", burst="1s")
    encoder = stack.enter_context(Encoder(floe, "/live", kbps=KBPS))
    encoder.send_seconds(5)
    eventually(lambda: "/live" in floe.mounts())
    lines = ask_without_reading(stack, FarFloe(floe, rough), 5)
    for _ in range(10):  # of two seconds' history
        encoder.send_seconds(3)
    end = encoder.next_frame
    encoder.play()
    for line in lines:
        heard = line.exactly(marked_mp3.frame_bytes(KBPS))
        while max(marked_mp3.numbers_of_whole_frames(heard[-5000:], KBPS), default=0) < end:
            heard += line.exactly(marked_mp3.frame_bytes(KBPS))
        runs = runs_heard(heard)
        assert len(runs) > 1
        assert all(before[1] < after[0] for before, after in zip(runs, runs[1:])), runs


# ---- machines that are not heard of again ----

def vanish_while_hearing(stack, floe, network, count):
    """Players that read what comes until their machine is gone. Each has audio under way to it
    when this returns, which will stay so: nothing comes back from there."""
    address = network.addresses[1]
    there = FarFloe(floe, network, address)
    players = [stack.enter_context(Listener(there, "/live", kbps=KBPS)) for _ in range(count)]
    for player in players:
        player.hears_seconds(1)
    network.swallow_all_to(address)
    for player in players:
        eventually(lambda: unacknowledged_bytes(player.wire.socket) > 0)


@pytest.mark.parametrize("zero_copy", ["off", "on"])
def test_a_machine_that_vanished_is_let_go_and_nobody_else_notices(
        rough, serve, stack, zero_copy):
    floe = serve(zero_copy, client_timeout_s=CLIENT_TIMEOUT_S)
    play(stack, floe)
    witness = stack.enter_context(Listener(FarFloe(floe, rough), "/live", kbps=KBPS))
    witness.hears_seconds(1)
    sockets_before = floe.open_sockets()
    vanish_while_hearing(stack, floe, rough, 10)
    assert floe.listeners() == 11
    eventually(lambda: floe.listeners() == 1, within=CLIENT_TIMEOUT_S + GRACE_S)
    eventually(lambda: floe.open_sockets() <= sockets_before, within=CLIENT_TIMEOUT_S + GRACE_S)
    witness.hears_seconds_more(1).frames_heard()


@pytest.mark.parametrize("zero_copy", ["off", "on"])
def test_a_source_that_ends_does_not_wait_for_machines_that_vanished(
        network, serve, stack, zero_copy):
    floe = serve(zero_copy)
    encoder = play(stack, floe)
    vanish_while_hearing(stack, floe, network, 10)
    encoder.leave()
    eventually(lambda: floe.health()["listeners"] == floe.health()["mounts"] == 0)


@pytest.mark.parametrize("zero_copy", ["off", "on"])
def test_a_server_stops_though_audio_is_under_way_to_machines_that_vanished(
        network, serve, stack, zero_copy):
    floe = serve(zero_copy)
    play(stack, floe)
    vanish_while_hearing(stack, floe, network, 10)
    floe.stop()
