# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Who may come: by address, by program, by mount; and limits of an address, of time, of
bandwidth and of requests."""
import json

import pytest

from studio import swap
from studio.encoder import Encoder
from studio.listener import Listener
from studio.server import ADMIN_PASSWORD
from studio.several import play_into
from studio.waiting import eventually



def settings_with(**tables):
    settings = {"access": {"trusted_proxies": ["127.0.0.1"], **tables.pop("access", {})}}
    return {**settings, **tables}


@pytest.fixture
def start(make_floe, stack):
    def start(**tables):
        floe = make_floe(settings_with(**tables))
        stack.callback(floe.stop)
        return floe
    return start


def as_from(address):
    return [f"X-Forwarded-For: {address}"]


def asks(floe, path, address, agent=None):
    agents = [f"User-Agent: {agent}"] if agent else []
    return floe.ask("HEAD", path, headers=as_from(address) + agents).status


def listen(stack, floe, mount, address):
    return stack.enter_context(Listener(floe, mount, headers=as_from(address)))


def feed(stack, floe, mount):
    play_into(stack, floe, mount)
    eventually(lambda: mount in floe.mounts())


def reload(floe):
    assert floe.ask("POST", "/admin/reloadconfig", user="admin",
                    password=ADMIN_PASSWORD).status == 200


def edit(floe, old, new):
    text = floe.config_path.read_text(encoding="utf-8")
    assert old in text
    floe.config_path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_addresses_and_programs_are_turned_away_and_a_reload_changes_that(start):
    floe = start(access={"deny": ["192.0.2.0/24", "2001:db8::/32"], "deny_agents": ["(?i)badbot"]})
    assert asks(floe, "/health", "192.0.2.7") == 403
    assert asks(floe, "/health", "2001:db8::7") == 403
    assert asks(floe, "/health", "198.51.100.7") == 200
    assert asks(floe, "/health", "198.51.100.7", "A BadBot/1.0") == 403
    edit(floe, '"192.0.2.0/24", "2001:db8::/32"', '"198.51.100.0/24"')
    reload(floe)
    assert asks(floe, "/health", "192.0.2.7") == 200
    assert asks(floe, "/health", "198.51.100.7") == 403


def test_where_some_are_allowed_nobody_else_is(start):
    floe = start(access={"allow": ["127.0.0.0/8", "192.0.2.0/24"], "deny": ["192.0.2.9"]})
    assert asks(floe, "/health", "192.0.2.7") == 200
    assert asks(floe, "/health", "192.0.2.9") == 403
    assert asks(floe, "/health", "198.51.100.7") == 403


def test_a_mount_has_rules_of_its_own(start, stack):
    floe = start(mount={"/in": {"allow": ["192.0.2.0/24"], "deny_agents": ["^Old"]}})
    feed(stack, floe, "/in")
    assert asks(floe, "/in", "192.0.2.7") == 200
    assert asks(floe, "/in", "198.51.100.7") == 403
    assert asks(floe, "/in", "192.0.2.7", "Old/1") == 403
    assert asks(floe, "/health", "198.51.100.7") == 200


def test_a_ban_file_holds_when_it_changes_and_ends_who_is_here(start, stack, tmp_path):
    bans = tmp_path / "bans.txt"
    bans.write_text("# nobody yet\n", encoding="utf-8")
    floe = start(access={"ban_file": str(bans)})
    feed(stack, floe, "/live")
    listener = listen(stack, floe, "/live", "192.0.2.7")
    other = listen(stack, floe, "/live", "198.51.100.7")
    assert listener.head.status == other.head.status == 200
    bans.write_text("192.0.2.7 # noise\nnonsense\n203.0.113.0/24\n", encoding="utf-8")
    eventually(lambda: listener.is_closed)
    assert asks(floe, "/live", "192.0.2.7") == 403
    assert asks(floe, "/health", "203.0.113.9") == 403
    floe.says("line 2 is no address")
    assert not other.is_closed
    bans.unlink()
    bans.write_text("", encoding="utf-8")
    eventually(lambda: asks(floe, "/live", "192.0.2.7") == 200)


def test_a_source_that_is_banned_is_ended_and_others_are_not(start, stack, tmp_path):
    bans = tmp_path / "bans.txt"
    floe = start(access={"ban_file": str(bans)})
    banned = stack.enter_context(Encoder(floe, "/banned", headers=as_from("192.0.2.7")))
    banned.send_seconds(1)
    feed(stack, floe, "/live")
    listener = listen(stack, floe, "/live", "198.51.100.7")
    eventually(lambda: "/banned" in floe.mounts())
    bans.write_text("192.0.2.0/24\n", encoding="utf-8")
    eventually(lambda: "/banned" not in floe.mounts())
    with Encoder(floe, "/banned", headers=as_from("192.0.2.7")) as again:
        assert again.head.status == 403
    listener.hears_seconds_more(0.3)
    assert floe.health()["sources"] == 1


def test_bans_survive_a_restart_and_a_swap(make_floe, stack):
    floe = make_floe(settings_with())
    state = floe.folder / "state"
    floe.stop()
    (state / "bans.json").write_text(json.dumps(
        {"bans": [{"cidr": "192.0.2.0/24", "reason": "noise", "since": 1}]}), encoding="utf-8")
    settings = settings_with(server={"state_dir": str(state)})
    again = make_floe(settings)
    stack.callback(again.stop)
    assert asks(again, "/health", "192.0.2.7") == 403
    assert asks(again, "/health", "198.51.100.7") == 200
    swap.swap(again)
    assert asks(again, "/health", "192.0.2.7") == 403


def test_of_one_address_no_more_listen_than_may(start, stack):
    floe = start(limits={"listeners_per_address": 3},
                 mount={"/small": {"listeners_per_address": 1}})
    feed(stack, floe, "/small")
    feed(stack, floe, "/live")
    first = listen(stack, floe, "/small", "192.0.2.7")
    assert first.head.status == 200
    assert listen(stack, floe, "/small", "192.0.2.7").head.status == 503
    assert listen(stack, floe, "/small", "192.0.2.8").head.status == 200
    assert [listen(stack, floe, "/live", "192.0.2.7").head.status for _ in range(3)] == [
        200, 200, 503]
    assert listen(stack, floe, "/live", "2001:db8::1").head.status == 200
    first.leave()
    eventually(lambda: listen(stack, floe, "/small", "192.0.2.7").head.status == 200)


def test_a_limit_of_addresses_counts_those_who_were_there_before_it(start, stack):
    floe = start(limits={"listeners_per_address": 0})
    feed(stack, floe, "/live")
    assert [listen(stack, floe, "/live", "192.0.2.7").head.status for _ in range(2)] == [200, 200]
    edit(floe, "listeners_per_address = 0", "listeners_per_address = 2")
    reload(floe)
    assert listen(stack, floe, "/live", "192.0.2.7").head.status == 503
    swap.swap(floe)
    assert listen(stack, floe, "/live", "192.0.2.7").head.status == 503
    assert listen(stack, floe, "/live", "192.0.2.8").head.status == 200


def test_who_has_listened_long_enough_is_ended(start, stack):
    floe = start(mount={"/short": {"listener_duration": "2s"}})
    feed(stack, floe, "/short")
    feed(stack, floe, "/live")
    other = listen(stack, floe, "/live", "192.0.2.7")
    listener = listen(stack, floe, "/short", "192.0.2.7")
    assert listener.head.status == 200
    eventually(lambda: listener.is_closed)
    assert not other.is_closed


def test_beyond_the_bandwidth_nobody_is_let_in(start, stack):
    floe = start(mount={"/narrow": {"bandwidth": "40kB"}})
    feed(stack, floe, "/narrow")
    statuses = []

    def is_refused():  # once it is measured what a listener takes
        statuses.append(listen(stack, floe, "/narrow", "192.0.2.7").head.status)
        return statuses[-1] == 503
    eventually(is_refused)
    assert set(statuses[:-1]) == {200}, statuses


def test_who_asks_too_often_waits_and_streams_are_not_counted(start, stack):
    floe = start(limits={"request_rate": 1, "request_burst": 20})
    feed(stack, floe, "/live")
    assert asks(floe, "/health", "192.0.2.7") == 200

    def is_refused():
        reply = floe.ask("GET", "/health", headers=as_from("192.0.2.7"))
        return reply if reply.status == 429 else None
    assert eventually(is_refused).get("Retry-After") == "1"
    assert asks(floe, "/health", "192.0.2.8") == 200
    assert listen(stack, floe, "/live", "192.0.2.7").head.status == 200
    with Encoder(floe, "/other", headers=as_from("192.0.2.7")) as encoder:
        assert encoder.is_accepted
