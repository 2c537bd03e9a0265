# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
import dataclasses
import signal
import subprocess
import tempfile

from studio.server import SOURCE_PASSWORD
from studio.waiting import PATIENCE_S

NOISE = ["-f", "lavfi", "-i", "anoisesrc=r=48000:a=0.3,aformat=channel_layouts=stereo"]
PICTURE = ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=10"]


@dataclasses.dataclass(frozen=True)
class Format:
    """How ffmpeg makes it, and what everybody calls it."""
    name: str
    container: str
    content_type: str
    codecs: tuple  # as ffprobe names them
    options: tuple
    has_picture: bool = False


FORMATS = {each.name: each for each in [
    Format("mp3", "mp3", "audio/mpeg", ("mp3",),
           ("-c:a", "libmp3lame", "-b:a", "128k", "-ar", "44100", "-f", "mp3")),
    Format("aac", "adts", "audio/aac", ("aac",), ("-c:a", "aac", "-b:a", "96k", "-f", "adts")),
    Format("vorbis", "ogg", "application/ogg", ("vorbis",),
           ("-c:a", "libvorbis", "-q:a", "3", "-f", "ogg")),
    Format("opus", "ogg", "audio/ogg", ("opus",), ("-c:a", "libopus", "-b:a", "64k", "-f", "ogg")),
    Format("flac", "flac", "audio/flac", ("flac",), ("-c:a", "flac", "-f", "flac")),
    Format("ogg_flac", "ogg", "audio/ogg", ("flac",), ("-c:a", "flac", "-f", "ogg")),
    Format("speex", "ogg", "audio/ogg", ("speex",),
           ("-c:a", "libspeex", "-ar", "16000", "-ac", "1", "-f", "ogg")),
    Format("theora", "ogg", "video/ogg", ("theora", "vorbis"),
           ("-c:v", "libtheora", "-g", "10", "-pix_fmt", "yuv420p", "-c:a", "libvorbis",
            "-f", "ogg"), True),
    Format("webm", "webm", "audio/webm", ("opus",),
           ("-c:a", "libopus", "-b:a", "64k", "-cluster_time_limit", "500", "-f", "webm")),
    Format("webm_vorbis", "webm", "audio/webm", ("vorbis",),
           ("-c:a", "libvorbis", "-cluster_time_limit", "500", "-f", "webm")),
    Format("webm_vp8", "webm", "video/webm", ("vp8", "opus"),
           ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-g", "10",
            "-pix_fmt", "yuv420p", "-c:a", "libopus", "-f", "webm"), True),
]}


class FfmpegEncoder:
    """ffmpeg, as an operator starts it, playing noise in real time until it is told to end."""

    def __init__(self, port, mount, form=FORMATS["mp3"], *, is_legacy=False,
                 password=SOURCE_PASSWORD, options=()):
        inputs = [*NOISE] if not form.has_picture else [*PICTURE, "-re", *NOISE]
        self._words = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            ["ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-re", *inputs, *form.options,
             *options, "-content_type", form.content_type,
             "-legacy_icecast", "1" if is_legacy else "0",
             "-ice_name", f"Noise in {form.name}", "-ice_genre", "Noise",
             f"icecast://source:{password}@127.0.0.1:{port}{mount}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self._words)

    def finish(self):
        """As Ctrl-C does: the stream is completed."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.wait(PATIENCE_S)

    def kill(self):
        """kill -9"""
        self.process.kill()
        self.process.wait()

    def words(self):
        self._words.seek(0)
        return self._words.read().decode()


def complaints_on_decoding(media):
    """What ffmpeg has to say of it at level error: nothing, if all is well."""
    run = subprocess.run(["ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-xerror", "-i",
                          "pipe:0", "-f", "null", "-"], input=media, stdout=subprocess.DEVNULL,
                         stderr=subprocess.PIPE, timeout=PATIENCE_S, check=False)
    return run.stderr.decode() + ("" if run.returncode == 0 else f"status {run.returncode}")


def seconds_decoded(media):
    """How much sound ffmpeg gets out of it."""
    run = subprocess.run(["ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-i", "pipe:0",
                          "-ac", "1", "-ar", "8000", "-f", "s8", "-"], input=media,
                         capture_output=True, timeout=PATIENCE_S, check=False)
    return len(run.stdout) / 8000
