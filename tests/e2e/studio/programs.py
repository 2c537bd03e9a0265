# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Other people's encoders, as their users configure them."""
import contextlib
import ctypes
import ctypes.util
import json
import subprocess
import xml.sax.saxutils

from studio import binaries
from studio.server import SOURCE_PASSWORD
from studio.waiting import PATIENCE_S

EZSTREAM_CONFIG = """<ezstream>
  <servers><server>
    <name>Default</name><hostname>127.0.0.1</hostname><port>{port}</port>
    <protocol>{protocol}</protocol><user>source</user><password>{password}</password>
  </server></servers>
  <streams><stream>
    <name>Default</name><mountpoint>{mount}</mountpoint><format>{format}</format>
    <stream_name>Ez &amp; easy</stream_name><stream_genre>Test</stream_genre>
    <stream_bitrate>128</stream_bitrate>
  </stream></streams>
  <intakes><intake>
    <name>Default</name><type>stdin</type><filename>stdin</filename>
  </intake></intakes>
</ezstream>
"""


def ezstream(folder, port, mount, media_format, *, protocol="HTTP", password=SOURCE_PASSWORD):
    """ezstream, which is libshout, streaming what is written to its stdin, at its own pace."""
    config = folder / "ezstream.xml"
    config.write_text(EZSTREAM_CONFIG.format(
        port=port, mount=mount, format=media_format, protocol=protocol,
        password=xml.sax.saxutils.escape(password)), encoding="utf-8")
    config.chmod(0o600)
    with open(folder / "ezstream.log", "wb") as log:
        return subprocess.Popen(["ezstream", "-v", "-c", config], stdin=subprocess.PIPE,
                                stdout=log, stderr=log)


def hash_of(password, setting):
    """crypt(3) with the system's own library."""
    crypt = ctypes.CDLL(ctypes.util.find_library("crypt")).crypt
    crypt.restype = ctypes.c_char_p
    return crypt(password.encode(), setting.encode()).decode()


@contextlib.contextmanager
def floe_source(floe, mount, *arguments):
    """The project's own source: numbered, time-stamped frames, titles that change."""
    program = subprocess.Popen(
        [binaries.tool("floe-source"), "--server", f"127.0.0.1:{floe.port}", "--mount", mount,
         "--password", SOURCE_PASSWORD, *arguments], stdout=subprocess.DEVNULL)
    try:
        yield program
    finally:
        program.terminate()
        program.wait(PATIENCE_S)


def floe_load(floe, path, *arguments):
    """The project's own crowd of listeners; what it says at its end, as JSON, once it was judged
    that everybody heard what they should."""
    run = subprocess.run(
        [binaries.tool("floe-load"), "--server", f"127.0.0.1:{floe.port}", "--path", path,
         "--max-gaps", "0", "--max-closes", "0", "--max-refused", "0", "--max-ragged", "0",
         "--json", *arguments], capture_output=True, timeout=2 * PATIENCE_S, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return json.loads(run.stdout)
