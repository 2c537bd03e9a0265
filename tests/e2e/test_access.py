# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Who may do what: every path of the server's own, asked for by everybody."""
import base64
import dataclasses
import subprocess

import pytest

from studio import binaries, swap
from studio.encoder import Encoder
from studio.listener import Listener
from studio.server import ADMIN_PASSWORD, SOURCE_PASSWORD, basic, environment_with
from studio.waiting import PATIENCE_S, eventually
from studio.wire import Line

RELAY_PASSWORD = "a-passed-on-secret"
MOUNT, OTHER, CLOSED = "/live", "/other", "/closed"

# Every path of the server's own, and what somebody must be allowed for it. A path that is new, or
# needs something else than before, is written down here on purpose.
CALLS = {
    "dashboard": "read", "dumpfilecontrol": "operate", "fallbacks": "operate",
    "killclient": "operate", "killsource": "operate", "listclients": "read", "listmounts": "read",
    "listensocketlist": "read", "manageauth": "configure", "marklog": "operate",
    "metadata": "tell", "moveclients": "operate", "publicstats": "nothing",
    "reloadconfig": "configure", "showlog": "read", "stats": "read", "streamlist": "relay",
    "updatemetadata": "tell", "version": "read",
}
NEEDS = {
    **{f"/admin/{call}{form}": need for call, need in CALLS.items()
       for form in ("", ".json", ".xsl")},
    "/": "nothing",
    "/7.html": "nothing",
    "/admin.cgi": "nothing",  # its login is a field
    "/admin/": "nothing",
    "/admin/buildm3u": "read",
    "/admin/eventfeed": "read",
    "/admin/explain": "read",
    "/admin/stats.xml": "read",
    "/admin/streamlist.txt": "relay",
    "/api/": "nothing",  # each of its operations says what it needs
    "/api/v1/events": "read",
    "/currentsong": "nothing",
    "/health": "nothing",
    "/healthz": "nothing",
    "/metrics": "nothing",  # for addresses that need no login; see test_metrics
    "/played": "nothing",
    "/readyz": "nothing",
    "/server_version.xsl": "nothing",
    "/statistics": "nothing",
    "/stats": "nothing",
    "/status-json.xsl": "nothing",
    "/status.xsl": "nothing",
    "STATS": "read",
}
# Those that are about the mount that is named. The others are about the server as a whole, and of
# no use to who is held to some mounts.
OF_A_MOUNT = {f"/admin/{call}{form}" for form in ("", ".json", ".xsl")
              for call in ("dumpfilecontrol", "fallbacks", "killclient", "killsource",
                           "listclients", "manageauth", "metadata", "moveclients", "stats",
                           "updatemetadata")}
OF_A_MOUNT |= {"/admin/buildm3u", "/admin/eventfeed", "/admin/explain", "/admin/stats.xml",
               "/api/v1/events"}
# Those that see to it themselves: what everybody is told who does not say what it is about, and
# what somebody must be allowed.
OWN_ANSWERS = {"/admin.cgi": 400}
OWN_NEEDS = {"/admin/": "read"}

ROLES = ("source", "relay", "read", "operate", "configure")
MAY = {
    "feed": {"source"},
    "tell": {"source", "operate", "configure"},
    "listen": {"relay", "read", "operate", "configure"},
    "relay": {"relay", "read", "operate", "configure"},
    "read": {"read", "operate", "configure"},
    "operate": {"operate", "configure"},
    "configure": {"configure"},
}


@dataclasses.dataclass(frozen=True)
class Somebody:
    name: str
    role: str = ""  # none: not known here
    header: str = ""
    mounts: tuple = ()

    def expected(self, need, mount):
        """401, 403, or None for what the answer itself says."""
        if need == "nothing":
            return None
        if not self.role:
            return 401
        is_theirs = not self.mounts or mount in self.mounts
        return None if self.role in MAY[need] and is_theirs else 403


@dataclasses.dataclass(frozen=True)
class Endpoint:
    methods: tuple
    need: str
    changes: bool
    path: str


