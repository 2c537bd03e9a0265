# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""MP3 of our own making: silence to a decoder, but every frame carries its number, so that a
listener can tell a lost, doubled or torn byte, and where in the programme it is."""
import functools

SAMPLES = 1152
RATE_HZ = 48000
FRAME_S = SAMPLES / RATE_HZ
HEADERS = {128: b"\xff\xfb\x94\x00", 320: b"\xff\xfb\xe4\x00"}  # MPEG-1 layer III, stereo
SIDE_INFO = bytes(32)  # no granule has any data: all behind it is ancillary
NUMBER_DIGITS = 12


def frame_bytes(kbps=128):
    return SAMPLES // 8 * kbps * 1000 // RATE_HZ  # exact at 48 kHz: never padded


@functools.lru_cache(maxsize=1 << 16)
def frame(number, kbps=128):
    head = HEADERS[kbps] + SIDE_INFO
    left = frame_bytes(kbps) - len(head)
    mark = b"%0*d" % (NUMBER_DIGITS, number)
    return head + (mark * (left // NUMBER_DIGITS + 1))[:left]


def frames(begin, end, kbps=128):
    return b"".join(frame(number, kbps) for number in range(begin, end))


def number_at(audio, offset=0):
    begin = offset + 4 + len(SIDE_INFO)
    return int(audio[begin:begin + NUMBER_DIGITS])


def count_of(seconds):
    return round(seconds / FRAME_S)


def check_unbroken(audio, kbps=128):
    """Begins with a whole frame and goes on without a gap; the last frame may be under way.
    Answers the numbers [begin, end) of the whole frames."""
    size = frame_bytes(kbps)
    assert audio[:4] == HEADERS[kbps], f"does not begin with a frame: {bytes(audio[:16])!r}"
    begin = number_at(audio)
    whole, part = divmod(len(audio), size)
    expected = frames(begin, begin + whole + (part > 0), kbps)
    if audio != expected[:len(audio)]:
        at = next(i for i, (a, b) in enumerate(zip(audio, expected)) if a != b)
        raise AssertionError(
            f"broken in frame {begin + at // size} at byte {at % size} of it: "
            f"{bytes(audio[at - 8:at + 40])!r} instead of {expected[at - 8:at + 40]!r}")
    return begin, begin + whole


def runs(audio, kbps=128):
    """The [begin, end) of each run of consecutive whole frames; nothing but whole frames may be
    in between. For listeners that were skipped."""
    size, found = frame_bytes(kbps), []
    for at in range(0, len(audio) - size + 1, size):
        number = number_at(audio, at)
        assert audio[at:at + size] == frame(number, kbps), f"a torn frame at byte {at}"
        if found and found[-1][1] == number:
            found[-1][1] += 1
        else:
            found.append([number, number + 1])
    return [tuple(run) for run in found]


def numbers_of_whole_frames(audio, kbps=128):
    """Of every whole frame, wherever it stands: for those who lost audio within a frame."""
    size, at, numbers = frame_bytes(kbps), audio.find(HEADERS[kbps]), []
    while 0 <= at <= len(audio) - size:
        digits = audio[at + 4 + len(SIDE_INFO):][:NUMBER_DIGITS]
        if digits.isdigit() and audio[at:at + size] == frame(int(digits), kbps):
            numbers.append(int(digits))
            at += size - 1
        at = audio.find(HEADERS[kbps], at + 1)
    return numbers
