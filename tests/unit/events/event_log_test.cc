// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "events/event_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"

namespace floe::events {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Event TitleOf(absl::string_view mount, absl::string_view title) {
  Event event;
  event.kind = Kind::kTitle;
  event.mount = std::string(mount);
  event.title = std::string(title);
  return event;
}

Event ListenersOf(absl::string_view mount, uint32_t listeners) {
  Event event;
  event.kind = Kind::kListeners;
  event.mount = std::string(mount);
  event.listeners = listeners;
  return event;
}

std::vector<uint64_t> NumbersAfter(const EventLog& log, uint64_t number, Filter filter = {}) {
  std::vector<Event> events;
  (void)log.CopyAfter(number, filter, kEventsKept, &events);
  std::vector<uint64_t> numbers;
  for (const Event& event : events) numbers.push_back(event.number);
  return numbers;
}

TEST(EventLog, NumbersEventsAndGivesThemInOrderToWhoAsksForThoseAfterOne) {
  EventLog log;
  EXPECT_EQ(log.newest(), 0u);
  EXPECT_EQ(log.Add(TitleOf("/a", "one")), 1u);
  EXPECT_EQ(log.Add(TitleOf("/b", "two")), 2u);
  EXPECT_EQ(log.Add(TitleOf("/a", "three")), 3u);
  EXPECT_EQ(log.newest(), 3u);
  EXPECT_THAT(NumbersAfter(log, 0), ElementsAre(1, 2, 3));
  EXPECT_THAT(NumbersAfter(log, 2), ElementsAre(3));
  EXPECT_THAT(NumbersAfter(log, 3), IsEmpty());
}

TEST(EventLog, GivesOnlyWhatIsWanted) {
  EventLog log;
  log.Add(TitleOf("/a", "one"));
  log.Add(ListenersOf("/a", 1));
  log.Add(TitleOf("/b", "two"));
  EXPECT_THAT(NumbersAfter(log, 0, {.kinds = Only(Kind::kTitle), .mount = ""}), ElementsAre(1, 3));
  EXPECT_THAT(NumbersAfter(log, 0, {.kinds = kAllKinds, .mount = "/a"}), ElementsAre(1, 2));
}

TEST(EventLog, WhoTakesAFewAtATimeMissesNone) {
  EventLog log;
  for (int i = 0; i < 10; ++i) log.Add(TitleOf(i % 2 == 0 ? "/a" : "/b", absl::StrCat(i)));
  std::vector<Event> events;
  EventLog::Copied copied;
  const Filter filter{.kinds = kAllKinds, .mount = "/b"};
  for (int i = 0; i < 4; ++i) copied = log.CopyAfter(copied.up_to, filter, 2, &events);
  ASSERT_EQ(events.size(), 5u);
  for (size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i].number, 2 * i + 2);
  EXPECT_EQ(copied.up_to, log.newest());
}

TEST(EventLog, WhoIsTooFarBehindIsToldThatSomeAreGone) {
  EventLog log;
  for (size_t i = 0; i < kEventsKept + 10; ++i) log.Add(TitleOf("/a", absl::StrCat(i)));
  std::vector<Event> events;
  EXPECT_TRUE(log.CopyAfter(9, {}, kEventsKept, &events).is_torn);
  EXPECT_EQ(events.size(), kEventsKept);
  EXPECT_EQ(events.front().number, 11u);
  EXPECT_FALSE(log.CopyAfter(10, {}, kEventsKept, &events).is_torn);
}

TEST(EventLog, KeepsNoMoreBytesThanItMayHoweverLongTitlesAre) {
  EventLog log;
  const std::string title(4000, 'x');
  for (size_t i = 0; i < 2 * kEventBytesKept / title.size(); ++i) log.Add(TitleOf("/a", title));
  size_t bytes = 0;
  for (const Event& event : log.state().events) bytes += SizeBytes(event);
  EXPECT_LE(bytes, kEventBytesKept);
  EXPECT_GT(bytes, kEventBytesKept - 2 * title.size());
}

TEST(EventLog, OfHowManyListenOnlyTheNewestOfAMountIsKeptAndNothingIsTorn) {
  EventLog log;
  log.Add(TitleOf("/a", "one"));
  for (uint32_t i = 0; i < 3 * kEventsKept; ++i) log.Add(ListenersOf("/a", i));
  log.Add(ListenersOf("/b", 9));
  std::vector<Event> events;
  EXPECT_FALSE(log.CopyAfter(0, {}, kEventsKept, &events).is_torn);
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].title, "one");
  EXPECT_EQ(events[1].listeners, 3 * kEventsKept - 1);
  EXPECT_EQ(events[2].mount, "/b");
}

