# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""URL auth: another server says who may listen and who may be a source, and is told who left."""
import contextlib
import time

import pytest

from studio import swap
from studio.encoder import Encoder
from studio.hook_page import ALLOWS, HookPage, says, says_raw
from studio.listener import Listener
from studio.server import SOURCE_PASSWORD, basic
from studio.waiting import eventually

# Names of mounts; each asks the page at a path of its own, so that no trouble is another's.
MOUNTS = {
    "/asks": {},
    "/headers": {"hook_headers": ["X-Token", "Referer"]},
    "/login": {"hook_user": "floe", "hook_password": "a-hook-secret"},
    "/cached": {"hook_cache": "60s"},
    "/closed": {},
    "/open": {"hook_on_error": "allow"},
    "/lies": {},
    "/breaks": {},
    "/hangs": {"hook_timeout": "10s"},
    "/limited": {},
}


LIMIT_S = 3
LIMITED = {**ALLOWS, "icecast-auth-timelimit": str(LIMIT_S)}


def hooked(page, mount, **keys):
    return {"hook_listener_add": page.url(mount), "hook_listener_remove": page.url(mount), **keys}


@pytest.fixture(scope="module")
def page():
    with HookPage() as served:
        yield served


@pytest.fixture(scope="module")
def settings(page):
    mounts = {mount: hooked(page, mount, **keys) for mount, keys in MOUNTS.items()}
    mounts["/fed"] = {"hook_stream_auth": page.url("/fed")}
    mounts["/told"] = {"hook_mount_add": page.url("/told"),
                       "hook_mount_remove": page.url("/told"), "linger": "300ms"}
    return {"server": {"hostname": "radio.example"}, "mount_defaults": {"burst": "2s"},
            "mount": mounts}


@contextlib.contextmanager
def playing(station, *mounts):
    """Sources that play, and nobody is asked about them. Those of the test before are gone."""
    eventually(lambda: station.floe.health()["sources"] == 0)
    for mount in mounts:
        station.feed(mount)
    eventually(lambda: set(mounts) <= set(station.floe.mounts()))
    yield


def ask(floe, mount, **how):
    """The status a player gets; a stream is left at once."""
    with Listener(floe, mount, **how) as player:
        return player.head


# ---- asked ----

def test_a_listener_is_asked_about_and_its_leaving_is_told(station, page):
    with playing(station, "/asks"):
        with Listener(station.floe, "/asks?token=1",
                      headers=["User-Agent: VLC/3", "Authorization: " + basic("ann", "pw")]) as ann:
            assert ann.head.status == 200
            ann.hears_seconds(1)
            [asked] = page.hears("/asks", 1, "listener_add")
        [told] = page.hears("/asks", 1, "listener_remove")
    for form in (asked, told):
        assert form["server"] == "radio.example"
        assert form["port"] == str(station.floe.port)
        assert form["mount"] == "/asks?token=1"
        assert (form["user"], form["pass"]) == ("ann", "pw")
        assert form["ip"] == "127.0.0.1"
        assert form["agent"] == "VLC/3"
        assert form.headers["Authorization"] == basic("ann", "pw")
    assert asked["listeners"] == "0"
    assert told["client"] == asked["client"]
    assert int(told["duration"]) < 30
    assert int(told["sent"]) >= len(ann.audio)


def test_headers_that_are_named_are_passed_on(station, page):
    with playing(station, "/headers"):
        ask(station.floe, "/headers", headers=["X-Token: a b", "Cookie: c", "Referer: http://d/"])
    form = page.hears("/headers", 1, "listener_add")[0].form
    passed = {name: value for name, value in form.items() if name.startswith("ClientHeader-")}
    assert passed == {"ClientHeader-x-token": "a b", "ClientHeader-referer": "http://d/"}


def test_floe_logs_in_at_the_page_as_it_is_told_to(station, page):
    with playing(station, "/login"):
        ask(station.floe, "/login", headers=["Authorization: " + basic("ann", "pw")])
    for told in page.hears("/login", 2):
        assert told.headers["Authorization"] == basic("floe", "a-hook-secret")
    assert "a-hook-secret" not in station.floe.stderr()


def test_who_only_looks_is_not_asked_about(station, page):
    with playing(station, "/asks"):
        before = len(page.of("/asks"))
        assert station.floe.ask("HEAD", "/asks").status == 200
        assert station.floe.ask("GET", "/asks", headers=["Range: bytes=0-1"]).status == 206
        assert len(page.of("/asks")) == before


@pytest.mark.parametrize("answer, status, text", [
    (says(200), 401, None),
    (says(200, {"icecast-auth-user": "0", "icecast-auth-message": "pay first"}), 401, "pay first"),
    (says(200, {"x-icecast-auth-result": "forbidden"}), 403, None),
    (says(403, {"Content-Type": "text/plain"}, b"not in your country"), 403, "not in your country"),
], ids=["nothing", "message", "forbidden", "text"])
def test_who_is_denied_is_told_so(station, page, answer, status, text):
    with playing(station, "/asks"):
        page.answers["/asks"] = answer
        try:
            reply = station.floe.ask("GET", "/asks")
        finally:
            del page.answers["/asks"]
        assert reply.status == status
        if text:
            assert text in reply.text()


