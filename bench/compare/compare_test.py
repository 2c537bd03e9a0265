# Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
"""What bench/compare makes of what it measured: tables, ratios, plots, profiles, verdicts."""
import os
import shlex
import subprocess
import sys
import unittest

sys.dont_write_bytecode = True

import growth  # noqa: E402  nothing may be left in the source tree
import plot  # noqa: E402
import process  # noqa: E402
import relays  # noqa: E402
import results  # noqa: E402
import scale  # noqa: E402
import scale_fallback  # noqa: E402
import scale_listclients  # noqa: E402
import scale_report  # noqa: E402
import scale_swap  # noqa: E402
import shares  # noqa: E402
import table  # noqa: E402


def row(server, cpu_us, **more):
    latency = {"count": 9, "p50": 500.0, "p99": 1000.0}
    return {"mss": 1448, "kbps": 128, "mounts": 1, "listeners": 5000, "server": server,
            "plays_audio": server not in ("nginx", "floor"), "cpu_us": cpu_us,
            "load": {"latency_ms": latency, "underruns": 0, "gaps": 0}, **more}


def column(text, title):
    """The cells below a title."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    return [cells[lines[0].index(title)] for cells in lines[2:]]


class Tables(unittest.TestCase):
    KEYS = [("listeners", "listeners"), ("MSS", "mss"), ("server", "server")]

    def test_one_slow_repeat_does_not_move_the_median(self):
        merged = table.medians([row("floe", cpu) for cpu in (9.0, 50.0, 10.0)])
        self.assertEqual([(each["cpu_us"], each["repeats"]) for each in merged], [(10.0, 3)])

    def test_a_ratio_is_to_the_peer_under_the_same_load(self):
        merged = table.medians([row("floe", 10.0), row("nginx", 20.0),
                                row("nginx", 80.0, listeners=1000), row("floor", 8.0, mss=0)])
        self.assertEqual(merged[0]["of_nginx"], 0.5)
        self.assertNotIn("of_floor", merged[0])

    def test_who_plays_no_audio_is_not_judged_by_it(self):
        text = table.markdown(table.medians([row("floe", 10.0), row("nginx", 20.0)]), self.KEYS)
        self.assertEqual(column(text, "underruns"), ["0", "-"])
        self.assertEqual(column(text, "latency p99 ms"), ["1000", "-"])

    def test_nothing_counted_is_not_zero(self):
        nothing = {"latency_ms": {"count": 0, "p50": 0.0, "p99": 0.0}, "underruns": 0}
        merged = table.medians([row("floe", 10.0), row("icecast2", 60.0, load=nothing)])
        text = table.markdown(merged, self.KEYS)
        self.assertEqual(column(text, "latency p50 ms"), ["500", "-"])

    def test_every_row_has_a_cell_for_every_title(self):
        text = table.markdown(table.medians([row("floe", 10.0, mss=0), row("floor", 8.0, mss=0)]),
                              self.KEYS)
        self.assertEqual({line.count("|") for line in text.splitlines()},
                         {text.splitlines()[0].count("|")})
        self.assertEqual(column(text, "MSS"), ["loopback", "loopback"])
        self.assertEqual(column(text, "listeners"), ["5,000", "5,000"])


class Commands(unittest.TestCase):
    def test_a_long_command_is_cut_where_a_shell_allows_it(self):
        words = ["floe", "serve"] + ["--set", "mount_defaults.burst=10s"] * 9 + ["two words"]
        text = results.shell(words)
        self.assertLessEqual(max(map(len, text.splitlines())), results.COLUMNS)
        self.assertEqual(shlex.split(text.replace("\\\n", "")), words)
        self.assertNotIn("--set \\", text)

    def test_a_path_within_the_tree_is_said_from_its_top(self):
        self.assertEqual(results.shell([os.path.join(results.ROOT, "build/release/floe")]),
                         "build/release/floe")


class Plots(unittest.TestCase):
    def test_ticks_are_few_and_round(self):
        self.assertEqual(plot.ticks_up_to(20_140), [0, 5000, 10_000, 15_000, 20_000])
        self.assertEqual(plot.ticks_up_to(339), [0, 100, 200, 300])
        for most in range(1, 30_000, 7):
            self.assertLessEqual(len(plot.ticks_up_to(most)), 6)

    def test_each_series_is_a_line_with_its_points_in_order(self):
        series = {"floe": [(5000, 9.5), (1000, 14.0)], "nginx": [(1000, 20.0)]}
        script = plot.script_for("/x.png", "T", [plot.Panel("P", "listeners", "us", series)])
        self.assertIn("\n1000 14\n5000 9.5\ne\n1000 20\ne\n", script)
        self.assertEqual(script.count("title 'floe'"), 1)

    def test_a_server_has_its_color_in_every_panel(self):
        others = []
        self.assertEqual(plot.color_of("floe", others), plot.color_of("floe", []))
        self.assertNotEqual(plot.color_of("a", others), plot.color_of("b", others))
        self.assertEqual(plot.color_of("a", others), plot.color_of("a", others))


class Growth(unittest.TestCase):
    def test_one_thing_grows_at_a_time(self):
        for grows, *load in growth.loads(None, 128):
            fixed = {"listeners": (load[1:], [1, 128]), "mounts": (load[::2], [10_000, 128]),
                     "kbps": (load[:2], [10_000, 1])}
            self.assertEqual(*fixed[grows])

    def test_a_row_stands_under_what_grew(self):
        rows = [row("floe", 9.0, grows="mounts"), row("floe", 9.0, grows="kbps", kbps=320)]
        text = growth.markdown(rows)
        self.assertNotIn("more listeners", text)
        self.assertLess(text.index("more mounts"), text.index("more kbit/s"))


class Profiles(unittest.TestCase):
    SCRIPT = """
