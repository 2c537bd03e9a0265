# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Another server of which every mount is fetched."""
import time

import pytest

from studio.icecast import RELAY_PASSWORD, Icecast
from studio.origin import Origin, Programme
from studio.server import basic, free_port
from studio.several import KEPT, play_into, plays, reload_with
from studio.swap import command, status, swap
from studio.waiting import eventually

AT_ONCE_S = 30.0  # a second is promised; of a machine that does other things as well, less is asked
MINUTE_S = 60.0


@pytest.fixture
def edge(make_floe, stack):
    """Starts a server that fetches every mount of `master`."""
    def start(master, settings=None, **keys):
        floe = make_floe({"mount_defaults": KEPT, **(settings or {}), "master": {
            "url": master.url(""), "password": RELAY_PASSWORD, **keys}})
        stack.callback(floe.stop)
        return floe
    return start


@pytest.fixture
def origin(make_floe):
    """Starts a Floe whose mounts leave its list as soon as their sources do."""
    def start(port=None):
        return make_floe({"mount_defaults": {**KEPT, "linger": "0s"},
                          "auth": {"relay_password": RELAY_PASSWORD}}, port=port or free_port())
    return start


def master_of(floe):
    return status(floe)["master"]


def fetched(floe):
    return sorted(each["mount"] for each in floe.health()["relays"])


def fetches(floe, *mounts, within=20):
    eventually(lambda: fetched(floe) == sorted(mounts), within=within,
               saying=f"{mounts} are fetched")


# ---- an icecast2 ----

def test_mounts_of_an_icecast_come_and_go_with_its_page(edge, hear, stack):
    icecast = stack.enter_context(Icecast())
    play_into(stack, icecast, "/one")
    leaving = play_into(stack, icecast, "/two")
    floe = edge(icecast, interval="1s")
    plays(floe, "/one")
    plays(floe, "/two")
    listeners = [hear(floe, mount) for mount in ("/one", "/two")]
    for listener in listeners:
        listener.hears_seconds_more(1)
    master = master_of(floe)
    assert (master["state"], master["is_followed"]) == ("up", False)
    assert (master["mounts"], master["fetched"], master["error"]) == (2, 2, "")
    play_into(stack, icecast, "/three")
    plays(floe, "/three")
    leaving.leave()
    fetches(floe, "/one", "/three")
    # Who heard what is gone lingers; the others know nothing of it.
    assert floe.listeners() == 2
    listeners[0].hears_seconds_more(1)
    hear(floe, "/three").hears_seconds_more(0.5).frames_heard()
    listeners[0].frames_heard()


def test_a_mount_that_comes_back_goes_on_for_those_who_lingered(edge, hear, stack):
    icecast = stack.enter_context(Icecast())
    leaving = play_into(stack, icecast)
    floe = edge(icecast, interval="1s")
    plays(floe)
    listener = hear(floe)
    listener.hears_seconds_more(1)
    leaving.leave()
    fetches(floe)
    again = play_into(stack, icecast, first_frame=100_000)
    listener.hears_frame(again.next_frame)


def test_only_a_list_takes_mounts_away(edge, hear, stack):
    programme = Programme()
    pages = ["HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
             "7\r\n/live\r\n\r\n0\r\n\r\n",
             "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<h1>Back soon</h1>\n",
             "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n/other\r\n",
             "HTTP/1.0 503 Not now\r\n\r\n"]
    asked = []

    def answer(asker):
        if asker.path == "/live":
            return programme.plays()(asker)
        if asker.path != "/admin/streamlist.txt":
            return asker.say("HTTP/1.0 404 Not here\r\n\r\n")
        asked.append(asker.get("Authorization"))
        return asker.say(pages[min(len(asked), len(pages)) - 1])
    master = stack.enter_context(Origin(answer))
    floe = edge(master, interval="1s")
    plays(floe)
    listener = hear(floe)
    eventually(lambda: len(asked) > len(pages))
    assert fetched(floe) == ["/live"], floe.stderr()
    assert set(asked) == {basic("relay", RELAY_PASSWORD)}
    for why in ("no list", "breaks off", "answers 503"):
        floe.says(why)
    listener.hears_seconds_more(1)
    listener.frames_heard()


# ---- a floe, which is followed ----

def test_a_new_mount_of_a_floe_is_heard_at_once(edge, origin, hear, stack):
    master = origin()
    play_into(stack, master, "/first")
    floe = edge(master, interval="1h")
    plays(floe, "/first")
    assert master_of(floe)["is_followed"]
    begun = time.monotonic()
    encoder = play_into(stack, master, "/second")
    plays(floe, "/second", within=AT_ONCE_S)
    listener = hear(floe, "/second")
    listener.hears_seconds(1)
    assert time.monotonic() - begun < AT_ONCE_S
    listener.frames_heard()
    encoder.leave()
    fetches(floe, "/first", within=AT_ONCE_S)
    assert master_of(floe)["attempts"] == 1


