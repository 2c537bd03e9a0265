# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""All that crosses from one shard to another at once: the same audio, titles, counts, passwords
that workers check, sources and listeners that come and go, and the end. With sanitizers it is they
who judge; tools/test runs it with ASan, and with TSan."""
import concurrent.futures

import pytest

from studio import swap
from studio.crowd import Crowd
from studio.programs import floe_source, hash_of
from studio.server import SOURCE_PASSWORD
from studio.waiting import eventually

MOUNTS = 4
LISTENERS = 200
ROUNDS = 3


@pytest.fixture(scope="module")
def settings():
    return {"server": {"shards": 3}, "mount_defaults": {"linger": "30s", "takeover": True},
            "auth": {"source_password": hash_of(SOURCE_PASSWORD, "$2b$05$" + "x" * 22)}}


def test_shards_share_what_they_share_without_a_race(floe):
    crowd = None
    for _ in range(ROUNDS):  # the first makes the mounts, the others come back to them
        with floe_source(floe, "/live%d", "--mounts", str(MOUNTS), "--title-every", "200ms"):
            eventually(lambda: len(floe.mounts()) == MOUNTS)
            crowd = crowd or Crowd(
                floe, "/live%d", "--mounts", MOUNTS, "--listeners", LISTENERS, "--icy-share", 0.5,
                "--churn-share", 0.5, "--churn-every", "1s", "--check", "full", "--max-gaps", "0",
                "--max-ragged", "0", "--max-refused", "0")
            titles = crowd.until_hearing(LISTENERS // 4)["titles"]
            crowd.until(lambda counts: counts["titles"] > titles + 100)
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                for mounts in pool.map(lambda _: floe.health() and floe.mounts(), range(20)):
                    assert len(mounts) == MOUNTS
        eventually(lambda: floe.health()["sources"] == 0)
    with crowd:
        crowd.send_away()


def test_one_process_goes_on_for_another_without_a_race(make_floe, settings):
    """Shards are read out, frozen and made again by other threads than theirs."""
    floe = make_floe(settings)
    with floe_source(floe, "/live%d", "--mounts", str(MOUNTS), "--title-every", "200ms"):
        eventually(lambda: len(floe.mounts()) == MOUNTS)
        with Crowd(floe, "/live%d", "--mounts", MOUNTS, "--listeners", LISTENERS, "--icy-share",
                   0.5, "--churn-share", 0.5, "--churn-every", "1s", "--check", "full",
                   "--max-gaps", "0", "--max-ragged", "0", "--max-refused", "0") as crowd:
            crowd.until_hearing(LISTENERS // 2)
            for _ in range(ROUNDS):
                swap.swap(floe)
                assert swap.command(floe, "reload").returncode == 0
                assert swap.status(floe, "--listeners")["listeners"]
            crowd.until_hearing(LISTENERS // 2)
            crowd.send_away()
    floe.stop()


def test_relays_and_fallbacks_cross_shards_without_a_race(make_floe, settings):
    """Mounts that are fetched, told of by boards and signposts, and listeners that move."""
    origin = make_floe(settings)
    names = [f"/live{number}" for number in range(MOUNTS)]
    edge = make_floe({
        **settings,
        "limits": {"source_timeout": "2s"},
        "mount_defaults": {"linger": "30s", "fallback": ["/live0", "silence:"]},
        "mount": {"/live0": {"fallback": ["silence:"]}},
        "relay": {name: {"upstream": [origin.url(name)], "on_demand": name == names[-1]}
                  for name in names}})

    def playing():
        """What those hear that are always fetched."""
        plays = {each["name"]: each["plays"] for each in swap.status(edge)["mounts"]}
        return [str(plays.get(name)).split(":")[0] for name in names[:-1]]

    with floe_source(origin, "/live%d", "--mounts", str(MOUNTS), "--title-every", "200ms"):
        eventually(lambda: playing() == names[:-1])
        crowd = Crowd(edge, "/live%d", "--mounts", MOUNTS, "--listeners", LISTENERS, "--icy-share",
                      0.5, "--churn-share", 0.5, "--churn-every", "1s", "--check", "light",
                      "--max-refused", "0", "--max-closes", "0")
        crowd.until_hearing(LISTENERS // 2)
    for _ in range(ROUNDS):
        eventually(lambda: playing() == ["silence"] * (MOUNTS - 1))
        with floe_source(origin, "/live%d", "--mounts", str(MOUNTS), "--title-every", "200ms"):
            swap.swap(edge)
            eventually(lambda: playing() == names[:-1])
            assert swap.command(edge, "reload").returncode == 0
            assert swap.command(edge, "explain", names[0]).returncode == 0
            assert edge.health() and edge.mounts()
    with crowd:
        crowd.until_hearing(LISTENERS // 4)
        crowd.send_away()
    edge.stop()
    origin.stop()