def test_a_listener_is_sent_elsewhere(station, page):
    page.answers["/asks"] = says(200, {
        "x-icecast-auth-result": "ok", "x-icecast-auth-alter-action": "redirect_temporary",
        "x-icecast-auth-alter-argument": "https://b.example/live"})
    with playing(station, "/asks"):
        try:
            reply = station.floe.ask("GET", "/asks")
        finally:
            del page.answers["/asks"]
    assert reply.status == 307
    assert reply.get("Location") == "https://b.example/live"


def test_a_listener_hears_another_mount_instead(station, page, mount):
    page.answers["/asks"] = says(200, {**ALLOWS, "Mountpoint": mount})
    with playing(station, "/asks", mount):
        try:
            with Listener(station.floe, "/asks") as player:
                assert player.head.status == 200
                eventually(lambda: station.floe.mounts()[mount]["listeners"] == 1)
        finally:
            del page.answers["/asks"]


def test_who_may_listen_for_a_time_is_ended_after_it(station, page):
    page.answers["/limited"] = says(200, LIMITED)
    with playing(station, "/limited"), Listener(station.floe, "/limited") as player:
        player.hears_bytes(1)
        eventually(lambda: player.is_closed)
    assert int(page.hears("/limited", 1, "listener_remove")[0]["duration"]) >= LIMIT_S - 1


def test_who_comes_back_is_not_asked_about_again(station, page):
    with playing(station, "/cached"):
        login = ["Authorization: " + basic("ann", "pw")]
        for _ in range(3):
            assert ask(station.floe, "/cached", headers=login).status == 200
        assert len(page.of("/cached", "listener_add")) == 1
        assert ask(station.floe, "/cached").status == 200
        assert len(page.of("/cached", "listener_add")) == 2
        page.hears("/cached", 4, "listener_remove")  # of each that listened


# ---- trouble ----

def test_while_the_page_has_trouble_nobody_comes_in_or_everybody_does(station, page):
    with playing(station, "/closed", "/open"):
        for mount in ("/closed", "/open"):
            page.answers[mount] = says(500, ALLOWS)
        reply = station.floe.ask("GET", "/closed")
        assert reply.status == 503
        assert reply.get("Retry-After")
        assert ask(station.floe, "/open").status == 200


@pytest.mark.parametrize("lie", [
    b"SSH-2.0-OpenSSH\r\n",
    b"HTTP/1.1 200 OK\r\nicecast-auth-user: 1\r\nContent-Length: 100\r\n\r\nhalf",
    b"HTTP/1.1 200 OK\r\nicecast-auth-user: 1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: javascript:alert(1)\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nicecast-auth-user: 1\r\n",
    b"",
], ids=["garbage", "half a body", "no chunks", "nowhere", "half a head", "nothing"])
def test_a_page_that_lies_lets_nobody_in(station, page, lie):
    with playing(station, "/lies"):
        page.answers["/lies"] = says_raw(lie)
        assert station.floe.ask("GET", "/lies").status == 503
        page.answers["/lies"] = says(200, ALLOWS)  # it is trusted again before it is left alone
        assert ask(station.floe, "/lies").status == 200


def test_a_page_that_fails_is_left_alone_and_then_tried_again(station, page):
    with playing(station, "/breaks"):
        page.answers["/breaks"] = says(500)

        def is_left_alone():
            asked = len(page.of("/breaks"))
            assert station.floe.ask("GET", "/breaks").status == 503
            return len(page.of("/breaks")) == asked
        eventually(is_left_alone)
        assert len(page.of("/breaks")) >= 5
        page.answers["/breaks"] = says(200, ALLOWS)
        eventually(lambda: ask(station.floe, "/breaks").status == 200)


def test_nobody_is_disturbed_while_the_page_hangs(station, page, mount):
    with playing(station, "/hangs", mount), contextlib.ExitStack() as waiting:
        page.answers["/hangs"] = page.hangs
        listener = station.hear(mount)
        lines = [waiting.enter_context(station.floe.line()) for _ in range(100)]
        for line in lines:
            line.say("GET /hangs HTTP/1.0\r\n\r\n")
        eventually(lambda: page.of("/hangs"))
        begun = time.monotonic()
        listener.hears_seconds_more(1)
        assert time.monotonic() - begun < 8, "a second of audio came late"
        assert station.floe.health()["listeners"] >= 1
        for line in lines:
            assert line.head().status == 503
        listener.frames_heard()


# ---- told, whatever happens ----

def removes(page, path):
    return page.of(path, "listener_remove")


@pytest.fixture
def outage(make_floe, tmp_path):
    """A page of the test's own, and servers whose mount tells it."""
    with HookPage() as own, contextlib.ExitStack() as stage:
        keys = hooked(own, "/live", hook_on_error="allow", hook_timeout="2s")

        def start(**how):
            floe = make_floe({"mount": {"/live": {**keys, "burst": "2s"}},
                              "server": {"state_dir": str(tmp_path / "state")}}, **how)
            stage.callback(floe.stop)
            return floe
        yield own, start, stage


