# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""The server's own API. Every answer here is held to the document that the server serves."""
import datetime
import json
import signal
import time
import urllib.parse

import pytest

from studio import marked_mp3
from studio.api import Api
from studio.encoder import Encoder
from studio.listener import Listener
from studio.server import ADMIN_PASSWORD, SOURCE_PASSWORD
from studio.several import KEPT
from studio.waiting import PATIENCE_S, eventually

RELAY_PASSWORD = "an-edges-secret"
DEEPER_PASSWORD = "another-quiet-secret"
OTHER_PROGRAMME = 1_000_000  # where it begins to count its frames
SECRETS = (SOURCE_PASSWORD, ADMIN_PASSWORD, RELAY_PASSWORD, DEEPER_PASSWORD)


@pytest.fixture(scope="module")
def settings():
    return {"auth": {"relay_password": RELAY_PASSWORD},
            "mount_defaults": KEPT,
            "user": {"of-deeper": {"role": "configure", "password": DEEPER_PASSWORD,
                                   "mounts": ["/deep/er"]}},
            "mount": {"/idle": {"fallback": ["/m1"]}, "/deep/er": {}},
            "push": {"/idle": {"to": "http://127.0.0.1:9/idle", "password": "for-elsewhere"}},
            "relay": {"/fetched": {"upstream": ["http://127.0.0.1:9/live"], "on_demand": True}}}


@pytest.fixture(scope="module")
def api(floe):
    return Api(floe)


def of_mount(name):
    return "/api/v1/mounts/" + urllib.parse.quote(name, safe="")


# ---- the document ----
def test_the_document_is_one_of_openapi_3_1_and_has_every_operation(api):
    api.document.check_itself()
    told = {(method, path, operation["x-floe-needs"])
            for method, path, operation in api.document.operations()}
    there = {(each["method"], each["path"], each["needs"])
             for each in api.get("/api/v1/endpoints")["items"]
             if each["path"].startswith(("/api/", "/healthz", "/readyz"))}
    assert told == there


def test_what_can_be_read_is_as_the_document_says(api, station, mount):
    station.feed(mount)
    station.hear(mount)
    for method, path, operation in api.document.operations():
        if method != "GET" or "{" in path or operation["x-floe-needs"] == "nothing":
            continue
        if path == "/api/v1/events":
            continue  # does not end
        reply, said = api.ask(method, path)
        assert reply.status in (200, 404), (path, said)
        head, _ = api.ask("HEAD", path)
        assert (head.status, head.body) == (reply.status, b"")


# ---- who may ----
def test_everybody_may_ask_what_they_may(api, mount):
    me = api.get("/api/v1/me")
    assert me == {"user": "admin", "mount": None, "may": ["relay", "read", "operate", "configure"]}
    reply, said = api.ask("GET", f"/api/v1/me?mount={mount}", user="source",
                          password=SOURCE_PASSWORD)
    assert (reply.status, said["may"]) == (200, ["tell"])
    for nobody in (None, "wrong"):
        api.refuses("GET", "/api/v1/me", 401, password=nobody)


def test_who_is_held_to_a_mount_has_no_more_of_the_server_by_naming_it(api):
    theirs = {"user": "of-deeper", "password": DEEPER_PASSWORD}
    of_theirs = "?mount=%2Fdeep%2Fer"
    assert api.ask("GET", "/api/v1/listeners" + of_theirs, **theirs)[0].status == 200
    for path in ("server", "mounts", "sources", "bans", "relays", "config"):
        api.refuses("GET", f"/api/v1/{path}{of_theirs}", 403, **theirs)
    api.refuses("POST", "/api/v1/reload" + of_theirs, 403, **theirs)
    api.refuses("POST", "/api/v1/bans" + of_theirs, 403, {"network": "192.0.2.1"}, **theirs)


