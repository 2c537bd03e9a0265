# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""A rule that cannot fail is a defect: each is fed what it must find, and what it must let pass."""
import os
import tempfile
import unittest

from tidy import functions, rules, tree
from tidy.source import Source, blanked

HEAD = "// " + rules.LICENCE + "\n"
LONG_BODY = "  Step();\n" * 80
TO_DO = "TO" + "DO"


def lines(rule, path, text):
    return [line for line, _ in rule(Source(path, text))]


class IncludeDirection(unittest.TestCase):
    def found(self, path, include):
        return lines(rules.include_direction, path, f"#include {include}\n") == [1]

    def test_nothing_points_up(self):
        self.assertTrue(self.found("src/tape/tape.h", '"mount/mount.h"'))
        self.assertTrue(self.found("src/base/log.cc", '"ring/ring.h"'))
        self.assertTrue(self.found("src/session/welcome.cc", '"server/server.h"'))
        self.assertTrue(self.found("src/listener/fan_out.h", '"ring/ring.h"'))
        self.assertTrue(self.found("src/audio/ogg.cc", '"tape/tape.h"'))

    def test_a_folder_knows_itself_base_and_its_row(self):
        self.assertFalse(self.found("src/tape/tape.h", '"tape/arena.h"'))
        self.assertFalse(self.found("src/tape/tape.h", '"base/limits.h"'))
        self.assertFalse(self.found("src/mount/mount.h", '"audio/framer.h"'))
        self.assertFalse(self.found("src/server/main.cc", '"session/welcome.h"'))
        self.assertFalse(self.found("tests/unit/base/slab_test.cc", '"server/server.h"'))

    def test_libraries_are_known_where_they_are_wrapped(self):
        self.assertTrue(self.found("src/listener/fan_out.h", "<liburing.h>"))
        self.assertTrue(self.found("src/listener/fan_out.h", '"liburing/io_uring.h"'))
        self.assertTrue(self.found("src/mount/mount.cc", '"toml++/toml.h"'))
        self.assertTrue(self.found("src/server/main.cc", '"handover/feed.pb.h"'))
        self.assertTrue(self.found("src/server/main.cc", "<google/protobuf/arena.h>"))
        self.assertFalse(self.found("src/handover/feed_codec.cc", '"handover/feed.pb.h"'))
        self.assertFalse(self.found("src/ring/ring.h", "<liburing.h>"))
        self.assertFalse(self.found("src/config/load.cc", "<toml++/toml.h>"))

    def test_tools_are_peers(self):
        self.assertTrue(self.found("tools/load/ear.h", '"http/reply.h"'))
        self.assertFalse(self.found("tools/load/ear.h", '"tools/wire/reply_head.h"'))

    def test_includes_are_relative_to_src(self):
        self.assertTrue(self.found("src/tape/tape.h", '"../base/limits.h"'))
        self.assertTrue(self.found("src/tape/tape.h", '"tests/sim/station.h"'))

    def test_a_new_folder_takes_its_place_in_the_table(self):
        self.assertEqual(lines(rules.known_folder, "src/misc/x.h", HEAD), [1])
        self.assertEqual(lines(rules.known_folder, "src/tape/x.h", HEAD), [])


