# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Mounts that are fetched from another server."""
import json
import signal
import threading
import time

import pytest

from studio import marked_mp3
from studio.encoder import Encoder
from studio.icecast import Icecast
from studio.origin import OK, PACE_S, Origin, Programme
from studio.server import SOURCE_PASSWORD, basic, free_port
from studio.several import KEPT, play_into, plays, reload_with
from studio.swap import command, status, swap
from studio.waiting import eventually

MOUNTS = {"mount_defaults": KEPT}


@pytest.fixture
def edge(make_floe, stack):
    """Starts a server that fetches /live."""
    def start(*upstreams, settings=None, **relay):
        floe = make_floe({**MOUNTS, "relay": {"/live": {"upstream": list(upstreams), **relay}},
                          **(settings or {})})
        stack.callback(floe.stop)
        return floe
    return start


def relays(floe):
    return status(floe)["relays"]


def upstream(floe, number=0, mount="/live"):
    known = [each["upstreams"] for each in relays(floe) if each["mount"] == mount]
    assert known and known[0], f"nothing is known yet of what {mount} is fetched from"
    return known[0][number]


def largest_step(audio):
    """Frames that were missed or repeated at once, at most; all frames are whole."""
    runs = marked_mp3.runs(audio)
    return max((abs(b[0] - a[1]) for a, b in zip(runs, runs[1:])), default=0)


# ---- what is fetched ----

def test_headers_and_titles_of_an_icecast_are_carried_through(edge, hear, stack):
    icecast = stack.enter_context(Icecast())
    headers = ["ice-name: Jazz", "ice-genre: cool", "ice-description: All of it",
               "ice-url: http://jazz.example/", "ice-bitrate: 128"]
    play_into(stack, icecast, headers=headers)
    floe = edge(icecast.url("/live"))
    plays(floe)
    listener = hear(floe, icy=True)
    assert listener.head.get("icy-name") == "Jazz"
    assert listener.head.get("icy-genre") == "cool"
    assert listener.head.get("icy-description") == "All of it"
    assert listener.head.get("icy-url") == "http://jazz.example/"
    assert listener.head.get("icy-br") == "128"
    with icecast.line() as line:
        line.say("GET /admin/metadata?mode=updinfo&mount=/live&song=So+What HTTP/1.0\r\n"
                 f"Authorization: {basic('source', SOURCE_PASSWORD)}\r\n\r\n")
        assert line.head().status == 200
    listener.hears_title("So What")
    listener.frames_heard()


def test_a_chain_of_servers_loses_nothing(edge, make_floe, hear, stack):
    icecast = stack.enter_context(Icecast())
    play_into(stack, icecast)
    middle = edge(icecast.url("/live"))
    plays(middle)
    end = make_floe({**MOUNTS, "relay": {"/live": {"upstream": [middle.url("/live")]}}})
    stack.callback(end.stop)
    plays(end)
    listener = hear(end, icy=True)
    listener.hears_seconds_more(4)
    begin, heard_end = listener.frames_heard()
    assert heard_end - begin >= marked_mp3.count_of(4) - 1


@pytest.mark.parametrize("how", ["ICY", "chunked", "HTTP/1.1", "IPv6", "no type"])
def test_servers_of_all_kinds_are_understood(edge, hear, stack, how):
    programme = Programme()
    answer = {
        "ICY": programme.plays("ICY 200 OK\r\nicy-notice1:<BR>prose<BR>\r\nicy-name : Old\r\n"
                               "content-type:audio/mpeg\r\n\r\n"),
        "chunked": programme.plays_in_chunks(),
        "HTTP/1.1": programme.plays("HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n"),
        "no type": programme.plays("HTTP/1.0 200 OK\r\n\r\n"),
        "IPv6": programme.plays(),
    }[how]
    origin = stack.enter_context(Origin(answer, "::1" if how == "IPv6" else "127.0.0.1"))
    floe = edge(origin.url())
    plays(floe)
    listener = hear(floe)
    listener.hears_seconds(3)
    listener.frames_heard()
    if how == "ICY":
        assert listener.head.get("icy-name") == "Old"
    asked = origin.asked[0]
    assert asked.line == "GET /live HTTP/1.1"
    assert asked.get("Host") == origin.url("")[len("http://"):]
    assert asked.get("Icy-MetaData") == "1"


