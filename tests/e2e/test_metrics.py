# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What Prometheus is told: that it understands it, that the figures are those of what happened,
that each of them moves, that they go on over reloads and swaps, and that dashboard and alerts ask
for what there is."""
import json
import pathlib
import re
import signal

import pytest

from studio import prometheus, swap
from studio.encoder import Encoder
from studio.hook_page import ALLOWS, HookPage, says
from studio.icecast import RELAY_PASSWORD
from studio.listener import Listener
from studio.programs import hash_of
from studio.prometheus import Prometheus, promtool
from studio.server import ADMIN_PASSWORD, SOURCE_PASSWORD, basic, free_port
from studio.several import play_into, plays
from studio.waiting import eventually

MONITORING = pathlib.Path(__file__).parents[2] / "conf" / "monitoring"
READER_TOKEN = "a-token-that-only-reads"
QUICK_HASH = "$2b$08$abcdefghijklmnopqrstuu"  # some tens of milliseconds
# Figures of the allocator, which sanitizers bring another of.
OF_THE_HEAP = {"floe_heap_allocated_bytes", "floe_heap_resident_bytes"}
# Of a process alone: shards may be others in the next one, and calls begin anew there.
OF_ONE_PROCESS = ("floe_shard_", "floe_push_", "floe_master_", "process_")


# Figures that are 0 in all that happens here, or may be, and why.
STILL = {
    "floe_listener_leaves_total": {
        "cause": {"lagged": "a slow player takes long to fall behind: see test_listeners.py",
                  "stalled": "the same",
                  "type_changed": "see test_sources.py",
                  "stopping": "nobody is left to ask",
                  "moved": "only who counts its bytes from a position leaves for that"}},
    "floe_newcomers_refused_total": {"reason": {"late": "no shard is late here"}},
    "floe_store_dropped_total": "the store has room for 65,536 records",
    "floe_log_lines_lost_total": "the disk takes all of them",
    "floe_mount_dropped_bytes_total": "the arena has pages enough",
    "floe_mount_skips_total": "nobody is slow enough",
    "floe_relay_failures": "its upstreams answer, or have only just failed",
    "floe_push_failures": "the same",
    "floe_relay_lag_seconds": "on one machine nothing comes late",
    "floe_shard_lag_seconds": "nobody is served late",
    "floe_shard_busy_ratio": "a few sends are less than a thousandth of a core",
    "floe_shard_skips_total": "nobody is slow enough",
    "floe_shard_short_sends_total": "all players read",
    "floe_shard_failed_sends_total": "the kernel has memory",
    "floe_shard_zero_copy_sends_total": "on loopback it is not worth it",
    "floe_shard_zero_copy_copied_total": "the same",
    "floe_shard_turns_cut_total": "a few listeners are one turn's",
    "floe_shard_ring_overflows_total": "a few sends are few completions",
}
STILL["floe_mount_listener_leaves_total"] = STILL["floe_listener_leaves_total"]
KEPT = "/kept"  # it is in the configuration, so its figures stay when its source goes
MINE = {"mount", "shard", "version", "le"}  # labels whose values are no two figures
_known, _moved = set(), set()


def figures_of(metrics, is_wanted):
    """Names with their labels, but for those that are of one thing among many."""
    return {(name, frozenset(label for label in labels if label[0] not in MINE))
            for (name, labels), value in metrics.samples.items()
            if not name.endswith(("_bucket", "_sum")) and is_wanted(value)}


def metrics_of(floe):
    """The figures; which of them were ever other than 0 is remembered."""
    metrics = prometheus.metrics_of(floe)
    _known.update(figures_of(metrics, lambda _: True))
    _moved.update(figures_of(metrics, lambda value: value != 0))
    return metrics


@pytest.fixture(scope="module")
def settings():
    return {"mount_defaults": {"linger": "0s"}, "mount": {KEPT: {}}}


def settled(floe, listeners):
    """The figures, once the shards have told theirs."""
    eventually(lambda: metrics_of(floe).get("floe_listeners") == listeners)
    eventually(lambda: metrics_of(floe).get("floe_sends_total") > 0)
    return metrics_of(floe)


def test_promtool_has_nothing_to_say(station, mount):
    station.feed(mount)
    station.hear(mount).hears_seconds_more(0.5)
    assert promtool("check", "metrics", said=metrics_of(station.floe).text) == ""


def test_a_mount_tells_who_came_who_left_and_what_was_sent(station):
    mount = KEPT
    encoder = station.feed(mount)
    first, second = station.hear(mount), station.hear(mount)
    second.hears_seconds_more(1)
    assert station.floe.set_title(mount, song="A title").status == 200
    first.leave()
    eventually(lambda: metrics_of(station.floe).get(
        "floe_mount_listener_leaves_total", mount=mount, cause="gone") == 1)
    eventually(lambda: metrics_of(station.floe).get("floe_mount_titles_total", mount=mount) == 1)
    now = metrics_of(station.floe)
    assert now.get("floe_mount_listeners", mount=mount) == 1
    assert now.get("floe_mount_listener_peak", mount=mount) == 2
    assert now.get("floe_mount_listener_joins_total", mount=mount) == 2
    assert now.get("floe_mount_source_connected", mount=mount) == 1
    assert now.get("floe_mount_sent_bytes_total", mount=mount) >= len(second.audio)
    assert now.get("floe_mount_received_bytes_total", mount=mount) > 0
    assert now.get("floe_mount_audio_bytes_total", mount=mount) > 0
    encoder.finish()
    eventually(lambda: metrics_of(station.floe).get(
        "floe_mount_listener_leaves_total", mount=mount, cause="source_ended") == 1)


def test_sums_are_those_of_their_parts(station, mount):
    station.feed(mount)
    for _ in range(5):
        station.hear(mount).hears_seconds_more(0.2)
    now = settled(station.floe, 5)
    assert now.sum("floe_mount_listeners") == now.sum("floe_shard_listeners") == 5
    joins, leaves = now.get("floe_listener_joins_total"), now.sum("floe_listener_leaves_total")
    assert joins - leaves == now.get("floe_listeners")
    assert now.get("floe_send_size_bytes_count") >= now.get("floe_sends_total")
    assert (now.get("floe_send_size_bytes_bucket", le="+Inf") ==
            now.get("floe_send_size_bytes_count"))
    assert now.get("floe_send_size_bytes_sum") >= now.get("floe_sent_bytes_total")
    assert 0 <= now.get("floe_shard_busy_ratio", shard="0") <= 1
    assert now.get("floe_arena_pages_in_use") <= now.get("floe_arena_pages")
    assert now.get("process_start_time_seconds") >= now.get("floe_start_time_seconds") - 30


def test_what_a_peer_says_is_in_no_label(station, mount):
    station.feed(mount, headers=["ice-name: Named-By-Peer"])
    station.hear(mount, headers=["User-Agent: Agent-Of-Peer/1.0"]).hears_seconds_more(0.2)
    station.floe.ask("GET", "/no-such-mount-of-peer", user="user-of-peer", password="x")
    assert "peer" not in metrics_of(station.floe).text.replace("Peer", "peer")


def test_requests_are_counted(start_floe):
    floe = start_floe()
    before = metrics_of(floe)
    assert floe.ask("GET", "/nothing").status == 404
    now = metrics_of(floe)
    counted = {status: now.get("floe_requests_total", status=status) -
               before.get("floe_requests_total", status=status) for status in ("2xx", "4xx")}
    assert counted == {"2xx": 1, "4xx": 1}


def test_figures_go_on_over_a_reload_and_a_swap(make_floe, hear, stack):
    floe = make_floe({"mount_defaults": {"linger": "30s"}})
    play_into(stack, floe, "/live")
    listener = hear(floe, "/live").hears_seconds_more(1)
    hear(floe, "/live").hears_seconds_more(0.5).leave()
    eventually(lambda: metrics_of(floe).sum("floe_listener_leaves_total") == 1)
    assert swap.command(floe, "reload").returncode == 0
    before = settled(floe, 1)
    assert before.get("floe_config_reloads_total", result="done") == 1
    swap.swap(floe)
    listener.hears_seconds_more(1)
    after = settled(floe, 1)
    for key, value in before.counters().items():
        if not key[0].startswith(OF_ONE_PROCESS):
            assert after.samples[key] >= value, key
    assert after.get("floe_swaps_total") == 1
    assert after.get("floe_config_reloads_total", result="done") == 1
    assert after.get("floe_mount_listener_joins_total", mount="/live") == 2
    assert after.get("floe_mount_listener_leaves_total", mount="/live", cause="gone") == 1
    assert after.get("floe_start_time_seconds") == before.get("floe_start_time_seconds")
    assert after.get("process_start_time_seconds") > before.get("process_start_time_seconds")
    floe.stop()


def test_a_reload_that_is_refused_is_counted(make_floe):
    floe = make_floe()
    floe.config_path.write_text("[limits]\nsources = \"many\"\n", encoding="utf-8")
    floe.signal(signal.SIGHUP)
    eventually(lambda: metrics_of(floe).get("floe_config_reloads_total", result="failed") == 1)
    floe.stop()


# ---- each of them moves ----

def moves(floe, before, name, by=1, **labels):
    eventually(lambda: metrics_of(floe).get(name, **labels) - before.get(name, **labels) == by,
               saying=f"{name} {labels} moves by {by}")


def test_logins_are_counted_by_what_came_of_them(start_floe):
    floe = start_floe({"access": {"lockout_failures": 3, "lockout_min": "5m"},
                       "auth": {"admin_password": hash_of(ADMIN_PASSWORD, QUICK_HASH)}})
    before = metrics_of(floe)
    page = "/admin/stats"
    assert floe.ask("GET", page, user="admin", password=ADMIN_PASSWORD).status == 200
    moves(floe, before, "floe_logins_total", outcome="granted")
    moves(floe, before, "floe_password_check_duration_seconds_count")
    for guess in range(3):
        assert floe.ask("GET", page, user="admin", password=f"guess-{guess}").status == 401
    moves(floe, before, "floe_logins_total", by=3, outcome="refused")
    moves(floe, before, "floe_password_check_duration_seconds_count", by=4)
    assert floe.ask("GET", page, user="admin", password=ADMIN_PASSWORD).status == 429
    moves(floe, before, "floe_logins_total", outcome="locked_out")
    moves(floe, before, "floe_password_check_duration_seconds_count", by=4)
    assert floe.ask("GET", page).status == 429


def test_a_listener_of_a_file_of_users_is_a_login_as_well(start_floe, stack, tmp_path):
    users = tmp_path / "users"
    users.write_text(f"ann:{hash_of('her-own', QUICK_HASH)}\n", encoding="utf-8")
    floe = start_floe({"mount": {"/members": {"listener_users": str(users)}}})
    play_into(stack, floe, "/members")
    plays(floe, "/members")
    before = metrics_of(floe)
    with Listener(floe, "/members", headers=["Authorization: " + basic("ann", "her-own")]) as ann:
        assert ann.head.status == 200
    moves(floe, before, "floe_logins_total", outcome="granted")
    assert floe.ask("GET", "/members", user="ann", password="a-guess").status == 401
    moves(floe, before, "floe_logins_total", outcome="refused")


def test_who_asks_too_often_is_counted(start_floe):
    floe = start_floe({"limits": {"request_rate": 1, "request_burst": 20}})
    statuses = [floe.ask("GET", "/health").status for _ in range(50)]
    assert set(statuses) == {200, 429}
    eventually(lambda: metrics_of(floe).get("floe_requests_rate_limited_total") >=
               statuses.count(429))


def test_listeners_that_find_no_room_are_counted_by_its_kind(start_floe, stack, hear):
    floe = start_floe({"limits": {"listeners": 2}, "mount": {"/one": {"max_listeners": 1}}})
    for mount in ("/one", "/two"):
        play_into(stack, floe, mount)
        plays(floe, mount)
    before = metrics_of(floe)
    hear(floe, "/one")
    eventually(lambda: floe.listeners() == 1)
    assert floe.ask("GET", "/one").status == 503
    moves(floe, before, "floe_newcomers_refused_total", reason="mount_full")
    hear(floe, "/two")
    eventually(lambda: floe.listeners() == 2)
    assert floe.ask("GET", "/two").status == 503
    moves(floe, before, "floe_newcomers_refused_total", reason="server_full")
    moves(floe, before, "floe_requests_total", by=2, status="5xx")


@pytest.fixture
def page():
    with HookPage() as served:
        yield served


@pytest.fixture
def hooked(start_floe, page):
    """A server that asks the page and tells it things, each at a path of its own."""
    return start_floe({
        "mount_defaults": {"linger": "0s"},
        "mount": {"/asks": {"hook_listener_add": page.url("/add"),
                            "hook_listener_remove": page.url("/told")},
                  "/fed": {"hook_stream_auth": page.url("/feed"),
                           "hook_mount_add": page.url("/told"),
                           "hook_mount_remove": page.url("/told")}},
        "webhook": {"all": {"url": page.url("/all"), "events": ["source_up"]}}})


def test_calls_of_hooks_are_measured_each_as_its_kind(hooked, page, stack):
    before = metrics_of(hooked)
    play_into(stack, hooked, "/asks")
    plays(hooked, "/asks")
    moves(hooked, before, "floe_hook_duration_seconds_count", hook="webhook")
    with Listener(hooked, "/asks") as listener:
        assert listener.head.status == 200
        moves(hooked, before, "floe_hook_duration_seconds_count", hook="listener_add")
    moves(hooked, before, "floe_hook_duration_seconds_count", hook="listener_remove")
    with Encoder(hooked, "/fed", user="dj", password="live") as encoder:
        encoder.send_seconds(1)
        moves(hooked, before, "floe_hook_duration_seconds_count", hook="stream_auth")
        moves(hooked, before, "floe_hook_duration_seconds_count", hook="mount")
    moves(hooked, before, "floe_hook_duration_seconds_count", by=2, hook="mount")
    now = metrics_of(hooked)
    for name in ("floe_hook_failures_total", "floe_webhook_failures_total",
                 "floe_webhooks_dropped_total"):
        assert now.get(name) == 0, name
    page.answers["/add"] = says(200, {
        "x-icecast-auth-result": "ok", "x-icecast-auth-alter-action": "redirect_temporary",
        "x-icecast-auth-alter-argument": "https://b.example/live"})
    assert hooked.ask("GET", "/asks").status == 307
    moves(hooked, before, "floe_requests_total", status="3xx")


def test_hooks_that_fail_are_counted_those_not_even_asked_as_well(hooked, page, stack):
    play_into(stack, hooked, "/asks")
    plays(hooked, "/asks")
    before = metrics_of(hooked)
    page.answers["/add"] = says(500)
    for _ in range(7):  # after five it is left alone
        assert hooked.ask("GET", "/asks").status == 503
    moves(hooked, before, "floe_hook_failures_total", by=7)
    asked = len(page.of("/add"))
    assert asked < 7
    moves(hooked, before, "floe_hook_duration_seconds_count", by=asked, hook="listener_add")


def test_what_is_told_again_and_what_is_given_up_is_counted(hooked, page, stack):
    page.answers["/all"] = page.answers["/told"] = says(500)
    before = metrics_of(hooked)
    encoder = stack.enter_context(Encoder(hooked, "/fed", user="dj", password="live"))
    encoder.send_seconds(1)
    for name in ("floe_webhook_failures_total", "floe_hook_failures_total"):
        eventually(lambda name=name: metrics_of(hooked).get(name) > before.get(name))
    assert metrics_of(hooked).get("floe_webhooks_dropped_total") == 0
    page.answers["/all"] = page.answers["/told"] = says(410, ALLOWS)
    moves(hooked, before, "floe_webhooks_dropped_total", by=2)


def test_what_other_servers_have_to_do_with_it(start_floe, stack):
    origin = start_floe({"auth": {"relay_password": RELAY_PASSWORD}})
    play_into(stack, origin, "/live")
    plays(origin, "/live")
    edge = start_floe({
        "relay": {"/fetched": {"upstream": [origin.url("/live")]}},
        "push": {"/fetched": {"to": origin.url("/pushed"), "password": SOURCE_PASSWORD}},
        "master": {"url": origin.url(""), "password": RELAY_PASSWORD}})
    for name in ("floe_relay_up", "floe_relay_attempts_total", "floe_relay_received_bytes_total",
                 "floe_push_up", "floe_push_attempts_total", "floe_push_sent_bytes_total",
                 "floe_master_up", "floe_master_attempts_total", "floe_master_mounts",
                 "floe_master_mounts_fetched"):
        eventually(lambda name=name: metrics_of(edge).sum(name) > 0, saying=name)


def test_who_is_sent_to_a_fallback_and_who_is_sent_away(start_floe, stack, hear):
    floe = start_floe({"mount": {"/main": {"fallback": ["/spare"]}}})
    main = play_into(stack, floe, "/main")
    play_into(stack, floe, "/spare")
    for mount in ("/main", "/spare"):
        plays(floe, mount)
    hear(floe, "/main").hears_seconds_more(0.5)
    main.crash()
    eventually(lambda: metrics_of(floe).sum("floe_shard_moves_total") > 0)
    assert swap.command(floe, "kick", "--mount", "/main").returncode == 0
    eventually(lambda: metrics_of(floe).get("floe_listener_leaves_total", cause="kicked") == 1)


# ---- who may ask ----

def test_who_asks_from_elsewhere_needs_a_login(start_floe):
    floe = start_floe({"access": {"metrics_from": ["192.0.2.0/24"]},
                       "user": {"prometheus": {"role": "read", "token": READER_TOKEN}}})
    assert floe.ask("GET", "/metrics").status == 401
    assert floe.ask("GET", "/metrics", user="admin", password="wrong").status == 401
    assert floe.ask("GET", "/metrics", user="source", password=SOURCE_PASSWORD).status in (401, 403)
    assert floe.ask("GET", "/metrics", user="admin", password=ADMIN_PASSWORD).status == 200
    assert floe.ask("GET", "/metrics",
                    headers=[f"Authorization: Bearer {READER_TOKEN}"]).status == 200
    assert floe.ask("POST", "/metrics", user="admin", password=ADMIN_PASSWORD).status == 405


# ---- a real one ----

def test_prometheus_scrapes_it_open_by_password_and_by_token(start_floe, hear, stack, tmp_path):
    floe = start_floe()
    closed = start_floe({"access": {"metrics_from": []},
                         "user": {"prometheus": {"role": "read", "token": READER_TOKEN}}})
    for server in (floe, closed):
        play_into(stack, server, "/live")
        hear(server, "/live")
    open_to_all = {"static_configs": [{"targets": [f"127.0.0.1:{floe.port}"]}]}
    target = {"static_configs": [{"targets": [f"127.0.0.1:{closed.port}"]}]}
    jobs = [
        {"job_name": "open", **open_to_all},
        {"job_name": "basic", **target,
         "basic_auth": {"username": "admin", "password": ADMIN_PASSWORD}},
        {"job_name": "bearer", **target, "authorization": {"credentials": READER_TOKEN}},
        {"job_name": "refused", **target}]
    with Prometheus(tmp_path, jobs) as prometheus:
        prometheus.until("up", {"open": 1, "basic": 1, "bearer": 1, "refused": 0})
        prometheus.until('floe_mount_listeners{mount="/live"}',
                         {"open": 1, "basic": 1, "bearer": 1})
        eventually(lambda: prometheus.values("rate(floe_mount_sent_bytes_total[5s])").get("open"))


# ---- dashboard and alerts ----

@pytest.fixture(scope="module")
def known(start_floe):
    """The names that a server has which relays, pushes and has a master."""
    nobody = f"http://127.0.0.1:{free_port()}"
    floe = start_floe({"relay": {"/news": {"upstream": [nobody + "/news"]}},
                       "push": {"/live": {"to": nobody + "/live", "password": "x-push-secret"}},
                       "master": {"url": nobody}})
    floe.ask("PUT", "/x", password=SOURCE_PASSWORD)

    def has_all():
        names = metrics_of(floe).names()
        return names if {"floe_relay_up", "floe_push_up", "floe_master_up"} <= names else None
    return eventually(has_all) | OF_THE_HEAP


def asked_for(expression):
    return set(re.findall(r"\b(?:floe|process)_[a-z_0-9]+", expression))


def test_the_dashboard_asks_for_what_there_is(known):
    board = json.loads((MONITORING / "grafana-dashboard.json").read_text(encoding="utf-8"))
    queries = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    queries += [each["expr"] for each in board["annotations"]["list"]]
    assert len(board["panels"]) > 10
    assert set.union(*map(asked_for, queries)) <= known
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    assert all(asked_for(query) for query in queries)


def test_alerts_ask_for_what_there_is_and_speak_when_they_should(known):
    text = (MONITORING / "floe-alerts.yml").read_text(encoding="utf-8")
    expressions = re.findall(r"^ +expr: (.*)$", text, re.M)
    assert len(expressions) == text.count("- alert:") > 10
    assert set.union(*map(asked_for, expressions)) <= known
    promtool("check", "rules", MONITORING / "floe-alerts.yml")
    promtool("test", "rules", MONITORING / "floe-alerts-test.yml")


def test_the_example_of_prometheus_is_one_it_takes():
    promtool("check", "config", "--syntax-only", MONITORING / "prometheus.yml")


def test_a_login_for_prometheus_is_never_written(start_floe):
    floe = start_floe({"access": {"metrics_from": []},
                       "user": {"prometheus": {"role": "read", "token": READER_TOKEN}}})
    floe.ask("GET", "/metrics", headers=[f"Authorization: Bearer {READER_TOKEN}"])
    floe.ask("GET", "/metrics", headers=["Authorization: " + basic("admin", ADMIN_PASSWORD)])
    floe.ask("GET", "/the-last")
    eventually(lambda: "/the-last" in floe.stdout())
    assert READER_TOKEN not in floe.stdout() + floe.stderr()


# ---- nothing is forgotten ----

def is_excused(name, labels):
    why = STILL.get(name)
    if isinstance(why, dict):
        return any(value in why.get(label, ()) for label, value in labels)
    return why is not None


def test_there_is_no_figure_that_nothing_moves(request):
    before = {item.originalname for item in request.session.items if item.path == request.path}
    if before != {name for name in globals() if name.startswith("test_")}:
        return  # a few of this file, asked for by name, move a few figures
    assert {each for each in _known - _moved if not is_excused(*each)} == set()
    assert set(STILL) <= {name for name, _ in _known}