\t    ffffffff81a0 __inet_lookup_established ([kernel.kallsyms])
\t    ffffffff81a1 net_rx_action ([kernel.kallsyms])
\t    ffffffff81a2 tcp_sendmsg ([kernel.kallsyms])
\t    ffffffff81a3 __do_sys_io_uring_enter ([kernel.kallsyms])
\t        7f1 io_uring_submit+0x12 (/usr/lib/liburing.so.2.3)

\t    ffffffff81a4 skb_copy ([kernel.kallsyms])
\t    ffffffff81a2 tcp_sendmsg ([kernel.kallsyms])
\t    ffffffff81a5 io_send ([kernel.kallsyms])

\t    ffffffff81a6 io_cqring_wait ([kernel.kallsyms])

\t    ffffffff81a7 do_futex ([kernel.kallsyms])

\t       55d0 floe::listener::FanOut::Turn(long)+0x40 (/x/floe)

\t       7ffd clock_gettime ([vdso])
"""

    def test_a_sample_counts_for_what_called_it(self):
        chains = shares.parse_samples(self.SCRIPT.splitlines(keepends=True))
        result = shares.summarize(chains, "floe")
        self.assertEqual(result["samples"], 6)
        kinds = {kind.partition(" (")[0] for kind, _ in result["kinds"]}
        self.assertEqual(kinds, {"kernel: softirq", "kernel: TCP/IP send",
                                 "kernel: io_uring, its waiting included", "kernel: the rest",
                                 "floe: listener", "vdso"})
        self.assertAlmostEqual(sum(share for _, share in result["kinds"]), 1)


class Scale(unittest.TestCase):
    def made(self, **more):
        memory = {"tcp": 0, "slab": 0, "machine": 0, "server": {"private": 0, "rss": 1 << 20}}
        whole = {"listeners": 100, "hearing": 100, "shards": 2, "processes": 1, "mounts": 1,
                 "kbps": 128, "mss": 0, "joined_s": 1.0, "window_s": 60.0, "loads": [{}],
                 "intervals_ms": [1000, 990], "bytes_per_s": 1.6e6, "server_cores": 0.5,
                 "load_cores": 0.1, "busy_cores": 1.0, "cores": 2, "before": memory,
                 "after": memory, "available_min": 1 << 30, "stopped": "", "broken": [],
                 "commands": [["floe", "serve"]]}
        return dict(whole, **more)

    def test_every_listener_belongs_to_one_process(self):
        parts = scale.split(1_000_003, 4)
        self.assertEqual(parts[0][0], 0)
        self.assertEqual([first for first, _ in parts[1:]],
                         [first + count for first, count in parts[:-1]])
        self.assertEqual(sum(count for _, count in parts), 1_000_003)

    def test_shards_have_descriptors_for_all_and_room_for_chance(self):
        self.assertEqual(scale.shards_for(100, 20_000, cores=2), 2)
        self.assertGreater(scale.shards_for(1_000_000, 20_000, 2) * 20_000, 1_100_000)
        self.assertLessEqual(scale.shards_for(4_000_000, 20_000, 2), scale.SHARDS_MAX)

    def test_a_preset_gives_way_to_the_command_line(self):
        self.assertEqual(scale.parse(["mounts"]).mounts, 200)
        self.assertEqual(scale.parse(["mounts", "--mounts", "3"]).mounts, 3)
        sets = scale.parse(["ceiling", "--set", "fanout.interval_max=4s"]).sets
        self.assertEqual(sets[-1], "fanout.interval_max=4s")
        self.assertEqual(len(scale.parse(["ceiling"]).sets), 3)

    def test_a_broken_bound_is_said_with_how_much_it_was_missed(self):
        broken = self.made(broken=["7 underruns, at most 0 were allowed"])
        self.assertTrue(scale_report.is_good(self.made()))
        self.assertFalse(scale_report.is_good(broken))
        self.assertIn("7 underruns, at most 0", scale_report.scale_markdown([broken]))

    def test_a_run_cut_short_did_not_hold(self):
        stopped = self.made(stopped="2,000 MiB of memory available", hearing=0)
        self.assertFalse(scale_report.is_good(stopped))
        self.assertIn("cut short: 2,000 MiB", scale_report.scale_markdown([stopped]))

    def test_quantiles_are_of_who_had_it_worst(self):
        loads = [{"latency_ms": {"count": 5, "p50": 10, "p99": 20}, "underruns": 1},
                 {"latency_ms": {"count": 5, "p50": 12, "p99": 19}, "underruns": 2}]
        text = scale_report.scale_markdown([self.made(loads=loads)])
        self.assertIn("| latency p50, p99 | 12 ms, 20 ms |", text)
        self.assertIn("| underruns | 3 |", text)
        self.assertIn("| interval | 990 to 1,000 ms |", text)


class Listclients(unittest.TestCase):
    GOOD = {"first_s": 0.01, "whole_s": 0.4, "bytes": 6_000_000, "listed": 50, "rss_growth": 1e6}

    def test_who_is_left_out_and_an_answer_that_takes_long_break_the_run(self):
        broken = scale_listclients.broken_answers
        self.assertEqual(broken("JSON", [self.GOOD], 50), [])
        self.assertEqual(broken("JSON", [], 50), ["JSON was never answered"])
        self.assertEqual(broken("JSON", [self.GOOD, {**self.GOOD, "listed": 49, "whole_s": 1.5}],
                                50), ["JSON names 49 of 50 listeners", "JSON took 1.50 s"])

    def test_each_form_is_told_by_its_median_and_its_worst(self):
        row = {"asked": {"JSON": [self.GOOD, self.GOOD, {**self.GOOD, "whole_s": 0.9}]}}
        told = dict((name, say(row)) for name, say in scale_listclients.lines_of("JSON"))
        self.assertEqual(told["JSON: whole answer, median and worst"], "400 ms, 900 ms")
        self.assertEqual(told["JSON: answers, size"], "3, 6.0 MB")

    def test_an_entry_is_found_in_either_form(self):
        entries = {form: entry for form, (_, entry) in scale_listclients.FORMS.items()}
        self.assertEqual(len(entries["listclients"].findall(b"<IP>::1</IP><ip>::1</ip>")), 2)
        self.assertEqual(len(entries["JSON"].findall(b'{"IP":"::1"},{"ip":"::1"}')), 2)


class Swaps(unittest.TestCase):
    SAID = """/x/floe starts as process 71
