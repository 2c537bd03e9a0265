# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""The servers that are compared, each with the configuration of one station."""
import os
import pwd
import shutil
import subprocess

import process

PASSWORD = "hackme"
MOUNT = "/live"

FLOE_TOML = """\
[server]
shards = {shards}
state_dir = "{folder}/state"
control_socket = "{folder}/control.sock"
[[listen]]
address = "127.0.0.1:{port}"
[auth]
source_password = "{password}"
admin_password = "{password}"
[log]
access_file = ""
[fanout]
interval = "{interval}"
"""

ICECAST_XML = """\
<icecast>
  <limits><clients>{listeners}</clients><sources>10</sources><queue-size>524288</queue-size>
    <client-timeout>30</client-timeout><header-timeout>15</header-timeout>
    <source-timeout>10</source-timeout><burst-size>65535</burst-size></limits>
  <authentication><source-password>{password}</source-password>
    <relay-password>{password}</relay-password><admin-user>admin</admin-user>
    <admin-password>{password}</admin-password></authentication>
  <hostname>localhost</hostname>
  <listen-socket><port>{port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
  <paths><basedir>{folder}</basedir><logdir>{folder}</logdir><webroot>{folder}</webroot>
    <adminroot>{folder}</adminroot></paths>
  <logging><accesslog>access.log</accesslog><errorlog>error.log</errorlog><loglevel>1</loglevel>
  </logging>
  <security><chroot>0</chroot></security>
</icecast>
"""


class Server:
    """One server process. `plays_audio`: its listeners hear what a source sends it."""

    name = ""
    plays_audio = True

    def __init__(self, build):
        self.build = build
        self.process = None
        self.port = 0

    def missing(self):
        """Why it cannot take part; empty when it can."""
        return ""

    def command(self, folder, listeners):
        raise NotImplementedError

    def start(self, folder, listeners, core):
        os.makedirs(folder, exist_ok=True)
        self.port = process.free_port()
        command = process.pinned(core, self.command(folder, listeners))
        with open(os.path.join(folder, "log.txt"), "wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        process.wait_for_port(self.port, self.process)

    def stop(self):
        process.stop(self.process)


class Floe(Server):
    """Floe with one shard; `interval` is what fanout.interval is set to."""

    def __init__(self, build, interval="auto", shards=1):
        super().__init__(build)
        self.name = "floe" if interval == "auto" else f"floe {interval}"
        self.interval = interval
        self.shards = shards
        self.binary = next((path for path in (os.path.join(build, "floe"),
                                              os.path.join(build, "src/server/floe"))
                            if os.path.exists(path)), "")

    def missing(self):
        return "" if self.binary else f"no floe in {self.build}"

    def command(self, folder, listeners):
        os.makedirs(os.path.join(folder, "state"), exist_ok=True)
        path = os.path.join(folder, "floe.toml")
        with open(path, "w", encoding="ascii") as file:
            file.write(FLOE_TOML.format(folder=folder, port=self.port, password=PASSWORD,
                                        interval=self.interval, shards=self.shards))
        os.chmod(path, 0o600)
        return [self.binary, "serve", "--config", path]


class Icecast(Server):
    """Debian's icecast2. It refuses to be root, so root runs it as nobody."""

    name = "icecast2"

    def missing(self):
        return "" if shutil.which("icecast2") else "icecast2 is not installed"

    def command(self, folder, listeners):
        path = os.path.join(folder, "icecast.xml")
        with open(path, "w", encoding="ascii") as file:
            file.write(ICECAST_XML.format(folder=folder, port=self.port, password=PASSWORD,
                                          listeners=listeners + 100))
        command = ["icecast2", "-c", path]
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            command = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}",
                       "--clear-groups"] + command
        return command


class Floor(Server):
    """The bare io_uring floor: the bytes of `interval_s` seconds in one send."""

    plays_audio = False

    def __init__(self, build, interval_s=1.0, kbps=128):
        super().__init__(build)
        self.name = "floor" if interval_s == 1.0 else f"floor {interval_s:g}s"
        self.interval_s = interval_s
        self.bytes = int(kbps * 125 * interval_s)
        self.binary = os.path.join(build, "bench/floor/floe-floor")

    def missing(self):
        return "" if os.path.exists(self.binary) else f"no {self.binary}"

    def command(self, folder, listeners):
        return [self.binary, "--port", str(self.port), "--bytes", str(self.bytes),
                "--interval", f"{self.interval_s:g}s"]
