# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Crowds of listeners that a test has come, watches, and sends away, all with floe-load."""
import json
import signal
import subprocess
import tempfile

from studio import binaries
from studio.waiting import PATIENCE_S, eventually

REPORT_EVERY = "100ms"
# What holds for who listens as they should, whatever happens to others: a player that has some
# seconds in store runs dry only when audio is missing, not when a machine is slow.
UNHARMED = ("--check", "full", "--buffer", "3s", "--max-gaps", "0", "--max-underruns", "0",
            "--max-closes", "0", "--max-refused", "0", "--max-ragged", "0")


class Crowd:
    """A floe-load in the background. Its bounds are judged when it ends."""

    def __init__(self, floe, path, *arguments, network=None):
        server = network.server_address if network else "127.0.0.1"
        command = [str(binaries.tool("floe-load")), "--server", f"{server}:{floe.port}",
                   "--path", path, "--json", "--report-every", REPORT_EVERY, *map(str, arguments)]
        self._said = tempfile.TemporaryFile("a+b")  # its end is where the child writes
        self.process = subprocess.Popen(
            network.entered_by(command) if network else command, stdin=subprocess.DEVNULL,
            stdout=self._said, stderr=subprocess.STDOUT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._said.close()

    def counts(self):
        """As it last reported them; {} before it has."""
        self._said.seek(0)
        lines = [line for line in self._said.read().splitlines(keepends=True)
                 if line.startswith(b"{") and line.endswith(b"\n")]
        return json.loads(lines[-1]) if lines else {}

    def until(self, is_so, within=PATIENCE_S, saying=""):
        """Waits until that holds for its counts, and answers them."""
        def look():
            counts = self.counts()
            assert self.process.poll() is None, f"it has ended: {counts}"
            assert counts and is_so(counts), counts
            return counts
        return eventually(look, within, saying)

    def until_hearing(self, count, within=PATIENCE_S):
        return self.until(lambda counts: counts["hearing"] >= count, within, f"{count} hear audio")

    def finish(self, within=PATIENCE_S):
        """When it ends by itself; what it counted, once it was judged that all bounds held."""
        self.process.wait(within)
        counts = self.counts()
        assert self.process.returncode == 0, counts.get("broken") or self._words()
        assert counts["final"], counts
        return counts

    def send_away(self):
        """They leave, all at once; with a reset if they were started with --reset."""
        self.process.send_signal(signal.SIGTERM)
        return self.finish()

    def _words(self):
        self._said.seek(0)
        return self._said.read().decode(errors="replace")