def endpoints():
    said = subprocess.run([binaries.floe(), "endpoints"], capture_output=True, text=True,
                          timeout=PATIENCE_S, check=True, env=environment_with({})).stdout
    rows = [line.split(" ", 3) for line in said.splitlines()]
    return [Endpoint(tuple(methods.split(",")), need, changes == "changes", path)
            for methods, need, changes, path in rows]


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    users = tmp_path_factory.mktemp("users") / "listeners"
    # "secret word", as htpasswd -s writes it
    users.write_text("# who may listen\nann:{SHA}PDUC6jG3V40qqE4XqHRFLkyoMVM=\n", encoding="utf-8")
    named = {role: {"role": role, "password": f"a-{role}-secret"} for role in ROLES}
    held = {f"{role}-of-other": {"role": role, "password": f"another-{role}-secret",
                                 "mounts": [OTHER]} for role in ROLES}
    own = {f"bearer-{role}": {"role": role, "token": f"a-{role}-token"} for role in ROLES}
    return {"auth": {"relay_password": RELAY_PASSWORD},
            "limits": {"request_rate": 0},
            "mount": {CLOSED: {"listener_users": str(users)}},
            "user": {"dj-" + name if name == "source" else name: keys
                     for name, keys in {**named, **held, **own}.items() if name != "relay"}}


def token_of(floe, name, role, *words):
    said = swap.command(floe, "token", "add", name, "--role", role, *words)
    assert said.returncode == 0, said.stderr
    return said.stdout.strip()


@pytest.fixture(scope="module")
def everybody(floe, settings):
    people = [
        Somebody("nobody"),
        Somebody("who guesses", header=basic("admin", "a-guess")),
        Somebody("who has no such name", header=basic("root", ADMIN_PASSWORD)),
        Somebody("who guesses a token", header="Bearer floe_" + "0" * 64),
        Somebody("admin", "configure", basic("admin", ADMIN_PASSWORD)),
        Somebody("relay", "relay", basic("relay", RELAY_PASSWORD)),
        Somebody("source", "source", basic("source", SOURCE_PASSWORD)),
        Somebody("source without a name", "source",
                 "Basic " + base64.b64encode(SOURCE_PASSWORD.encode()).decode()),
    ]
    for name, keys in settings["user"].items():
        header = basic(name, keys["password"]) if "password" in keys else "Bearer " + keys["token"]
        people.append(Somebody(name, keys["role"], header, tuple(keys.get("mounts", ()))))
    for role in ROLES:
        token = token_of(floe, f"for-{role}", role)
        people.append(Somebody(f"token for {role}", role, "Bearer " + token))
        people.append(Somebody(f"token for {role} as a password", role, basic("any", token)))
        token = token_of(floe, f"for-{role}-of-other", role, "--mount", OTHER)
        people.append(Somebody(f"token for {role} of {OTHER}", role, "Bearer " + token, (OTHER,)))
    return people