def test_a_master_that_is_gone_for_a_while_takes_nothing_away(edge, origin, hear, stack):
    master = origin()
    mount = "/live"
    play_into(stack, master, mount)
    # It is fetched from there, and stays listed while neither can be had.
    floe = edge(master, interval="1h")
    plays(floe, mount)
    listener = hear(floe, mount)
    listener.hears_seconds_more(1)
    master.kill()
    eventually(lambda: master_of(floe)["state"] == "down")
    eventually(lambda: master_of(floe)["failures"] >= 3)
    assert fetched(floe) == [mount]
    assert master_of(floe)["mounts"] == 1
    assert floe.listeners() == 1
    back = origin(master.port)
    stack.callback(back.stop)
    encoder = play_into(stack, back, mount, first_frame=100_000)
    eventually(lambda: master_of(floe)["state"] == "up", within=MINUTE_S)
    assert master_of(floe)["is_followed"]
    listener.hears_frame(encoder.next_frame, within=MINUTE_S)


def test_a_wrong_password_is_said_once_and_the_right_one_is_taken_from_a_reload(
        edge, origin, stack):
    master = origin()
    play_into(stack, master)
    floe = edge(master, password="a-guess")
    eventually(lambda: master_of(floe)["failures"] >= 3)
    assert "401" in master_of(floe)["error"]
    assert master_of(floe)["state"] == "down"
    assert floe.says("answers 401").count("answers 401") == 1
    assert "a-guess" not in floe.stderr()
    assert fetched(floe) == []
    reload_with(floe, {**floe.settings, "master": {
        "url": master.url(), "password": RELAY_PASSWORD}})
    plays(floe)
    assert master_of(floe)["state"] == "up"
    said = command(floe, "status").stdout
    assert "MASTER" in said and master.url() in said


def test_on_demand_each_mount_is_fetched_while_somebody_listens(edge, origin, hear, stack):
    master = origin()
    play_into(stack, master)
    floe = edge(master, on_demand=True)
    fetches(floe, "/live")
    assert "/live" not in floe.mounts()
    assert master.listeners() == 0
    listener = hear(floe)
    listener.hears_seconds_more(1)
    assert master.listeners() == 1


# ---- beside what is configured ----

def test_what_is_said_of_one_mount_goes_before_what_is_said_of_all(edge, origin, stack):
    master, other = origin(), origin()
    for mount in ("/live", "/both"):
        play_into(stack, master, mount)
    play_into(stack, other, "/both")
    floe = edge(master, {"relay": {"/both": {"upstream": [other.url("/both")]}}})
    plays(floe)
    plays(floe, "/both")
    upstreams = {each["mount"]: each["upstreams"][0]["url"] for each in status(floe)["relays"]}
    assert upstreams == {"/both": other.url("/both"), "/live": master.url("/live")}
    assert (master_of(floe)["mounts"], master_of(floe)["fetched"]) == (2, 1)


def test_a_reload_goes_to_another_master_and_to_none(edge, origin, hear, stack):
    first, second = origin(), origin()
    play_into(stack, first, "/live")
    play_into(stack, second, "/live", first_frame=100_000)
    play_into(stack, second, "/more")
    floe = edge(first)
    plays(floe)
    listener = hear(floe)
    listener.hears_seconds_more(1)
    reload_with(floe, {**floe.settings, "master": {
        "url": second.url(), "password": RELAY_PASSWORD}})
    plays(floe, "/more")
    listener.hears_frame(100_010)
    reload_with(floe, {key: value for key, value in floe.settings.items() if key != "master"})
    fetches(floe)
    assert master_of(floe) is None
    assert floe.listeners() == 1  # who lingers


def test_a_swap_goes_on_with_every_mount_of_the_master(edge, origin, hear, stack):
    master = origin()
    for mount in ("/live", "/more"):
        play_into(stack, master, mount)
    floe = edge(master, interval="1h")
    plays(floe, "/live")
    plays(floe, "/more")
    listeners = [hear(floe, mount) for mount in ("/live", "/more")]
    for listener in listeners:
        listener.hears_seconds_more(1)
    swap(floe)
    for listener in listeners:
        listener.hears_seconds_more(2)
        listener.frames_heard()
    assert fetched(floe) == ["/live", "/more"]
    # The same connections: nothing was asked for anew.
    assert [each["upstreams"][0]["attempts"] for each in floe.health()["relays"]] == [1, 1]
    play_into(stack, master, "/third")
    plays(floe, "/third")


def test_a_swap_while_the_master_is_gone_keeps_what_was_known(edge, origin, hear, stack):
    master = origin()
    play_into(stack, master)
    floe = edge(master)
    plays(floe)
    listener = hear(floe)
    listener.hears_seconds_more(1)
    master.kill()
    eventually(lambda: master_of(floe)["state"] == "down")
    swap(floe)
    assert fetched(floe) == ["/live"]
    eventually(lambda: master_of(floe)["failures"] >= 2)
    assert floe.listeners() == 1
    back = origin(master.port)
    stack.callback(back.stop)
    encoder = play_into(stack, back, first_frame=100_000)
    listener.hears_frame(encoder.next_frame, within=MINUTE_S)
