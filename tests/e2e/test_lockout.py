# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Who guesses has to wait, and nobody else does; and what a crowd of logins costs."""
import os
import pty
import subprocess
import time

import pytest

from studio import binaries, swap
from studio.encoder import Encoder
from studio.hook_page import ALLOWS, HookPage, says
from studio.listener import Listener
from studio.server import ADMIN_PASSWORD, SOURCE_PASSWORD, basic, environment_with
from studio.waiting import PATIENCE_S, eventually
from studio.wire import Line

FAILURES = 3
PAGE = "/admin/explain?mount=/live"
CROWD = 500


@pytest.fixture
def settings(tmp_path):
    return {"access": {"lockout_failures": FAILURES, "lockout_min": "5s", "lockout_max": "10m"},
            "log": {"auth_file": str(tmp_path / "auth.log")}}


@pytest.fixture
def floe(make_floe, settings):
    return make_floe(settings)


@pytest.fixture
def strict_floe(make_floe, settings):
    """One that locks out for longer than a test takes."""
    return make_floe({**settings, "access": {**settings["access"], "lockout_min": "5m"}})


def status_of(floe, password, user="admin", path=PAGE):
    return floe.ask("GET", path, user=user, password=password).status


def guess(floe, times=FAILURES):
    for _ in range(times):
        assert status_of(floe, "a-guess") == 401


def is_locked_out(floe):
    return status_of(floe, ADMIN_PASSWORD) == 429


def test_who_guesses_waits_and_each_guess_more_doubles_it(floe):
    guess(floe, FAILURES - 1)
    assert status_of(floe, ADMIN_PASSWORD) == 404, "the right password still opens the page"
    guess(floe, 1)
    refused = floe.ask("GET", PAGE, user="admin", password=ADMIN_PASSWORD)
    assert refused.status == 429
    assert 1 <= int(refused.get("Retry-After")) <= 5
    eventually(lambda: status_of(floe, ADMIN_PASSWORD) == 404)
    guess(floe, 1)
    assert 5 < int(floe.ask("GET", PAGE, password="a-guess").get("Retry-After")) <= 10


def test_who_only_asks_for_a_login_is_not_guessing(floe):
    for _ in range(3 * FAILURES):
        assert floe.ask("GET", PAGE).status == 401
    assert status_of(floe, ADMIN_PASSWORD) == 404


def test_nobody_who_listens_or_feeds_notices(strict_floe):
    floe = strict_floe
    with Encoder(floe, "/live").play():
        eventually(lambda: floe.ask("HEAD", "/live").status == 200)
        with Listener(floe, "/live") as listener:
            listener.hears_seconds(0.5)
            guess(floe)
            assert is_locked_out(floe)
            for page in ("/", "/health", "/status-json.xsl"):
                assert floe.ask("GET", page).status == 200
            with Listener(floe, "/live") as another:
                another.hears_seconds(0.5)
            listener.hears_seconds_more(1)
            listener.frames_heard()
    with Encoder(floe, "/late") as late:
        assert late.head.status == 429
    with Line(floe.port) as line:
        line.say(SOURCE_PASSWORD + "\r\n")
        assert line.until(b"\r\n").startswith(b"invalid password")


def test_encoders_that_guess_are_counted_in_every_dialect(strict_floe):
    floe = strict_floe
    with Encoder(floe, "/live", password="a-guess") as encoder:
        assert encoder.head.status == 401
    with Encoder(floe, "/live", password="a-guess", method="SOURCE") as encoder:
        assert encoder.head.status == 401
    with Line(floe.port) as line:
        line.say("dj:a-guess\r\n")
        assert line.until(b"\r\n").startswith(b"invalid password")
    assert is_locked_out(floe)


def test_who_another_server_turns_away_is_counted_and_who_it_does_not_answer_is_not(
        make_floe, settings, tmp_path):
    with HookPage() as page:
        floe = make_floe({**settings, "access": {**settings["access"], "lockout_min": "5m"},
                          "mount": {"/fed": {"hook_stream_auth": page.url("/fed")}}})

        def status(**how):
            with Encoder(floe, "/fed", user="dj", **how) as encoder:
                return encoder.head.status
        page.answers["/fed"] = says(500)
        assert [status(password="live") for _ in range(FAILURES)] == [503] * FAILURES
        with Line(floe.port) as line:
            line.say("/fed:live\r\n")
            assert line.until(b"\r\n").startswith(b"invalid password")
        page.answers["/fed"] = says(200, ALLOWS)
        assert status(password="live") in (100, 200)
        page.answers["/fed"] = says(200)
        assert status(password="a-guess") == 401
        assert status(password="a-guess", method="SOURCE") == 401
        page.answers["/fed"] = says(200, {"x-icecast-auth-result": "forbidden"})
        assert not is_locked_out(floe)
        assert floe.set_title("/fed", song="x", user="dj", password="a-guess").status == 403
        assert is_locked_out(floe)
        asked = len(page.told)
        assert status(password="live") == 429
        assert len(page.told) == asked, "who is locked out is not even asked about"

        def said():
            return (tmp_path / "auth.log").read_text(encoding="utf-8")
        eventually(lambda: said().count("refused") == FAILURES)
        assert " dj " in said() and "a-guess" not in said()


