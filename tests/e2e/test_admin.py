# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Icecast's admin API and SHOUTcast's pages, as tools use them. What icecast2 itself answers is in
test_icecast_admin.py."""
import contextlib
import json
import re
import xml.etree.ElementTree as etree

import pytest

from studio import marked_mp3, swap
from studio.crowd import UNHARMED, Crowd
from studio.encoder import Encoder
from studio.server import ADMIN_PASSWORD, SOURCE_PASSWORD, basic
from studio.waiting import eventually

OTHER = 1_000_000  # where the other programme begins to count
CROWD = 2_000
USERS = "listeners.htpasswd"  # below where the server is started


@pytest.fixture(scope="module")
def settings():
    return {"fanout": {"interval": "100ms"},
            "mount_defaults": {"burst": "1s", "linger": "30s"},
            "server": {"shoutcast_mount": "/stream"},
            "mount": {"/hidden": {"hidden": True}, "/members": {"listener_users": USERS}}}


def ask(floe, path, method="GET", **how):
    return floe.ask(method, path, user="admin", password=ADMIN_PASSWORD, **how)


def xml(reply):
    assert reply.status == 200, reply.text()
    assert reply.get("Content-Type") == "text/xml; charset=utf-8"
    return etree.fromstring(reply.body)


def done(reply):
    answer = xml(reply)
    return answer.findtext("message"), answer.findtext("return")


def on_air(station, mount, **how):
    def takes_the_mount():  # once the source of the test before is gone
        encoder = station.encoder(mount, **how)
        return encoder if encoder.is_accepted else None
    encoder = eventually(takes_the_mount)
    encoder.send_seconds(0.5)
    return encoder.play()


def programmes(listener):
    return [begin // OTHER for begin, _ in marked_mp3.runs(bytes(listener.audio))]


def ids(floe, mount):
    answer = json.loads(ask(floe, f"/admin/listclients.json?mount={mount}").body)
    return [each["id"] for each in answer["icestats"]["source"][0]["listener"]]


# ---- lists ----
def test_listeners_are_listed_in_each_form_with_the_names_of_that_version(station, mount):
    on_air(station, mount)
    station.hear(mount, headers=["User-Agent: <player>", "Referer: http://page/"])
    page = f"/admin/listclients?mount={mount}"
    legacy = xml(ask(station.floe, page)).find("source/listener")
    assert [each.tag for each in legacy] == ["IP", "UserAgent", "Connected", "ID"]
    assert (legacy.findtext("IP"), legacy.findtext("UserAgent")) == ("127.0.0.1", "<player>")
    assert legacy.get("id") == legacy.findtext("ID")
    normal = xml(ask(station.floe, page + "&omode=normal")).find("source/listener")
    assert normal.findtext("useragent") == "<player>"
    assert normal.findtext("referer") == "http://page/"
    listed = json.loads(ask(station.floe, f"/admin/listclients.json?mount={mount}").body)
    source = listed["icestats"]["source"][0]
    assert (source["mount"], source["listeners"]) == (mount, 1)
    assert source["listener"][0]["ip"] == "127.0.0.1"
    html = ask(station.floe, f"/admin/listclients.xsl?mount={mount}")
    assert html.get("Content-Type") == "text/html; charset=utf-8"
    assert "&lt;player&gt;" in html.text() and html.text().endswith("</html>\n")
    shown = xml(ask(station.floe, f"/admin/stats?mount={mount}&show-listeners=1"))
    assert shown.findtext("source/listener/IP") == "127.0.0.1"


def test_a_long_list_is_whole_and_nobody_who_listens_notices(make_floe, settings):
    floe = make_floe({**settings, "fanout": {"interval": "1s"}, "limits": {"arena": "64MiB"}})
    with Encoder(floe, "/live") as encoder:
        encoder.send_seconds(2)
        encoder.play()
        with Crowd(floe, "/live", "--listeners", CROWD, *UNHARMED) as crowd:
            crowd.until_hearing(CROWD)
            listed = xml(ask(floe, "/admin/listclients?mount=/live"))
            assert listed.findtext("source/Listeners") == str(CROWD)
            assert len({each.findtext("ID") for each in listed.iter("listener")}) == CROWD
            assert len(ids(floe, "/live")) == CROWD
            page = ask(floe, "/admin/listclients.xsl?mount=/live").text()
            assert page.count("<tr>") == CROWD + 2
            crowd.send_away()
    floe.stop()


def test_sources_and_the_server_are_shown_with_counters_that_count(make_floe, settings):
    floe = make_floe(settings)
    with contextlib.ExitStack() as stage:
        before = xml(ask(floe, "/admin/stats"))
        stage.enter_context(Encoder(floe, "/live")).play()
        eventually(lambda: floe.mounts())
        now = xml(ask(floe, "/admin/stats"))
        for name, more in {"source_client_connections": 1, "source_total_connections": 1,
                           "source_relay_connections": 0, "sources": 1}.items():
            assert int(now.findtext(name)) - int(before.findtext(name)) == more, name
        assert int(now.findtext("connections")) >= int(before.findtext("connections")) + 2
        assert int(now.findtext("client_connections")) > int(before.findtext("client_connections"))
    floe.stop()


def test_everybody_may_read_what_is_public_and_nothing_hidden(station, mount):
    on_air(station, mount)
    on_air(station, "/hidden")
    public = json.loads(station.floe.ask("GET", "/admin/publicstats.json").body)["icestats"]
    assert mount in [each["mount"] for each in public["source"]]
    assert "/hidden" not in [each["mount"] for each in public["source"]]
    assert "source_ip" not in public["source"][0] and "clients" not in public
    for page in ("/status.xsl", "/server_version.xsl"):
        reply = station.floe.ask("GET", page)
        assert (reply.status, reply.get("Content-Type")) == (200, "text/html; charset=utf-8")
        assert "/hidden" not in reply.text()
    assert mount in station.floe.ask("GET", "/status.xsl").text()
    assert "/hidden" in ask(station.floe, "/admin/listmounts").text()


# ---- what is done ----
def test_moved_listeners_hear_the_other_mount_from_frame_to_frame(station, mount):
    there = f"{mount}-there"
    on_air(station, mount)
    on_air(station, there, first_frame=OTHER)
    first, second = station.hear(mount), station.hear(mount)
    for listener in (first, second):
        listener.hears_seconds(1)
    message, was_done = done(ask(station.floe, f"/admin/moveclients?mount={mount}&"
                                               f"destination={there}"))
    assert (message, was_done) == (f"Clients moved from {mount} to {there}", "1")
    for listener in (first, second):
        listener.until(lambda heard: programmes(heard) == [0, 1])
    eventually(lambda: ids(station.floe, mount) == [] and len(ids(station.floe, there)) == 2)


def test_one_listener_is_moved_and_the_other_goes_on(station, mount):
    there = f"{mount}-there"
    on_air(station, mount)
    on_air(station, there, first_frame=OTHER)
    goes = station.hear(mount)
    eventually(lambda: len(ids(station.floe, mount)) == 1)
    number = ids(station.floe, mount)[0]
    stays = station.hear(mount)
    for listener in (goes, stays):
        listener.hears_seconds(1)
    page = f"/admin/moveclients?mount={mount}&destination={there}&id="
    assert done(ask(station.floe, f"{page}{number}"))[1] == "1"
    goes.until(lambda heard: programmes(heard) == [0, 1])
    before = len(stays.audio)
    stays.hears_bytes(before + 32_000)
    assert programmes(stays) == [0]
    assert done(ask(station.floe, f"{page}{number}")) == (f"Client {number} not found", "0")


def test_nobody_is_moved_to_what_his_player_cannot_play(station, mount):
    on_air(station, mount)
    with station.encoder(f"{mount}.ogg", content_type="application/ogg"):
        listener = station.hear(mount)
        _, was_done = done(ask(station.floe, f"/admin/moveclients?mount={mount}&"
                                             f"destination={mount}.ogg"))
        assert was_done == "0"
        listener.hears_seconds(1)
    assert len(ids(station.floe, mount)) == 1


def test_a_listener_that_is_killed_is_closed_and_the_other_is_not(station, mount):
    on_air(station, mount)
    killed = station.hear(mount)
    eventually(lambda: len(ids(station.floe, mount)) == 1)
    number = ids(station.floe, mount)[0]
    other = station.hear(mount)
    page = f"/admin/killclient?mount={mount}&id={number}"
    assert done(ask(station.floe, page)) == (f"Client {number} removed", "1")
    killed.until(lambda heard: heard.is_closed)
    assert done(ask(station.floe, page)) == (f"Client {number} not found", "0")
    other.hears_seconds(1)


def test_a_source_that_is_killed_is_gone(station, mount):
    encoder = on_air(station, mount)
    assert done(ask(station.floe, f"/admin/killsource?mount={mount}")) == ("Source Removed", "1")
    eventually(lambda: mount not in station.floe.mounts())
    encoder.pause()


def test_a_fallback_that_is_set_holds_until_the_next_reload(station, mount):
    live = on_air(station, mount)
    on_air(station, f"{mount}-spare", first_frame=OTHER)
    listener = station.hear(mount)
    listener.hears_seconds(1)
    page = f"/admin/fallbacks?mount={mount}&fallback={mount}-spare"
    assert done(ask(station.floe, page)) == ("Fallback configured", "1")
    assert f"<fallback>{mount}-spare</fallback>" in ask(station.floe, "/admin/listmounts").text()
    live.crash()
    listener.until(lambda heard: programmes(heard) == [0, 1])
    assert done(ask(station.floe, "/admin/reloadconfig", "POST"))[1] == "1"
    assert ask(station.floe, f"/admin/fallbacks?mount={mount}").status == 400
    on_air(station, mount)
    assert f">{mount}-spare<" not in ask(station.floe, "/admin/listmounts").text()


# ---- who may ----
def test_what_changes_something_is_not_done_for_a_page_of_another_site(station, mount):
    on_air(station, mount)
    for header in ("Origin: http://evil.example", "Sec-Fetch-Site: cross-site"):
        for path in (f"/admin/killsource?mount={mount}", "/admin.cgi?mode=kicksrc&sid=1"):
            assert ask(station.floe, path, headers=[header]).status == 403
    assert mount in station.floe.mounts()


def test_in_strict_mode_what_changes_something_is_posted(station, mount):
    on_air(station, mount)
    path = f"/admin/killsource?mount={mount}&omode=strict"
    assert ask(station.floe, path).status == 405
    assert done(ask(station.floe, path, "POST", headers=["Content-Length: 0"]))[1] == "1"


def test_a_form_may_be_posted_by_the_page_that_shows_it(station, mount):
    on_air(station, mount)
    form = ask(station.floe, f"/admin/updatemetadata.xsl?mount={mount}").text()
    assert 'method="post" action="/admin/metadata.xsl"' in form
    reply = ask(station.floe, "/admin/metadata.xsl", "POST",
                headers=["Content-Type: application/x-www-form-urlencoded"],
                body=f"mode=updinfo&mount={mount}&song=Posted&charset=UTF-8".encode())
    assert reply.status == 200 and "Metadata update successful" in reply.text()
    assert station.floe.mounts()[mount]["title"] == "Posted"


# ---- STATS ----
class Follower:
    def __init__(self, floe):
        self.line = floe.line()
        self.line.say("STATS / HTTP/1.0\r\nAuthorization: "
                      + basic("admin", ADMIN_PASSWORD) + "\r\n\r\n")
        assert self.line.head().text == "HTTP/1.0 200 OK\r\n\r\n"

    def hears(self, text):
        while text not in self.line.pending.decode():
            more = self.line.receive()
            assert more, f"{text!r} was not said: {self.line.pending!r}"
            self.line.pending += more


def test_statistics_are_followed_as_they_change(station, mount):
    assert station.floe.ask("STATS", "/").status == 401
    follower = Follower(station.floe)
    follower.hears("EVENT global server_id Floe/")
    encoder = on_air(station, mount)
    follower.hears(f"EVENT {mount} listeners 0\n")
    station.hear(mount)
    follower.hears(f"EVENT {mount} listeners 1\n")
    station.floe.set_title(mount, song="A - B")
    follower.hears(f"EVENT {mount} title A - B\n")
    encoder.leave()
    follower.hears(f"EVENT {mount} null null\n")
    assert int(xml(ask(station.floe, "/admin/stats")).findtext("stats")) == 1
    follower.line.close()
    eventually(lambda: xml(ask(station.floe, "/admin/stats")).findtext("stats") == "0")


def test_who_follows_the_statistics_is_sent_away_by_a_swap_and_by_a_stop(make_floe, settings):
    floe = make_floe(settings)
    first = Follower(floe)
    first.hears("EVENT global stats 1")
    swap.swap(floe)
    first.line.rest()
    second = Follower(floe)
    second.hears("EVENT global stats 1")
    floe.stop()
    second.line.rest()


# ---- SHOUTcast ----
def test_shoutcasts_pages_say_what_its_tools_look_for(station):
    floe = station.floe
    on_air(station, "/stream", headers=["ice-name: <Jazz>", "ice-bitrate: 128", "ice-genre: G"])
    station.hear("/stream")
    floe.set_title("/stream", song="A & B")
    eventually(lambda: len(ids(floe, "/stream")) == 1)
    seven = floe.ask("GET", "/7.html")
    assert re.fullmatch(r"<html><body>1,1,\d+,0,1,128,A &amp; B</body></html>", seven.text())
    stats = etree.fromstring(floe.ask("GET", "/stats?sid=1").body)
    assert stats.tag == "SHOUTCASTSERVER"
    assert [each.tag for each in stats][:5] == ["CURRENTLISTENERS", "PEAKLISTENERS",
                                                "MAXLISTENERS", "UNIQUELISTENERS", "AVERAGETIME"]
    assert (stats.findtext("SERVERTITLE"), stats.findtext("STREAMPATH")) == ("<Jazz>", "/stream")
    found = json.loads(floe.ask("GET", "/stats?sid=1&json=1").body)
    assert (found["currentlisteners"], found["songtitle"]) == (1, "A & B")
    script = floe.ask("GET", "/stats?sid=1&json=1&callback=f").text()
    scripted = json.loads(script.removeprefix("f(").removesuffix(")"))
    assert scripted == {**found, "streamuptime": scripted["streamuptime"]}
    assert floe.ask("GET", "/stats?sid=1&json=1&callback=alert(1)").status == 400
    server = etree.fromstring(floe.ask("GET", "/statistics").body)
    assert server.find("STREAMSTATS/STREAM").get("id") == "1"
    assert json.loads(floe.ask("GET", "/statistics?json=1").body)["streams"][0]["id"] == "1"
    assert floe.ask("GET", "/currentsong?sid=1").text() == "A & B"
    assert floe.ask("GET", "/7.html?sid=99").text() == "<html><body>0,0,0,0,0,0,</body></html>"


def test_shoutcasts_admin_page_takes_the_password_as_a_field(station):
    floe = station.floe
    on_air(station, "/stream")
    listener = station.hear("/stream")
    eventually(lambda: len(ids(floe, "/stream")) == 1)
    page = f"/admin.cgi?sid=1&pass={ADMIN_PASSWORD}&mode="
    assert floe.ask("GET", "/admin.cgi?mode=viewxml").status == 401
    assert floe.ask("GET", f"/admin.cgi?mode=viewxml&pass={SOURCE_PASSWORD}").status == 401
    view = etree.fromstring(floe.ask("GET", page + "viewxml").body)
    assert view.findtext("CURRENTLISTENERS") == "1"
    assert view.findtext("LISTENERS/LISTENER/HOSTNAME") == "127.0.0.1"
    assert etree.fromstring(floe.ask("GET", page + "viewxml&page=1").body).find("LISTENERS") is None
    listed = json.loads(floe.ask("GET", page + "viewjson&page=3").body)
    number = listed["listeners"][0]["uid"]
    assert floe.ask("GET", f"{page}kickdst&kickdst={number}").status == 200
    listener.until(lambda heard: heard.is_closed)
    assert floe.ask("GET", page + "kicksrc").status == 200
    eventually(lambda: "/stream" not in floe.mounts())


def test_the_logs_newest_lines_are_shown(station, mount):
    assert done(ask(station.floe, "/admin/marklog", "POST")) == ("Logfiles marked", "1")
    eventually(lambda: "-- MARK --" in ask(station.floe, "/admin/showlog").text())
    station.floe.ask("GET", f"{mount}?password=a-fine-secret")
    eventually(lambda: f"GET {mount}?..." in
               ask(station.floe, "/admin/showlog.json?logfile=access").text())
    assert "a-fine-secret" not in ask(station.floe, "/admin/showlog?logfile=access").text()
    assert ask(station.floe, "/admin/showlog?logfile=other").status == 400


def test_the_users_of_a_mount_are_managed(make_floe, settings):
    floe = make_floe(settings)
    (floe.folder / USERS).touch()
    page = "/admin/manageauth?mount=/members&action="

    def users(reply):
        answer = xml(reply)
        return ([each.text for each in answer.findall("source/User/username")],
                answer.findtext("iceresponse/message"))
    assert users(ask(floe, page + "list")) == ([], None)
    add = page + "add&username=anna&password=long-enough"
    assert users(ask(floe, add)) == (["anna"], "User added")
    assert users(ask(floe, add)) == (["anna"], "User already exists - not added")
    assert "long-enough" not in (floe.folder / USERS).read_text(encoding="utf-8")
    assert ask(floe, page + "add&username=berta").status == 400
    assert users(ask(floe, page + "delete&username=anna")) == ([], "User deleted")
    assert ask(floe, "/admin/manageauth?mount=/open&action=list").status == 404
    floe.stop()


def test_what_played_is_told_with_its_time(station):
    floe = station.floe
    on_air(station, "/stream")
    for song in ("First & last", "Second"):
        floe.set_title("/stream", song=song)
        eventually(lambda song=song: json.loads(floe.ask(
            "GET", "/played?sid=1&type=json").body)[:1] and json.loads(floe.ask(
                "GET", "/played?sid=1&type=json").body)[0]["title"] == song)
    history = etree.fromstring(floe.ask("GET", "/played?sid=1&type=xml").body)
    songs = history.findall("SONGHISTORY/SONG")
    assert [song.findtext("TITLE") for song in songs][:2] == ["Second", "First & last"]
    assert int(songs[0].findtext("PLAYEDAT")) >= int(songs[1].findtext("PLAYEDAT"))
    assert "First &amp; last" in floe.ask("GET", "/played?sid=1").text()
    view = floe.ask("GET", f"/admin.cgi?sid=1&mode=viewxml&page=4&pass={ADMIN_PASSWORD}")
    assert etree.fromstring(view.body).findtext("SONGHISTORY/SONG/TITLE") == "Second"


def test_events_are_fed_at_icecasts_path_too(station, mount):
    assert station.floe.ask("GET", "/admin/eventfeed").status == 401
    with station.floe.line() as line:
        line.say(f"GET /admin/eventfeed?mount={mount} HTTP/1.1\r\nHost: x\r\nAuthorization: "
                 + basic("admin", ADMIN_PASSWORD) + "\r\n\r\n")
        head = line.head()
        assert (head.status, head.get("Content-Type")) == (200, "text/event-stream; charset=utf-8")
        on_air(station, mount)
        line.until(b'"source_up"')
