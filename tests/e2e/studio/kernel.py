# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What the kernel says of TCP sockets, asked by sock_diag(7)."""
import re
import socket
import struct
import subprocess

NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY = 20
NLMSG_ERROR = 2
NLM_F_REQUEST = 1
ANY_STATE = ANY_COOKIE = 0xFFFFFFFF
HEADER = struct.Struct("=IHHII")
SOCKET_ID = struct.Struct("!HH16s16s")  # ports and addresses, in network order
QUEUES_AT = HEADER.size + 4 + 48 + 4  # behind states, the socket's id, and a timer


def queues(local, remote):
    """(unread, unsent) bytes of the socket between these IPv4 addresses; (0, 0) if there is none
    any more."""
    def address(host):
        return socket.inet_aton(host).ljust(16, b"\0")
    request = struct.pack("=BBBxI", socket.AF_INET, socket.IPPROTO_TCP, 0, ANY_STATE)
    request += SOCKET_ID.pack(local[1], remote[1], address(local[0]), address(remote[0]))
    request += struct.pack("=III", 0, ANY_COOKIE, ANY_COOKIE)
    head = HEADER.pack(HEADER.size + len(request), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG) as diag:
        diag.sendall(head + request)
        answer = diag.recv(4096)
    _, kind, _, _, _ = HEADER.unpack_from(answer)
    return (0, 0) if kind == NLMSG_ERROR else struct.unpack_from("=II", answer, QUEUES_AT)


def socket_memory(local_port):
    """Bytes of kernel memory that each established connection of our port holds now: what waits to
    be sent or read, and what was set aside for it (ss(8), skmem)."""
    shown = subprocess.run(["ss", "-tmnH", "state", "established", f"sport = :{local_port}"],
                           capture_output=True, text=True, check=True).stdout
    return [sum(map(int, held)) for held in re.findall(
        r"skmem:\(r(\d+),rb\d+,t\d+,tb\d+,f(\d+),w(\d+),o(\d+)", shown)]
