# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Webhooks: other servers are told what happens, signed, in order, and until they take it."""
import contextlib
import hashlib
import hmac
import json
import time

import pytest

from studio.encoder import Encoder
from studio.hook_page import HookPage, says
from studio.listener import Listener
from studio.waiting import eventually

SECRET = "a-shared-secret"


@pytest.fixture
def page():
    with HookPage() as served:
        yield served


@pytest.fixture
def start(make_floe, tmp_path):
    with contextlib.ExitStack() as stage:
        def start(webhooks, **tables):
            floe = make_floe({"webhook": webhooks, "mount_defaults": {"linger": "300ms"},
                              "server": {"state_dir": str(tmp_path / "state")}, **tables})
            stage.callback(floe.stop)
            return floe
        yield start


def events(page, path="/all"):
    """Each of them once: what a page that is busy did not answer in time, it is told again."""
    return list({told.headers["X-Floe-Delivery"]: json.loads(told.body)
                 for told in page.of(path)}.values())


def kinds(page, path="/all"):
    return [event["type"] for event in events(page, path)]


def test_what_happens_is_told_signed_and_in_order(start, page):
    floe = start({"all": {"url": page.url("/all"), "secret": SECRET}})
    with Encoder(floe, "/live") as encoder:
        encoder.send_seconds(2)
        assert floe.set_title("/live", song="Café & more").status == 200
        encoder.send_seconds(1)  # it holds where the next audio does
        eventually(lambda: "title" in kinds(page))
    eventually(lambda: "source_down" in kinds(page))
    order = [kind for kind in kinds(page) if kind in ("source_up", "title", "source_down")]
    assert order == ["source_up", "title", "source_down"]
    [title] = [event for event in events(page) if event["type"] == "title"]
    assert title["mount"] == "/live"
    assert title["title"] == "Café & more"
    for told in page.of("/all"):
        at = told.headers["X-Floe-Timestamp"]
        assert abs(int(at) - time.time()) < 60
        what = at.encode() + b"." + told.body
        code = hmac.new(SECRET.encode(), what, hashlib.sha256).hexdigest()
        assert told.headers["X-Floe-Signature"] == "sha256=" + code
        assert told.headers["X-Floe-Event"] == json.loads(told.body)["type"]
        assert told.headers["Content-Type"] == "application/json"
    assert SECRET not in floe.stderr()


def test_peaks_of_listeners_and_what_they_hear_instead_are_told(start, page):
    floe = start({"all": {"url": page.url("/all"), "events": ["fallback", "listener_peak"]}},
                 mount={"/live": {"fallback": ["/spare"]}})
    with Encoder(floe, "/spare").play(), contextlib.ExitStack() as listening:
        with Encoder(floe, "/live").play():
            eventually(lambda: {"/live", "/spare"} <= set(floe.mounts()))
            for _ in range(3):
                listening.enter_context(Listener(floe, "/live"))
            eventually(lambda: peak_of(page, "/live") == 3)
        eventually(lambda: plays(page, "/live")[-1:] == ["/spare"])
        with Encoder(floe, "/live").play():
            eventually(lambda: plays(page, "/live")[-1] == "/live")
        assert set(kinds(page)) == {"fallback", "listener_peak"}


def plays(page, mount):
    return [event["plays"] for event in events(page)
            if event["type"] == "fallback" and event["mount"] == mount]


def peak_of(page, mount):
    return max((event["peak"] for event in events(page)
                if event["type"] == "listener_peak" and event["mount"] == mount), default=0)


def test_a_webhook_hears_of_what_it_asked_for(start, page):
    floe = start({"one": {"url": page.url("/one"), "events": ["source_up"], "mounts": ["/b"]},
                  "all": {"url": page.url("/all")}})
    for mount in ("/a", "/b"):
        with Encoder(floe, mount) as encoder:
            encoder.send_seconds(1)
            eventually(lambda: mount in floe.mounts())
    eventually(lambda: kinds(page).count("source_down") == 2)
    page.hears("/one", 1)
    assert [(event["type"], event["mount"]) for event in events(page, "/one")] == [
        ("source_up", "/b")]
    assert "X-Floe-Signature" not in page.of("/one")[0].headers


def test_an_event_is_told_again_until_it_is_taken_and_the_next_ones_wait(start, page):
    floe = start({"all": {"url": page.url("/all"), "events": ["source_up", "source_down"]}})
    page.answers["/all"] = says(500)
    with Encoder(floe, "/live") as encoder:
        encoder.send_seconds(1)
        page.hears("/all", 2)
    assert set(kinds(page)) == {"source_up"}
    assert len({told.headers["X-Floe-Delivery"] for told in page.of("/all")}) == 1
    del page.answers["/all"]
    eventually(lambda: kinds(page)[-1] == "source_down")
    assert kinds(page).count("source_down") == 1


def test_what_was_not_told_before_a_stop_is_told_after_the_next_start(start, page):
    webhooks = {"all": {"url": page.url("/all"), "events": ["source_up", "source_down"]}}
    floe = start(webhooks)
    page.go_down()
    with Encoder(floe, "/live") as encoder:
        encoder.send_seconds(1)
        eventually(lambda: "/live" in floe.mounts())
        floe.stop()
    page.come_back()
    start(webhooks)
    page.hears("/all", 2)
    assert kinds(page) == ["source_up", "source_down"]
    assert {event["mount"] for event in events(page)} == {"/live"}
