# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Who may do what below /api/v1: every operation of the document, asked for by everybody."""
import dataclasses

import pytest

from studio.api import Api
from studio.server import ADMIN_PASSWORD, SOURCE_PASSWORD, basic
from studio.wire import Line

RELAY_PASSWORD = "a-passed-on-secret"
MOUNT, OTHER = "/live", "/other"
ROLES = ("source", "relay", "read", "operate", "configure")

# What each operation answers to whom: "+" is what stands below "done", which is what it answers to
# this test's request when somebody may. About a mount: who is held to that one may as their role
# may, and who is held to another may not; about the server, who is held to any may not.
# An operation that is new, or needs something else than before, is written down here on purpose.
TABLE = """
                                        about  done nobody wrong source relay read operate configure
GET    /healthz                         server 200  +      +     +      +     +    +       +
GET    /readyz                          server 200  +      +     +      +     +    +       +
GET    /api/v1/openapi.json             server 200  +      +     +      +     +    +       +
GET    /api/v1/me                       mount  200  401    401   +      +     +    +       +
GET    /api/v1/server                   server 200  401    401   403    403   +    +       +
GET    /api/v1/endpoints                server 200  401    401   403    403   +    +       +
GET    /api/v1/events                   mount  200  401    401   403    403   +    +       +
GET    /api/v1/mounts                   server 200  401    401   403    403   +    +       +
GET    /api/v1/mounts/{mount}           mount  200  401    401   403    403   +    +       +
POST   /api/v1/mounts/{mount}/title     mount  409  401    401   +      403   403  +       +
PUT    /api/v1/mounts/{mount}/fallback  mount  200  401    401   403    403   403  +       +
POST   /api/v1/mounts/{mount}/move      mount  400  401    401   403    403   403  +       +
DELETE /api/v1/mounts/{mount}/source    mount  409  401    401   +      403   403  +       +
GET    /api/v1/listeners                mount  200  401    401   403    403   +    +       +
DELETE /api/v1/listeners/{id}           mount  404  401    401   403    403   403  +       +
GET    /api/v1/sources                  server 200  401    401   403    403   +    +       +
DELETE /api/v1/sources/{mount}          mount  409  401    401   +      403   403  +       +
GET    /api/v1/bans                     server 200  401    401   403    403   +    +       +
POST   /api/v1/bans                     server 201  401    401   403    403   403  +       +
DELETE /api/v1/bans/{network}           server 404  401    401   403    403   403  +       +
GET    /api/v1/tokens                   server 200  401    401   403    403   403  403     +
POST   /api/v1/tokens                   server 409  401    401   403    403   403  403     +
DELETE /api/v1/tokens/{name}            server 404  401    401   403    403   403  403     +
GET    /api/v1/relays                   server 200  401    401   403    403   +    +       +
GET    /api/v1/master                   server 404  401    401   403    403   +    +       +
GET    /api/v1/pushes                   server 200  401    401   403    403   +    +       +
GET    /api/v1/songs                    mount  200  401    401   403    403   +    +       +
GET    /api/v1/sessions                 mount  200  401    401   403    403   +    +       +
GET    /api/v1/listened                 mount  200  401    401   403    403   +    +       +
GET    /api/v1/config                   server 200  401    401   403    403   403  403     +
POST   /api/v1/reload                   server 200  401    401   403    403   403  403     +
"""
# What is asked for with a body; of {mount} the one that is asked about. Nothing comes of most.
BODIES = {
    "/api/v1/mounts/{mount}/title": lambda mount: {"title": "nobody hears it"},
    "/api/v1/mounts/{mount}/fallback": lambda mount: {"fallback": []},
    "/api/v1/mounts/{mount}/move": lambda mount: {"to": mount},
    "/api/v1/bans": lambda mount: {"network": "192.0.2.1"},
    "/api/v1/tokens": lambda mount: {"name": "for-read", "role": "read"},
}
NAMES = {"id": "999999", "network": "192.0.2.99", "name": "nobodys"}
# What the document says that somebody needs who may as the table says; "me" sees to it itself.
NEEDS = {
    ("+", "+", "+", "+", "+", "+", "+"): "nothing",
    ("401", "401", "+", "+", "+", "+", "+"): "nothing",
    ("401", "401", "+", "403", "403", "+", "+"): "tell",
    ("401", "401", "403", "403", "+", "+", "+"): "read",
    ("401", "401", "403", "403", "403", "+", "+"): "operate",
    ("401", "401", "403", "403", "403", "403", "+"): "configure",
}


