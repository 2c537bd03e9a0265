# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
import base64
import json
import os
import random
import signal
import socket
import subprocess
import time
import urllib.parse

from studio import binaries
from studio.toml import toml_of
from studio.waiting import PATIENCE_S, eventually
from studio.wire import Closed, Line

SOURCE_PASSWORD = "a-loud-secret"
ADMIN_PASSWORD = "a-quiet-secret"
STOP_S = 8.0  # two seconds are promised; less is asked of a machine that does other things too
# A sanitizer looks for leaks after main has ended, and takes its time.
SANITIZER_EXIT_S = 20.0
SANITIZER_WORDS = ("AddressSanitizer", "LeakSanitizer", "runtime error:", "ThreadSanitizer")
# Each of several workers has ports of its own, so that none takes one that another has probed.
WORKERS_MAX = 8
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS_MAX
SERVER_PORTS = range(20_000 + WORKER, 32_000, WORKERS_MAX)
TCP_TIME_WAIT, TCP_LISTEN = 6, 10  # as /proc/net/tcp numbers them


def free_port():
    """Of those that no outgoing connection is given by chance: crowds take nearly all of these."""
    while True:
        port = random.choice(SERVER_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("0.0.0.0", port))
                return port
            except OSError:
                continue  # somebody has it


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def merged(base, over):
    both = {table: dict(keys) if isinstance(keys, dict) else keys for table, keys in base.items()}
    for table, keys in over.items():
        both[table] = {**both.get(table, {}), **keys} if isinstance(keys, dict) else keys
    return both


def environment_with(variables):
    """Ours without what would configure the server, and `variables`."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("FLOE_")}
    return {**ours, **variables}


class Floe:
    """A running server, with a state directory and a configuration of its own: `settings` on top of
    what is usual here, or `text` and nothing else."""

    def __init__(self, folder, settings=None, *, binary=None, port=None, arguments=(),
                 environment=None, is_awaited=True, before=(), descriptors=(), text=None):
        self.folder = folder
        self.binary = binary or binaries.floe()
        self.port = port or free_port()
        self.settings = merged(self._usual(), settings or {})
        self.config_path = folder / "floe.toml"
        self.config_path.touch(mode=0o600)  # it holds passwords
        self.config_path.write_text(text or toml_of(self.settings), encoding="utf-8")
        self.stdout_path, self.stderr_path = folder / "stdout", folder / "stderr"
        command = [*before, self.binary, "serve", "-c", self.config_path, *arguments]
        with open(self.stdout_path, "wb") as out, open(self.stderr_path, "wb") as err:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=folder,
                env=environment_with(environment or {}), pass_fds=descriptors)
        if is_awaited:
            self._await()

    def _usual(self):
        return {
            "server": {"state_dir": str(self.folder / "state"), "shards": 2,
                       "control_socket": str(self.folder / "control.sock")},
            "listen": [f"127.0.0.1:{self.port}"],
            "auth": {"source_password": SOURCE_PASSWORD, "admin_password": ADMIN_PASSWORD},
            # Tests ask more often than people do, and on machines with too much to do.
            "limits": {"arena": "64MiB", "request_rate": 0, "lag": "10s"},
            "access": {"lockout_failures": 0},
        }

    def _await(self):
        try:
            eventually(self._is_ready, saying="the server answers /health")
        except BaseException:
            self.kill()
            raise

    def is_answering(self):
        try:
            return self.ask("GET", "/health").status == 200
        except (OSError, Closed):
            return False

    def _is_ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"the server ended with {self.process.returncode}: {self.stderr()}")
        return self.is_answering()

    # ---- what it says ----
    def stdout(self):
        return self.stdout_path.read_text(encoding="utf-8", errors="replace")

    def stderr(self):
        return self.stderr_path.read_text(encoding="utf-8", errors="replace")

    def says(self, words):
        """Its log, once those are in it: it is written while the server goes on."""
        return eventually(lambda: (lambda log: log if words in log else None)(self.stderr()),
                          saying=f"{words!r} is logged")

    def url(self, path=""):
        return f"http://127.0.0.1:{self.port}{path}"

    def line(self):
        """A socket to the server on which nothing was said yet."""
        return Line(self.port)

    def ask(self, method, path, *, headers=(), body=b"", version="HTTP/1.1", password=None,
            user="source"):
        """One request, and its whole reply."""
        lines = [f"{method} {path} {version}", f"Host: 127.0.0.1:{self.port}", *headers]
        if password is not None:
            lines.append("Authorization: " + basic(user, password))
        if body:
            lines.append(f"Content-Length: {len(body)}")
        with self.line() as line:
            line.say("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
            return line.reply()

    def health(self):
        return json.loads(self.ask("GET", "/health").body)

    def status(self):
        return json.loads(self.ask("GET", "/status-json.xsl").body)["icestats"]

    def mounts(self):
        """Sources of the status page by the last part of their URL."""
        sources = self.status().get("source", [])
        sources = sources if isinstance(sources, list) else [sources]
        return {urllib.parse.urlparse(each["listenurl"]).path: each for each in sources}

    def listeners(self):
        return self.health()["listeners"]

    def set_title(self, mount, *, user="source", password=SOURCE_PASSWORD, **fields):
        query = urllib.parse.urlencode({"mode": "updinfo", "mount": mount, **fields})
        return self.ask("GET", "/admin/metadata?" + query, user=user, password=password)

    def open_sockets(self):
        """How many sockets the kernel has open on our side of the port, whoever they belong to."""
        suffix, count = f":{self.port:04X}", 0
        with open("/proc/net/tcp", encoding="ascii") as table:
            for row in list(table)[1:]:
                local, state = row.split()[1], int(row.split()[3], 16)
                is_open = state not in (TCP_LISTEN, TCP_TIME_WAIT)
                count += local.endswith(suffix) and is_open
        return count

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    # ---- its end ----
    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def stop(self):
        """Ends it as an operator does, and looks at how it went."""
        if self.process.poll() is None:
            self.signal()
            begun = time.monotonic()
            is_sanitized = binaries.is_sanitized(self.binary)
            try:
                self.process.wait(SANITIZER_EXIT_S if is_sanitized else PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            took = time.monotonic() - begun
            assert is_sanitized or took < STOP_S, f"stopping took {took:.1f} s"
        assert self.process.returncode == 0, f"ended {self.process.returncode}: {self.stderr()}"
        self.check_words()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def check_words(self):
        """No sanitizer spoke, and no log has ever held a password."""
        for word in SANITIZER_WORDS:
            assert word not in self.stderr(), self.stderr()
        for password in (SOURCE_PASSWORD, ADMIN_PASSWORD):
            assert password not in self.stderr(), "a password in the log"
            # The greeting says PASSWORD instead of one that was configured.
            assert password not in self.stdout(), "a password in the access log"