def test_each_upstream_gets_its_own_login(edge, stack):
    programme = Programme()

    def refuses(asker):
        asker.say("HTTP/1.0 403 Forbidden\r\n\r\n")
    first = stack.enter_context(Origin(refuses))
    second = stack.enter_context(Origin(programme.plays()))
    floe = edge({"url": first.url(), "user": "me", "password": "my-secret"},
                {"url": second.url(), "token": "a-token"})
    plays(floe)
    assert first.asked[0].get("Authorization") == basic("me", "my-secret")
    assert second.asked[0].get("Authorization") == "Bearer a-token"
    assert upstream(floe)["phase"] in ("down", "connecting", "broken", "trial")
    assert "403" in upstream(floe)["error"]
    assert "my-secret" not in floe.stderr() and "a-token" not in floe.stderr()


# ---- where redirects lead ----

def redirects_to(location, code=302):
    def answer(asker):
        asker.say(f"HTTP/1.1 {code} Elsewhere\r\nLocation: {location}\r\n\r\n")
    return answer


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_are_followed_but_logins_stay(edge, stack, code):
    there = stack.enter_context(Origin(Programme().plays()))
    here = stack.enter_context(Origin(redirects_to(there.url("/moved"), code)))
    floe = edge({"url": here.url(), "user": "me", "password": "my-secret"})
    plays(floe)
    assert here.asked[0].get("Authorization") == basic("me", "my-secret")
    assert there.asked[0].path == "/moved"
    assert "Authorization" not in there.asked[0].head


def test_a_circle_of_redirects_is_a_failure_with_a_reason(edge, stack):
    circle = stack.enter_context(Origin(lambda asker: redirects_to(
        "/b" if asker.path == "/live" else "/live")(asker)))
    floe = edge(circle.url())
    eventually(lambda: "leads back" in upstream(floe)["error"])


# ---- when an upstream fails ----

def test_an_upstream_that_was_killed_is_fetched_again_when_it_is_back(edge, hear, stack):
    icecast = stack.enter_context(Icecast())
    play_into(stack, icecast)
    floe = edge(icecast.url("/live"))
    plays(floe)
    listener = hear(floe)
    listener.hears_seconds_more(1)
    icecast.kill()
    eventually(lambda: upstream(floe)["failures"] >= 2)
    icecast.start()
    again = play_into(stack, icecast, first_frame=100_000)
    listener.hears_frame(again.next_frame)
    runs = marked_mp3.runs(listener.audio)
    assert len(runs) == 2 and runs[1][0] >= 100_000, runs
    assert not listener.is_closed


@pytest.mark.parametrize("fate", ["stops", "hangs up", "sends garbage"])
def test_a_second_upstream_takes_over_from_one_that_fails(edge, hear, stack, fate):
    programme = Programme()
    trouble = threading.Event()

    def fails(asker):
        asker.say(OK)
        for audio in programme.frames():
            if asker.is_closed or (trouble.is_set() and fate == "hangs up"):
                return
            if not trouble.is_set():
                asker.say(audio)
            elif fate == "sends garbage":
                asker.say(b"garbage" * 100)
    first = stack.enter_context(Origin(fails))
    second = stack.enter_context(Origin(programme.plays()))
    floe = edge(first.url(), second.url(), settings={"limits": {"source_timeout": "5s"}})
    plays(floe)
    listener = hear(floe)
    listener.hears_seconds(4)
    assert not second.asked
    trouble.set()
    eventually(lambda: second.asked and upstream(floe, 1)["phase"] == "up")
    listener.hears_seconds_more(4)
    assert largest_step(listener.audio) <= marked_mp3.count_of(10)
    assert upstream(floe)["error"]


def test_an_upstream_that_is_stopped_counts_as_down_after_source_timeout(edge, hear, stack):
    icecast = stack.enter_context(Icecast())
    play_into(stack, icecast)
    floe = edge(icecast.url("/live"), settings={"limits": {"source_timeout": "1s"}})
    plays(floe)
    listener = hear(floe)
    listener.hears_seconds_more(1)
    icecast.signal(signal.SIGSTOP)
    eventually(lambda: "sent nothing" in upstream(floe)["error"])
    icecast.signal(signal.SIGCONT)
    eventually(lambda: upstream(floe)["phase"] == "up")
    listener.hears_seconds_more(1)


