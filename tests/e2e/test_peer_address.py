# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Who asks, behind a proxy: what a trusted one says is believed, and what anybody else says is
not."""
import struct

import pytest

from studio.listener import Listener
from studio.server import free_port
from studio.waiting import eventually
from studio.wire import Closed, Line

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
REQUEST = b"GET /health HTTP/1.1\r\nHost: floe\r\n\r\n"


@pytest.fixture(scope="module")
def settings(ports):
    return {"listen": [f"127.0.0.1:{ports[0]}",
                       {"address": f"127.0.0.1:{ports[1]}", "proxy_protocol": True}],
            "access": {"trusted_proxies": ["127.0.0.1", "10.0.0.0/8"],
                       "deny": ["203.0.113.0/24"]},
            "mount_defaults": {"linger": "0s"}}


@pytest.fixture(scope="module")
def ports():
    return free_port(), free_port()


@pytest.fixture(scope="module")
def floe(start_floe, settings, ports):
    return start_floe(settings, port=ports[0])


def v2(source, port=4711, command=0x21, family=0x11):
    address = bytes(int(part) for part in source.split("."))
    body = address + bytes([127, 0, 0, 1]) + struct.pack(">HH", port, 8000)
    return SIGNATURE + bytes([command, family]) + struct.pack(">H", len(body)) + body


def logged(floe, address, path):
    return any(line.startswith(address + " ") and path in line
               for line in floe.stdout().splitlines())


def behind(ports, header, path, source="127.0.0.1"):
    """One request at the port where a PROXY header is expected; None: closed without a word."""
    with Line(ports[1], source=source) as line:
        line.say(header + f"GET {path} HTTP/1.1\r\nHost: floe\r\n\r\n".encode())
        try:
            return line.reply().status
        except Closed:
            return None


@pytest.mark.parametrize("header, address", [
    (b"PROXY TCP4 192.0.2.1 127.0.0.1 4711 8000\r\n", "192.0.2.1"),
    (b"PROXY TCP6 2001:db8::7 ::1 4711 8000\r\n", "2001:db8::7"),
    (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
    (v2("192.0.2.2"), "192.0.2.2"),
    (v2("192.0.2.3", command=0x20), "127.0.0.1"),
], ids=["v1", "v1-ipv6", "v1-unknown", "v2", "v2-local"])
def test_a_proxy_header_says_who_asks(floe, ports, header, address, request):
    path = f"/none-{request.node.callspec.id}"
    assert behind(ports, header, path) == 404
    eventually(lambda: logged(floe, address, path))


@pytest.mark.parametrize("header", [b"", b"PROXY TCP9 1.2.3.4 1.2.3.4 1 2\r\n", SIGNATURE + b"\x31",
                                    b"proxy tcp4 1.2.3.4 1.2.3.4 1 2\r\n"],
                         ids=["none", "of-no-kind", "of-version-3", "in-lower-case"])
def test_what_is_no_proxy_header_is_closed(ports, floe, header):
    assert behind(ports, header + b"x" * 20, "/none") is None


def test_who_is_no_trusted_proxy_may_not_come_to_its_port(floe, ports):
    assert behind(ports, b"PROXY TCP4 192.0.2.4 127.0.0.1 1 2\r\n", "/spoof", "127.0.0.2") is None
    assert "/spoof" not in floe.stdout()


def test_where_no_proxy_header_is_expected_it_is_no_request(floe):
    with floe.line() as line:
        line.say(b"PROXY TCP4 192.0.2.5 127.0.0.1 1 2\r\n" + REQUEST)
        assert line.rest() == b"invalid password\r\n"  # as of a SHOUTcast source
    assert "192.0.2.5" not in floe.stdout()


def test_a_proxy_header_may_come_byte_by_byte(floe, ports):
    with Line(ports[1]) as line:
        for byte in v2("192.0.2.6") + b"GET /slow HTTP/1.0\r\n\r\n":
            line.say(bytes([byte]))
        assert line.reply().status == 404
    eventually(lambda: logged(floe, "192.0.2.6", "/slow"))


@pytest.mark.parametrize("header, address", [
    ("X-Forwarded-For: 192.0.2.11", "192.0.2.11"),
    ("X-Forwarded-For: 198.51.100.9, 192.0.2.12, 10.0.0.3", "192.0.2.12"),
    ("Forwarded: for=\"[2001:db8::13]:80\";proto=https", "2001:db8::13"),
    ("X-Real-IP: 192.0.2.14", "192.0.2.14"),
    ("X-Forwarded-For: nonsense", "127.0.0.1"),
], ids=["one", "several", "standard", "real-ip", "nonsense"])
def test_a_trusted_proxy_says_for_whom_it_asks(floe, header, address, request):
    path = f"/none-{request.node.callspec.id}"
    assert floe.ask("GET", path, headers=[header]).status == 404
    eventually(lambda: logged(floe, address, path))


def test_nobody_else_is_believed(floe):
    for header in ("X-Forwarded-For: 192.0.2.15", "Forwarded: for=192.0.2.15",
                   "X-Real-IP: 192.0.2.15"):
        with Line(floe.port, source="127.0.0.3") as line:
            line.say(f"GET /spoofed HTTP/1.0\r\n{header}\r\n\r\n")
            assert line.reply().status == 404
    eventually(lambda: logged(floe, "127.0.0.3", "/spoofed"))
    assert "192.0.2.15" not in floe.stdout()


def test_rules_go_by_who_asks_and_not_by_the_proxy(floe, ports):
    assert floe.ask("GET", "/health", headers=["X-Forwarded-For: 203.0.113.7"]).status == 403
    assert behind(ports, v2("203.0.113.8"), "/health") == 403
    assert floe.ask("GET", "/health", headers=["X-Forwarded-For: 203.0.114.7"]).status == 200


def test_a_listener_is_logged_by_who_it_is(station, mount):
    station.feed(mount)
    eventually(lambda: mount in station.floe.mounts())
    with Listener(station.floe, mount, headers=["X-Forwarded-For: 192.0.2.16"]) as listener:
        assert listener.head.status == 200
    eventually(lambda: logged(station.floe, "192.0.2.16", mount))
