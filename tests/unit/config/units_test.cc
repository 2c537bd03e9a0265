// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/units.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace floe::config {
namespace {

constexpr Range<milliseconds> kAnyTime = {0ms, milliseconds(INT64_MAX)};
constexpr Range<uint64_t> kAnySize = {0, INT64_MAX};

milliseconds Time(absl::string_view text) {
  milliseconds time{-1};
  EXPECT_EQ(ReadTime(text, kAnyTime, &time), std::nullopt) << text;
  return time;
}

uint64_t Size(absl::string_view text) {
  uint64_t size_bytes = UINT64_MAX;
  EXPECT_EQ(ReadSize(text, kAnySize, &size_bytes), std::nullopt) << text;
  return size_bytes;
}

Wrong WrongTime(absl::string_view text, const Range<milliseconds>& range = kAnyTime) {
  milliseconds time{-1};
  const Verdict verdict = ReadTime(text, range, &time);
  EXPECT_TRUE(verdict.has_value()) << text;
  EXPECT_EQ(time, milliseconds(-1)) << "a refused time is not stored";
  return verdict.value_or(Wrong{});
}

Wrong WrongSize(absl::string_view text, const Range<uint64_t>& range = kAnySize) {
  uint64_t size_bytes = 7;
  const Verdict verdict = ReadSize(text, range, &size_bytes);
  EXPECT_TRUE(verdict.has_value()) << text;
  EXPECT_EQ(size_bytes, 7u) << "a refused size is not stored";
  return verdict.value_or(Wrong{});
}

TEST(Units, TimesAreMillisecondsSecondsMinutesHoursAndDays) {
  EXPECT_EQ(Time("20ms"), 20ms);
  EXPECT_EQ(Time("4s"), 4s);
  EXPECT_EQ(Time("2m"), 2min);
  EXPECT_EQ(Time("1h"), 1h);
  EXPECT_EQ(Time("30d"), 24h * 30);
  EXPECT_EQ(Time("0s"), 0s);
}

TEST(Units, SizesAreBinaryOrDecimal) {
  EXPECT_EQ(Size("17B"), 17u);
  EXPECT_EQ(Size("64KiB"), 65536u);
  EXPECT_EQ(Size("256MiB"), 268435456u);
  EXPECT_EQ(Size("1GiB"), 1073741824u);
  EXPECT_EQ(Size("2TiB"), uint64_t{2} << 40);
  EXPECT_EQ(Size("500kB"), 500'000u);
  EXPECT_EQ(Size("3MB"), 3'000'000u);
  EXPECT_EQ(Size("2GB"), 2'000'000'000u);
}

TEST(Units, ABareNumberIsRefusedWithTheUnitThatMakesItFit) {
  const Range<milliseconds> minutes = {100ms, 1h};
  EXPECT_EQ(WrongTime("15", minutes).why, "has no unit");
  EXPECT_EQ(WrongTime("15", minutes).suggestion, "15s");
  EXPECT_EQ(WrongTime("15000", minutes).suggestion, "15000ms");
  EXPECT_EQ(WrongSize("256", {uint64_t{4} << 20, uint64_t{1} << 40}).suggestion, "256MiB");
  EXPECT_EQ(WrongSize("64", {4096, 4 << 20}).suggestion, "64KiB");
}

TEST(Units, WhatOthersCallAUnitIsNotTakenButUnderstood) {
  EXPECT_EQ(WrongTime("15sec").suggestion, "15s");
  EXPECT_EQ(WrongTime("2 minutes").suggestion, "2m");
  EXPECT_EQ(WrongTime("250msec").suggestion, "250ms");
  EXPECT_EQ(WrongSize("64K").suggestion, "64KiB");
  EXPECT_EQ(WrongSize("64kb").suggestion, "64kB");
  EXPECT_EQ(WrongSize("256 MiB").suggestion, "256MiB");
  EXPECT_EQ(WrongSize("1g").suggestion, "1GiB");
}

TEST(Units, ASuggestionIsNeverItselfRefused) {
  EXPECT_EQ(WrongTime("15hours", {1s, 1h}).suggestion, "");
  EXPECT_EQ(WrongTime("0", {1s, 1h}).suggestion, "");
  EXPECT_EQ(WrongSize("9K", {1 << 20, 1 << 21}).suggestion, "");
}

TEST(Units, WhatIsNoQuantityIsRefused) {
  for (const absl::string_view text :
       {"", "s", "ms4", "-4s", "+4s", " 4s", "four", "\xff", "4ss"}) {
    WrongTime(text);
    WrongSize(text);
  }
  EXPECT_EQ(WrongTime("1.5s").why, "is not a whole number");
  EXPECT_EQ(WrongSize("1,5GiB").why, "is not a whole number");
  EXPECT_EQ(WrongTime("4parsecs").why, "has a unit that is not known");
  EXPECT_EQ(WrongTime("1m30s").why, "has a unit that is not known");
}

TEST(Units, WhatDoesNotFitIntoANumberIsTooLarge) {
  EXPECT_EQ(WrongTime("9223372036854775807h").why, "is too large");
  EXPECT_EQ(WrongTime("18446744073709551616ms").why, "is too large");
  EXPECT_EQ(WrongTime("9223372036854775808ms").why, "is too large");
  EXPECT_EQ(WrongSize("8388608TiB").why, "is too large");
  EXPECT_EQ(WrongSize("99999999999999999999999999999999B").why, "is too large");
  EXPECT_EQ(Size("8388607TiB"), uint64_t{8388607} << 40);
}

TEST(Units, TheEndsOfARangeAreInIt) {
  milliseconds time{};
  EXPECT_EQ(ReadTime("1s", {1s, 10s}, &time), std::nullopt);
  EXPECT_EQ(ReadTime("10s", {1s, 10s}, &time), std::nullopt);
  EXPECT_EQ(WrongTime("999ms", {1s, 10s}).why, "is too small");
  EXPECT_EQ(WrongTime("10001ms", {1s, 10s}).why, "is too large");
}

TEST(Units, WhatIsWrittenIsShortAndReadsBack) {
  EXPECT_EQ(FormatTime(0ms), "0s");
  EXPECT_EQ(FormatTime(1500ms), "1500ms");
  EXPECT_EQ(FormatTime(90s), "90s");
  EXPECT_EQ(FormatTime(120s), "2m");
  EXPECT_EQ(FormatTime(23h), "23h");
  EXPECT_EQ(FormatTime(24h), "1d");
  EXPECT_EQ(FormatSize(0), "0B");
  EXPECT_EQ(FormatSize(65536), "64KiB");
  EXPECT_EQ(FormatSize(500'000), "500kB");
  EXPECT_EQ(FormatSize(1'000'000'000'000), "1TB");
  EXPECT_EQ(FormatSize(4097), "4097B");
  for (uint64_t n = 1; n < (uint64_t{1} << 60); n = n * 3 + 1) {
    EXPECT_EQ(Size(FormatSize(n)), n);
    EXPECT_EQ(Time(FormatTime(milliseconds(n))), milliseconds(n));
  }
}

}  // namespace
}  // namespace floe::config