def test_a_scan_is_told_no_more_what_is_there(strict_floe):
    floe = strict_floe
    with Encoder(floe, "/live").play():
        eventually(lambda: floe.ask("HEAD", "/live").status == 200)
        answers = [floe.ask("GET", f"/scan{i}").status for i in range(10 * FAILURES)]
        assert set(answers) == {404, 429} and answers == sorted(answers)
        assert floe.ask("HEAD", "/live").status == 200
        assert is_locked_out(floe)


def test_who_waits_for_a_mount_that_is_known_is_not_scanning(make_floe, settings):
    floe = make_floe({**settings, "mount": {"/live": {"burst": "2s"}}})
    for _ in range(20 * FAILURES):
        assert floe.ask("GET", "/live").status == 404
    assert status_of(floe, ADMIN_PASSWORD) != 429


def test_it_is_not_forgotten_by_a_reload_or_a_swap(strict_floe):
    floe = strict_floe
    guess(floe)
    assert is_locked_out(floe)
    assert swap.command(floe, "reload").returncode == 0
    assert is_locked_out(floe)
    swap.swap(floe)
    assert is_locked_out(floe)
    assert swap.status(floe)["logins"]["locked_out"] == 1


def test_the_log_of_logins_has_all_of_it_and_no_password(strict_floe, tmp_path):
    floe = strict_floe
    assert status_of(floe, ADMIN_PASSWORD) == 404
    guess(floe)
    assert is_locked_out(floe)

    def said():
        return (tmp_path / "auth.log").read_text(encoding="utf-8")
    eventually(lambda: said().count("\n") == FAILURES + 2)
    lines = said().splitlines()
    assert all("127.0.0.1" in line and "/admin/explain" in line for line in lines)
    for line, outcome in zip(lines, ["granted", *["refused"] * FAILURES, "locked out"]):
        assert outcome in line
    for password in (ADMIN_PASSWORD, "a-guess"):
        assert password not in said()


# ---- what logins cost ----

def hash_of(password, *words):
    return subprocess.run([binaries.floe(), "passwd", "--stdin", *words], input=password + "\n",
                          capture_output=True, text=True, timeout=PATIENCE_S, check=True,
                          env=environment_with({})).stdout.strip()


def test_a_crowd_that_comes_back_with_one_login_costs_one_hash(make_floe):
    floe = make_floe({"auth": {"source_password": hash_of(SOURCE_PASSWORD)}})
    crowd = [Line(floe.port) for _ in range(CROWD)]
    head = (f"DELETE /nothing HTTP/1.1\r\nAuthorization: {basic('source', SOURCE_PASSWORD)}"
            "\r\n\r\n")
    for line in crowd:
        line.say(head)
    for line in crowd:
        assert line.head().status == 404
        line.close()
    assert swap.status(floe)["logins"]["hashed"] == 1


def test_an_encoder_with_an_old_password_costs_one_hash_in_a_while(make_floe):
    floe = make_floe({"auth": {"source_password": hash_of(SOURCE_PASSWORD)}})
    for _ in range(20):
        assert floe.ask("DELETE", "/nothing", password="an-old-one").status == 401
    assert swap.status(floe)["logins"]["hashed"] <= 3


def test_who_is_locked_out_costs_no_hash(make_floe, settings):
    floe = make_floe({**settings, "access": {**settings["access"], "lockout_min": "5m"},
                      "auth": {"admin_password": hash_of(ADMIN_PASSWORD)}})
    guess(floe)
    hashed = swap.status(floe)["logins"]["hashed"]
    for i in range(20):
        assert status_of(floe, f"guess-{i}") == 429
    assert swap.status(floe)["logins"]["hashed"] == hashed


def test_a_name_that_does_not_exist_costs_a_hash_as_well(make_floe):
    """The time it takes would tell which names there are."""
    floe = make_floe({"auth": {"admin_password": hash_of(ADMIN_PASSWORD)}})
    assert status_of(floe, "a-guess", user="nobody-of-that-name") == 401
    assert swap.status(floe)["logins"]["hashed"] == 1


# ---- floe passwd, typed ----

def test_a_password_is_typed_twice_and_unseen():
    for again, is_good in (("a typed word", True), ("a mistyped word", False)):
        ours, theirs = pty.openpty()
        with subprocess.Popen([binaries.floe(), "passwd", "--method", "yescrypt"], stdin=theirs,
                              stdout=subprocess.PIPE, stderr=theirs, text=True,
                              env=environment_with({})) as passwd:
            os.close(theirs)
            seen = ""
            for prompt, typed in (("Password: ", "a typed word"), ("again: ", again)):
                begun = time.monotonic()
                while prompt not in seen and time.monotonic() - begun < PATIENCE_S:
                    seen += os.read(ours, 4096).decode()
                os.write(ours, (typed + "\n").encode())
            hashed = passwd.stdout.read()
            os.close(ours)
        assert passwd.returncode == (0 if is_good else 1)
        assert hashed.startswith("$y$") == is_good
        assert "typed word" not in seen
