# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""The .deb: built of the release, installed on a clean tree where systemd starts it, upgraded,
purged."""
import subprocess

import pytest

from studio.clean_tree import CleanTree
from studio.installed import package_to
from studio.waiting import eventually

UNIT = "/usr/lib/systemd/system/floe.service"
CONFIG = "/etc/floe/floe.toml"


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packages")
    return [package_to(folder, "1"), package_to(folder, "2")]


@pytest.fixture
def tree(packages, tmp_path):
    """With the package installed."""
    with CleanTree(tmp_path) as made:
        made.install(packages[0])
        yield made


def is_healthy(tree, port=8000):
    asked = tree.ask("curl", "-fsS", f"http://127.0.0.1:{port}/health")
    return b'"status":"ok"' in asked.stdout


def in_journal(tree, words):
    """The service's journal, once those are in it: floe and journald both write when they can."""
    return eventually(lambda: (lambda journal: journal if words in journal else None)(
        tree.run("journalctl", "--no-pager", "-u", "floe")), saying=f"{words!r} is in the journal")


def configure(tree, text):
    tree.run("sh", "-c", f"cat >>{CONFIG}", said=text.encode())


# ---- the package ----

def test_a_package_says_what_it_needs(packages):
    needs = subprocess.run(["dpkg-deb", "--field", packages[0], "Depends"], capture_output=True,
                           text=True, check=True).stdout
    for name in ("libc6", "liburing2", "libabsl", "libspdlog", "adduser"):
        assert name in needs


def test_the_same_source_makes_the_same_package(packages, tmp_path):
    assert package_to(tmp_path, "1").read_bytes() == packages[0].read_bytes()


def test_it_is_purged_without_a_trace(tree):
    tree.run("dpkg", "--purge", "floe")
    left = {path for path in tree.written()
            if "floe" in path and not path.startswith(("/var/lib/dpkg/", "/var/log/"))}
    assert left == set()
    assert "floe" not in tree.run("getent", "passwd") + tree.run("getent", "group")
    assert not is_healthy(tree)


def test_an_upgrade_keeps_what_was_configured_and_a_removal_what_was_made(packages, tree):
    configure(tree, '[mount."/live"]\nburst = "5s"\n')
    before = tree.show("floe", "MainPID")
    tree.install(packages[1])
    assert tree.run("dpkg-query", "-W", "-f", "${Version}", "floe").endswith("-2")
    assert 'burst = "5s"' in tree.run("cat", CONFIG)
    eventually(lambda: tree.show("floe", "MainPID") not in (before, "0"))
    eventually(lambda: is_healthy(tree))
    tree.run("dpkg", "--remove", "floe")
    assert tree.run("ls", "/var/lib/floe") != ""
    assert 'burst = "5s"' in tree.run("cat", CONFIG)


# ---- the service ----

def test_the_service_runs_after_the_installation_and_after_the_next_boot(tree):
    assert is_healthy(tree)  # an answer is what systemd waited for
    assert tree.show("floe", "ActiveState") == "active"
    assert tree.show("floe", "StatusText") == "listeners: 0, sources: 0"
    assert tree.show("floe", "UnitFileState") == "enabled"
    assert tree.run("ps", "-o", "user=", "-p", tree.show("floe", "MainPID")).strip() == "floe"


def test_passwords_are_kept_from_everybody_else(tree):
    assert tree.run("stat", "-c", "%U:%G %a", CONFIG).strip() == "root:floe 640"
    kept = tree.run("find", "/var/lib/floe", "-type", "f", "-printf", "%u %m\n").split("\n")
    assert set(kept) - {""} == {"floe 600"}
    passwords = [line.split("=")[1] for line in
                 tree.run("cat", "/var/lib/floe/passwords").splitlines()]
    journal = in_journal(tree, "/var/lib/floe/passwords")
    assert len(passwords) == 2
    assert not any(password in journal for password in passwords)


def test_a_low_port_can_be_listened_on(tree):
    configure(tree, '[[listen]]\naddress = "127.0.0.1:80"\n')
    tree.run("systemctl", "restart", "floe")
    assert is_healthy(tree, 80)


def test_a_configuration_that_is_wrong_fails_the_start_with_its_reason(tree):
    configure(tree, '[mount."/live"]\nbrust = "5s"\n')
    assert tree.ask("systemctl", "restart", "floe").returncode != 0
    in_journal(tree, "brust")


def test_a_crash_is_followed_by_a_new_start(tree):
    crashed = tree.show("floe", "MainPID")
    tree.run("kill", "-KILL", crashed)
    eventually(lambda: tree.show("floe", "MainPID") not in (crashed, "0"))
    eventually(lambda: is_healthy(tree))


def test_a_server_that_hangs_is_started_anew(tree):
    tree.run("mkdir", "/etc/systemd/system/floe.service.d")
    tree.run("sh", "-c", "cat >/etc/systemd/system/floe.service.d/soon.conf",
             said=b"[Service]\nWatchdogSec=2\n")
    tree.run("systemctl", "daemon-reload")
    tree.run("systemctl", "restart", "floe")
    hung = tree.show("floe", "MainPID")
    tree.run("kill", "-STOP", hung)
    eventually(lambda: tree.show("floe", "MainPID") not in (hung, "0"))
    in_journal(tree, "Watchdog timeout")
    eventually(lambda: is_healthy(tree))


def test_a_stop_is_clean(tree):
    tree.run("systemctl", "stop", "floe")
    assert tree.show("floe", "Result") == "success"
    assert tree.show("floe", "ActiveState") == "inactive"


def test_a_reload_says_what_is_wrong_and_changes_nothing(tree):
    pid = tree.show("floe", "MainPID")
    configure(tree, '[mount."/live"]\nburst = "5s"\n')
    tree.run("systemctl", "reload", "floe")
    in_journal(tree, "mount /live: added")
    configure(tree, 'brust = "5s"\n')
    assert tree.ask("systemctl", "reload", "floe").returncode != 0
    in_journal(tree, "brust")
    assert tree.show("floe", "MainPID") == pid and is_healthy(tree)


def test_after_a_swap_the_next_binary_is_the_service(tree):
    before = tree.show("floe", "MainPID")
    tree.run("floe", "upgrade")
    after = eventually(lambda: (lambda pid: pid if pid != before else None)(
        tree.show("floe", "MainPID")), saying="systemd was told who it is now")
    assert is_healthy(tree)
    eventually(lambda: tree.ask("kill", "-0", before).returncode != 0)
    assert tree.show("floe", "ActiveState") == "active"
    assert (tree.show("floe", "MainPID"), tree.show("floe", "NRestarts")) == (after, "0")
    tree.run("systemctl", "stop", "floe")
    assert tree.show("floe", "Result") == "success"
    assert tree.show("floe", "ActiveState") == "inactive"


def test_the_socket_starts_the_service_and_outlives_it(tree):
    tree.run("systemctl", "stop", "floe")
    tree.run("systemctl", "start", "floe.socket")
    assert tree.show("floe", "ActiveState") == "inactive"
    assert is_healthy(tree)
    eventually(lambda: tree.show("floe", "ActiveState") == "active")
    tree.run("systemctl", "stop", "floe")
    assert is_healthy(tree)


def test_systemd_finds_nothing_wrong_with_the_units(tree):
    for name in ("floe.service", "floe.socket"):
        assert tree.run("sh", "-c", f"systemd-analyze verify {name} 2>&1") == ""
