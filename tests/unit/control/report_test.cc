// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "control/report.h"

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "control/table.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "unit/control/status_sample.h"

namespace floe::control {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

std::vector<std::string> LinesOf(const std::string& text) { return absl::StrSplit(text, '\n'); }

TEST(Report, SaysWhoRunsWhatItPlaysAndHowItsShardsDo) {
  const std::vector<std::string> lines = LinesOf(StatusReport(StatusSample()));
  EXPECT_THAT(
      lines,
      ElementsAre(
          "floe 1.2.3, pid 4711, up 1 min 1 s since 2026-01-02T03:04:05+0000",
          "listens on 0.0.0.0:8000, [::]:8000",
          "configured by /etc/floe/floe.toml, commanded at /run/floe/control.sock",
          "3 listeners, 1 source, 2 mounts; since the start 17 listeners, 1.2 MB sent",  //
          "",
          "MOUNT            PHASE      LISTENERS  PEAK  JOINED      IN     OUT  KBIT/S  CODEC  "
          "TYPE        SOURCE     AGENT     TITLE",
          "/empty (hidden)  lingering          0     4       4     0 B  4.2 MB       -  -      "
          "-           -          -         -",
          "/live            live               3     9      13  1.6 MB  4.2 MB     128  MP3    "
          "audio/mpeg  192.0.2.1  butt/1.0  Käse ?[31m",
          "", "SHARD  LISTENERS  REQUESTS  INTERVAL   LAG    BUSY  SENDS     OUT  DESCRIPTORS",
          "    0          1         1     20 ms  0 ms   4.2 %    100  5.0 kB  70 of 20000",
          "    1          2         0     40 ms  7 ms  30.5 %    200  9.0 kB  71 of 20000", ""));
}

TEST(Report, SaysHowEachPushIs) {
  Json status = StatusSample();
  status["pushes"] = Json::parse(R"([{"mount": "/live", "to": "http://far/x", "state": "up",
      "state_ms": 61000, "attempts": 2, "failures": 0, "error": "was away", "bytes": 4200000}])");
  EXPECT_THAT(LinesOf(StatusReport(status)),
              IsSupersetOf({"PUSH   TO            STATE        FOR  ATTEMPTS     OUT  LAST ERROR",
                            "/live  http://far/x  up     1 min 1 s         2  4.2 MB  was away"}));
}

TEST(Report, ListsListeners) {
  EXPECT_THAT(LinesOf(ListenersReport(StatusSample())),
              ElementsAre("ID  MOUNT  ADDRESS          CONNECTED                  FOR   SENT  "
                          "USER  AGENT",
                          "12  /live  192.0.2.9:40000  2026-01-02T03:05:01  1 h 2 min  70 kB  "
                          "-     VLC ??]0;x",
                          "and 5 more", ""));
}

TEST(Report, WhatAnotherVersionAnswersIsNoHarm) {
  for (const char* text : {"null", "{}", "[]", "7", R"({"mounts": 7, "shards": [1, {}, null]})",
                           R"({"listen": {"a": 1}, "totals": "x", "mounts": {"a": {}}})",
                           R"({"listeners": "x", "listeners_left_off": -1})"}) {
    EXPECT_THAT(StatusReport(Json::parse(text)), HasSubstr("floe -")) << text;
    EXPECT_THAT(ListenersReport(Json::parse(text)), HasSubstr("ID")) << text;
  }
}

TEST(Table, NothingThatATerminalObeysIsPrinted) {
  EXPECT_EQ(Printable("plain, Käse, 日本"), "plain, Käse, 日本");
  EXPECT_EQ(Printable(absl::string_view("\x1b[2J\r\n\0\x7f", 8)), "?[2J????");
  EXPECT_EQ(Printable("\xc2\x9b"
                      "31m"),
            "?31m");  // CSI in one character
  EXPECT_EQ(Printable("\xff\xc3"), "??");
}

TEST(Table, TextIsClippedAtACharacter) {
  EXPECT_EQ(Clipped("Käsekuchen", 0), "Käsekuchen");
  EXPECT_EQ(Clipped("Käsekuchen", 10), "Käsekuchen");
  EXPECT_EQ(Clipped("Käsekuchen", 5), "Käse…");
  EXPECT_EQ(Clipped("Käsekuchen", 1), "…");
}

TEST(Table, AmountsAreReadable) {
  EXPECT_EQ(BytesText(0), "0 B");
  EXPECT_EQ(BytesText(999), "999 B");
  EXPECT_EQ(BytesText(1000), "1.0 kB");
  EXPECT_EQ(BytesText(999'600), "1.0 MB");
  EXPECT_EQ(BytesText(23'456'789), "23 MB");
  EXPECT_EQ(BytesText(UINT64_MAX), "18447 PB");
  EXPECT_EQ(RateText(0), "0");
  EXPECT_EQ(RateText(128'000), "128 kbit/s");
  EXPECT_EQ(RateText(2.5e9), "2.5 Gbit/s");
  EXPECT_EQ(AgeText(59), "59 s");
  EXPECT_EQ(AgeText(3'599), "59 min 59 s");
  EXPECT_EQ(AgeText(86'399), "23 h 59 min");
  EXPECT_EQ(AgeText(200'000), "2 d 7 h");
  EXPECT_EQ(ShareText(1000), "100.0 %");
}

}  // namespace
}  // namespace floe::control