TEST(EventLog, APositionOfThisRunIsFoundAgain) {
  EventLog log;
  log.Begin(7);
  for (int i = 0; i < 5; ++i) log.Add(TitleOf("/a", absl::StrCat(i)));
  const EventLog::Copied found = log.Find({.run = 7, .number = 3});
  EXPECT_EQ(found.up_to, 3u);
  EXPECT_FALSE(found.is_torn);
}

TEST(EventLog, APositionOfAnotherRunOrOneThatNeverWasIsTorn) {
  EventLog log;
  log.Begin(7);
  for (int i = 0; i < 5; ++i) log.Add(TitleOf("/a", absl::StrCat(i)));
  for (const Position& position : {Position{8, 3}, Position{7, 6}}) {
    const EventLog::Copied found = log.Find(position);
    EXPECT_TRUE(found.is_torn);
    EXPECT_EQ(found.up_to, 0u);
  }
  std::vector<Event> events;
  EXPECT_TRUE(log.CopyAfter(6, {}, kEventsKept, &events).is_torn);
  EXPECT_EQ(events.size(), 5u);
}

TEST(EventLog, AnotherProcessGoesOnWithItsNumbers) {
  EventLog log;
  for (size_t i = 0; i < kEventsKept + 1; ++i) log.Add(TitleOf("/a", absl::StrCat(i)));
  log.Add(ListenersOf("/a", 1));
  log.Recorded(7);
  EventLog next;
  next.Restore(log.state());
  EXPECT_EQ(next.state(), log.state());
  next.Add(ListenersOf("/a", 2));
  EXPECT_EQ(next.newest(), kEventsKept + 3);
  EXPECT_THAT(NumbersAfter(next, kEventsKept + 1), ElementsAre(kEventsKept + 3));
  std::vector<Event> events;
  EXPECT_TRUE(next.CopyAfter(0, {}, 1, &events).is_torn);
}

TEST(EventLog, WhatIsImpossibleInAStateIsLeftOut) {
  EventLog::State state{.newest = 3, .torn = 9, .recorded = 9, .events = {}};
  for (const uint64_t number : {2, 2, 1, 4}) {
    state.events.push_back(TitleOf("/a", "x"));
    state.events.back().number = number;
  }
  EventLog log;
  log.Restore(state);
  EXPECT_EQ(log.newest(), 3u);
  EXPECT_EQ(log.recorded(), 3u);
  EXPECT_THAT(NumbersAfter(log, 0), IsEmpty());
  state.torn = 0;
  EventLog other;
  other.Restore(state);
  EXPECT_THAT(NumbersAfter(other, 0), ElementsAre(2));
}

TEST(EventLog, TakesNothingWhileItIsSealed) {
  EventLog log;
  log.Seal(true);
  EXPECT_EQ(log.Add(TitleOf("/a", "another process says this")), 0u);
  EXPECT_EQ(log.newest(), 0u);
  log.Seal(false);
  EXPECT_EQ(log.Add(TitleOf("/a", "one")), 1u);
}

TEST(EventLog, AThreadThatWaitsIsWokenByWhatComes) {
  EventLog log;
  std::thread other([&log] { log.Add(TitleOf("/a", "one")); });
  log.Await(0, Instant::max());
  EXPECT_EQ(log.newest(), 1u);
  other.join();
}

TEST(EventLog, AThreadThatWaitsIsWokenToEnd) {
  EventLog log;
  std::thread other([&log] { log.Wake(); });
  log.Await(0, Instant::max());
  log.Await(0, Instant::max());
  other.join();
}

TEST(EventLog, AThreadWaitsNoLongerThanItSaid) {
  EventLog log;
  log.Await(0, Clock::now() + 5ms);
  EXPECT_EQ(log.newest(), 0u);
}

// Under TSan: many add, many read, each reader hears a growing run.
TEST(EventLog, IsReadAndAddedToFromManyThreadsAtOnce) {
  constexpr uint64_t kEach = 2000;
  EventLog log;
  const auto add = [&log](const char* mount) {
    for (uint64_t i = 0; i < kEach; ++i) log.Add(TitleOf(mount, absl::StrCat(i)));
  };
  const auto read = [&log] {
    std::vector<Event> events;
    for (uint64_t at = 0; at < 2 * kEach;) {
      log.Await(at, Instant::max());
      at = log.CopyAfter(at, {}, 100, &events).up_to;
    }
    for (size_t i = 1; i < events.size(); ++i) {
      if (events[i - 1].number >= events[i].number) return false;
    }
    return events.size() == 2 * kEach;
  };
  std::atomic<int> well{0};
  std::thread readers[] = {std::thread([&] { well += read(); }),
                           std::thread([&] { well += read(); })};
  std::thread writers[] = {std::thread(add, "/a"), std::thread(add, "/b")};
  for (std::thread& thread : writers) thread.join();
  for (std::thread& thread : readers) thread.join();
  EXPECT_EQ(well, 2);
}

}  // namespace
}  // namespace floe::events
