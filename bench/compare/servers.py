# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""The servers that are compared, each with the configuration of one station."""
import collections
import os
import pwd
import shutil
import subprocess
import sys

import process

PASSWORD = "hackme"
MOUNT = "/live"
FLOE_SOURCES = 1000  # at once; the default is less than some runs have mounts

ICECAST_XML = """\
<icecast>
  <limits><clients>{clients}</clients><sources>{sources}</sources><queue-size>524288</queue-size>
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
{relays}  <security><chroot>0</chroot></security>
</icecast>
"""

ICECAST_RELAY = """\
  <relay><server>127.0.0.1</server><port>{port}</port><mount>{path}</mount>
    <local-mount>{mount}</local-mount><on-demand>0</on-demand></relay>
"""
FLOE_RELAY = """\
[relay."{mount}"]
upstream = ["http://127.0.0.1:{port}{path}"]
"""

# A mount that is fetched from a port of this host.
Relay = collections.namedtuple("Relay", "mount port path")

# One process, as the others are measured: what a worker does, without a master beside it.
NGINX_CONF = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log error;
events {{ worker_connections {connections}; }}
http {{
  access_log off;
  sendfile on;
  open_file_cache max=16;  # one descriptor for all who hear the file, not one for each
  default_type audio/mpeg;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    root {folder}/audio;
    location / {{ limit_rate {bytes_per_s}; }}
  }}
}}
"""
NGINX_FILE_S = 3600  # of audio: longer than any run


def build_release():
    """The release that tools/run starts, and the tools; the folder it is in."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    targets = "src/server/floe tools/floe-load tools/floe-source bench/floor/floe-floor"
    script = f'root=$1; source "$root/tools/steps.sh"; build_release "{targets}"'
    if subprocess.run(["bash", "-c", script, "compare", root], check=False).returncode != 0:
        sys.exit("there is no release to measure")
    return os.path.join(root, "build/release")


class Server:
    """One server process. `plays_audio`: its listeners hear what a source sends it."""

    name = ""
    plays_audio = True

    def __init__(self, build):
        self.build = build
        self.process = None
        self.port = 0
        self.relays = []  # that the next start is to fetch; Floe and icecast2 do

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

    def stop(self, timeout_s=20):
        process.stop(self.process, timeout_s)


class Floe(Server):
    """Floe; `interval` is what fanout.interval is set to, `sets` are more keys ("key=value")."""

    def __init__(self, build, interval="auto", shards=1, sets=(), name="floe"):
        super().__init__(build)
        self.name = name if interval == "auto" else f"{name} {interval}"
        self.interval = interval
        self.shards = shards
        self.sets = list(sets)
        self.control = ""  # path of its control socket, once it is started
        self.binary = next((path for path in (os.path.join(build, "floe"),
                                              os.path.join(build, "src/server/floe"))
                            if os.path.exists(path)), "")

    def missing(self):
        return "" if self.binary else f"no floe in {self.build}"

    def command(self, folder, listeners):
        self.control = f"{folder}/control.sock"
        sets = [f"listen=127.0.0.1:{self.port}", f"server.shards={self.shards}",
                f"server.state_dir={folder}/state", f"server.control_socket={self.control}",
                f"auth.source_password={PASSWORD}", f"auth.admin_password={PASSWORD}",
                "log.access_file=", f"limits.sources={FLOE_SOURCES}"]
        if self.interval != "auto":
            sets.append(f"fanout.interval={self.interval}")
        command = [self.binary, "serve"]
        if self.relays:
            path = os.path.join(folder, "floe.toml")
            with open(path, "w", encoding="ascii") as file:
                file.writelines(FLOE_RELAY.format(**relay._asdict()) for relay in self.relays)
            command += ["--config", path]
        for each in sets + self.sets:
            command += ["--set", each]
        return command


class Icecast(Server):
    """Debian's icecast2. It refuses to be root, so root runs it as nobody."""

    name = "icecast2"

    def __init__(self, build, sources=10):
        super().__init__(build)
        self.sources = sources  # at most, besides the relays

    def missing(self):
        return "" if shutil.which("icecast2") else "icecast2 is not installed"

    def command(self, folder, listeners):
        path = os.path.join(folder, "icecast.xml")
        with open(path, "w", encoding="ascii") as file:
            sources = self.sources + len(self.relays)
            relays = "".join(ICECAST_RELAY.format(**relay._asdict()) for relay in self.relays)
            file.write(ICECAST_XML.format(folder=folder, port=self.port, password=PASSWORD,
                                          clients=listeners + sources + 100, sources=sources,
                                          relays=relays))
        command = ["icecast2", "-c", path]
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            command = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}",
                       "--clear-groups"] + command
        return command


class Nginx(Server):
    """Debian's nginx with a file, sent no faster than the bitrate: once a second."""

    name = "nginx"
    plays_audio = False

    def __init__(self, build, kbps=128):
        super().__init__(build)
        self.bytes_per_s = kbps * 125
        self.binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin") or ""

    def missing(self):
        return "" if self.binary else "nginx is not installed"

    def command(self, folder, listeners):
        os.makedirs(os.path.join(folder, "audio"), exist_ok=True)
        with open(os.path.join(folder, "audio", MOUNT.strip("/")), "wb") as file:
            for _ in range(NGINX_FILE_S):
                file.write(b"f" * self.bytes_per_s)
        path = os.path.join(folder, "nginx.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(NGINX_CONF.format(folder=folder, port=self.port,
                                         connections=listeners + 1000,
                                         bytes_per_s=self.bytes_per_s))
        return [self.binary, "-c", path, "-e", os.path.join(folder, "error.log")]


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
