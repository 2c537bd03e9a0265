# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Floe as a service: what it tells the service manager, and the sockets that it is passed."""
import contextlib
import os
import signal
import socket
import subprocess
import time

import pytest

from studio import binaries, swap
from studio.encoder import Encoder
from studio.server import SANITIZER_EXIT_S, free_port
from studio.service import (NotifySocket, activated_by, listening_socket, system_calls,
                            with_system_calls)
from studio.waiting import PATIENCE_S, eventually
from studio.wire import Line

WATCHDOG_S = 10


@pytest.fixture(params=["path", "abstract"])
def any_notify(request, tmp_path):
    name = str(tmp_path / "notify") if request.param == "path" else f"@floe-{os.getpid()}"
    with NotifySocket(name) as opened:
        yield opened


@pytest.fixture
def notify(tmp_path):
    with NotifySocket(str(tmp_path / "notify")) as opened:
        yield opened


# ---- what it tells ----

def test_it_is_ready_when_it_answers_and_not_before(make_floe, any_notify):
    floe = make_floe(environment={"NOTIFY_SOCKET": any_notify.name}, is_awaited=False)
    first = any_notify.next()
    assert first == {"READY": "1", "STATUS": "listeners: 0, sources: 0"}
    assert floe.is_answering()
    floe.stop()


def test_a_start_that_fails_is_never_ready(make_floe, notify):
    with listening_socket() as taken:
        floe = make_floe(environment={"NOTIFY_SOCKET": notify.name}, is_awaited=False,
                         port=taken.getsockname()[1])
        assert floe.process.wait(PATIENCE_S) == 1
    assert not any("READY" in message for message in notify.rest())


def test_its_status_says_who_listens_and_who_sends(make_floe, notify):
    floe = make_floe(environment={"NOTIFY_SOCKET": notify.name})
    with Encoder(floe, "/live").play():
        eventually(lambda: "/live" in floe.mounts())
        with floe.line() as line:
            line.say("GET /live HTTP/1.0\r\n\r\n")
            assert line.head().status == 200
            while notify.next_with("STATUS")["STATUS"] != "listeners: 1, sources: 1":
                pass
    floe.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_is_told_and_is_the_last_word(make_floe, notify, number):
    floe = make_floe(environment={"NOTIFY_SOCKET": notify.name})
    floe.signal(number)
    assert notify.next_with("STOPPING")["STOPPING"] == "1"
    assert floe.process.wait(SANITIZER_EXIT_S) == 0
    assert notify.rest() == []


def test_a_reload_is_told_as_notify_reload_has_it(make_floe, notify):
    """Well or refused: it is over, and the server is ready. systemd.service(5), Type="""
    floe = make_floe(environment={"NOTIFY_SOCKET": notify.name})
    notify.next_with("READY")
    for text in ("", "[limits]\nsources = 0\n"):
        floe.config_path.write_text(floe.config_path.read_text(encoding="utf-8") + text,
                                    encoding="utf-8")
        asked = time.clock_gettime(time.CLOCK_MONOTONIC)
        floe.signal(signal.SIGHUP)
        told = notify.next_with("RELOADING")
        assert told["RELOADING"] == "1" and int(told["MONOTONIC_USEC"]) >= asked * 1_000_000
        assert notify.next_with("READY") == {"READY": "1"}
    floe.stop()


def test_the_next_binary_is_the_main_process_from_then_on(make_floe, notify):
    floe = make_floe(environment={"NOTIFY_SOCKET": notify.name,
                                  "WATCHDOG_USEC": str(WATCHDOG_S * 1_000_000)})
    notify.next_with("READY")
    swap.swap(floe)
    told = notify.next_with("MAINPID")
    assert (told["MAINPID"], told["READY"]) == (str(floe.process.pid), "1")
    notify.next_with("WATCHDOG")  # which the next one feeds, though it was for the first
    floe.stop()
    assert notify.next_with("STOPPING") and notify.rest() == []  # the one before said nothing


def test_a_swap_that_fails_is_none_of_the_service_managers_business(make_floe, notify):
    floe = make_floe(environment={"NOTIFY_SOCKET": notify.name,
                                  "FAULT_POINT": "successor-restored:kill"})
    notify.next_with("READY")
    assert swap.command(floe, "upgrade").returncode == 1
    floe.stop()
    assert [each.keys() - {"STATUS"} for each in notify.rest()] == [{"STOPPING"}]


def test_the_watchdog_is_fed_in_time(make_floe, notify):
    floe = make_floe(environment={"NOTIFY_SOCKET": notify.name,
                                  "WATCHDOG_USEC": str(WATCHDOG_S * 1_000_000)})
    fed = notify.next_with("READY") and time.monotonic()
    for _ in range(4):
        notify.next_with("WATCHDOG")
        fed, before = time.monotonic(), fed
        assert fed - before < WATCHDOG_S
    floe.stop()


def test_a_watchdog_that_is_for_another_process_is_left_alone(make_floe, notify):
    """A feed would come before the status does: as soon as the first turn of the main loop."""
    floe = make_floe(environment={"NOTIFY_SOCKET": notify.name, "WATCHDOG_USEC": "200000",
                                  "WATCHDOG_PID": str(os.getpid())})
    assert notify.next().keys() == {"READY", "STATUS"}
    with Encoder(floe, "/live").play():
        assert notify.next().keys() == {"STATUS"}
    floe.stop()
    assert not any("WATCHDOG" in message for message in notify.rest())


