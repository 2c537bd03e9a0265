# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""floe doctor, on the machine that runs the tests and in network namespaces made for it."""
import json
import os
import pty
import resource
import subprocess

import pytest

from studio import binaries
from studio.server import environment_with
from studio.waiting import PATIENCE_S

PARTS = {"name", "verdict", "is", "should_be", "why", "set"}
VERDICTS = ["bad", "advice", "unknown", "good"]  # the worst comes first
# Of a namespace: a new one has the kernel's own defaults, whatever the host has.
DEFAULTS = {"net.ipv4.tcp_slow_start_after_idle": "1", "net.core.somaxconn": "4096",
            "net.ipv4.ip_local_port_range": "32768 60999"}
TUNED = {"net.ipv4.tcp_slow_start_after_idle": "0", "net.core.somaxconn": "4096",
         "net.ipv4.ip_local_port_range": "10240 65535"}


def doctor(*arguments, before=(), **how):
    return subprocess.run([*before, binaries.floe(), "doctor", *arguments], capture_output=True,
                          text=True, timeout=PATIENCE_S, check=False, env=environment_with({}),
                          **how)


def findings_of(answer):
    assert answer.stderr == ""
    return {each["name"]: each for each in json.loads(answer.stdout)["findings"]}


def in_namespace(sysctls, *arguments):
    """In a network of its own, where these were set."""
    unshare = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"])]
    sets = [f"echo '{value}' >/proc/sys/{name.replace('.', '/')}; "
            for name, value in sysctls.items()]
    shell = ["sh", "-ec", "".join(sets) + 'exec "$@"', "sh"]
    return doctor(*arguments, before=[*unshare, *shell])


# ---- what it says ----

def test_each_finding_says_what_is_what_should_be_why_and_the_line_that_sets_it():
    report = json.loads(doctor("--json").stdout)
    assert len(report["findings"]) >= 12
    for finding in report["findings"]:
        assert set(finding) == PARTS
        assert all(isinstance(part, str) and part for part in finding.values()), finding
        assert finding["verdict"] in VERDICTS
    names = [finding["name"] for finding in report["findings"]]
    assert len(set(names)) == len(names)
    assert {"kernel", "io_uring", "hard limit of open files", "net.core.somaxconn",
            "net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_congestion_control",
            "net.ipv4.tcp_mem", "net.ipv4.ip_local_port_range"} <= set(names)


def test_the_worst_comes_first_and_all_are_counted():
    report = json.loads(doctor("--json").stdout)
    verdicts = [finding["verdict"] for finding in report["findings"]]
    assert verdicts == sorted(verdicts, key=VERDICTS.index)
    assert report["verdict"] == verdicts[0]
    assert report["counts"] == {verdict: verdicts.count(verdict) for verdict in VERDICTS}


def test_the_kernel_that_runs_the_tests_is_good():
    findings = findings_of(doctor("--json"))
    assert findings["kernel"]["is"] == os.uname().release
    assert findings["kernel"]["verdict"] == findings["io_uring"]["verdict"] == "good"


def test_the_text_has_every_finding_and_the_line_for_each_that_is_not_good():
    text = in_namespace(DEFAULTS)
    findings = findings_of(in_namespace(DEFAULTS, "--json"))
    assert "\x1b" not in text.stdout
    lines = [line.strip() for line in text.stdout.splitlines()]
    for name, finding in findings.items():
        assert any(line.startswith(name) for line in lines), name
        assert (finding["set"] in lines) == (finding["verdict"] in ("bad", "advice")), name
    assert lines[-1].startswith("cp ") and "sysctl --system" in lines[-1]


@pytest.mark.parametrize("environment, is_coloured", [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_gets_colours_unless_it_refuses_them(environment, is_coloured):
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        variables = {name: value for name, value in environment_with(environment).items()
                     if name != "NO_COLOR" or name in environment}
        with subprocess.Popen([binaries.floe(), "doctor"], stdout=theirs, env=variables) as program:
            os.close(theirs)
            said = b""
            try:
                while piece := terminal.read(4096):
                    said += piece
            except OSError:  # how a terminal says that nobody writes any more
                pass
            program.wait(PATIENCE_S)
    assert b"io_uring" in said
    assert (b"\x1b[" in said) == is_coloured


# ---- what it finds ----

def test_a_network_as_the_kernel_makes_it_is_advised():
    findings = findings_of(in_namespace(DEFAULTS, "--json"))
    idle = findings["net.ipv4.tcp_slow_start_after_idle"]
    assert (idle["is"], idle["should_be"], idle["verdict"]) == ("1", "0", "advice")
    assert idle["set"] == "sysctl -w net.ipv4.tcp_slow_start_after_idle=0"
    assert findings["net.ipv4.ip_local_port_range"]["verdict"] == "advice"


def test_a_network_that_was_tuned_is_good():
    findings = findings_of(in_namespace(TUNED, "--json"))
    for name, value in TUNED.items():
        assert (findings[name]["is"], findings[name]["verdict"]) == (value, "good")


def test_what_a_namespace_does_not_show_is_unknown():
    findings = findings_of(in_namespace({}, "--json"))
    assert findings["net.ipv4.tcp_mem"]["verdict"] == "unknown"
    assert "could not be read" in findings["net.ipv4.tcp_mem"]["is"]


def test_what_refuses_listeners_is_bad_and_so_is_the_status():
    for arguments in (["--json"], []):
        answer = in_namespace({"net.core.somaxconn": "128"}, *arguments)
        assert answer.returncode == 1
    assert "128, should be at least 4096" in answer.stdout
    findings = findings_of(in_namespace({"net.core.somaxconn": "128"}, "--json"))
    assert findings["net.core.somaxconn"]["verdict"] == "bad"


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_the_status_is_that_of_the_worst(arguments):
    is_bad = json.loads(doctor("--json").stdout)["verdict"] == "bad"
    assert doctor(*arguments).returncode == (1 if is_bad else 0)


def test_the_limit_of_open_files_is_held_against_the_configured_listeners(tmp_path):
    def judged(listeners):
        path = tmp_path / "floe.toml"
        path.write_text(f"[server]\nshards = 2\n[limits]\nlisteners = {listeners}\n")
        answer = doctor("--json", "-c", path, preexec_fn=lambda: resource.setrlimit(
            resource.RLIMIT_NOFILE, (3000, 3000)))
        return findings_of(answer)["hard limit of open files"]["verdict"], answer.returncode

    assert judged(3000)[0] == "good"
    assert judged(6000) == ("bad", 1)


def test_a_configuration_that_is_wrong_is_said_instead():
    answer = doctor("--set", "limits.listeners=many")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "limits.listeners" in answer.stderr