def status_of(floe, method, path, *headers):
    """Of the head alone: some answers never end."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{floe.port}", *headers]
    if method not in ("GET", "HEAD", "STATS"):
        lines.append("Content-Length: 0")
    with Line(floe.port) as line:
        line.say("\r\n".join(lines) + "\r\n\r\n")
        return line.head().status


def login(who):
    return [f"Authorization: {who.header}"] if who.header else []


# ---- the matrix ----

def test_every_path_of_the_server_is_known_here_with_what_it_needs():
    assert {each.path: each.need for each in endpoints()} == NEEDS


def test_what_changes_something_needs_somebody():
    """What is open to everybody changes nothing, but where the answer itself asks for a login."""
    for each in endpoints():
        assert each.need != "nothing" or not each.changes or each.path in OWN_ANSWERS, each


def ask_by_each_method(floe, who, endpoint, mount, expected):
    """`expected`: 401, 403, or None for what the answer itself says."""
    for method in endpoint.methods:
        path = "/" if method == "STATS" else endpoint.path
        status = status_of(floe, method, f"{path}?mount={mount}", *login(who))
        about = (who.name, method, endpoint.path, status)
        if expected is not None:
            assert status == expected, about
        elif endpoint.path in OWN_ANSWERS:
            assert status == OWN_ANSWERS[endpoint.path], about
        else:
            assert status not in (401, 403, 405, 429, 500), about


@pytest.mark.parametrize("endpoint", endpoints(), ids=lambda each: each.path)
def test_a_path_is_for_those_who_may_and_for_nobody_else(floe, everybody, endpoint):
    for who in everybody:
        expected = who.expected(OWN_NEEDS.get(endpoint.path, endpoint.need), MOUNT)
        ask_by_each_method(floe, who, endpoint, MOUNT, expected)


@pytest.mark.parametrize("endpoint", [each for each in endpoints() if each.need != "nothing"],
                         ids=lambda each: each.path)
def test_who_names_a_mount_of_theirs_is_let_in_to_what_is_about_it_alone(floe, everybody, endpoint):
    for who in filter(lambda who: who.mounts, everybody):
        expected = who.expected(endpoint.need, OTHER)
        if endpoint.path not in OF_A_MOUNT:
            expected = 403
        ask_by_each_method(floe, who, endpoint, OTHER, expected)


def test_listeners_are_moved_by_who_may_operate_both_mounts(floe, everybody):
    with Encoder(floe, MOUNT), Encoder(floe, OTHER):
        for who in everybody:
            expected = who.expected("operate", MOUNT)
            status = status_of(floe, "GET", f"/admin/moveclients?mount={OTHER}&destination={MOUNT}",
                               *login(who))
            assert status == (expected or 200), (who.name, status)


@pytest.mark.parametrize("endpoint", [each for each in endpoints() if each.changes],
                         ids=lambda each: each.path)
@pytest.mark.parametrize("header", ["Origin: http://elsewhere.example", "Origin: null",
                                    "Sec-Fetch-Site: cross-site"])
def test_a_page_of_another_site_changes_nothing_whoever_looks_at_it(floe, endpoint, header):
    for method in endpoint.methods:
        assert status_of(floe, method, f"{endpoint.path}?mount={MOUNT}", header,
                         "Authorization: " + basic("admin", ADMIN_PASSWORD)) == 403


def test_a_mount_is_fed_by_its_sources_alone(floe, everybody):
    for who in everybody:
        for method in ("PUT", "SOURCE"):
            with Line(floe.port) as line:
                head = [f"{method} {MOUNT} HTTP/1.1", "Content-Type: audio/mpeg", *login(who)]
                line.say("\r\n".join(head + ["Expect: 100-continue"]) + "\r\n\r\n")
                status = line.head().status
            expected = who.expected("feed", MOUNT) or (100 if method == "PUT" else 200)
            if status == 409:  # the one before has not quite left
                eventually(lambda: MOUNT not in floe.mounts() or True)
                status = status_after_others(floe, method, who)
            assert status == expected, (who.name, method, status)


def status_after_others(floe, method, who):
    def ask():
        with Line(floe.port) as line:
            head = [f"{method} {MOUNT} HTTP/1.1", "Content-Type: audio/mpeg", *login(who)]
            line.say("\r\n".join(head + ["Expect: 100-continue"]) + "\r\n\r\n")
            status = line.head().status
        return None if status == 409 else status
    return eventually(ask)


def test_a_mount_is_removed_by_its_sources_and_operators_alone(floe, everybody):
    for who in everybody:
        expected = who.expected("tell", "/nothing-there") or 404
        if who.mounts:
            expected = 403
        assert status_of(floe, "DELETE", "/nothing-there", *login(who)) == expected, who.name


def test_a_closed_mount_is_heard_by_those_who_may_and_by_its_listeners(floe, everybody):
    with Encoder(floe, CLOSED).play():
        eventually(lambda: CLOSED in floe.mounts())
        for who in everybody:
            expected = who.expected("listen", CLOSED) or 200
            assert status_of(floe, "HEAD", CLOSED, *login(who)) == expected, who.name
            assert status_of(floe, "GET", CLOSED, *login(who)) == expected, who.name
        assert status_of(floe, "GET", CLOSED, "Authorization: " +
                         basic("ann", "secret word")) == 200
        assert status_of(floe, "GET", CLOSED + "?user=ann&pass=secret+word") == 200
        assert status_of(floe, "GET", CLOSED + "?user=ann&pass=secret+words") == 401
        assert status_of(floe, "GET", CLOSED + "?user=ann") == 401
        refused = floe.ask("GET", CLOSED)
        assert refused.get("WWW-Authenticate") == 'Basic realm="Floe"'
        for _ in range(2):
            assert status_of(floe, "GET", CLOSED, "Authorization: " + basic("bob", "word")) == 401
        assert "secret" not in floe.stdout(), "a login in the access log"


def test_who_may_listen_is_read_again_when_its_file_changes(make_floe, tmp_path):
    users = tmp_path / "listeners"
    users.write_text("", encoding="utf-8")
    floe = make_floe({"mount": {CLOSED: {"listener_users": str(users)}}})
    with Encoder(floe, CLOSED).play():
        eventually(lambda: CLOSED in floe.mounts())
        bob = "Authorization: " + basic("bob", "secret word")
        assert status_of(floe, "HEAD", CLOSED, bob) == 401
        users.write_text("bob:$apr1$abcdefgh$sAT51V/DnRGRtxDJCf7lm/\n", encoding="utf-8")
        eventually(lambda: status_of(floe, "HEAD", CLOSED, bob) == 200)
        users.unlink()
        eventually(lambda: status_of(floe, "HEAD", CLOSED, bob) == 401)
        floe.says("listener_users")


def test_who_has_a_name_of_their_own_feeds_over_shoutcast_as_well(floe):
    for line_of in ("dj-source:a-source-secret", f"/shout:{SOURCE_PASSWORD}"):
        with Line(floe.port) as line:
            line.say(line_of + "\r\n")
            assert line.until(b"\r\n\r\n").startswith(b"OK2"), line_of
    for line_of in ("read:a-read-secret", "dj-source:a-guess", "admin:" + ADMIN_PASSWORD):
        with Line(floe.port) as line:
            line.say(line_of + "\r\n")
            assert line.until(b"\r\n").startswith(b"invalid password"), line_of


# ---- tokens ----

def test_a_token_is_good_from_when_it_is_made_until_it_is_removed(make_floe):
    floe = make_floe()
    token = token_of(floe, "panel", "configure", "--days", "30")
    bearer = "Authorization: Bearer " + token
    assert status_of(floe, "POST", "/admin/reloadconfig", bearer) == 200
    kept = floe.folder / "state" / "tokens.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert token not in kept.read_text(encoding="utf-8")
    assert swap.command(floe, "token", "add", "panel", "--role", "read").returncode == 1
    assert swap.command(floe, "token", "add", "other", "--role", "root").returncode == 1
    assert swap.command(floe, "token", "list").stdout == "panel configure\n"
    swap.swap(floe)
    assert status_of(floe, "POST", "/admin/reloadconfig", bearer) == 200
    assert swap.command(floe, "token", "remove", "panel").returncode == 0
    assert status_of(floe, "POST", "/admin/reloadconfig", bearer) == 401
    assert swap.command(floe, "token", "remove", "panel").returncode == 1
    assert token not in floe.stderr() + floe.stdout()


# ---- floe passwd ----

@pytest.mark.parametrize("method", ["argon2id", "bcrypt", "yescrypt"])
def test_a_hash_that_floe_makes_lets_in_who_knows_the_password(make_floe, method):
    made = subprocess.run([binaries.floe(), "passwd", "--method", method, "--stdin"],
                          input="a word with blanks\n", capture_output=True, text=True,
                          timeout=PATIENCE_S, check=True, env=environment_with({})).stdout.strip()
    floe = make_floe({"auth": {"admin_password": made}})
    assert floe.ask("GET", f"/admin/explain?mount={MOUNT}", user="admin",
                    password="a word with blanks").status == 404
    for guess in ("a word with blank", "", made):
        assert floe.ask("GET", f"/admin/explain?mount={MOUNT}", user="admin",
                        password=guess).status == 401