process 71 goes on with 1999 listeners, 1 sources and 2 mounts
nothing was sent for 38.5 ms; all of it took 214.0 ms
"""

    def made(self, **more):
        def window(*worst):
            return {"seconds": 15.0, "loads": [
                {"longest_wait_ms": {"count": 50, "max": each, "p99": each - 1, "p50": 7.0}}
                for each in worst]}
        swaps = [{"failed": "", "ended_with": 0, "peak": 3 << 20,
                  **scale_swap.read_summary(self.SAID)}]
        return Scale().made(**{"windows": {"without": window(1010.0, 1001.0),
                                           "with": window(1015.0, 1060.5)},
                               "swaps": swaps, "peaks": [3 << 20, 5 << 20], **more})

    def markdown(self, row):
        return scale_report.scale_markdown([row], scale_swap.LINES)

    def test_what_floe_says_of_a_swap_is_read(self):
        self.assertEqual(scale_swap.read_summary(self.SAID),
                         {"pid": 71, "listeners": 1999, "sources": 1, "mounts": 2,
                          "gap_ms": 38.5, "total_ms": 214.0})
        self.assertIsNone(scale_swap.read_summary("/x/floe starts as process 71"))

    def test_a_swap_is_judged_by_who_waited_longest(self):
        text = self.markdown(self.made())
        self.assertIn("worst, p99, p50 | 1,010.0 ms, 1,009.0 ms, 7.0 ms |", text)
        self.assertIn("worst, p99, p50 | 1,060.5 ms, 1,059.5 ms, 7.0 ms |", text)
        self.assertIn("| the worst is longer by | +50.5 ms |", text)
        self.assertIn("| listeners whose waits were measured in each | 100, 100 |", text)
        self.assertIn("nothing was sent for | 38.5 ms |", text)
        self.assertIn("(VmHWM) | 3, 5 MiB |", text)

    def test_a_run_cut_short_is_told_without_what_it_did_not_come_to(self):
        failed = {"failed": "refused", "ended_with": None, "peak": 1 << 20}
        stopped = self.made(windows={}, swaps=[failed], stopped="swap 1 failed: refused")
        text = self.markdown(stopped)
        self.assertIn("| the worst is longer by | - |", text)
        self.assertIn("cut short: swap 1 failed: refused", text)

    def test_who_is_not_handed_over_and_a_bad_end_break_the_run(self):
        done = self.made()["swaps"][0]
        self.assertEqual(scale_swap.broken_swaps([done], 1999), [])
        self.assertEqual(scale_swap.broken_swaps([{**done, "ended_with": -11}], 2000),
                         ["swap 1: 1,999 of 2,000 listeners were handed over",
                          "swap 1: the process before ended with status -11"])
        stays = {**done, "ended_with": None}
        self.assertIn("did not end", scale_swap.broken_swaps([stays], 1999)[0])

    def test_about_a_thousand_are_checked_of_any_number(self):
        arguments = scale.parse(["swap", "--build", "b"])
        for listeners, share in ((100_000, "0.01"), (2000, "0.5"), (10, "1")):
            command = scale.load_commands(arguments, 8000, listeners)[0]
            self.assertEqual(command[command.index("--check-share") + 1], share)

    def test_a_process_whose_parent_has_ended_is_ours_to_end(self):
        scale_swap.adopt_grandchildren()
        said = subprocess.run(["sh", "-c", "sleep 600 >&- & echo $!"],
                              stdout=subprocess.PIPE, check=True, text=True).stdout
        successor = scale_swap.Successor(int(said), ["sleep"])
        self.assertIsNone(successor.poll())
        self.assertEqual(process.stop(successor), -15)
        self.assertEqual(successor.poll(), -15)


class Fallbacks(unittest.TestCase):
    def moved(self, **there):
        each = {"moves": 100, "first_s": 0.02, "half_s": 0.4, "all_s": 0.9, "came": 50,
                "heard_first_s": 0.03, "heard_last_s": 0.95}
        return {"there": {**each, "frames": 800, "went_at": [799, 799], **there}, "back": each}

    def broken(self, **there):
        return scale_fallback.broken_moves(self.moved(**there), 100, 50)

    def test_what_all_rings_noted_of_a_life_is_one(self):
        loads = [{"changes": [{"life": 1, "came": 0, "went": 2, "went_at_min": 7,
                               "went_at_max": 9}]},
                 {"changes": [{"life": 1, "came": 0, "went": 1, "went_at_min": 8,
                               "went_at_max": 8},
                              {"life": 2, "came": 3, "went": 0, "came_first_s": 1.5,
                               "came_last_s": 2.5}]}]
        self.assertEqual(scale_fallback.changes_of(loads), {
            1: {"came": 0, "went": 3, "went_at_min": 7, "went_at_max": 9},
            2: {"came": 3, "went": 0, "came_first_s": 1.5, "came_last_s": 2.5}})

    def test_who_is_late_or_missing_and_an_end_not_heard_break_the_run(self):
        self.assertEqual(self.broken(), [])
        self.assertIn("all were moved after 1.200 s, 1 s", self.broken(all_s=1.2)[0])
        self.assertIn("99 moves of 100", self.broken(all_s=None, moves=99)[0])
        self.assertIn("49 of 50 checked", self.broken(came=49)[0])
        self.assertIn("heard it after 1.100 s", self.broken(heard_last_s=1.1)[0])
        self.assertIn("last that was heard is 790 to 799", self.broken(went_at=[790, 799])[0])

    def test_there_and_back_are_told_by_both_who_know(self):
        row = Scale().made(moved=self.moved(), windows={})
        text = scale_report.scale_markdown([row], scale_fallback.LINES)
        self.assertIn("all were moved after | 0.020 s, 0.400 s, 0.900 s |", text)
        self.assertIn("and back, as heard by those who are checked: first, last | "
                      "0.030 s, 0.950 s |", text)
        self.assertIn("at least and at most | 799; 799, 799 |", text)

    def test_a_run_that_did_not_come_to_it_is_told_all_the_same(self):
        row = Scale().made(moved={}, windows={}, stopped="a source ended")
        text = scale_report.scale_markdown([row], scale_fallback.LINES)
        self.assertIn("all were moved after | -, -, - |", text)

    def test_its_two_sources_are_of_the_mount_and_of_the_fallback(self):
        commands = scale.source_commands(scale.parse(["fallback", "--build", "b"]), 8000)
        mounts = [command[command.index("--mount") + 1] for command in commands]
        self.assertEqual(mounts, ["/live", "/backup"])


class Relays(unittest.TestCase):
    def row(self, server, cpu_us, **more):
        load = {key: 0 for key in relays.BOUNDS}
        return {"server": server, "relays": 200, "streams": 20, "kbps": 128, "cpu_us": cpu_us,
                "heard_cpu_us": 2 * cpu_us, "pss_kib": 100.0, "rss_kib": 100.0, "fetched": 200,
                "heard": 200, "origin_core": 0.1, "load": load, **more}

    def test_relays_share_the_streams_evenly(self):
        made = relays.relays_of(8000, 200, 20)
        self.assertEqual(len({each.mount for each in made}), 200)
        self.assertEqual([sum(each.path == f"/live{number}" for each in made)
                          for number in range(20)], [10] * 20)

    def test_the_listeners_of_all_mounts_are_counted_and_no_other_figure(self):
        text = ("<icestats><listeners>9</listeners><source mount=\"/a\"><listeners>3</listeners>"
                "</source>\n<source mount=\"/b\">\n<listeners>40</listeners></source></icestats>")
        self.assertEqual(relays.listeners_in(text), 43)

    def test_each_column_is_a_median_and_a_share_of_icecasts(self):
        rows = [self.row("floe", cpu) for cpu in (5.0, 90.0, 6.0)] + [self.row("icecast2", 60.0)]
        merged = relays.medians(rows)
        self.assertEqual([each["cpu_us"] for each in merged], [6.0, 60.0])
        self.assertEqual(merged[0]["cpu_us_of_icecast2"], 0.1)
        self.assertIn("| CPU us per relay-second | 6.0 | 60.0 |", relays.markdown(rows))

    def test_a_relay_that_is_not_heard_is_said(self):
        self.assertIn("all relays were heard", relays.markdown([self.row("floe", 1.0)]))
        silent = self.row("floe", 1.0, heard=199)
        self.assertEqual(relays.broken(silent), ["floe: 199 of 200 relays were heard"])
        self.assertIn("199 of 200", relays.markdown([silent]))


if __name__ == "__main__":
    unittest.main()