def test_errors_have_one_shape(api):
    api.refuses("GET", "/api/v1/nothing", 404)
    api.refuses("GET", "/api/", 404)
    api.refuses("GET", "/api/v1/mounts/nowhere", 404)
    reply, _ = api.ask("POST", "/api/v1/server", {})
    assert (reply.status, reply.get("Allow")) == (405, "GET, HEAD")
    reply, _ = api.ask("GET", "/api/v1/server", password=None)
    assert (reply.status, "WWW-Authenticate" in reply.head) == (401, True)
    title = of_mount("/idle") + "/title"
    api.refuses("POST", title, 400, raw=b"{")
    api.refuses("POST", title, 400, {})
    api.refuses("POST", title, 400, {"title": "a", "urll": "b"})
    api.refuses("POST", title, 415, raw=b"title=a",
                headers=["Content-Type: application/x-www-form-urlencoded"])
    api.refuses("POST", title, 413, raw=b" " * 20_000)


def test_a_request_without_a_length_is_refused_in_the_same_shape(api, floe):
    with floe.line() as line:
        line.say(f"POST {of_mount('/idle')}/title HTTP/1.1\r\nHost: x\r\n"
                 "Transfer-Encoding: chunked\r\n\r\n")
        reply = line.reply()
    assert reply.status == 411
    assert json.loads(reply.body)["error"]["status"] == 411


def test_pages_of_other_sites_neither_read_nor_change_anything(api):
    elsewhere = ["Origin: http://elsewhere.example"]
    reply, _ = api.ask("GET", "/api/v1/server", headers=elsewhere)
    assert "Access-Control-Allow-Origin" not in reply.head
    preflight = api.floe.ask("OPTIONS", "/api/v1/server", headers=elsewhere)
    assert "Access-Control-Allow-Origin" not in preflight.head
    api.refuses("POST", "/api/v1/reload", 403, headers=elsewhere)
    api.refuses("DELETE", "/api/v1/listeners/1", 403, headers=["Sec-Fetch-Site: cross-site"])


# ---- mounts ----
def test_a_mount_is_told_with_its_source_and_why_it_plays(api, station, mount):
    station.feed(mount, headers=["ice-name: Jazz", "ice-genre: G"])
    eventually(lambda: mount in station.floe.mounts() and api.get(of_mount(mount))["plays"])
    told = api.get(of_mount(mount))
    assert (told["name"], told["phase"], told["plays"]) == (mount, "live", mount)
    assert (told["stream"]["name"], told["content_type"]) == ("Jazz", "audio/mpeg")
    assert told["source"]["agent"] == "marked/1.0"
    assert told["explanation"]
    assert {each["name"]: each["phase"] for each in api.get("/api/v1/mounts")["items"]}.items() >= {
        mount: "live", "/idle": "empty"}.items()
    assert mount in [each["mount"] for each in api.get("/api/v1/sources")["items"]]


def test_a_name_with_slashes_is_one_segment_of_the_path(api):
    for segment in ("deep%2Fer", "%2Fdeep%2Fer"):
        assert api.get("/api/v1/mounts/" + segment)["name"] == "/deep/er"
    api.refuses("GET", "/api/v1/mounts/deep/er", 404)


def test_a_title_is_told_by_who_operates_and_by_the_source(api, station, mount):
    encoder = station.encoder(mount)
    encoder.send_seconds(2)
    api.does("POST", of_mount(mount) + "/title", {"title": "Überall"})
    encoder.send_seconds(1)
    eventually(lambda: api.get(of_mount(mount))["title"] == "Überall")
    reply, _ = api.ask("POST", of_mount(mount) + "/title", {"title": "B", "url": "http://u/"},
                       user="source", password=SOURCE_PASSWORD)
    assert reply.status == 204
    encoder.send_seconds(1)
    eventually(lambda: api.get(of_mount(mount))["title"] == "B")
    api.refuses("POST", "/api/v1/mounts/idle/title", 409, {"title": "nobody hears it"})


@pytest.mark.parametrize("path", ["/api/v1/sources/{}", "/api/v1/mounts/{}/source"])
def test_a_source_is_disconnected(api, station, mount, path):
    encoder = station.feed(mount)
    path = path.format(mount[1:])
    eventually(lambda: mount in station.floe.mounts())
    api.does("DELETE", path)
    encoder.wire.rest()
    eventually(lambda: api.get(of_mount(mount))["source"] is None)
    api.refuses("DELETE", path, 409)