def feed(stage, floe):
    encoder = stage.enter_context(Encoder(floe, "/live"))
    encoder.send_seconds(3)
    encoder.play()
    eventually(lambda: "/live" in floe.mounts())


def test_what_the_page_missed_it_is_told_in_order_when_it_is_back(outage):
    page, start, stage = outage
    floe = start()
    feed(stage, floe)
    page.go_down()
    for number in range(5):
        with Listener(floe, f"/live?n={number}") as player:
            player.hears_bytes(1)  # it is a listener before it leaves
        eventually(lambda: floe.listeners() == 0)
    page.come_back()

    def are_told():  # once each, however often a page that is slow to answer was told
        told = {told.headers["X-Floe-Delivery"]: told["mount"] for told in removes(page, "/live")}
        return list(told.values())
    eventually(lambda: len(are_told()) == 5)
    assert are_told() == [f"/live?n={number}" for number in range(5)]


def test_a_page_in_trouble_is_told_again_until_it_takes_it(outage):
    page, start, stage = outage
    floe = start()
    feed(stage, floe)
    page.answers["/live"] = says(503, ALLOWS)
    ask(floe, "/live")
    page.hears("/live", 3, "listener_remove")
    page.answers["/live"] = says(200, ALLOWS)
    floe.says("takes what it is told again")
    assert len({told.headers["X-Floe-Delivery"] for told in removes(page, "/live")}) == 1


def test_who_listened_at_a_stop_is_told_of_by_the_next_start(outage):
    page, start, stage = outage
    floe = start()
    feed(stage, floe)
    listeners = [stage.enter_context(Listener(floe, "/live")) for _ in range(20)]
    listeners[-1].hears_seconds(4)  # two of them were its burst
    page.go_down()
    floe.stop()
    page.come_back()
    start()
    told = page.hears("/live", 20, "listener_remove")
    assert len({each["client"] for each in told}) == 20
    assert {each["client"] for each in told} == {
        each["client"] for each in page.of("/live", "listener_add")}
    assert all(1 <= int(each["duration"]) < 30 for each in told)


def test_a_swap_neither_loses_nor_doubles_anybody(outage):
    page, start, stage = outage
    floe = start()
    feed(stage, floe)
    listeners = [stage.enter_context(Listener(floe, "/live")) for _ in range(20)]
    listeners[-1].hears_seconds(4)  # two of them were its burst
    swap.swap(floe)
    for listener in listeners:
        listener.hears_seconds_more(0.3)
        listener.leave()
    eventually(lambda: floe.listeners() == 0)
    page.hears("/live", 20, "listener_remove")
    assert ask(floe, "/live").status == 200
    told = page.hears("/live", 21, "listener_remove")
    assert len(told) == 21
    assert sorted(each["client"] for each in told) == sorted(
        each["client"] for each in page.of("/live", "listener_add"))
    assert all(int(each["duration"]) >= 1 for each in told[:20])


def test_a_time_limit_of_the_page_holds_over_a_reload_and_a_swap(outage):
    page, start, stage = outage
    floe = start()
    feed(stage, floe)
    page.answers["/live"] = says(200, LIMITED)
    player = stage.enter_context(Listener(floe, "/live"))
    page.answers["/live"] = says(200, ALLOWS)
    other = stage.enter_context(Listener(floe, "/live"))
    assert player.head.status == other.head.status == 200
    assert swap.command(floe, "reload").returncode == 0
    swap.swap(floe)
    other.hears_seconds_more(0.3)
    eventually(lambda: player.is_closed)
    assert not other.is_closed


# ---- sources and mounts ----

def test_the_page_says_who_may_be_a_source(station, page):
    seen = len(page.of("/fed"))
    with Encoder(station.floe, "/fed", user="dj", password="live") as dj:
        assert dj.is_accepted
        [asked] = page.hears("/fed", seen + 1, "stream_auth")[seen:]
        assert asked["mount"] == "/fed"
        assert (asked["user"], asked["pass"], asked["ip"]) == ("dj", "live", "127.0.0.1")
        assert asked["admin"] is None
        assert station.floe.set_title("/fed", song="x", user="dj", password="live").status == 200
        assert page.of("/fed")[-1]["admin"] == "1"
        page.answers["/fed"] = says(200)
        assert station.floe.set_title("/fed", song="x", user="dj", password="live").status == 401
    with Encoder(station.floe, "/fed", password=SOURCE_PASSWORD) as encoder:
        assert encoder.head.status == 401, "the page alone decides"
    page.answers["/fed"] = says(500)
    with Encoder(station.floe, "/fed", user="dj", password="live") as dj:
        assert dj.head.status == 503


def test_a_mount_that_comes_and_goes_is_told_of(station, page):
    with Encoder(station.floe, "/told") as encoder:
        encoder.send_seconds(1)
        [come] = page.hears("/told", 1, "mount_add")
    [gone] = page.hears("/told", 1, "mount_remove")
    for told in (come, gone):
        assert told["mount"] == "/told"
        assert told["server"] == "radio.example"
        assert told["port"] == str(station.floe.port)
