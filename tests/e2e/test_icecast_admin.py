# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""The same requests to icecast2 and to Floe in the same situation. What differs in the answers is
listed here, each with its reason; a difference that is not listed fails, and so does one that is
listed and is none any more."""
import contextlib
import json
import re
import xml.etree.ElementTree as etree

import pytest

from studio.encoder import Encoder
from studio.ffmpeg import FfmpegEncoder
from studio.icecast import RELAY_PASSWORD, Icecast
from studio.listener import Listener
from studio.server import ADMIN_PASSWORD, SOURCE_PASSWORD, Floe, basic
from studio.waiting import eventually

# What must be the same to the letter where it occurs on both sides; the rest goes by time, port
# and address, or is who answers.
SAME_TEXTS = {"message", "return", "listeners", "Listeners", "listener_peak", "max_listeners",
              "public", "server_name", "server_description", "server_type", "genre", "title",
              "fallback", "content-type", "IP", "UserAgent", "current_source", "sources",
              "source_client_connections", "source_relay_connections", "source_total_connections",
              "file_connections", "slow_listeners", "location", "admin", "host", "source_ip",
              "user_agent"}

STATS = {"stats", "stats.xml", "stats of one"}
ERRORS = {"stats of none", "listclients of none", "no mount", "metadata without mode",
          "metadata of none", "fallbacks without", "fallbacks of none", "move to none",
          "move to itself", "killclient without id", "killsource of none", "buildm3u without",
          "unknown", "unknown without login", "admin.cgi"}
OF_25 = "Icecast 2.5 has that as well"
# What differs, in which requests, and why.
EXPECTED = [
    ("type: text/html -> text/plain", ERRORS,
     "a refusal is plain text: its status and its message say all there is"),
    ("status: 400 -> 404", {"stats of none", "listclients of none", "metadata of none",
                            "fallbacks of none", "killsource of none"},
     "a mount that is not there is 404, as in Icecast 2.5"),
    ("message: Unknown admin request -> say the mount: mount=/...", {"no mount"},
     "it says what is missing"),
    ("message: Missing parameter -> mode=updinfo is the only mode here",
     {"metadata without mode"}, "it says what may be there"),
    ("status: 200 -> 400", {"metadata of another mode"},
     "Icecast answers that nothing was done with 200"),
    ("message: missing pass parameter -> mode= is updinfo, viewxml, viewjson, kicksrc or kickdst",
     {"admin.cgi"}, "titles are not all that is answered there"),
    ("message: You need to authenticate -> you need to log in for this",
     {"stats without login", "stats with a wrong one"}, "our words"),
    ("message: You need to authenticate -> your login does not allow this", {"stats of a relay"},
     "whoever has logged in is told that another login is wanted"),
    ("type: text/xml -> text/html", {"stats page", "listmounts page", "listclients page",
                                     "admin page", "status page", "version page"},
     "Icecast's XSLT writes XHTML, and calls it XML"),
    ("status: 401 -> 403", {"stats of a relay"}, "the same"),
    ("status: 200 -> 403", {"listclients of its source"},
     "whoever may feed a mount is not shown who listens; titles are all that a source may tell"),
    ("status: 400 -> 200", {"POST", "HEAD"}, "forms may be posted, as in Icecast 2.5"),
    ("type: text/html -> text/xml", {"fallbacks"}, "it is answered as all other actions are"),
    ("with iceresponse", {"fallbacks"}, "the same"),
    ("with iceresponse/message", {"fallbacks"}, "the same"),
    ("with iceresponse/return", {"fallbacks"}, "the same"),
    ("with icestats/source/listener@id", {"listclients", "listclients of the moved"}, OF_25),
    ("with icestats/instance_uuid", STATS, OF_25),
    ("with icestats/source/instance_uuid", STATS, OF_25),
    ("with icestats/source/listener_connections", STATS, OF_25),
    ("with icestats/source/display-title", STATS, OF_25),
    ("with icestats/source/subtype", STATS, "Icecast has it of Ogg alone"),
    ("with icestats/source/audio_bitrate", STATS, "Icecast has it of Ogg alone"),
    ("with icestats/source/audio_channels", STATS, "Icecast has it of Ogg alone"),
    ("with icestats/source/audio_samplerate", STATS, "Icecast has it of Ogg alone"),
]


class Answer:
    """What of a reply is compared."""

    def __init__(self, raw):
        head, _, body = raw.partition(b"\r\n\r\n")
        self.status = int(head.split(b" ", 2)[1])
        found = re.search(rb"(?im)^content-type:\s*([^;\r]*)", head)
        self.type = found.group(1).decode().strip().lower() if found else ""
        self.body = body.decode("utf-8")
        self.paths, self.texts = [], {}
        is_page = "<html" in self.body
        if self.status != 200:
            said = re.search(r"<b>\d+ - (.*)</b>", self.body)
            self.texts["message"] = [said.group(1) if said else self.body.strip()]
        elif self.type == "text/xml" and body and not is_page:
            self._walk(etree.fromstring(body), "")
        elif self.type == "application/json":
            self._walk_json(json.loads(body), "")

    def _note(self, path):
        if path not in self.paths:
            self.paths.append(path)

    def _walk(self, element, above):
        path = f"{above}{element.tag}"
        self._note(path)
        for name in element.keys():
            self._note(f"{path}@{name}")
        if element.tag in SAME_TEXTS:
            self.texts.setdefault(path, []).append(element.text or "")
        for child in element:
            self._walk(child, path + "/")

    def _walk_json(self, value, path):
        for each in value if isinstance(value, list) else [value]:
            if not isinstance(each, dict):
                continue
            for name, below in each.items():
                self._note(f"{path}/{name}")
                self._walk_json(below, f"{path}/{name}")


def differences(icecast, floe):
    found = []
    if icecast.status != floe.status:
        found.append(f"status: {icecast.status} -> {floe.status}")
    if 200 in (icecast.status, floe.status) and found:
        return found  # one refuses what the other does
    if icecast.type != floe.type:
        found.append(f"type: {icecast.type} -> {floe.type}")
    found += [f"without {path}" for path in icecast.paths if path not in floe.paths]
    found += [f"with {path}" for path in floe.paths if path not in icecast.paths]
    common = [[path for path in one.paths if path in other.paths]
              for one, other in ((icecast, floe), (floe, icecast))]
    if common[0] != common[1]:
        found.append(f"order: {common[0]} -> {common[1]}")
    for path, texts in icecast.texts.items():
        # Listeners are listed by shard, not in the order in which they came.
        if path in floe.texts and sorted(floe.texts[path]) != sorted(texts):
            found.append(f"{path}: {', '.join(texts)} -> {', '.join(floe.texts[path])}")
    return found


def ask(server, path, *, method="GET", user="admin", password=ADMIN_PASSWORD):
    lines = [f"{method} {path} HTTP/1.0", f"Host: localhost:{server.port}"]
    if user:
        lines.append("Authorization: " + basic(user, password))
    with server.line() as line:
        line.say("\r\n".join(lines) + "\r\n\r\n")
        return line.rest()


class Both:
    """Both servers in the same situation: two sources, one of them a real encoder, two players on
    that one, and a title."""

    def __init__(self, stage, icecast, floe):
        self.servers = (icecast, floe)
        self.found = {}
        for server in self.servers:
            ffmpeg = FfmpegEncoder(server.port, "/live")
            stage.callback(ffmpeg.kill)
            stage.enter_context(Encoder(server, "/two", method="SOURCE")).play()
            eventually(lambda server=server: self.mounts(server) == {"/live", "/two"})
        for server in self.servers:
            for agent in ("player/1", "player/2"):
                player = Listener(server, "/live", headers=[f"User-Agent: {agent}"])
                stage.enter_context(player).hears_bytes(1)
            ask(server, "/admin/metadata?mode=updinfo&mount=/live&song=A%20-%20B")
            eventually(lambda server=server: len(self.listeners(server)) == 2 and
                       b"<title>A - B</title>" in ask(server, "/admin/stats") and
                       b"<total_bytes_read>" in ask(server, "/admin/stats"))

    @staticmethod
    def mounts(server):
        body = ask(server, "/admin/listmounts").partition(b"\r\n\r\n")[2]
        return {each.get("mount") for each in etree.fromstring(body).iter("source")}

    @staticmethod
    def listeners(server, mount="/live"):
        body = ask(server, f"/admin/listclients?mount={mount}").partition(b"\r\n\r\n")[2]
        return [each.findtext("ID") for each in etree.fromstring(body).iter("listener")]

    def compare(self, name, path, **how):
        paths = path if isinstance(path, tuple) else (path, path)
        answers = [Answer(ask(server, each, **how))
                   for server, each in zip(self.servers, paths)]
        for difference in differences(*answers):
            self.found.setdefault(difference, set()).add(name)


@pytest.fixture
def both(tmp_path):
    with contextlib.ExitStack() as stage:
        icecast = stage.enter_context(Icecast())
        floe = Floe(tmp_path, {"server": {"hostname": "localhost"},
                               "auth": {"relay_password": RELAY_PASSWORD},
                               "mount_defaults": {"linger": "0s"}})
        stage.callback(floe.stop)
        yield Both(stage, icecast, floe)


READS = {
    "stats": "/admin/stats",
    "stats.xml": "/admin/stats.xml",
    "stats of one": "/admin/stats?mount=/live",
    "stats of none": "/admin/stats?mount=/none",
    "listmounts": "/admin/listmounts",
    "streamlist": "/admin/streamlist",
    "listclients": "/admin/listclients?mount=/live",
    "listclients of nobody": "/admin/listclients?mount=/two",
    "listclients of none": "/admin/listclients?mount=/none",
    "no mount": "/admin/listclients",
    "metadata": "/admin/metadata?mode=updinfo&mount=/live&song=A%20-%20B",
    "metadata of another mode": "/admin/metadata?mode=other&mount=/live&song=x",
    "metadata without mode": "/admin/metadata?mount=/live&song=x",
    "metadata of none": "/admin/metadata?mode=updinfo&mount=/none&song=x",
    "metadata form": "/admin/updatemetadata?mount=/live",
    "fallbacks without": "/admin/fallbacks?mount=/live",
    "fallbacks of none": "/admin/fallbacks?mount=/none&fallback=/two",
    "where to move": "/admin/moveclients?mount=/live",
    "move to none": "/admin/moveclients?mount=/live&destination=/none",
    "move to itself": "/admin/moveclients?mount=/live&destination=/live",
    "killclient without id": "/admin/killclient?mount=/live",
    "killclient of nobody": "/admin/killclient?mount=/live&id=99999",
    "killclient of no number": "/admin/killclient?mount=/live&id=x",
    "killsource of none": "/admin/killsource?mount=/none",
    "buildm3u": "/admin/buildm3u?mount=/live&username=a&password=b",
    "buildm3u without": "/admin/buildm3u?mount=/live",
    "unknown": "/admin/unknown",
    "admin.cgi": "/admin.cgi",
    "stats page": "/admin/stats.xsl",
    "listmounts page": "/admin/listmounts.xsl",
    "listclients page": "/admin/listclients.xsl?mount=/live",
    "admin page": "/admin/",
    "status page": "/status.xsl",
    "version page": "/server_version.xsl",
    "status-json": "/status-json.xsl",
    "m3u": "/live.m3u",
}


def test_floe_answers_as_icecast_does_but_for_what_is_listed(both):
    for name, path in READS.items():
        both.compare(name, path)
    both.compare("streamlist.txt", "/admin/streamlist.txt", user="relay", password=RELAY_PASSWORD)
    both.compare("stats without login", "/admin/stats", user=None)
    both.compare("stats with a wrong one", "/admin/stats", password="wrong")
    both.compare("stats of a relay", "/admin/stats", user="relay", password=RELAY_PASSWORD)
    both.compare("unknown without login", "/admin/unknown", user=None)
    source = {"user": "source", "password": SOURCE_PASSWORD}
    both.compare("metadata of its source", READS["metadata"], **source)
    both.compare("listclients of its source", "/admin/listclients?mount=/live", **source)
    both.compare("POST", "/admin/stats", method="POST")
    both.compare("HEAD", "/admin/stats", method="HEAD")
    # What changes something, in an order in which both can follow.
    both.compare("fallbacks", "/admin/fallbacks?mount=/two&fallback=/live")
    both.compare("listmounts with a fallback", "/admin/listmounts")
    both.compare("moveclients", "/admin/moveclients?mount=/live&destination=/two")
    for server in both.servers:
        eventually(lambda server=server: len(both.listeners(server, "/two")) == 2)
    both.compare("listclients of the moved", "/admin/listclients?mount=/two")
    killed = [re.sub("^", "/admin/killclient?mount=/two&id=", both.listeners(server, "/two")[0])
              for server in both.servers]
    numbers = [path.rpartition("=")[2] for path in killed]
    both.compare("killclient", tuple(killed))
    both.found.pop(f"iceresponse/message: Client {numbers[0]} removed -> "
                   f"Client {numbers[1]} removed", None)
    both.compare("killsource", "/admin/killsource?mount=/live")
    assert both.found == {difference: requests for difference, requests, _ in EXPECTED}


def test_who_follows_the_statistics_is_told_of_the_same_names(both):
    def names_of(server):
        with server.line() as line:
            line.say("STATS / HTTP/1.0\r\nAuthorization: " + basic("admin", ADMIN_PASSWORD)
                     + "\r\n\r\n")
            assert line.head().text == "HTTP/1.0 200 OK\r\n\r\n"
            lines = line.until(b"EVENT /two user_agent").decode().splitlines()
        return {tuple(each.split(" ")[1:3]) for each in lines if each.startswith("EVENT ")}

    icecast, floe = (names_of(server) for server in both.servers)
    # A name that Icecast takes back with its own beginning is none.
    missing = {name for name in icecast - floe if name[1] != "null"}
    assert missing == set()