def test_a_service_manager_that_went_away_is_no_trouble(make_floe, tmp_path):
    with NotifySocket(str(tmp_path / "notify")) as gone:
        floe = make_floe(environment={"NOTIFY_SOCKET": gone.name})
        gone.next_with("READY")
    with Encoder(floe, "/live").play():
        floe.says("cannot be told")
        assert floe.is_answering()
    floe.stop()


# ---- the sockets that it is passed ----

def test_it_serves_on_a_socket_that_was_open_before_with_all_its_shards(make_floe):
    with listening_socket() as passed, contextlib.ExitStack() as lines:
        floe = make_floe(port=passed.getsockname()[1], **activated_by(passed))
        lines.enter_context(Encoder(floe, "/live").play())
        eventually(lambda: "/live" in floe.mounts())

        def come():
            for _ in range(200):  # more than one shard has asked for in advance
                line = lines.enter_context(floe.line())
                line.say("GET /live HTTP/1.0\r\n\r\n")
            return all(shard["listeners"] > 0 for shard in floe.health()["shards"])
        eventually(come)
        floe.stop()


def test_who_comes_between_two_runs_waits_and_is_answered(make_floe):
    with listening_socket() as passed:
        port = passed.getsockname()[1]
        make_floe(port=port, **activated_by(passed)).stop()
        with Line(port) as line:
            line.say(f"GET /health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n")
            second = make_floe(port=port, is_awaited=False, **activated_by(passed))
            assert line.reply().status == 200
        second.stop()


def test_what_is_passed_is_set_up_as_what_it_opens_itself(make_floe):
    with listening_socket() as passed:
        floe = make_floe({"limits": {"client_timeout": "7s"}, "fanout": {"send_buffer": "128KiB"}},
                         port=passed.getsockname()[1], **activated_by(passed))

        def option(level, name):
            return passed.getsockopt(level, name)
        assert option(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
        assert option(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 7000
        assert option(socket.SOL_SOCKET, socket.SO_SNDBUF) == 64 * 1024
        floe.stop()


def test_an_address_that_was_not_passed_is_opened_as_ever(make_floe):
    with listening_socket() as passed:
        ports = [passed.getsockname()[1], free_port()]
        floe = make_floe({"listen": [f"127.0.0.1:{port}" for port in ports]}, port=ports[0],
                         **activated_by(passed))
        for port in ports:
            with Line(port) as line:
                line.say("GET /health HTTP/1.0\r\n\r\n")
                assert line.reply().status == 200
        floe.stop()


def test_a_socket_that_the_configuration_does_not_have_is_named(make_floe):
    with listening_socket() as passed, listening_socket() as other:
        floe = make_floe(port=passed.getsockname()[1], is_awaited=False,
                         **activated_by(passed, other))
        assert floe.process.wait(PATIENCE_S) == 1
        assert f"127.0.0.1:{other.getsockname()[1]}" in floe.stderr()
    assert "[[listen]]" in floe.stderr() and "floe.socket" in floe.stderr()


def test_sockets_for_another_process_are_not_taken(make_floe):
    with listening_socket() as passed:
        floe = make_floe(**activated_by(passed, pid=os.getpid()))
        assert floe.port != passed.getsockname()[1]
        floe.stop()


def test_systemds_own_activation_starts_it_with_the_first_request(make_floe):
    port = free_port()
    floe = make_floe(port=port, is_awaited=False,
                     before=["systemd-socket-activate", "-l", f"127.0.0.1:{port}"])
    eventually(floe.is_answering)
    floe.stop()


# ---- the sandbox ----

@pytest.fixture(scope="module")
def unit():
    return (binaries.ROOT / "systemd/floe.service.in").read_text(encoding="utf-8")


def test_it_serves_with_the_system_calls_that_its_unit_allows(make_floe, unit):
    floe = make_floe(binary=binaries.release_floe(), before=with_system_calls(system_calls(unit)))
    with Encoder(floe, "/live") as encoder:
        end = encoder.send_seconds(2)
        eventually(lambda: "/live" in floe.mounts())
        with floe.line() as line:
            line.say("GET /live HTTP/1.0\r\n\r\n")
            assert line.head().status == 200
            line.exactly(1000)
        assert end > 0
    floe.stop()
    assert "not permitted" not in floe.stderr()


def test_without_io_uring_in_the_filter_it_says_what_is_missing(make_floe, unit):
    """So the filter is in force in the test above."""
    names = {name for name in system_calls(unit) if not name.startswith("io_uring")}
    floe = make_floe(binary=binaries.release_floe(), before=with_system_calls(names),
                     is_awaited=False)
    assert floe.process.wait(SANITIZER_EXIT_S) == 1
    assert "io_uring" in floe.stderr()


def test_the_units_exposure_is_small(unit, tmp_path):
    path = tmp_path / "floe.service"
    path.write_text(unit.replace("@bindir@", "/usr/bin"), encoding="utf-8")
    judged = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20",
                             path], capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout
