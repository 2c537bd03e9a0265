// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "metrics/text_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <utility>

namespace floe::metrics {
namespace {

TEST(TextWriter, AFamilyHasItsHeadOnceAndThenItsSamples) {
  TextWriter writer;
  writer.Family(Type::kCounter, "floe_joins_total", "Who came.");
  writer.Sample({{"mount", "/a"}}, 1);
  writer.Sample({{"mount", "/b"}, {"cause", "gone"}}, uint64_t{18'446'744'073'709'551'615u});
  writer.One(Type::kGauge, "floe_busy_ratio", "Busy.", 0.25);
  EXPECT_EQ(std::move(writer).Take(),
            "# HELP floe_joins_total Who came.\n"
            "# TYPE floe_joins_total counter\n"
            "floe_joins_total{mount=\"/a\"} 1\n"
            "floe_joins_total{mount=\"/b\",cause=\"gone\"} 18446744073709551615\n"
            "# HELP floe_busy_ratio Busy.\n"
            "# TYPE floe_busy_ratio gauge\n"
            "floe_busy_ratio 0.25\n");
}

TEST(TextWriter, AFamilyWithoutSamplesIsNotWritten) {
  TextWriter writer;
  writer.Family(Type::kGauge, "floe_none", "Nothing.");
  writer.Family(Type::kGauge, "floe_none_either", "Nothing.");
  EXPECT_EQ(std::move(writer).Take(), "");
}

TEST(TextWriter, BucketsCountAllThatIsNotLarger) {
  static constexpr std::array<uint64_t, 2> kBounds = {500'000, 1'000'000'000};
  Histogram histogram(kBounds);
  histogram.Observe(1'000);
  histogram.Observe(2'000'000);
  histogram.Observe(4'000'000'000);
  TextWriter writer;
  writer.Family(Type::kHistogram, "floe_wait_seconds", "Waits.");
  writer.Sample({{"of", "all"}}, histogram.Read(), 1e9);
  EXPECT_EQ(std::move(writer).Take(),
            "# HELP floe_wait_seconds Waits.\n"
            "# TYPE floe_wait_seconds histogram\n"
            "floe_wait_seconds_bucket{of=\"all\",le=\"5e-04\"} 1\n"
            "floe_wait_seconds_bucket{of=\"all\",le=\"1\"} 2\n"
            "floe_wait_seconds_bucket{of=\"all\",le=\"+Inf\"} 3\n"
            "floe_wait_seconds_sum{of=\"all\"} 4.002001\n"
            "floe_wait_seconds_count{of=\"all\"} 3\n");
}

TEST(TextWriter, ALabelsValueCannotEndItsQuotesOrItsLine) {
  EXPECT_EQ(EscapedLabel("a\"b\\c\nd"), R"(a\"b\\c\nd)");
  EXPECT_EQ(EscapedLabel("caf\xe9 \xc3\xa9"), "caf\uFFFD \u00e9");
}

TEST(TextWriter, NumbersThatAreNoneHaveTheirNames) {
  TextWriter writer;
  writer.Family(Type::kGauge, "floe_odd", "Odd \\ ones\n.");
  writer.Sample({}, std::numeric_limits<double>::infinity());
  writer.Sample({}, -std::numeric_limits<double>::infinity());
  writer.Sample({}, std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(std::move(writer).Take(),
            "# HELP floe_odd Odd \\\\ ones\\n.\n# TYPE floe_odd gauge\n"
            "floe_odd +Inf\nfloe_odd -Inf\nfloe_odd NaN\n");
}

TEST(TextWriterDeathTest, WhatPrometheusWouldRefuseIsABug) {
  TextWriter writer;
  EXPECT_DEATH(writer.Family(Type::kGauge, "floe-dash", ""), "");
  EXPECT_DEATH(writer.Family(Type::kCounter, "floe_joins", ""), "");
  EXPECT_DEATH(writer.Family(Type::kGauge, "floe_joins_total", ""), "");
  EXPECT_DEATH(writer.Sample({}, 1), "");
  writer.Family(Type::kGauge, "floe_twice", "");
  EXPECT_DEATH(writer.Family(Type::kGauge, "floe_twice", ""), "");
  EXPECT_DEATH(writer.Sample({{"1st", ""}}, 1), "");
}

}  // namespace
}  // namespace floe::metrics
