# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Where streams may be cut, told apart here by other means than the server's own: from the whole
of what an encoder sent."""
import struct

MP3_KBPS = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
MP3_RATES = [44100, 48000, 32000]
WEBM_CLUSTER = b"\x1f\x43\xb6\x75"
FLAC_LAST_BLOCK = 0x80


def after_id3(body):
    if body[:3] != b"ID3":
        return 0
    size = 0
    for byte in body[6:10]:
        size = size << 7 | byte
    return 10 + size


def mp3_frames(body):
    """Offsets of MPEG-1 layer III frames."""
    at, found = after_id3(body), []
    while at + 4 <= len(body) and body[at] == 0xFF and body[at + 1] & 0xFE == 0xFA:
        kbps, rate = MP3_KBPS[body[at + 2] >> 4], MP3_RATES[body[at + 2] >> 2 & 3]
        found.append(at)
        at += 144000 * kbps // rate + (body[at + 2] >> 1 & 1)
    return found


def adts_frames(body):
    at, found = after_id3(body), []
    while at + 7 <= len(body) and body[at] == 0xFF and body[at + 1] & 0xF6 == 0xF0:
        found.append(at)
        at += (body[at + 3] & 3) << 11 | body[at + 4] << 3 | body[at + 5] >> 5
    return found


def ogg_pages(body):
    """(offset, granule position, flags) of each page."""
    at, found = 0, []
    while at + 27 <= len(body):
        assert body[at:at + 4] == b"OggS", f"no page at {at}"
        segments = body[at + 26]
        if at + 27 + segments > len(body):
            break
        granule, = struct.unpack_from("<q", body, at + 6)
        found.append((at, granule, body[at + 5]))
        at += 27 + segments + sum(body[at + 27:at + 27 + segments])
    return found


def ogg_headers_end(body):
    """Where the first page begins that is no header: headers have granule position 0."""
    return next(at for at, granule, _ in ogg_pages(body) if granule != 0)


def flac_headers_end(body):
    assert body[:4] == b"fLaC", bytes(body[:4])
    at = 4
    while True:
        kind, size = body[at], int.from_bytes(body[at + 1:at + 4], "big")
        at += 4 + size
        if kind & FLAC_LAST_BLOCK:
            return at


def webm_headers_end(body):
    return body.index(WEBM_CLUSTER)


def headers_end(container, body):
    """Where the first frame, page or cluster of audio begins."""
    ends = {"mp3": after_id3, "adts": after_id3, "ogg": ogg_headers_end, "flac": flac_headers_end,
            "webm": webm_headers_end}
    return ends[container](body)


def split_join(container, heard):
    """What a late listener of that container heard: (preamble, what came from the boundary on)."""
    end = headers_end(container, heard)
    return heard[:end], heard[end:]


def boundaries(container, body):
    """Where in an encoder's whole body a listener may begin; None: not told here."""
    if container == "mp3":
        return set(mp3_frames(body))
    if container == "adts":
        return set(adts_frames(body))
    if container == "ogg":
        return {at for at, _, _ in ogg_pages(body)}
    if container == "webm":
        return {at for at in range(len(body)) if body.startswith(WEBM_CLUSTER, at)}
    return None