@dataclasses.dataclass(frozen=True)
class Row:
    method: str
    path: str
    about: str
    done: int
    outcomes: dict  # by who: "nobody", "wrong", a role

    def expected(self, who, mount):
        """The status, when they name that mount."""
        outcome = self.outcomes[who.kind]
        if outcome != "+":
            return int(outcome)
        is_theirs = not who.held_to or (self.about == "mount" and mount == who.held_to)
        return self.done if is_theirs or self.outcomes["nobody"] == "+" else 403


def rows():
    header, *lines = TABLE.strip("\n").splitlines()
    kinds = header.split()[2:]
    for line in lines:
        method, path, about, done, *outcomes = line.split()
        yield Row(method, path, about, int(done), dict(zip(kinds, outcomes, strict=True)))


@dataclasses.dataclass(frozen=True)
class Somebody:
    name: str
    kind: str  # "nobody", "wrong", or a role
    header: str = ""
    held_to: str = ""


@pytest.fixture(scope="module")
def settings():
    named = {f"a-{role}": {"role": role, "password": f"a-{role}-secret"} for role in ROLES}
    held = {f"{role}-of-other": {"role": role, "password": f"another-{role}-secret",
                                 "mounts": [OTHER]} for role in ROLES}
    own = {f"bearer-{role}": {"role": role, "token": f"a-{role}-token"} for role in ROLES}
    return {"auth": {"relay_password": RELAY_PASSWORD}, "mount": {MOUNT: {}, OTHER: {}},
            "user": {**named, **held, **own}}


@pytest.fixture(scope="module")
def api(floe):
    return Api(floe)


def made_token(api, name, role, mounts=()):
    wish = {"name": name, "role": role, "mounts": list(mounts)}
    return "Bearer " + api.does("POST", "/api/v1/tokens", wish)["token"]


@pytest.fixture(scope="module")
def everybody(api, settings):
    people = [
        Somebody("nobody", "nobody"),
        Somebody("who guesses a password", "wrong", basic("admin", "a-guess")),
        Somebody("who has no such name", "wrong", basic("root", ADMIN_PASSWORD)),
        Somebody("who guesses a token", "wrong", "Bearer floe_" + "0" * 64),
        Somebody("whose token was ended", "wrong", made_token(api, "ended", "configure")),
        Somebody("source", "source", basic("source", SOURCE_PASSWORD)),
        Somebody("relay", "relay", basic("relay", RELAY_PASSWORD)),
        Somebody("admin", "configure", basic("admin", ADMIN_PASSWORD)),
    ]
    api.does("DELETE", "/api/v1/tokens/ended")
    for name, keys in settings["user"].items():
        header = basic(name, keys["password"]) if "password" in keys else "Bearer " + keys["token"]
        people.append(Somebody(name, keys["role"], header, *keys.get("mounts", ())))
    for role in ROLES:
        people.append(Somebody(f"token for {role}", role, made_token(api, f"for-{role}", role)))
        token = made_token(api, f"for-{role}-of-other", role, [OTHER])
        people.append(Somebody(f"token for {role} of {OTHER}", role, token, OTHER))
    return people


def status_of_stream(floe, target, headers):
    """Of an answer that never ends."""
    with Line(floe.port) as line:
        line.say("\r\n".join([f"GET {target} HTTP/1.1", f"Host: 127.0.0.1:{floe.port}",
                              *headers]) + "\r\n\r\n")
        return line.head().status


def status_of(api, row, who, mount):
    headers = [f"Authorization: {who.header}"] if who.header else []
    target = row.path.format(mount=mount[1:], **NAMES) + f"?mount={mount}"
    if row.path == "/api/v1/events":
        return status_of_stream(api.floe, target, headers)
    body = BODIES.get(row.path, lambda mount: None)(mount) if row.method != "GET" else None
    return api.ask(row.method, target, body, password=None, headers=headers)[0].status


def test_every_operation_of_the_document_is_known_here_with_what_it_needs(api):
    told = {(method, path): operation["x-floe-needs"]
            for method, path, operation in api.document.operations()}
    assert {(row.method, row.path): NEEDS[tuple(row.outcomes.values())] for row in rows()} == told


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.method} {row.path}")
def test_an_operation_is_for_those_who_may_and_for_nobody_else(api, everybody, row):
    for who in everybody:
        for mount in (MOUNT, OTHER) if who.held_to else (MOUNT,):
            status = status_of(api, row, who, mount)
            assert status == row.expected(who, mount), (who.name, mount)
