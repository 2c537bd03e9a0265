# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""A network for players and origins alone, on the far side of a line that may be narrow, lose,
reorder and swallow what is sent over it: a network namespace that a veth pair joins to ours. It
takes root to make one.

The kernel's netem would be the usual tool, but many a kernel for virtual machines is built without
it. Queues of HTB and a few instructions of classic BPF do the same with what all have."""
import concurrent.futures
import ctypes
import itertools
import json
import os
import socket
import subprocess

from studio.wire import Line

CLONE_NEWNET = 0x40000000
LINE_MTU = 1500  # segments of 1448 bytes, as nearly everywhere
_numbers = itertools.count()

# Classic BPF: (code, jump if true, jump if false, operand).
LOAD_RANDOM = (0x20, 0, 0, 0xFFFFF038)  # SKF_AD_OFF + SKF_AD_RANDOM
LOAD_DESTINATION = (0x20, 0, 0, 14 + 16)  # behind the Ethernet header, in IPv4's
TC_ACT_SHOT, TC_ACT_UNSPEC = 2, 0xFFFFFFFF
# Classes of the near side's HTB: who takes the slow way is overtaken.
QUICK, SLOW = "1:1", "1:2"
SLOW_CLASS_ID = 0x10002


def _answer(value):
    return (0x06, 0, 0, value)


def _if_below(share, then, otherwise):
    """For that share of all packets, by chance."""
    return [LOAD_RANDOM, (0x35, 1, 0, int(share * 2**32)), _answer(then), _answer(otherwise)]


def _if_to(address, then, otherwise):
    number = int.from_bytes(socket.inet_aton(address), "big")
    return [LOAD_DESTINATION, (0x15, 0, 1, number), _answer(then), _answer(otherwise)]


def _bytecode(program):
    return ",".join([str(len(program)), *(" ".join(map(str, each)) for each in program)])


def _run(*command):
    run = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                         check=False)
    if run.returncode != 0:
        raise RuntimeError("a network for the test cannot be made; it takes root with "
                           f"CAP_NET_ADMIN and CAP_SYS_ADMIN: {' '.join(map(str, command))}: "
                           f"{run.stderr.strip()}")
    return run.stdout


class FarNetwork:
    """The namespace lives as long as its holder, and the veth pair as long as it. The holder ends
    when its input does: so nothing stays behind even when the test is killed."""

    def __init__(self):
        self._holder = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "echo; exec cat"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if not self._holder.stdout.readline():
            reason = self._holder.communicate()[1].decode().strip()
            raise RuntimeError("a network namespace cannot be made; it takes root with "
                               f"CAP_SYS_ADMIN: {reason}")
        self._near, self._far = f"floe{os.getpid()}n{next(_numbers)}", "line"
        self._is_narrow = False
        assert len(self._near) < 16, "what the kernel takes as an interface's name"
        self._namespace = f"/proc/{self._holder.pid}/ns/net"
        try:
            self._lay_line()
        except BaseException:
            self.close()
            raise

    def _lay_line(self):
        # 198.18.0.0/15 is set aside for tests of networks (RFC 2544). A test has one at a time.
        base = (198 << 24 | 18 << 16) + (os.getpid() % 2**14) * 8
        self.server_address, *self.addresses = (
            socket.inet_ntoa((base + i).to_bytes(4, "big")) for i in range(1, 4))
        _run("ip", "link", "add", self._near, "mtu", LINE_MTU, "type", "veth",
             "peer", "name", self._far, "mtu", LINE_MTU, "netns", self._holder.pid)
        # Each packet for itself: otherwise 64 KB would be lost or overtaken as one.
        _run("ip", "link", "set", self._near, "gso_max_segs", 1, "up")
        _run("ip", "address", "add", f"{self.server_address}/29", "dev", self._near)
        self._run_there("ip", "link", "set", "lo", "up")
        for address in self.addresses:
            self._run_there("ip", "address", "add", f"{address}/29", "dev", self._far)
        self._run_there("ip", "link", "set", self._far, "gso_max_segs", 1, "up")
        self._run_there("tc", "qdisc", "add", "dev", self._far, "clsact")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        # Sockets that wait for an acknowledgement would keep it a while longer.
        subprocess.run(["ip", "link", "delete", self._near], stderr=subprocess.DEVNULL, check=False)
        self._holder.stdin.close()
        self._holder.wait()
        self._holder.stdout.close()
        self._holder.stderr.close()

    def _run_there(self, *command):
        return _run(*self.entered_by(command))

    def entered_by(self, command):
        """The command, as it is to be started to run there."""
        return ["nsenter", f"--net={self._namespace}", *command]

    # ---- how wide the line is for what is sent there to us ----
    def narrow(self, kbit):
        """So many kbit/s from now on; what is more waits in its queue."""
        how = ("root", "handle", "1:", "htb", "default", 1)
        if not self._is_narrow:
            self._run_there("tc", "qdisc", "add", "dev", self._far, *how)
        self._is_narrow = True
        self._run_there("tc", "class", "replace", "dev", self._far, "parent", "1:", "classid",
                        QUICK, "htb", "rate", f"{kbit}kbit", "quantum", LINE_MTU + 100,
                        "burst", LINE_MTU + 100, "cburst", LINE_MTU + 100)

    def widen(self):
        """As wide as it was; what waited is lost."""
        self._run_there("tc", "qdisc", "delete", "dev", self._far, "root")
        self._is_narrow = False

    # ---- what becomes of what we send there ----
    def lose(self, share):
        """Of all packets; unnoticed by who sent them."""
        self._add_far_filter(_if_below(share, TC_ACT_SHOT, TC_ACT_UNSPEC))

    def swallow_all_to(self, address):
        """From now on; that machine is not heard of again."""
        self._add_far_filter(_if_to(address, TC_ACT_SHOT, TC_ACT_UNSPEC))

    def swallow_all(self):
        """Both ways, from now on: who is there is not heard of, and is not refused either. Of IP
        alone: it is somewhere behind the neighbour that packets vanish."""
        for way in ("ingress", "egress"):
            self._add_far_filter([_answer(TC_ACT_SHOT)], way, "ip")

    def swallow_nothing(self):
        """From now on; nor is anything lost."""
        for way in ("ingress", "egress"):
            self._run_there("tc", "filter", "delete", "dev", self._far, way)

    def _add_far_filter(self, program, way="ingress", protocol="all"):
        self._run_there("tc", "filter", "add", "dev", self._far, way, "protocol", protocol, "bpf",
                        "direct-action", "bytecode", _bytecode(program))

    def reorder(self, share, slow_mbit):
        """That share of packets queues for a slow way; those behind them go by."""
        def htb_class(name, mbit, *burst):
            _run("tc", "class", "add", "dev", self._near, "parent", "1:", "classid", name,
                 "htb", "rate", f"{mbit}mbit", "quantum", LINE_MTU + 100, *burst)
        _run("tc", "qdisc", "add", "dev", self._near, "root", "handle", "1:", "htb", "default", 1)
        htb_class(QUICK, 1000)
        htb_class(SLOW, slow_mbit, "burst", LINE_MTU + 100, "cburst", LINE_MTU + 100)
        _run("tc", "filter", "add", "dev", self._near, "parent", "1:", "bpf",
             "bytecode", _bytecode(_if_below(share, SLOW_CLASS_ID, 0)))

    def packets_lost(self):
        shown = json.loads(self._run_there("tc", "-json", "-s", "qdisc", "show", "dev", self._far))
        return next(each["drops"] for each in shown if each["kind"] == "clsact")

    def packets_overtaken(self):
        """Whose place was empty when later ones arrived, by loss or by detour."""
        return self._tcp_counter("OFOQueue")

    def _tcp_counter(self, name):
        with open(f"/proc/{self._holder.pid}/net/netstat", encoding="ascii") as table:
            rows = list(table)
        names, values = next((names.split(), values.split())
                             for names, values in zip(rows, rows[1:]) if "TCPOFOQueue" in names)
        return int(values[names.index("TCP" + name)])

    # ---- who lives there ----
    def _enter(self, act):
        libc = ctypes.CDLL(None, use_errno=True)
        with open(self._namespace, "rb") as namespace:
            if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        return act()

    def make_there(self, make):
        """What that makes: a namespace is a thread's, and a socket belongs to the one it was made
        in. So do the threads that are begun there."""
        with concurrent.futures.ThreadPoolExecutor(1) as thread:
            return thread.submit(self._enter, make).result()

    def line_to(self, port, **how):
        """A socket of a machine there to the server."""
        return self.make_there(lambda: Line(port, host=self.server_address, **how))


class FarFloe:
    """The server as machines over there see it."""

    def __init__(self, floe, network, address=None):
        self.port = floe.port
        self._network, self._address = network, address

    def line(self, **how):
        return self._network.line_to(self.port, source=self._address, **how)