def test_the_preferred_upstream_is_returned_to_without_a_gap_of_a_second(edge, hear, stack):
    programme = Programme()
    is_ill = threading.Event()

    def sometimes(asker):
        if is_ill.is_set():
            return
        asker.say(OK)
        for audio in programme.frames():
            if is_ill.is_set():
                return
            asker.say(audio)
    first = stack.enter_context(Origin(sometimes))
    second = stack.enter_context(Origin(programme.plays()))
    floe = edge(first.url(), second.url(), prefer_after="2s")
    plays(floe)
    listener = hear(floe)
    listener.hears_seconds(4)
    is_ill.set()
    eventually(lambda: upstream(floe, 1)["phase"] == "up")
    is_ill.clear()
    listener.hears_seconds_more(1)
    second_heard = len(listener.audio)
    eventually(lambda: upstream(floe, 1)["phase"] == "idle", saying="the second is let go")
    assert upstream(floe)["phase"] == "up"
    listener.hears_seconds_more(3)
    since = bytes(listener.audio)[second_heard // 384 * 384:]
    assert largest_step(since) <= marked_mp3.count_of(1)
    assert not listener.is_closed


# ---- at the very byte ----

class Positions:
    """An origin that says where in its stream it is, as a Floe does."""

    def __init__(self, programme):
        self.programme = programme
        self.size = marked_mp3.frame_bytes()
        self.breaks_after = None  # bytes
        self.asked_at = []

    def __call__(self, asker):
        asked = asker.get("Floe-Position")
        self.asked_at.append(asked)
        begin = max(0, self.programme.now() - 100) * self.size
        if asked.startswith("ab-1:"):
            begin = int(asked.split(":")[1])
        asker.say("HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nicy-metaint: 1000\r\n"
                  f"Floe-Position: ab-1:{begin};preamble=0\r\n\r\n")
        sent = 0
        while self.breaks_after is None or sent < self.breaks_after:
            end = self.programme.now() * self.size
            audio = marked_mp3.frames(begin // self.size, end // self.size + 1)
            audio = audio[begin % self.size:][:max(0, end - begin)]
            for at in range(0, len(audio)):  # a length byte of 0 behind each thousand
                sent += 1
                asker.say(audio[at:at + 1] + (b"\0" if sent % 1000 == 0 else b""))
                if sent == self.breaks_after:
                    self.breaks_after = None
                    return
            begin = end
            time.sleep(PACE_S)  # what is due is played in real time


def test_a_floe_is_asked_for_the_very_byte_at_which_it_broke_off(edge, hear, stack):
    positions = Positions(Programme())
    positions.breaks_after = 60_001  # within a frame
    origin = stack.enter_context(Origin(positions))
    floe = edge(origin.url())
    plays(floe)
    listener = hear(floe)
    listener.hears_bytes(100_000)
    listener.frames_heard()
    assert positions.asked_at[0] == "ask"
    assert positions.asked_at[1].startswith("ab-1:")
    assert int(positions.asked_at[1].split(":")[1]) % 384 != 0


def test_a_floe_that_was_away_for_longer_is_asked_as_well(edge, hear, stack):
    positions = Positions(Programme())
    positions.breaks_after = 60_001
    away = threading.Event()

    def answer(asker):
        if away.is_set():
            return
        positions(asker)
        away.set()
    origin = stack.enter_context(Origin(answer))
    floe = edge(origin.url())
    plays(floe)
    listener = hear(floe)
    floe.says("has nothing to play")
    away.clear()
    listener.hears_bytes(100_000)
    listener.frames_heard()
    assert not listener.is_closed


def test_an_edge_that_its_origin_drops_goes_on_at_the_very_byte(edge, make_floe, hear, stack):
    origin = make_floe(MOUNTS)
    stack.callback(origin.stop)
    play_into(stack, origin)
    floe = edge(origin.url("/live"))
    plays(floe)
    listener = hear(floe, icy=True)
    for _ in range(3):
        listener.hears_seconds_more(1)
        attempts = upstream(floe)["attempts"]
        dropped = command(origin, "kick", "--mount", "/live")
        assert dropped.returncode == 0, dropped.stderr
        eventually(lambda: upstream(floe)["attempts"] > attempts)
    listener.hears_seconds_more(1)
    listener.frames_heard()
    eventually(lambda: floe.stderr().count("goes on where it broke off") == 3)


def test_servers_that_fetch_from_each_other_on_demand_say_so_at_once(make_floe, stack):
    ports = [free_port(), free_port()]
    floes = []
    for ours, theirs in (ports, ports[::-1]):
        relay = {"upstream": [f"http://127.0.0.1:{theirs}/live"], "on_demand": True}
        floes.append(make_floe({"relay": {"/live": relay}}, port=ours))
        stack.callback(floes[-1].stop)
    begun = time.monotonic()
    assert floes[0].ask("GET", "/live").status == 503
    assert time.monotonic() - begun < 25
    eventually(lambda: "508" in upstream(floes[1])["error"])


# ---- on demand ----

def test_a_mount_on_demand_is_fetched_with_its_first_listener_and_left_with_its_last(
        edge, hear, stack):
    origin = stack.enter_context(Origin(Programme().plays()))
    floe = edge(origin.url(), on_demand=True, run_on="1s")
    eventually(lambda: relays(floe))  # it has looked whether it is wanted
    assert upstream(floe)["attempts"] == 0
    assert not origin.asked
    assert "/live" not in floe.mounts()
    first = hear(floe)
    first.hears_seconds(3)
    second = hear(floe)
    second.hears_seconds(3)
    assert len(origin.asked) == 1
    first.leave()
    second.leave()
    eventually(lambda: "/live" not in floe.mounts())
    assert upstream(floe)["phase"] == "idle"
    hear(floe).hears_seconds(3)
    assert len(origin.asked) == 2


@pytest.fixture
def spare(make_floe, stack):
    """A server whose /live falls back to /spare, which is fetched on demand; and who is asked."""
    origin = stack.enter_context(Origin(Programme().plays()))
    floe = make_floe({"mount_defaults": KEPT, "mount": {"/live": {"fallback": ["/spare"]}},
                      "relay": {"/spare": {"upstream": [origin.url("/spare")], "on_demand": True,
                                           "run_on": "1s"}}})
    stack.callback(floe.stop)
    eventually(lambda: upstream(floe, mount="/spare"))  # its shard has begun
    return floe, origin


def test_a_fallback_on_demand_is_fetched_while_somebody_would_hear_it(spare, hear):
    floe, origin = spare
    with Encoder(floe, "/live") as live:
        live.send_seconds(1)
        live.play()
        plays(floe)
        listener = hear(floe)
        listener.hears_seconds(2)
        assert not origin.asked
    listener.hears_seconds_more(3)
    assert len(origin.asked) == 1
    with Encoder(floe, "/live") as live:
        live.play()
        eventually(lambda: upstream(floe, mount="/spare")["phase"] == "idle")
        listener.hears_seconds_more(2)
        assert len(marked_mp3.runs(listener.audio)) == 3


def test_who_comes_to_a_mount_that_is_down_has_its_fallback_fetched(spare, hear):
    floe, origin = spare
    hear(floe).hears_seconds(3)
    assert len(origin.asked) == 1


def test_who_asks_for_a_mount_on_demand_that_is_not_to_be_had_is_told_so(edge, stack):
    origin = stack.enter_context(Origin(lambda asker: asker.say("HTTP/1.0 404 No\r\n\r\n")))
    floe = edge(origin.url(), on_demand=True)
    eventually(lambda: relays(floe))  # it has looked whether it is wanted
    assert floe.ask("HEAD", "/live").status == 503
    assert not origin.asked
    begun = time.monotonic()
    assert floe.ask("GET", "/live").status == 503
    assert time.monotonic() - begun < 25
    assert origin.asked


# ---- beside others ----

def test_relays_are_no_sources_that_limits_count(edge, stack):
    origin = stack.enter_context(Origin(Programme().plays()))
    floe = edge(origin.url(), settings={"limits": {"sources": 1}})
    plays(floe)
    assert floe.health()["sources"] == 0
    play_into(stack, floe, "/other")
    assert floe.health()["sources"] == 1


def test_a_source_that_has_the_mount_keeps_it_and_the_relay_waits(edge, hear, stack):
    origin = stack.enter_context(Origin(lambda asker: None))
    floe = edge(origin.url())
    encoder = play_into(stack, floe)
    origin.answer = Programme().plays()
    listener = hear(floe)
    eventually(lambda: relays(floe)[0]["state"] == "displaced")
    listener.hears_seconds_more(1)
    encoder.leave()
    eventually(lambda: upstream(floe)["phase"] == "up")
    listener.hears_seconds_more(3)
    assert not listener.is_closed


def test_a_reload_starts_changes_and_ends_relays(edge, hear, stack):
    programme = Programme()
    first = stack.enter_context(Origin(programme.plays()))
    second = stack.enter_context(Origin(programme.plays()))
    floe = edge(first.url(), settings={"mount": {"/live": {}}})
    plays(floe)
    listener = hear(floe)
    settings = dict(floe.settings)
    settings["relay"] = {"/live": {"upstream": [first.url()], "prefer_after": "5s"},
                         "/more": {"upstream": [second.url()]}}
    reload_with(floe, settings)
    plays(floe, "/more")
    assert len(first.asked) == 1, "what did not change goes on"
    settings["relay"] = {"/live": {"upstream": [second.url()]}}
    reload_with(floe, settings)
    eventually(lambda: len(second.asked) == 2)
    listener.hears_seconds_more(2)
    assert largest_step(listener.audio) <= marked_mp3.count_of(3)
    eventually(lambda: [each["mount"] for each in relays(floe)] == ["/live"])
    settings["relay"] = {}
    reload_with(floe, settings)
    eventually(lambda: not relays(floe))
    assert not listener.is_closed


def test_health_and_status_say_how_each_upstream_is(edge, stack):
    refuses = stack.enter_context(Origin(lambda asker: asker.say("HTTP/1.0 404 No\r\n\r\n")))
    origin = stack.enter_context(Origin(Programme().plays()))
    floe = edge(refuses.url(), origin.url("/live?token=x"))
    plays(floe)
    eventually(lambda: upstream(floe, 1)["bytes"] > 0)
    relay = relays(floe)[0]
    assert relay["mount"] == "/live" and relay["state"] == "playing"
    down, up = relay["upstreams"]
    assert down["url"] == refuses.url() and "404" in down["error"] and down["attempts"] >= 1
    assert up["phase"] == "up" and up["url"] == origin.url("/live?...") and up["attempts"] == 1
    shown = floe.health()["relays"]
    assert [each["state"] for each in shown] == ["playing"]
    assert shown[0]["upstreams"][1]["bytes"] > 0
    assert str(origin.port) not in json.dumps(shown), "who asks for /health is anybody"
    table = command(floe, "status").stdout
    assert origin.url("/live?...") in table and "404" in table


# ---- handed over ----

def test_how_far_an_upstream_is_behind_its_origin_is_measured(edge, stack):
    programme = Programme()
    origin = stack.enter_context(Origin(programme.plays()))
    floe = edge(origin.url())
    plays(floe)

    def lag():
        return upstream(floe)["lag_ms"]
    eventually(lambda: lag() is not None and lag() < 500)
    programme.late_s = 2.0
    eventually(lambda: lag() > 1000)
    programme.late_s = 0.0
    eventually(lambda: lag() < 500)


def test_a_relay_goes_on_in_another_process_without_a_lost_byte(edge, hear, stack):
    origin = stack.enter_context(Origin(Programme().plays()))
    floe = edge(origin.url())
    plays(floe)
    listener = hear(floe)
    listener.hears_seconds_more(1)
    swap(floe)
    listener.hears_seconds_more(2)
    listener.frames_heard()
    assert len(origin.asked) == 1, "the connection goes over"
    assert upstream(floe)["attempts"] == 1


def test_an_origin_that_answers_and_has_nothing_to_say_does_not_keep_its_listeners(
        edge, make_floe, hear, stack):
    """It waits for its own source, and would have the edge wait along at the very byte."""
    origin = make_floe({"mount_defaults": {"linger": "60s"}})
    stack.callback(origin.stop)
    encoder = play_into(stack, origin)
    plays(origin)
    floe = edge(origin.url("/live"),
                settings={"limits": {"source_timeout": "3s"},
                          "mount": {"/live": {"fallback": ["/backup"]}}})
    plays(floe)
    play_into(stack, floe, "/backup", first_frame=1_000_000)
    listener = hear(floe)
    listener.hears_seconds(1)
    encoder.leave()
    listener.hears_frame(1_000_000)
    play_into(stack, origin, first_frame=500_000)
    listener.hears_frame(500_010)
    assert not listener.is_closed