def test_a_fallback_holds_from_now_on(api, station, mount):
    stands_in = mount + "-stands-in"
    station.feed(stands_in)
    encoder = station.feed(mount)
    eventually(lambda: api.get(of_mount(mount))["plays"] == mount)
    listener = station.hear(mount)
    eventually(lambda: api.get(of_mount(stands_in))["plays"] == stands_in)
    told = api.does("PUT", of_mount(mount) + "/fallback", {"fallback": [stands_in]})
    assert told["fallback"] == [stands_in]
    encoder.leave()
    eventually(lambda: api.get(of_mount(mount))["plays"] == stands_in)
    listener.hears_seconds(1)
    back = {"fallback": [mount]}
    assert "leads back" in api.refuses("PUT", of_mount(stands_in) + "/fallback", 400, back)
    assert "leads back" in api.refuses("PUT", of_mount(mount) + "/fallback", 400, back)
    api.refuses("PUT", of_mount(mount) + "/fallback", 400, {"fallback": ["no path"]})
    api.refuses("PUT", of_mount(mount) + "/fallback", 400, {"fallback": ["file:/etc/passwd"]})
    assert api.does("PUT", of_mount(mount) + "/fallback", {"fallback": []})["fallback"] == []


# ---- listeners ----
def test_listeners_come_in_pages_each_of_them_once(api, station, mount):
    station.feed(mount)
    eventually(lambda: mount in station.floe.mounts())
    for index in range(7):
        station.hear(mount, headers=[f"User-Agent: player/{index % 2}"])
    eventually(lambda: len(api.all("/api/v1/listeners", mount=mount)) == 7)
    assert len(api.get("/api/v1/listeners", mount=mount, limit=2)["items"]) == 2
    paged = api.all("/api/v1/listeners", mount=mount, limit=2)
    assert len(paged) == len({each["id"] for each in paged}) == 7
    assert {each["plays"] for each in paged} == {mount}
    assert len(api.all("/api/v1/listeners", mount=mount, agent="player/1")) == 3
    assert len(api.all("/api/v1/listeners", mount=mount, address="127.0.0.0/8")) == 7
    assert api.all("/api/v1/listeners", address="192.0.2.1") == []
    assert api.all("/api/v1/listeners", mount="/nowhere") == []
    api.refuses("GET", "/api/v1/listeners?cursor=1.0.0", 400)
    api.refuses("GET", "/api/v1/listeners?limit=1001", 400)


def test_a_listener_is_disconnected_and_no_other(api, station, mount):
    station.feed(mount)
    eventually(lambda: mount in station.floe.mounts())
    stays = station.hear(mount, headers=["User-Agent: stays"])
    goes = station.hear(mount, headers=["User-Agent: goes"])
    number = eventually(lambda: api.all("/api/v1/listeners", mount=mount, agent="goes"))[0]["id"]
    api.refuses("DELETE", f"/api/v1/listeners/{number}?mount=/idle", 404)
    api.does("DELETE", f"/api/v1/listeners/{number}?mount={mount}")
    assert goes.is_closed_by_server(PATIENCE_S)
    stays.hears_seconds(1)
    eventually(lambda: len(api.all("/api/v1/listeners", mount=mount)) == 1)
    api.refuses("DELETE", f"/api/v1/listeners/{number}", 404)
    api.refuses("DELETE", "/api/v1/listeners/x", 404)


