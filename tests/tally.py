# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""Counts what ran, for tools/test: prints "<passed> <failed>".

usage: tally.py meson <log .json>    a gtest case is one, any other test is one
       tally.py pytest <junit xml>
       tally.py targets <build folder> <suite...>   the ninja targets that the suites run
"""
import json
import os
import re
import sys
import xml.etree.ElementTree

GTEST_START = re.compile(r"^\[==========\] Running \d+ tests? from", re.M)
GTEST_OK = re.compile(r"^\[       OK \] ", re.M)
GTEST_FAILED = re.compile(r"^\[  FAILED  \] .*\(\d+ ms\)$", re.M)


def count_meson_test(test):
    """One line of the log. A gtest program that ends badly after all its cases passed (a
    leak, a crash in a destructor) is one failure more; a skipped test is one that did not pass."""
    stdout = test.get("stdout", "")
    passed_whole = test["result"] == "OK"
    if not GTEST_START.search(stdout):
        return (1, 0) if passed_whole else (0, 1)
    passed, failed = len(GTEST_OK.findall(stdout)), len(GTEST_FAILED.findall(stdout))
    if not passed_whole or passed == 0:
        failed = max(failed, 1)
    return passed, failed


def count_meson(path):
    passed = failed = 0
    with open(path, encoding="utf-8") as log:
        for line in log:
            more_passed, more_failed = count_meson_test(json.loads(line))
            passed += more_passed
            failed += more_failed
    return passed, failed


def count_pytest(path):
    """Each case once: what fails in its body and again in its teardown is one failure."""
    cases = {}
    for case in xml.etree.ElementTree.parse(path).getroot().iter("testcase"):
        name = (case.get("classname"), case.get("name"))
        bad = any(child.tag in ("failure", "error", "skipped") for child in case)
        cases[name] = cases.get(name, False) or bad
    failed = sum(cases.values())
    return len(cases) - failed, failed


def targets(build, suites):
    with open(os.path.join(build, "meson-info", "intro-tests.json"), encoding="utf-8") as listing:
        tests = json.load(listing)
    with open(os.path.join(build, "meson-info", "intro-targets.json"), encoding="utf-8") as listing:
        outputs = {target["id"]: target["filename"] for target in json.load(listing)}
    wanted = set()
    for test in tests:
        if any(suite.split(":")[-1] in suites for suite in test["suite"]):
            for target in test["depends"]:
                wanted.update(os.path.relpath(path, os.path.abspath(build))
                              for path in outputs[target])
    return sorted(wanted)


def main(arguments):
    what = arguments[0] if arguments else ""
    if what == "meson":
        print(*count_meson(arguments[1]))
    elif what == "pytest":
        print(*count_pytest(arguments[1]))
    elif what == "targets":
        print(*targets(arguments[1], arguments[2:]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
