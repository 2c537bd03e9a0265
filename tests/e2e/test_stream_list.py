# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""The list of mounts that other servers fetch: as a page, over a long request, and by a real
icecast2 that is Floe's slave."""
import contextlib
import time

import pytest

from studio import swap
from studio.encoder import Encoder
from studio.icecast import RELAY_PASSWORD, Icecast
from studio.listener import Listener
from studio.server import ADMIN_PASSWORD, SOURCE_PASSWORD, basic
from studio.waiting import eventually
from studio.wire import Line

PAGE = "/admin/streamlist.txt"
LONG = "/admin/streamlist?follow=1"
FOLLOWERS_MAX = 64


@pytest.fixture(scope="module")
def settings():
    return {"auth": {"relay_password": RELAY_PASSWORD}, "mount_defaults": {"linger": "0s"},
            "mount": {"/hidden": {"hidden": True}}}


def page(floe):
    reply = floe.ask("GET", PAGE, user="relay", password=RELAY_PASSWORD)
    assert reply.status == 200, reply.text()
    assert reply.get("Content-Type").startswith("text/plain")
    return reply.text().splitlines(keepends=True)


class Follower(Line):
    """Another server that follows the list."""

    def __init__(self, floe):
        super().__init__(floe.port)
        self.say(f"GET {LONG} HTTP/1.1\r\nHost: localhost\r\n"
                 f"Authorization: {basic('relay', RELAY_PASSWORD)}\r\n\r\n")
        self.reply_head = self.head()

    def line(self):
        return self.until(b"\r\n").decode().rstrip("\r\n")

    def lines_until(self, end):
        lines = []
        while not lines or lines[-1] != end:
            lines.append(self.line())
        return lines


# ---- who may read it ----
def test_relays_and_the_administrator_may_read_it(floe):
    for user, password in (("relay", RELAY_PASSWORD), ("admin", ADMIN_PASSWORD)):
        assert floe.ask("GET", PAGE, user=user, password=password).status == 200


@pytest.mark.parametrize("path", [PAGE, LONG])
def test_nobody_else_may(floe, path):
    assert floe.ask("GET", path).status == 401
    for user, password in (("relay", "guess"), ("relay", SOURCE_PASSWORD), ("relay", ""),
                           ("source", RELAY_PASSWORD)):
        assert floe.ask("GET", path, user=user, password=password).status == 401
    assert floe.ask("GET", path, user="source", password=SOURCE_PASSWORD).status == 403


def test_a_relay_may_not_administer(floe):
    reply = floe.ask("GET", "/admin/reloadconfig", user="relay", password=RELAY_PASSWORD)
    assert reply.status == 403


def test_without_a_password_there_is_no_relays_login(make_floe):
    floe = make_floe()
    assert floe.ask("GET", PAGE, user="relay", password="").status == 401
    assert floe.ask("GET", PAGE, user="admin", password=ADMIN_PASSWORD).status == 200


# ---- what it says ----
def test_it_has_a_line_for_each_mount_that_plays_and_is_not_hidden(floe, station, mount):
    station.feed(mount)
    station.feed(mount + "-b")
    station.feed("/hidden")
    lines = page(floe)
    assert mount + "\r\n" in lines and mount + "-b\r\n" in lines
    assert "/hidden\r\n" not in lines


def test_a_follower_hears_of_all_and_then_of_each_that_comes_or_goes(floe, station, mount):
    station.feed(mount)
    with Follower(floe) as follower:
        assert follower.reply_head.status == 200
        assert "+" + mount in follower.lines_until("=")
        begun = time.monotonic()
        encoder = station.feed(mount + "-b")
        assert follower.lines_until(f"+{mount}-b")
        assert time.monotonic() - begun < 10.0  # it waits for no sign of life
        encoder.leave()
        assert follower.lines_until(f"-{mount}-b")


def test_a_follower_hears_that_nothing_has_changed(make_floe, settings):
    with Follower(make_floe(settings)) as follower:
        assert follower.lines_until("=") == ["="]
        assert follower.line() == "="


def test_followers_have_a_bound_and_give_their_places_back(floe):
    with contextlib.ExitStack() as stack:
        followers = [stack.enter_context(Follower(floe)) for _ in range(FOLLOWERS_MAX)]
        assert {each.reply_head.status for each in followers} == {200}
        with Follower(floe) as refused:
            assert refused.reply_head.status == 503
        assert page(floe) is not None

    def has_room():
        with Follower(floe) as follower:
            return follower.reply_head.status == 200
    eventually(has_room, saying="a place is free")


def test_a_swap_ends_it_and_the_next_process_has_it(make_floe, settings, mount):
    floe = make_floe(settings)
    with Encoder(floe, mount) as encoder, Follower(floe) as follower:
        encoder.play()
        assert follower.lines_until("=") == ["+" + mount, "="]
        swap.swap(floe)
        assert follower.rest() == b""
        with Follower(floe) as again:
            assert again.lines_until("=") == ["+" + mount, "="]


# ---- a real slave ----
def slave_of(floe):
    return Icecast(f"<master-server>127.0.0.1</master-server>"
                   f"<master-server-port>{floe.port}</master-server-port>"
                   f"<master-update-interval>1</master-update-interval>"
                   f"<master-username>relay</master-username>"
                   f"<master-password>{RELAY_PASSWORD}</master-password>")


def plays(server, mount):
    with server.line() as line:
        line.say(f"GET {mount} HTTP/1.0\r\n\r\n")
        return line.head().status == 200


def test_icecast_is_its_slave(floe, station, mount):
    station.feed(mount)
    with slave_of(floe) as slave:
        eventually(lambda: plays(slave, mount), saying="the slave plays what is there")
        later = mount + "-later"
        encoder = station.feed(later)
        eventually(lambda: plays(slave, later), saying="the slave plays what has come")
        for each in (mount, later):
            with Listener(slave, each) as listener:
                assert listener.head.get("Content-Type") == "audio/mpeg"
                first, end = listener.hears_seconds(3).frames_heard()
                assert end - first > 100
        encoder.leave()
        eventually(lambda: not plays(slave, later), saying="the slave notices what is gone")
        assert plays(slave, mount)
