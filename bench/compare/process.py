# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Starting, watching and stopping the processes of a measurement."""
import json
import os
import random
import resource
import socket
import subprocess
import threading
import time

SERVER_PORTS = range(20_000, 32_000)
QUIET_SOCKETS_MAX = 500  # of the whole machine; more are left of an earlier run


def free_port():
    """Of those that no outgoing connection is given by chance."""
    while True:
        port = random.choice(SERVER_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue  # somebody has it


def wait_for_port(port, process, timeout_s=10.0):
    """Until somebody listens; the seconds it took. Raises when the process ends instead."""
    began = time.monotonic()
    while time.monotonic() - began < timeout_s:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args[0]} ended with status {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return time.monotonic() - began
        time.sleep(0.002)
    raise RuntimeError(f"{process.args[0]} does not listen on port {port}")


def pinned(core, command):
    """The command on one core, where there is more than one."""
    if core is None or os.cpu_count() < 2:
        return command
    return ["taskset", "-c", str(core)] + command


def stop(process, timeout_s=20):
    """Asks it to end, insists after a while, and gives its exit status."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    return process.returncode


def cpu_s(pid):
    """CPU seconds of all threads, from the scheduler's own nanoseconds where it keeps them."""
    try:
        total_ns = 0
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as file:
                total_ns += int(file.read().split()[0])
        return total_ns / 1e9
    except FileNotFoundError:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def core_busy_s(core):
    """Seconds in which a core was not idle: also what interrupts took outside any process."""
    with open("/proc/stat", encoding="ascii") as file:
        for line in file:
            if line.startswith(f"cpu{core} "):
                ticks = [int(word) for word in line.split()[1:9]]
                return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")
    return 0.0


def memory_bytes(pid):
    """Resident memory: all of it, and without memory that is shared (mapped audio)."""
    kib = {}
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name in ("VmRSS", "RssAnon", "RssFile", "RssShmem"):
                kib[name] = int(value.split()[0])
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        pss = sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    return {"rss": kib["VmRSS"] * 1024, "pss": pss * 1024,
            "private": (kib["RssAnon"] + kib["RssFile"]) * 1024}


def peak_bytes(pid):
    """The most that was ever resident of a process; 0 once it has ended."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as file:
            return next((int(line.split()[1]) * 1024 for line in file
                         if line.startswith("VmHWM:")), 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0


def tcp_bytes():
    """What the kernel holds in TCP queues and buffers, of all sockets of the machine."""
    with open("/proc/net/sockstat", encoding="ascii") as file:
        for line in file:
            if line.startswith("TCP:"):
                words = line.split()
                return int(words[words.index("mem") + 1]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def tcp_sockets():
    with open("/proc/net/sockstat", encoding="ascii") as file:
        for line in file:
            if line.startswith("TCP:"):
                words = line.split()
                return int(words[words.index("alloc") + 1])
    return 0


def wait_for_quiet(timeout_s):
    """Until the sockets of an earlier run are gone: their memory would count as growth below 0."""
    end = time.monotonic() + timeout_s
    while tcp_sockets() > QUIET_SOCKETS_MAX and time.monotonic() < end:
        time.sleep(0.2)


def machine_bytes():
    """Memory of the machine that is taken, by whomever."""
    kib = meminfo_kib()
    return (kib["MemTotal"] - kib["MemAvailable"]) * 1024


def slab_bytes():
    """What the kernel's own objects take: sockets, files, buffers."""
    return meminfo_kib()["Slab"] * 1024


def available_bytes():
    return meminfo_kib()["MemAvailable"] * 1024


def meminfo_kib():
    kib = {}
    with open("/proc/meminfo", encoding="ascii") as file:
        for line in file:
            kib[line.split(":")[0]] = int(line.split()[1])
    return kib


def raise_open_files():
    """As many descriptors as allowed, for whatever is started from here; how many."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


class Reports:
    """A floe-load whose JSON lines are read as they come."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.latest = {}
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        for line in self.process.stdout:
            self.latest = json.loads(line)

    def wait_until(self, is_enough, timeout_s):
        """True once `is_enough(latest report)`; False when it took too long or it ended."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            if self.latest and is_enough(self.latest):
                return True
            if self.process.poll() is not None:
                return False
            time.sleep(0.05)
        return False

    def tell_to_end(self):
        if self.process.poll() is None:
            self.process.terminate()

    def finish(self):
        """Ends it; gives its last word."""
        stop(self.process, timeout_s=60)
        self._thread.join()
        return self.latest
