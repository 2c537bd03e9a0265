# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What happens on a server, as who follows it is told: at once, in order, and over restarts and
swaps without a gap that is not named."""
import contextlib

import pytest

from studio import swap
from studio.encoder import Encoder
from studio.events import EVENTS, EventFollower
from studio.listener import Listener
from studio.server import ADMIN_PASSWORD, SOURCE_PASSWORD, Floe
from studio.waiting import eventually

FOLLOWERS_MAX = 256


@pytest.fixture(scope="module")
def settings():
    return {"mount_defaults": {"linger": "0s"},
            "mount": {"/falls": {"fallback": ["/spare"]}}}


# ---- who may ----
def test_who_may_not_read_is_refused(floe):
    assert floe.ask("GET", EVENTS).status == 401
    assert floe.ask("GET", EVENTS, user="source", password=SOURCE_PASSWORD).status in (401, 403)
    assert floe.ask("POST", EVENTS, user="admin", password=ADMIN_PASSWORD).status in (405, 411)


def test_a_kind_that_is_not_known_is_refused_by_its_name(floe):
    reply = floe.ask("GET", EVENTS + "?types=tilte", user="admin", password=ADMIN_PASSWORD)
    assert reply.status == 400
    assert "tilte" in reply.text()


def test_head_says_what_it_would_be_and_ends(floe):
    reply = floe.ask("HEAD", EVENTS, user="admin", password=ADMIN_PASSWORD)
    assert reply.status == 200
    assert reply.get("Content-Type").startswith("text/event-stream")
    assert reply.body == b""


# ---- what is said ----
def test_a_source_comes_tells_a_title_and_leaves(floe, station, mount):
    with EventFollower(floe, f"mount={mount}") as follower:
        follower.begins()
        assert follower.reply_head.get("Content-Type").startswith("text/event-stream")
        encoder = station.encoder(mount)
        came = follower.next()
        assert (came.kind, came.data["origin"]) == ("source_up", "source")
        assert came.data["mount"] == mount
        assert came.data["peer"].startswith("127.0.0.1")
        assert came.data["agent"] == "marked/1.0"
        assert came.data["content_type"] == "audio/mpeg"
        encoder.play()
        assert floe.set_title(mount, song="Ann - \u00dcber \"x\"").status == 200
        title = follower.next_of("title")
        assert title.data["title"] == "Ann - \u00dcber \"x\""
        assert floe.set_title(mount, song="Ann - \u00dcber \"x\"").status == 200  # no news
        encoder.leave()
        left = follower.next()
        assert (left.kind, left.data["reason"]) == ("source_down", "left")
        assert left.data["bytes"] > 0
        assert left.data["seconds"] > 0


def test_numbers_of_listeners_and_their_peak_are_said(floe, station, mount):
    with EventFollower(floe, f"mount={mount}&types=listeners,listener_peak") as follower:
        follower.begins()
        station.feed(mount)
        listener = station.hear(mount)
        counted = follower.next()
        assert (counted.kind, counted.data["listeners"]) == ("listeners", 1)
        assert follower.next().kind == "listener_peak"
        listener.leave()
        gone = follower.next()
        assert (gone.kind, gone.data["listeners"], gone.data["peak"]) == ("listeners", 0, 1)


def test_what_is_heard_instead_is_said(floe, station):
    with EventFollower(floe, "mount=/falls&types=fallback") as follower:
        follower.begins()
        encoder = station.feed("/falls")
        station.feed("/spare")
        station.hear("/falls")
        encoder.leave()
        assert follower.next().data["plays"] == "/spare"
        eventually(lambda: "/falls" not in floe.mounts())
        station.feed("/falls")
        assert follower.next().data["plays"] == "/falls"


def test_a_reload_says_what_has_changed(make_floe, settings):
    floe = make_floe(settings)
    with EventFollower(floe, "types=reload") as follower:
        follower.begins()
        floe.config_path.write_text(
            floe.config_path.read_text(encoding="utf-8").replace('"64MiB"', '"64MiB"\nsources = 9'),
            encoding="utf-8")
        reply = floe.ask("POST", "/admin/reloadconfig", user="admin", password=ADMIN_PASSWORD,
                         headers=["Content-Length: 0"])
        assert reply.status == 200, reply.text()
        assert "limits.sources" in follower.next().data["reason"]


def test_an_upstream_that_comes_and_goes_is_said(make_floe, settings, mount):
    origin = make_floe(settings)
    edge = make_floe({**settings, "relay": {mount: {"upstream": [origin.url(mount)]}}})
    with EventFollower(edge, f"mount={mount}") as follower, Encoder(origin, mount) as encoder:
        follower.begins()
        encoder.play()
        upstream, relay = follower.next_of_each(("upstream", {"state": "up"}), ("relay_up", {}))
        assert upstream.data["upstream"] == origin.url(mount)
        assert relay.data["origin"] == "relay"
        origin.kill()
        follower.next_of_each(("upstream", {"state": "down"}), ("relay_down", {}))


# ---- going on ----
def test_who_comes_again_is_told_what_was_missed(floe, station, mount):
    query = f"mount={mount}&types=source_up,source_down"
    with EventFollower(floe, query) as follower:
        follower.begins()
        station.encoder(mount).leave()
        assert follower.next().kind == "source_up"
        last = follower.last
    with EventFollower(floe, query, last=last) as again:
        assert again.next().kind == "source_down"
    with EventFollower(floe, f"{query}&last_event_id={last}") as again:  # of who has no headers
        assert again.next().kind == "source_down"


def test_an_id_goes_on_while_nothing_that_is_wished_for_happens(floe, station, mount):
    with EventFollower(floe, "types=ban") as follower:
        before = follower.begins().last
        with EventFollower(floe, f"mount={mount}") as witness:
            witness.begins()
            station.encoder(mount).leave()
            witness.next_of("source_down")
    with EventFollower(floe, "types=ban", last=before) as follower:
        follower.begins()
        while follower.last == before:  # it is said with the next sign of life
            follower.block()


def test_all_that_is_kept_can_be_asked_for(make_floe, settings):
    with EventFollower(make_floe(settings), "last_event_id=0") as follower:
        first = follower.next()
        assert (first.kind, first.data["reason"]) == ("start", "started")


@pytest.mark.parametrize("last", ["0123456789abcdef-1", "7", "no id at all"])
def test_an_id_of_another_run_is_answered_with_a_reset(floe, last):
    with EventFollower(floe, last=last) as follower:
        assert follower.next().kind == "reset"


def test_after_a_restart_who_comes_again_is_told_that_something_is_lost(tmp_path, settings):
    with contextlib.ExitStack() as stack:
        floe = Floe(tmp_path, settings)
        stack.callback(lambda: floe.kill())  # whichever it is by then
        with EventFollower(floe) as follower:
            follower.begins()
            floe.stop()
            follower.until_closed()
        floe = Floe(tmp_path, settings, port=floe.port)
        with EventFollower(floe, last=follower.last) as again:
            assert again.next().kind == "reset"
            assert again.next().kind == "start"
        floe.stop()


def test_over_a_swap_nothing_is_missed_and_nothing_said_twice(make_floe, settings, mount):
    floe = make_floe(settings)
    query = f"mount={mount}&types=source_up,source_down,title"
    songs = [f"song {number}" for number in range(6)]
    with contextlib.ExitStack() as stack:
        follower = stack.enter_context(EventFollower(floe, query))
        follower.begins()
        encoder = stack.enter_context(Encoder(floe, mount))
        encoder.play()
        heard = []
        for song in songs[:3]:
            assert floe.set_title(mount, song=song).status == 200
            heard.append(follower.next_of("title", title=song))
        swap.swap(floe)
        heard += follower.until_closed()  # the process before ends it
        again = stack.enter_context(EventFollower(floe, query, last=follower.last))
        for song in songs[3:]:
            assert floe.set_title(mount, song=song).status == 200
            heard.append(again.next())
        # Neither a reset nor the source once more.
        assert [(each.kind, each.data.get("title")) for each in heard] == [
            ("title", song) for song in songs]
        numbers = [int(event.id.rsplit("-", 1)[1]) for event in heard]
        assert numbers == sorted(set(numbers))
        encoder.leave()
        assert again.next_of("source_down").data["mount"] == mount
    floe.stop()


# ---- bounds ----
def test_a_follower_hears_that_the_line_still_stands(floe):
    with EventFollower(floe, "types=ban") as follower:
        follower.begins()
        follower.block()
        assert follower.comments == 2


def test_who_does_not_read_is_let_go_and_others_are_not(make_floe, settings, mount):
    floe = make_floe(settings)
    with EventFollower(floe, receive_buffer=2048) as stuck, EventFollower(floe) as quick, \
            Encoder(floe, mount) as encoder:
        stuck.begins()
        quick.begins()
        encoder.play()
        before = floe.open_sockets()
        for number in range(60):
            assert floe.set_title(mount, song=f"{number} " + "x" * 3900).status == 200
            assert quick.next_of("title").data["title"].startswith(f"{number} ")
        eventually(lambda: floe.open_sockets() < before, saying="who does not read is let go")
    floe.stop()


def test_followers_have_a_bound_and_give_their_places_back(floe):
    with contextlib.ExitStack() as stack:
        followers = [stack.enter_context(EventFollower(floe)) for _ in range(FOLLOWERS_MAX)]
        assert {each.reply_head.status for each in followers} == {200}
        with EventFollower(floe) as refused:
            assert refused.reply_head.status == 503

    def has_room():
        with EventFollower(floe) as follower:
            return follower.reply_head.status == 200
    eventually(has_room, saying="a place is free")


def test_a_stop_ends_it(make_floe, settings):
    floe = make_floe(settings)
    with EventFollower(floe) as follower:
        follower.begins()
        floe.stop()
        follower.until_closed()


def test_listeners_notice_nothing_of_many_who_follow(floe, station, mount):
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(EventFollower(floe))
        station.feed(mount)
        with Listener(floe, mount) as listener:
            first, end = listener.hears_seconds(2).frames_heard()
            assert end - first > 50
