# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What tools/test counts: nothing that went wrong may be counted as passed."""
import os
import tempfile
import unittest

import tally

TWO_PASSED = ("[==========] Running 2 tests from 1 test suite.\n"
              "[       OK ] Slab.A (0 ms)\n[       OK ] Slab.B (0 ms)\n[  PASSED  ] 2 tests.\n")
ONE_FAILED = ("[==========] Running 2 tests from 1 test suite.\n"
              "[       OK ] Slab.A (0 ms)\n[  FAILED  ] Slab.B (3 ms)\n"
              "[  FAILED  ] 1 test, listed below:\n[  FAILED  ] Slab.B\n")
CASE = '<testcase classname="{}" name="{}">{}</testcase>'


def counted(stdout, result):
    return tally.count_meson_test({"stdout": stdout, "result": result})


class Meson(unittest.TestCase):
    def test_each_gtest_case_is_one(self):
        self.assertEqual(counted(TWO_PASSED, "OK"), (2, 0))
        self.assertEqual(counted(ONE_FAILED, "FAIL"), (1, 1))

    def test_a_program_that_ends_badly_after_its_cases_has_failed(self):
        self.assertEqual(counted(TWO_PASSED, "FAIL"), (2, 1))
        self.assertEqual(counted(TWO_PASSED, "TIMEOUT"), (2, 1))

    def test_a_program_that_dies_within_a_case_has_failed(self):
        cut = TWO_PASSED[:TWO_PASSED.index("[       OK ] Slab.B")]
        self.assertEqual(counted(cut, "FAIL"), (1, 1))

    def test_a_gtest_program_without_a_case_has_failed(self):
        nothing = "[==========] Running 0 tests from 0 test suites.\n[  PASSED  ] 0 tests.\n"
        self.assertEqual(counted(nothing, "OK"), (0, 1))

    def test_any_other_program_is_one(self):
        self.assertEqual(counted("12 inputs replayed\n", "OK"), (1, 0))
        for result in ("FAIL", "ERROR", "TIMEOUT", "SKIP", "EXPECTEDFAIL", "UNEXPECTEDPASS"):
            self.assertEqual(counted("", result), (0, 1), result)


class Pytest(unittest.TestCase):
    def counted(self, *cases):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "e2e.xml")
            with open(path, "w", encoding="utf-8") as file:
                file.write("<testsuites><testsuite>" + "".join(cases) + "</testsuite></testsuites>")
            return tally.count_pytest(path)

    def test_failures_errors_and_skips_have_not_passed(self):
        cases = [CASE.format("a", "passed", "")]
        cases += [CASE.format("a", tag, f"<{tag}/>") for tag in ("failure", "error", "skipped")]
        self.assertEqual(self.counted(*cases), (1, 3))

    def test_a_case_that_fails_and_fails_to_end_is_one_failure(self):
        self.assertEqual(self.counted(CASE.format("a", "x", "<failure/>"),
                                      CASE.format("a", "x", "<error/>")), (0, 1))

    def test_a_case_of_the_same_name_elsewhere_is_another(self):
        self.assertEqual(self.counted(CASE.format("a", "x", ""), CASE.format("b", "x", "")),
                         (2, 0))


if __name__ == "__main__":
    unittest.main()