class Layout(unittest.TestCase):
    def test_columns(self):
        self.assertEqual(lines(rules.columns, "src/a/b.h", "x" * 100 + "\n" + "x" * 101), [2])

    def test_a_table_in_prose_may_be_wide(self):
        self.assertEqual(lines(rules.columns, "README.md", "| " + "x" * 200 + " |\n"), [])
        self.assertEqual(lines(rules.columns, "README.md", "x" * 200 + "\n"), [1])

    def test_whitespace(self):
        self.assertEqual(lines(rules.whitespace, "a.py", "a \n\tb\nc"), [1, 2, 3])
        self.assertEqual(lines(rules.whitespace, "a.py", "a\n  b\n"), [])

    def test_files_are_short(self):
        self.assertEqual(lines(rules.file_length, "a.cc", "x\n" * 601), [600])
        self.assertEqual(lines(rules.file_length, "a.cc", "x\n" * 600), [])

    def test_headers_are_included_once(self):
        self.assertEqual(lines(rules.pragma_once, "a.h", "// #pragma once\n"), [1])
        self.assertEqual(lines(rules.pragma_once, "a.h", HEAD + "#pragma once\n"), [])

    def test_every_file_says_its_licence(self):
        self.assertEqual(lines(rules.licence, "a.h", "#pragma once\n"), [1])
        self.assertEqual(lines(rules.licence, "a.h", "\n\n\n" + HEAD), [1])
        self.assertEqual(lines(rules.licence, "a", "#!/bin/sh\n# " + rules.LICENCE + "\n"), [])

    def test_names_that_say_nothing(self):
        self.assertEqual(lines(rules.file_name, "src/http/http_util.cc", ""), [1])
        self.assertEqual(lines(rules.file_name, "src/http/client.h", ""), [1])
        self.assertEqual(lines(rules.file_name, "src/http/utility.h", ""), [])

    def test_nothing_is_left_for_later(self):
        self.assertEqual(lines(rules.unfinished, "a.cc", f"// {TO_DO}: more\n"), [1])
        self.assertEqual(lines(rules.unfinished, "a.cc", "// todo list parser\n"), [])

    def test_paths_of_one_machine(self):
        for folder in ("wo" + "rk", "ho" + "me", "ro" + "ot", "fa" + "rm"):
            self.assertEqual(lines(rules.machine_paths, "a.py", f'x = "/{folder}/main"\n'), [1])
        self.assertEqual(lines(rules.machine_paths, "a.py", 'x = "src/wo' + 'rk/x"\n'), [])


class FunctionLength(unittest.TestCase):
    def found(self, text):
        return lines(rules.function_length, "src/a/b.cc", text)

    def test_long_functions_of_every_form(self):
        for head in ("void F() {", "auto F() -> int {", "int A::F(int x) const {",
                     "A::A() : a_(1), b_{2} {", "A::A(int x)\n    : a_(x) {", "TEST(A, B) {",
                     "  auto f = [&] {", "  Run([&](int x) {", "bool operator()(int) const {",
                     "template <typename T>\nvoid F(T x) {", "void F(Options o = {}) {",
                     'extern "C" int F(const char* x, int y) {', "Task<> F(Shard& s) {",
                     "A(A&& other) noexcept {"):
            close = "});" if "Run(" in head else "}"
            self.assertEqual(len(self.found(f"{head}\n{LONG_BODY}{close}\n")), 1, head)

    def test_what_is_no_function_may_be_long(self):
        for head in ("namespace floe {", "class A : public B {", "struct alignas(64) A {",
                     "enum class A : int {", 'extern "C" {', "constexpr int kTable[] = {",
                     "template <typename T, int (*f)(int)>\nclass A {"):
            self.assertEqual(self.found(f"{head}\n{LONG_BODY}}};\n"), [], head)

    def test_blocks_count_for_their_function_once(self):
        text = f"void F() {{\n  if (x) {{\n{LONG_BODY}  }} else {{\n{LONG_BODY}  }}\n}}\n"
        self.assertEqual(self.found("int x;\n" + text), [2])

    def test_a_condition_with_a_lambda_is_still_a_condition(self):
        text = "if (std::any_of(a, b, [](int x) { return x > 0; })) {"
        self.assertFalse(functions.opens_function(text[:-1]))

    def test_exactly_the_limit_passes(self):
        body = "  Step();\n" * (rules.FUNCTION_LINES_MAX - 2)
        self.assertEqual(self.found(f"void F() {{\n{body}}}\n"), [])
        self.assertEqual(self.found(f"void F() {{\n{body}  Step();\n}}\n"), [1])

    def test_braces_in_strings_and_comments_are_no_braces(self):
        text = 'void F() {\n  Say("}{{");  // {{{\n  char c = \'{\';\n}\n'
        spans = list(functions.functions(blanked(text)))
        self.assertEqual([(text[a:a + 4], text[b]) for a, b in spans], [("void", "}")])

    def test_a_long_table_excused(self):
        self.assertEqual(
            self.found(f"// tidy: length: one table of cases\nvoid F() {{\n{LONG_BODY}}}\n"), [])


