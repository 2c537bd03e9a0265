# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""A million random and broken requests to every path that the server has, from a seed, with
sanitizers watching: nothing crashes, nothing leaks, no answer is an error of the server's own, and
who listens meanwhile hears all of it."""
import json
import subprocess

import pytest

from studio import binaries
from studio.server import ADMIN_PASSWORD, SOURCE_PASSWORD
from studio.waiting import eventually

REQUESTS = 1_000_000
SEED = 20261128
AT_ONCE = 64
WITHIN_S = 900  # only a failure waits for the end of it
# The answers that show that requests came through to what answers: a fuzzer that is refused at the
# door proves nothing.
REACHED = ("200", "204", "206", "400", "401", "403", "404", "405", "409", "411", "415")
# What stands for the parts of a path that vary.
IN_PATHS = {"mount": "%2Flive", "id": "1", "network": "1.2.3.0%2F24", "name": "n"}


@pytest.fixture(scope="module")
def settings():
    """Nobody is kept out for asking too much: that is tested elsewhere and would spare the rest."""
    return {"access": {"lockout_failures": 0}, "limits": {"request_rate": 0},
            "log": {"level": "error", "access_file": ""}}


def paths(floe):
    """Every path of the server's own, each operation of the API among them, and what may be a
    mount."""
    listed = floe.ask("GET", "/api/v1/endpoints", user="admin", password=ADMIN_PASSWORD)
    own = sorted({each["path"].format_map(IN_PATHS) for each in json.loads(listed.body)["items"]})
    assert {"/health", "/admin/stats", "/api/v1/bans", "/api/v1/mounts/%2Flive"} <= set(own), own
    below = [f"{path}x" for path in own if path.endswith("/") and path != "/"]
    return own + below + ["/live", "/pestered", "/live.m3u", "/file:x", "/silence:"]


@pytest.mark.timeout(WITHIN_S + 100)
def test_a_million_broken_requests_are_borne(station):
    station.feed("/live")
    station.feed("/untouched")
    # Listener 1, whose number is among what is asked for.
    station.hear("/untouched").hears_bytes(1).leave()
    listener = station.hear("/untouched")
    command = [binaries.tool("floe-pester"), "--server", f"127.0.0.1:{station.floe.port}",
               "--requests", REQUESTS, "--seed", SEED, "--at-once", AT_ONCE, "--json",
               "--keep", station.floe.folder / "last-requests",
               "--login", f"source:{SOURCE_PASSWORD}", "--login", f"admin:{ADMIN_PASSWORD}",
               "--login", "nobody:wrong", "--login", "Bearer floe_wrong"]
    for path in paths(station.floe):
        command += ["--path", path]
    ran = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False,
                         timeout=WITHIN_S)
    assert station.floe.process.poll() is None, station.floe.stderr()
    assert ran.returncode == 0, ran.stdout + ran.stderr
    said = json.loads(ran.stdout)
    assert said["asked"] == REQUESTS
    assert not set(REACHED) - said["by_status"].keys(), said["by_status"]
    # It still does what it is for, and has let go of everybody else.
    listener.hears_seconds_more(1)
    assert not listener.is_closed
    eventually(lambda: station.floe.listeners() == 1)
    station.feed("/again")
    eventually(lambda: "/again" in station.floe.mounts())
