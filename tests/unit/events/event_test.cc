// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "events/event.h"

#include <gtest/gtest.h>

#include "absl/time/time.h"
#include "events/event_json.h"
#include "nlohmann/json.hpp"

namespace floe::events {
namespace {

TEST(Event, EveryKindHasANameOfItsOwnAndIsFoundByIt) {
  for (uint32_t i = 0; i < kKinds; ++i) {
    const Kind kind = Kind(i);
    EXPECT_FALSE(NameOf(kind).empty());
    EXPECT_EQ(KindOf(NameOf(kind)), kind);
  }
  EXPECT_EQ(KindOf("sauce_up"), std::nullopt);
  EXPECT_EQ(KindOf(""), std::nullopt);
}

TEST(Event, APositionIsReadAsItWasWritten) {
  const Position position{.run = 0x1f00c0ffee00beef, .number = 42};
  EXPECT_EQ(ToText(position), "1f00c0ffee00beef-42");
  EXPECT_EQ(ParsePosition(ToText(position)), position);
  const Position small{.run = 1, .number = 0};
  EXPECT_EQ(ParsePosition(ToText(small)), small);
}

TEST(Event, WhatIsNoPositionIsNotReadAsOne) {
  for (const char* text :
       {"", "-", "42", "1f00c0ffee00beef", "1f00c0ffee00beef-", "1f-42", "1f00c0ffee00beef--1",
        "1f00c0ffee00beef-042", "1f00c0ffee00beef-4 ", "1F00C0FFEE00BEEF-42", "0x00c0ffee00beef-42",
        "1f00c0ffee00beef-18446744073709551616"}) {
    EXPECT_EQ(ParsePosition(text), std::nullopt) << text;
  }
}

nlohmann::json Parsed(const Event& event) { return nlohmann::json::parse(JsonOf(event, 7)); }

TEST(Event, AsJsonItSaysWhatItsKindSaysAndNoMore) {
  Event event;
  event.kind = Kind::kTitle;
  event.mount = "/live";
  event.number = 3;
  event.time = absl::FromUnixMillis(1'700'000'000'250);
  event.title = "A \"song\"";
  event.listeners = 5;
  const nlohmann::json json = Parsed(event);
  EXPECT_EQ(json, nlohmann::json({{"id", "0000000000000007-3"},
                                  {"time", "2023-11-14T22:13:20.250Z"},
                                  {"type", "title"},
                                  {"mount", "/live"},
                                  {"title", "A \"song\""},
                                  {"url", ""},
                                  {"listeners", 5}}));
}

TEST(Event, OneOfTheServerNamesNoMount) {
  Event event;
  event.kind = Kind::kReload;
  event.reason = "limits.sources: 4";
  EXPECT_FALSE(Parsed(event).contains("mount"));
  EXPECT_EQ(Parsed(event)["reason"], "limits.sources: 4");
}

TEST(Event, NothingToHearIsNullAsJson) {
  Event event;
  event.kind = Kind::kFallback;
  event.mount = "/live";
  EXPECT_TRUE(Parsed(event)["plays"].is_null());
  event.plays = "/backup";
  EXPECT_EQ(Parsed(event)["plays"], "/backup");
}

TEST(Event, BytesThatAreNoTextDoNoHarmAsJson) {
  Event event;
  event.kind = Kind::kSourceUp;
  event.mount = "/live";
  event.agent = "\xff\xfe butt";
  EXPECT_EQ(Parsed(event)["agent"], "\uFFFD\uFFFD butt");
}

}  // namespace
}  // namespace floe::events