class Bans(unittest.TestCase):
    def test_hot_folders(self):
        for text in ("std::mutex m;", "absl::MutexLock l(&m);", "#include <mutex>",
                     "std::unique_lock l(m);", "std::shared_ptr<A> a;", "std::make_shared<A>();",
                     "std::function<void()> f;", "co_await x;", "co_return;"):
            self.assertEqual(lines(rules.hot_bans, "src/tape/a.cc", text + "\n"), [1], text)
            self.assertEqual(lines(rules.hot_bans, "src/session/a.cc", text + "\n"), [], text)

    def test_a_reason_excuses(self):
        for text in ("std::mutex m;  // tidy: mutex: only at start\n",
                     "// Guards the list.\n// tidy: mutex: only at start\nstd::mutex m;\n",
                     "// tidy: mutex: only at start, and\n// never after.\nstd::mutex m;\n"):
            self.assertEqual(lines(rules.hot_bans, "src/listener/a.cc", text), [], text)

    def test_what_is_no_reason_excuses_nothing(self):
        for text in ("std::mutex m;  // tidy: mutex:\n", "std::mutex m;  // only at start\n",
                     "std::mutex m;  // tidy: function: a callback\n"):
            self.assertEqual(lines(rules.hot_bans, "src/listener/a.cc", text), [1], text)

    def test_words_in_comments_and_strings_are_free(self):
        text = 'Say("std::mutex");  // std::function\n/* co_await */\n'
        self.assertEqual(lines(rules.hot_bans, "src/tape/a.cc", text), [])

    def test_everywhere(self):
        for text in ("std::string_view s;\n", "using namespace std;\n"):
            self.assertEqual(lines(rules.bans, "tests/unit/a_test.cc", text), [1])
        self.assertEqual(lines(rules.bans, "src/a/b.cc", "absl::string_view s;\n"), [])

    def test_in_src(self):
        self.assertEqual(lines(rules.bans, "src/http/b.cc", "throw 1;\n"), [1])
        self.assertEqual(lines(rules.bans, "tests/unit/b.cc", "throw 1;\n"), [])
        self.assertEqual(lines(rules.bans, "src/http/b.cc", "int throws = 1;\n"), [])

    def test_skips(self):
        for text in ("GTEST_SKIP();\n", "TEST(A, DISABLED_B) {}\n", "@pytest.mark.skip\n",
                     "@pytest.mark.skipif(True)\n"):
            self.assertEqual(lines(rules.no_skips, "tests/e2e/x_test.py", text), [1])


class AwaitTemporaries(unittest.TestCase):
    def found(self, text):
        return lines(rules.await_temporaries, "src/session/a.cc", text)

    def test_braces_and_lambdas(self):
        for text in ("co_await Send{1};", "co_await F({1, 2});", "co_await F(Options{.a = 1});",
                     "co_await F([&] { return 1; });", "x = co_await (Awaiter{ring}, y);",
                     "co_await F(a,\n  {1});", "co_await F(x, [] {});"):
            self.assertEqual(len(self.found(text + "\n")), 1, text)

    def test_named_values(self):
        for text in ("if (co_await F(x)) {\n}", "while (!(co_await F(x)).ok()) { x(); }",
                     "co_await F(a[i], b()[j]);", 'co_await F("{");',
                     "for (auto x : co_await F()) { y(); }",
                     "if (auto s = co_await F(x); !s.ok()) { z(); }"):
            self.assertEqual(self.found(text + "\n"), [], text)