def programmes(listener):
    return [begin // OTHER_PROGRAMME for begin, _ in marked_mp3.runs(bytes(listener.audio))]


def test_a_mounts_listeners_go_to_another_one_by_one_or_together(api, station, mount):
    there = mount + "-there"
    station.feed(mount)
    station.feed(there, first_frame=OTHER_PROGRAMME)
    for name in (mount, there):
        eventually(lambda name=name: api.get(of_mount(name))["plays"] == name)
    first = station.hear(mount, headers=["User-Agent: first"])
    others = [station.hear(mount), station.hear(mount)]
    number = eventually(lambda: api.all("/api/v1/listeners", mount=mount, agent="first"))[0]["id"]
    for listener in (first, *others):
        listener.hears_seconds(1)
    move = of_mount(mount) + "/move"
    assert api.does("POST", move, {"to": there, "id": number}) == {"moved": 1}
    first.until(lambda heard: programmes(heard) == [0, 1])
    api.refuses("POST", move, 404, {"to": there, "id": number})
    assert [programmes(listener) for listener in others] == [[0], [0]]
    assert api.does("POST", move, {"to": there}) == {"moved": 2}
    for listener in others:
        listener.until(lambda heard: programmes(heard) == [0, 1])
    eventually(lambda: len(api.all("/api/v1/listeners", mount=there)) == 3)
    assert api.all("/api/v1/listeners", mount=mount) == []
    assert api.does("POST", move, {"to": there}) == {"moved": 0}


def test_nobody_goes_where_there_is_nothing_to_go_on_with(api, station, mount):
    station.feed(mount)
    eventually(lambda: mount in station.floe.mounts())
    listener = station.hear(mount)
    move = of_mount(mount) + "/move"
    for wish in ({}, {"to": mount}, {"to": ["/idle"]}, {"to": "/idle", "id": -1}):
        api.refuses("POST", move, 400, wish)
    for nowhere in ("/nowhere", "", "file:/etc/passwd"):
        api.refuses("POST", move, 404, {"to": nowhere})
    api.refuses("POST", "/api/v1/mounts/nowhere/move", 404, {"to": mount})
    assert "no source" in api.refuses("POST", move, 409, {"to": "/idle"})
    with station.encoder(mount + ".ogg", content_type="application/ogg"):
        assert "cannot go on" in api.refuses("POST", move, 409, {"to": mount + ".ogg"})
    listener.hears_seconds(1)
    assert len(api.all("/api/v1/listeners", mount=mount)) == 1


def test_listeners_go_where_who_sends_them_may_operate(api, station, mount):
    for name in (mount, "/deep/er"):
        station.feed(name)
        eventually(lambda name=name: api.get(of_mount(name))["plays"] == name)
    theirs = {"user": "of-deeper", "password": DEEPER_PASSWORD}
    api.refuses("POST", of_mount("/deep/er") + "/move", 403, {"to": mount}, **theirs)
    api.refuses("POST", of_mount(mount) + "/move", 403, {"to": "/deep/er"}, **theirs)
    assert api.does("POST", of_mount("/deep/er") + "/move", {"to": mount}) == {"moved": 0}


def test_what_is_over_is_kept(api, station, mount):
    encoder = station.feed(mount)
    eventually(lambda: mount in station.floe.mounts())
    api.does("POST", of_mount(mount) + "/title", {"title": "Artist - Title"})
    listener = station.hear(mount)
    listener.hears_seconds(1)
    listener.leave()
    # Noticed by the next send.
    eventually(lambda: not api.all("/api/v1/listeners", mount=mount))
    encoder.leave()
    song = eventually(lambda: api.get("/api/v1/songs", mount=mount)["items"])[0]
    assert song["title"] == "Artist - Title"
    session = eventually(lambda: api.get("/api/v1/sessions", mount=mount)["items"])[0]
    assert (session["mount"], session["address"]) == (mount, "127.0.0.1")
    assert session["sent_bytes"] > 0
    listened = eventually(lambda: api.get("/api/v1/listened", mount=mount, step="all")["items"])
    assert listened[0]["sessions"] == 1
    assert api.all("/api/v1/songs", limit=1)
    api.refuses("GET", "/api/v1/listened?step=week", 400)


# ---- the server as a whole ----
def test_other_servers_are_told_of(api):
    assert api.get("/api/v1/relays")["items"][0]["mount"] == "/fetched"
    assert api.get("/api/v1/pushes")["items"][0]["to"] == "http://127.0.0.1:9/idle"
    api.refuses("GET", "/api/v1/master", 404)


def test_the_configuration_is_told_without_secrets(api):
    reply, said = api.ask("GET", "/api/v1/config")
    assert said["file"] == str(api.floe.config_path)
    assert 'hostname = "localhost"' in said["toml"]
    for secret in (*SECRETS, "for-elsewhere"):
        assert secret not in reply.text()


def test_a_reload_tells_what_has_changed_and_what_is_wrong(make_floe):
    floe = make_floe()
    api = Api(floe)
    assert api.does("POST", "/api/v1/reload") == {"changes": ["nothing has changed"]}
    with open(floe.config_path, "a", encoding="utf-8") as file:
        file.write('\n[mount."/new"]\n')
    assert api.does("POST", "/api/v1/reload") == {"changes": ["mount /new: added"]}
    with open(floe.config_path, "a", encoding="utf-8") as file:
        file.write("no toml at all\n")
    assert "floe.toml" in api.refuses("POST", "/api/v1/reload", 409)
    floe.stop()


def test_a_ban_is_made_listed_and_ended(api):
    made = api.does("POST", "/api/v1/bans", {"network": "192.0.2.0/24", "reason": "noise"})
    assert (made["network"], made["reason"], made["until"]) == ("192.0.2.0/24", "noise", None)
    short = api.does("POST", "/api/v1/bans", {"network": "2001:db8::1", "seconds": 600})
    assert short["until"] > short["since"]
    assert api.get("/api/v1/bans")["items"] == [made, short]
    for wrong in ({}, {"network": "nowhere"}, {"network": "192.0.2.1", "seconds": 0},
                  {"network": "192.0.2.1", "reason": "x" * 256}):
        api.refuses("POST", "/api/v1/bans", 400, wrong)
    for network in ("192.0.2.0%2F24", "2001:db8::1"):
        assert api.does("DELETE", "/api/v1/bans/" + network) is None
        api.refuses("DELETE", "/api/v1/bans/" + network, 404)
    api.refuses("DELETE", "/api/v1/bans/nowhere", 400)
    assert api.get("/api/v1/bans")["items"] == []


# ---- tokens ----
@pytest.fixture
def kept(make_floe, tmp_path):
    """Starts a server that has the state of the one before it, which is stopped."""
    running = []

    def start():
        while running:
            running.pop().stop()
        settings = {"server": {"state_dir": str(tmp_path / "state")},
                    "user": {"operator": {"role": "operate", "password": "an-operators-secret"}}}
        running.append(make_floe(settings))
        return Api(running[-1])
    yield start
    running.pop().stop()


def bearer(token):
    return {"password": None, "headers": [f"Authorization: Bearer {token}"]}


def may(api, token):
    reply, said = api.ask("GET", "/api/v1/me", **bearer(token))
    return said["may"] if reply.status == 200 else reply.status


def test_a_token_is_shown_once_and_good_until_it_is_ended(kept):
    api = kept()
    made = api.does("POST", "/api/v1/tokens", {"name": "panel", "role": "operate", "days": 30})
    token = made.pop("token")
    assert may(api, token) == ["relay", "read", "operate"]
    told = api.get("/api/v1/tokens")["items"]
    assert told[0].pop("last_used") is not None and made.pop("last_used") is None
    assert told == [made]
    assert (made["name"], made["role"], made["mounts"]) == ("panel", "operate", [])
    lasts = (datetime.datetime.fromisoformat(made["expires"].rstrip("Z")) -
             datetime.datetime.fromisoformat(made["created"].rstrip("Z")))
    assert lasts == datetime.timedelta(days=30)
    again = kept()
    assert may(again, token) == ["relay", "read", "operate"]
    assert [each["name"] for each in again.get("/api/v1/tokens")["items"]] == ["panel"]
    assert token not in again.ask("GET", "/api/v1/tokens")[0].text()
    assert again.does("DELETE", "/api/v1/tokens/panel") is None
    assert may(again, token) == 401
    assert again.get("/api/v1/tokens")["items"] == []
    again.refuses("DELETE", "/api/v1/tokens/panel", 404)
    for floe in (api.floe, again.floe):
        assert token not in floe.stdout() + floe.stderr()


def test_a_token_that_cannot_be_is_not_made(kept):
    api = kept()
    api.does("POST", "/api/v1/tokens", {"name": "panel", "role": "read"})
    api.refuses("POST", "/api/v1/tokens", 409, {"name": "panel", "role": "operate"})
    assert "role" in api.refuses("POST", "/api/v1/tokens", 400, {"name": "x", "role": "root"})
    for wrong in ({"name": "x"}, {"role": "read"}, {"name": "a b", "role": "read"},
                  {"name": "", "role": "read"}, {"name": "x" * 65, "role": "read"},
                  {"name": "x", "role": "read", "mounts": ["live"]},
                  {"name": "x", "role": "read", "mounts": ["/live"] * 65},
                  {"name": "x", "role": "read", "days": 0},
                  {"name": "x", "role": "read", "days": 36_501},
                  {"name": "x", "role": "read", "token": "floe_mine"}):
        api.refuses("POST", "/api/v1/tokens", 400, wrong)
    assert [each["name"] for each in api.get("/api/v1/tokens")["items"]] == ["panel"]


def test_a_token_is_no_more_than_who_makes_it(kept):
    api = kept()
    panel = {"name": "panel", "role": "configure", "days": 7}
    token = api.does("POST", "/api/v1/tokens", panel)["token"]
    held = api.does("POST", "/api/v1/tokens", {"name": "held", "role": "configure",
                                               "mounts": ["/live"]})["token"]
    more = {"name": "more", "role": "configure"}
    operator = {"user": "operator", "password": "an-operators-secret"}
    for login in (bearer(held), operator):
        for method, path in (("GET", "tokens"), ("POST", "tokens"), ("DELETE", "tokens/panel")):
            for of_mount_too in ("", "?mount=/live"):
                body = more if method == "POST" else None
                api.refuses(method, f"/api/v1/{path}{of_mount_too}", 403, body, **login)
    for lasts in ({}, {"days": 8}):
        assert "lasts longer" in api.refuses("POST", "/api/v1/tokens", 403, {**more, **lasts},
                                             **bearer(token))
    reply, made = api.ask("POST", "/api/v1/tokens", {**more, "days": 6}, **bearer(token))
    assert (reply.status, may(api, made["token"])) == (
        201, ["relay", "read", "operate", "configure"])
    assert {each["name"] for each in api.get("/api/v1/tokens")["items"]} == {
        "panel", "held", "more"}


def test_a_token_that_cannot_be_kept_is_not_made_and_the_file_not_told(kept, tmp_path):
    api = kept()
    state = tmp_path / "state"
    state.rename(tmp_path / "elsewhere")
    state.write_text("no folder", encoding="utf-8")
    said = api.refuses("POST", "/api/v1/tokens", 503, {"name": "panel", "role": "read"})
    assert str(tmp_path) not in said
    api.floe.says("tokens.json")
    assert api.get("/api/v1/tokens")["items"] == []
    state.unlink()
    (tmp_path / "elsewhere").rename(state)
    api.does("POST", "/api/v1/tokens", {"name": "panel", "role": "read"})


# ---- is it well, does it take newcomers ----
def test_it_is_alive_and_ready(api):
    assert api.get("/healthz") == {"status": "ok"}
    assert api.get("/readyz") == {"status": "ready", "reasons": []}


def test_who_is_full_is_not_ready_and_alive(make_floe):
    floe = make_floe({"limits": {"listeners": 1}})
    api = Api(floe)
    with Encoder(floe, "/live").play():
        eventually(lambda: "/live" in floe.mounts())
        with Listener(floe, "/live"):
            def is_full():
                reply, said = api.ask("GET", "/readyz")
                return reply.status == 503 and said
            assert "as many listeners" in eventually(is_full)["reasons"][0]
            assert api.get("/healthz") == {"status": "ok"}
        eventually(lambda: api.ask("GET", "/readyz")[0].status == 200)
    floe.stop()


def test_before_a_stop_it_is_not_ready_for_a_while_and_all_goes_on(make_floe):
    floe = make_floe({"server": {"drain": "60s"}})
    api = Api(floe)
    with Encoder(floe, "/live").play():
        eventually(lambda: "/live" in floe.mounts())
        with Listener(floe, "/live") as listener:
            floe.signal(signal.SIGTERM)
            said = eventually(lambda: api.ask("GET", "/readyz")[0].status == 503 and
                              api.ask("GET", "/readyz")[1])
            assert said == {"status": "not ready", "reasons": ["the server is about to stop"]}
            assert api.get("/healthz") == {"status": "ok"}
            assert api.get("/api/v1/server")["is_draining"]
            listener.hears_seconds(1)
            with Listener(floe, "/live") as newcomer:
                newcomer.hears_seconds(1)
            assert floe.process.poll() is None
            floe.stop()  # asked a second time, at once


def test_after_that_while_it_stops(make_floe):
    floe = make_floe({"server": {"drain": "500ms"}})
    begun = time.monotonic()
    floe.signal(signal.SIGTERM)
    assert floe.process.wait(PATIENCE_S) == 0
    assert time.monotonic() - begun >= 0.5
    assert "drained: stopping" in floe.stderr()
