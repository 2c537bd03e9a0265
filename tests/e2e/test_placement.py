# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Where threads run, who comes to which of them, and what their sockets are like."""
import os
import subprocess

import pytest

from studio.waiting import PATIENCE_S, eventually

CORES = sorted(os.sched_getaffinity(0))


def cores_of_shards(floe):
    """The cores each shard may run on, by the shard's number."""
    cores = {}
    for task in os.listdir(f"/proc/{floe.process.pid}/task"):
        with open(f"/proc/{floe.process.pid}/task/{task}/comm", encoding="ascii") as name:
            comm = name.read().strip()
        if comm.startswith("floe-shard-"):
            cores[int(comm.rpartition("-")[2])] = sorted(os.sched_getaffinity(int(task)))
    return [cores[shard] for shard in sorted(cores)]


def test_each_shard_has_a_core_of_its_own_as_far_as_there_are_enough(start_floe):
    floe = start_floe({"server": {"shards": 5}})
    assert cores_of_shards(floe) == [[CORES[shard % len(CORES)]] for shard in range(5)]


def test_shards_run_on_the_cores_that_are_named(start_floe):
    floe = start_floe({"server": {"shards": 0, "cores": str(CORES[-1])}})
    assert cores_of_shards(floe) == [[CORES[-1]]]


def test_a_numa_node_is_all_of_its_cores(start_floe):
    floe = start_floe({"server": {"shards": 0, "cores": "node0"}})
    assert all(len(cores) == 1 for cores in cores_of_shards(floe))


def test_unpinned_shards_run_anywhere(start_floe):
    floe = start_floe({"server": {"shards": 2, "cores": "off"}})
    assert cores_of_shards(floe) == [CORES, CORES]


@pytest.mark.parametrize("over, words", [
    ({"server": {"cores": "1000"}}, ["server.cores", "1000"]),
    ({"server": {"cores": "node63"}}, ["server.cores", "63"]),
    ({"fanout": {"congestion": "nosuch"}}, ["fanout.congestion", "nosuch", "this host has"]),
])
def test_what_is_not_there_is_one_clear_line(make_floe, over, words):
    floe = make_floe(over, is_awaited=False)
    assert floe.process.wait(PATIENCE_S) == 1
    line, = floe.stderr().strip().splitlines()
    for word in words:
        assert word in line


def test_a_steered_listener_stays_on_the_core_where_it_arrives(start_floe):
    floe = start_floe({"server": {"shards": 0, "steering": "core"}})
    mine = os.sched_getaffinity(0)
    try:
        for shard, core in enumerate(CORES):
            os.sched_setaffinity(0, {core})  # over loopback it arrives where it is sent
            lines = [floe.line() for _ in range(10)]
            eventually(lambda: floe.health()["shards"][shard]["requests"] >= 10)
            for line in lines:
                line.close()
            eventually(lambda: floe.health()["shards"][shard]["requests"] <= 2)
    finally:
        os.sched_setaffinity(0, mine)


def test_players_sockets_have_the_congestion_control_that_is_configured(start_floe):
    floe = start_floe({"fanout": {"congestion": "reno"}})
    with floe.line() as line:
        line.say("GET ")
        shown = eventually(lambda: subprocess.run(
            ["ss", "-tinH", "state", "established", f"sport = :{floe.port}"],
            capture_output=True, text=True, check=True).stdout)
    assert " reno " in shown
