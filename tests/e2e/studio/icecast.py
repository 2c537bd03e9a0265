# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""The icecast2 of the distribution, as origin or as slave."""
import grp
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

from studio.server import ADMIN_PASSWORD, SOURCE_PASSWORD, free_port
from studio.waiting import eventually
from studio.wire import Closed, Line

RELAY_PASSWORD = "a-relays-secret"
USER = "icecast2"  # it refuses to be root
STARTS_MAX = 5  # on a busy machine it now and then crashes while it starts

CONFIG = """<icecast>
  <limits><clients>500</clients><sources>300</sources><source-timeout>30</source-timeout>
    <burst-size>65535</burst-size></limits>
  <authentication>
    <source-password>{source}</source-password><relay-password>{relay}</relay-password>
    <admin-user>admin</admin-user><admin-password>{admin}</admin-password>
  </authentication>
  <hostname>localhost</hostname>
  <listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
  {more}
  <paths><logdir>{folder}</logdir><webroot>/usr/share/icecast2/web</webroot>
    <adminroot>/usr/share/icecast2/admin</adminroot></paths>
  <logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog></logging>
  {owner}
</icecast>
"""


class Icecast:
    """A running icecast2. Encoders and listeners take it for a server of ours."""

    def __init__(self, more="", port=None):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="icecast."))
        self.port = port or free_port()
        self.more = more
        self.process = None
        self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.folder)

    def start(self):
        """Also again, at the same port, after kill()."""
        owner = ""
        if os.geteuid() == 0:
            user = pwd.getpwnam(USER)
            group = grp.getgrgid(user.pw_gid).gr_name
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            owner = (f"<security><chroot>0</chroot><changeowner><user>{USER}</user>"
                     f"<group>{group}</group></changeowner></security>")
        config = self.folder / "icecast.xml"
        config.write_text(CONFIG.format(
            source=SOURCE_PASSWORD, relay=RELAY_PASSWORD, admin=ADMIN_PASSWORD, port=self.port,
            more=self.more, folder=self.folder, owner=owner), encoding="ascii")
        for _ in range(STARTS_MAX):
            self.process = subprocess.Popen(
                ["icecast2", "-c", config], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, cwd=self.folder)
            eventually(lambda: self._has_crashed() or self._answers(), saying="icecast2 answers")
            if not self._has_crashed():
                return
        raise AssertionError(f"icecast2 crashed at each of {STARTS_MAX} starts")

    def _has_crashed(self):
        return self.process.poll() == -signal.SIGSEGV

    def _answers(self):
        assert self.process.poll() is None, f"icecast2 ended with {self.process.returncode}"
        try:
            with self.line() as line:
                line.say("GET /status-json.xsl HTTP/1.0\r\n\r\n")
                # That is there when the thread of its statistics has begun: what is counted before
                # is counted where there is nothing yet, and the thread begins with a crash.
                return b'"server_start"' in line.rest()
        except (OSError, Closed):
            return False

    def plays(self, mount):
        """Whether who asks for it now hears it."""
        with self.line() as line:
            line.say(f"GET {mount} HTTP/1.0\r\n\r\n")
            return line.head().status == 200

    def line(self):
        return Line(self.port)

    def url(self, path=""):
        return f"http://127.0.0.1:{self.port}{path}"

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        self.process.wait()
