# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""A system on which packages are installed for real and for nobody else to see: this one, with
everything that is written kept in memory, a network and processes of its own, and systemd."""
import os
import pathlib
import subprocess

from studio.waiting import PATIENCE_S, eventually

# What is enabled here does not run there: the tree is clean. What is the kernel's alone, such as
# sysctls, is there to be read. `$1` is a directory of ours, `$2` the cgroup.
MAKE = """
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
cd "$1"
mkdir written work tree
mount -t overlay overlay -o "lowerdir=/,upperdir=written,workdir=work" tree
cd tree
mount --bind ../written mnt
mount -t proc proc proc
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
mount -t tmpfs tmpfs dev
for node in null zero full random urandom tty; do
  cp -a "/dev/$node" dev
done
mkdir dev/shm
ln -s pts/ptmx dev/ptmx
rm -rf etc/systemd/system/*.wants etc/systemd/system/*.requires
rm -f usr/sbin/policy-rc.d
rm -rf usr/lib/systemd/system/sysinit.target.wants usr/lib/systemd/system/timers.target.wants
ip link set lo up
pivot_root . media
umount -l /media
exec env -i container=floe-test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
  /lib/systemd/systemd --system --unit=basic.target --show-status=0
"""


def _own_cgroup():
    """The directory of the cgroup of version 2 that this process is in."""
    with open("/proc/self/mountinfo", encoding="ascii") as mounts:
        top = next(line.split()[4] for line in mounts if " - cgroup2 " in line)
    with open("/proc/self/cgroup", encoding="ascii") as groups:
        path = next(line.strip() for line in groups if line.startswith("0::"))[len("0::"):]
    return pathlib.Path(top + path)


class CleanTree:
    """It lives as long as its holder, and that as long as we."""

    def __init__(self, folder):
        self._cgroup = _own_cgroup() / f"floe-test-{os.getpid()}"
        self._cgroup.mkdir()
        join = f"echo $$ >{self._cgroup}/cgroup.procs; exec \"$@\""
        self._holder = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "sh", "-ec", join, "sh", "unshare", "--kill-child",
             "--fork", "--pid", "--mount", "--net", "--ipc", "--uts", "--cgroup",
             "sh", "-ec", MAKE, "sh", folder],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            self._first = eventually(self._find_first, saying="the tree's first process")
            eventually(lambda: self._state() in ("running", "degraded"), saying="systemd is up")
        except BaseException:
            self.close()
            raise

    def _find_first(self):
        if self._holder.poll() is not None:
            reason = self._holder.stdout.read().decode()
            raise RuntimeError(f"a tree for the package cannot be made; it takes root: {reason}")
        holder = self._holder.pid
        children = pathlib.Path(f"/proc/{holder}/task/{holder}/children").read_text()
        return children.split()[0] if children else None

    def _state(self):
        return self.ask("systemctl", "is-system-running").stdout.decode().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._holder.kill()
        self._holder.wait()
        self._holder.stdout.close()
        eventually(self._is_cgroup_gone, saying="the processes of the tree are gone")

    def _is_cgroup_gone(self):
        try:
            for group in sorted(self._cgroup.glob("**/"), reverse=True):  # those within come first
                group.rmdir()
        except OSError:  # somebody is still in it
            return False
        return True

    def ask(self, *command, said=b""):
        """What a command answers there, whatever that is."""
        enter = ["nsenter", f"--target={self._first}", "--mount", "--pid", "--net", "--ipc",
                 "--uts", "--cgroup", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
        return subprocess.run([*enter, *command], input=said, capture_output=True,
                              timeout=4 * PATIENCE_S, check=False)

    def run(self, *command, said=b""):
        """What a command says there that is to go well."""
        run = self.ask(*command, said=said)
        assert run.returncode == 0, f"{command}: {run.stdout.decode()}{run.stderr.decode()}"
        return run.stdout.decode()

    def install(self, package):
        self.run("sh", "-c", "cat >/tmp/given.deb", said=package.read_bytes())
        self.run("dpkg", "--force-unsafe-io", "--force-confold", "--install", "/tmp/given.deb")

    def show(self, unit, name):
        return self.run("systemctl", "show", "--value", "-p", name, unit).strip()

    def written(self):
        """Paths that were made since and are still there."""
        found = self.run("find", "/mnt", "-mindepth", "1", "-not", "-type", "c",
                         "-printf", "/%P\n")
        return set(found.splitlines())