class Tree(unittest.TestCase):
    def test_unregistered_files(self):
        sources = [Source("src/tape/meson.build", "'tape.cc', unit_tests += {'tape/tape': x}"),
                   Source("src/tape/tape.cc", ""), Source("src/tape/lost.cc", ""),
                   Source("tests/unit/tape/tape_test.cc", ""),
                   Source("tests/unit/tape/lost_test.cc", ""),
                   Source("tests/sim/meson.build", "foreach name : ['seeds']"),
                   Source("tests/sim/seeds_test.cc", ""), Source("tests/sim/lost.cc", "")]
        found = [path for path, _, _ in tree.registered(sources, "")]
        self.assertEqual(found, ["src/tape/lost.cc", "tests/unit/tape/lost_test.cc",
                                 "tests/sim/lost.cc"])

    def test_empty_corpora(self):
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.join(root, "tests/fuzz/corpus/a/full"))
            open(os.path.join(root, "tests/fuzz/corpus/a/full/one"), "w").close()
            os.makedirs(os.path.join(root, "tests/fuzz/corpus/a/empty"))
            sources = [Source(f"tests/fuzz/a/{name}_fuzz.cc", "")
                       for name in ("full", "empty", "none")]
            found = [path for path, _, _ in tree.corpora(sources, root)]
        self.assertEqual(found, ["tests/fuzz/a/empty_fuzz.cc", "tests/fuzz/a/none_fuzz.cc"])

    def test_links_that_lead_nowhere(self):
        with tempfile.TemporaryDirectory() as root:
            page = self.write(root, "docs/a.md", "[a](b.md)\n[c](https://c.example)\n[d](a.md)\n")
            found = [line for _, line, _ in tree.links([page], root)]
        self.assertEqual(found, [1])

    def test_headers_that_need_another_first(self):
        with tempfile.TemporaryDirectory() as root:
            self.write(root, "src/a/good.h", "#pragma once\n#include <string>\nstd::string s();\n")
            bad = self.write(root, "src/a/bad.h", "#pragma once\nstd::string s();\n")
            good = Source("src/a/good.h", open(os.path.join(root, "src/a/good.h")).read())
            for _ in range(2):  # the second time from the cache
                found = [path for path, _, _ in tree.headers_alone([good, bad], root)]
                self.assertEqual(found, ["src/a/bad.h"])

    def test_only_a_source_of_the_same_name_proves_a_header(self):
        own = Source("src/a/b.cc", '#include "a/b.h"\n')
        self.assertEqual(list(tree.included_first(own)), ["src/a/b.h"])
        for path, text in (("src/a/b.cc", '#include <map>\n#include "a/b.h"\n'),
                           ("src/a/c.cc", '#include "a/b.h"\n'), ("src/a/b.cc", "")):
            self.assertEqual(list(tree.included_first(Source(path, text))), [], path)

    def test_a_changed_include_is_compiled_again(self):
        texts = {"src/a/a.h": '#include "a/b.h"\n', "src/a/b.h": "int b();\n"}
        before = tree.closure_hash("src/a/a.h", texts, [])
        texts["src/a/b.h"] = "long b();\n"
        self.assertNotEqual(before, tree.closure_hash("src/a/a.h", texts, []))

    def test_format(self):
        with tempfile.TemporaryDirectory() as root:
            self.write(root, ".clang-format", "BasedOnStyle: Google\n")
            bad = self.write(root, "src/a/bad.cc", "int  f ( ) { return 1 ; }\n")
            good = self.write(root, "src/a/good.cc", "int f() { return 1; }\n")
            found = [path for path, _, _ in tree.formatted([bad, good], root)]
            self.assertEqual(found, ["src/a/bad.cc"])
            self.assertEqual(list(tree.formatted([good], root)), [])

    def write(self, root, path, text):
        os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
        with open(os.path.join(root, path), "w", encoding="utf-8") as file:
            file.write(text)
        return Source(path, text)


class EveryRule(unittest.TestCase):
    def test_is_tested_here(self):
        with open(__file__, encoding="utf-8") as file:
            text = file.read()
        for rule in [*rules.RULES.values(), *tree.RULES.values()]:
            self.assertIn(f".{rule.__name__}", text)


if __name__ == "__main__":
    unittest.main()
