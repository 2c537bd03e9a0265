# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Single figures: start, memory, joins at once, latency."""
import socket
import statistics
import subprocess
import tempfile
import time

import measure
import process
import servers


def start(plan, repeats):
    """From exec to the first accepted connection, and to the first byte of a reply."""
    accepted, answered = [], []
    for _ in range(repeats):
        server = servers.Floe(plan.build)
        with tempfile.TemporaryDirectory(prefix="floe-compare-") as folder:
            server.port = process.free_port()
            command = process.pinned(measure.SERVER_CORE, server.command(folder, 0))
            began = time.monotonic()
            server.process = subprocess.Popen(command, stdout=subprocess.DEVNULL,
                                              stderr=subprocess.DEVNULL)
            try:
                accepted.append(wait_for_accept(server.port, began))
                answered.append(wait_for_answer(server.port, began))
            finally:
                server.stop()
    return {"accepted_ms": summary(accepted), "answered_ms": summary(answered)}


def summary(seconds):
    return {"median": statistics.median(seconds) * 1e3, "max": max(seconds) * 1e3,
            "repeats": len(seconds)}


def wait_for_accept(port, began):
    while time.monotonic() - began < 10:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return time.monotonic() - began
        time.sleep(0.0005)
    raise RuntimeError("floe accepts nothing")


def wait_for_answer(port, began):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as probe:
        probe.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        if not probe.recv(1):
            raise RuntimeError("floe closed without an answer")
        return time.monotonic() - began


def memory(plan, listeners):
    """Resident memory fresh, with a source, and with idle listeners."""
    server = servers.Floe(plan.build)
    with measure.Station(plan, server, listeners) as station:
        with_source = process.memory_bytes(station.pid)
        before = {"tcp": process.tcp_bytes(), "machine": process.machine_bytes()}
        load = measure.start_load(plan, server, listeners, 1448,
                                  ["--rate", str(plan.join_rate)], check="count")
        try:
            load.wait_until(lambda report: report["hearing"] >= listeners,
                            listeners / plan.join_rate + 30)
            time.sleep(plan.settle_s)
            now = process.memory_bytes(station.pid)
            hearing = load.latest["hearing"]
            return {"listeners": hearing, "fresh": station.fresh, "with_source": with_source,
                    "with_listeners": now,
                    "per_listener": (now["private"] - with_source["private"]) / max(hearing, 1),
                    "tcp_per_listener": (process.tcp_bytes() - before["tcp"]) / max(hearing, 1),
                    "machine_per_listener":
                        (process.machine_bytes() - before["machine"]) / max(hearing, 1)}
        finally:
            load.finish()


def joins(plan, all_servers, listeners, mss):
    """Everybody at once, each server in turn."""
    results = {}
    for server in all_servers:
        with measure.Station(plan, server, listeners) as station:
            results[server.name] = measure.storm(plan, station, listeners, mss)
    return results


def latency(plan, all_servers, listeners, mss):
    """Source to listener with next to no load, every frame checked."""
    results = {}
    for server in all_servers:
        with measure.Station(plan, server, listeners) as station:
            load = measure.start_load(plan, station.server, listeners, mss, [], check="full")
            time.sleep(plan.settle_s + plan.window_s)
            final = load.finish()
            results[server.name] = {key: final[key] for key in (
                "latency_ms", "freshest_ms", "first_audio_ms", "gaps", "torn", "underruns")}
    return results
