// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "store/sessions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "store/schema.h"

namespace floe::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int64_t kTenOClock = 500'010;  // an hour that is a day's eleventh
constexpr int64_t kMinuteMs = 60'000;
static_assert(kTenOClock % 24 == 18);

Session Of(const std::string& mount, int64_t ended_ms, int64_t lasted_ms, uint64_t bytes = 0) {
  Session session;
  session.mount = mount;
  session.ended_ms = ended_ms;
  session.lasted_ms = lasted_ms;
  session.bytes = bytes;
  return session;
}

int64_t ListenedMs(const ListenedByHour& hours) {
  int64_t sum = 0;
  for (const auto& [key, listened] : hours) sum += listened.listened_ms;
  return sum;
}

TEST(Sessions, ASessionCountsInEachHourItWentThrough) {
  ListenedByHour hours;
  // From ten to ten until ten past twelve.
  AddTo(&hours, Of("/a", (kTenOClock + 2) * kHourMs + 10 * kMinuteMs, 140 * kMinuteMs, 7));
  EXPECT_THAT(
      hours,
      ElementsAre(testing::Pair(std::pair("/a", kTenOClock - 1), Listened{10 * kMinuteMs, 0, 0}),
                  testing::Pair(std::pair("/a", kTenOClock), Listened{kHourMs, 0, 0}),
                  testing::Pair(std::pair("/a", kTenOClock + 1), Listened{kHourMs, 0, 0}),
                  testing::Pair(std::pair("/a", kTenOClock + 2), Listened{10 * kMinuteMs, 1, 7})));
}

TEST(Sessions, NothingOfASessionIsLostOrCountedTwiceWhereverItBeginsAndEnds) {
  for (const int64_t begin : {int64_t{0}, int64_t{1}, kHourMs - 1, kHourMs, kHourMs + 1}) {
    for (const int64_t lasted :
         {int64_t{0}, int64_t{1}, kHourMs - 1, kHourMs, kHourMs + 1, 25 * kHourMs + 17}) {
      ListenedByHour hours;
      AddTo(&hours, Of("/a", kTenOClock * kHourMs + begin + lasted, lasted));
      EXPECT_EQ(ListenedMs(hours), lasted);
      int64_t sessions = 0;
      for (const auto& [key, listened] : hours) sessions += listened.sessions;
      EXPECT_EQ(sessions, 1);
    }
  }
}

TEST(SessionQueue, GivesWhatWasAddedInItsOrderAndHoursOnce) {
  metrics::Counter dropped;
  SessionQueue queue(dropped);
  for (int i = 0; i < 3; ++i) queue.Add(Of("/a", kTenOClock * kHourMs + i, 100));
  const SessionQueue::Batch first = queue.Take(2);
  ASSERT_EQ(first.sessions.size(), 2u);
  EXPECT_EQ(first.sessions[1].ended_ms, kTenOClock * kHourMs + 1);
  EXPECT_EQ(ListenedMs(first.hours), 300);
  const SessionQueue::Batch second = queue.Take(2);
  EXPECT_EQ(second.sessions.size(), 1u);
  EXPECT_THAT(second.hours, IsEmpty());
  EXPECT_TRUE(queue.Take(2).empty());
}

TEST(SessionQueue, WhenItIsFullTheOldestSessionGivesWayAndItsHoursStay) {
  metrics::Counter dropped;
  SessionQueue queue(dropped);
  for (size_t i = 0; i < kSessionsQueuedMax + 5; ++i) queue.Add(Of("/a", int64_t(i), 0));
  queue.Add(Of("/a", kTenOClock * kHourMs, 1'000));
  EXPECT_EQ(dropped.value(), 6u);
  const SessionQueue::Batch batch = queue.Take(kSessionsQueuedMax + 10);
  EXPECT_EQ(batch.sessions.size(), kSessionsQueuedMax);
  EXPECT_EQ(batch.sessions.front().ended_ms, 6);
  int64_t sessions = 0;
  for (const auto& [key, listened] : batch.hours) sessions += listened.sessions;
  EXPECT_EQ(sessions, int64_t{kSessionsQueuedMax} + 6);
}

TEST(SessionQueue, SeveralShardsAddWhileOneThreadTakes) {
  metrics::Counter dropped;
  SessionQueue queue(dropped);
  constexpr int kEach = 5'000;
  const auto add = [&queue] {
    for (int i = 0; i < kEach; ++i) queue.Add(Of("/a", kTenOClock * kHourMs, 10));
  };
  std::thread shards[] = {std::thread(add), std::thread(add)};
  size_t sessions = 0;
  int64_t listened_ms = 0;
  while (sessions < 2 * kEach) {
    const SessionQueue::Batch batch = queue.Take(100);
    sessions += batch.sessions.size();
    listened_ms += ListenedMs(batch.hours);
  }
  for (std::thread& shard : shards) shard.join();
  listened_ms += ListenedMs(queue.Take(1).hours);
  EXPECT_EQ(listened_ms, 2 * kEach * 10);
}

class SessionsTest : public testing::Test {
 protected:
  SessionsTest() { EXPECT_EQ(sql_->Migrate(Schema()), absl::OkStatus()); }
  void Write(const std::vector<Session>& sessions, bool keeps_sessions = true) {
    SessionQueue::Batch batch{.sessions = sessions, .hours = {}};
    for (const Session& session : sessions) AddTo(&batch.hours, session);
    EXPECT_EQ(WriteSessions(*sql_, batch, keeps_sessions), absl::OkStatus());
  }
  std::vector<ListenedRow> Listened(const ListenedQuery& query) {
    return ReadListened(*sql_, query).value();
  }

  const std::unique_ptr<Sql> sql_ = Sql::Open(":memory:").value();
};

TEST_F(SessionsTest, WhatIsKeptIsReadAgainTheNewestFirst) {
  Session full = Of("/a", 1'000, 500, 42);
  full.address = "192.0.2.1";
  full.agent = "VLC \"3\"; '";
  full.user = "ann";
  full.cause = "gone";
  Write({full, Of("/b", 2'000, 500)});
  const std::vector<KeptSession> all = ReadSessions(*sql_, {}).value();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].session.mount, "/b");
  EXPECT_EQ(all[1].session, full);
  SessionQuery of_a;
  of_a.mount = "/a";
  EXPECT_EQ(ReadSessions(*sql_, of_a)->size(), 1u);
}

TEST_F(SessionsTest, ArePagedByTheIdOfTheLastOneSeen) {
  std::vector<Session> sessions;
  for (int i = 0; i < 5; ++i) sessions.push_back(Of("/a", i, 0));
  Write(sessions);
  SessionQuery query;
  query.limit = 2;
  std::vector<int64_t> seen;
  for (;;) {
    const std::vector<KeptSession> page = ReadSessions(*sql_, query).value();
    if (page.empty()) break;
    for (const KeptSession& kept : page) seen.push_back(kept.session.ended_ms);
    query.before_id = page.back().id;
  }
  EXPECT_THAT(seen, ElementsAre(4, 3, 2, 1, 0));
}

TEST_F(SessionsTest, HoursAreAddedUpOverBatchesAndKeptWithoutSingleSessions) {
  Write({Of("/a", kTenOClock * kHourMs + kMinuteMs, kMinuteMs, 10)}, /*keeps_sessions=*/false);
  Write({Of("/a", kTenOClock * kHourMs + 3 * kMinuteMs, 2 * kMinuteMs, 5)},
        /*keeps_sessions=*/false);
  EXPECT_THAT(*ReadSessions(*sql_, {}), IsEmpty());
  EXPECT_THAT(Listened({}),
              ElementsAre(ListenedRow{"/a", kTenOClock * 3600, {3 * kMinuteMs, 2, 15}}));
}

TEST_F(SessionsTest, HoursAreAskedForByMountAndTimeAndAddedUpByDay) {
  Write({Of("/a", (kTenOClock + 1) * kHourMs, kHourMs),
         Of("/a", (kTenOClock + 9) * kHourMs, kHourMs),
         Of("/b", (kTenOClock + 1) * kHourMs, 2 * kHourMs)});
  ListenedQuery query;
  query.mount = "/a";
  query.step = ListenedQuery::Step::kDay;
  const int64_t day_s = kTenOClock / 24 * 24 * 3600;
  std::vector<ListenedRow> days = Listened(query);
  ASSERT_EQ(days.size(), 2u);
  EXPECT_EQ(days[0].begin_s, day_s);
  EXPECT_EQ(days[0].listened.listened_ms, kHourMs);
  EXPECT_EQ(days[1].begin_s, day_s + 86'400);
  query.step = ListenedQuery::Step::kHour;
  query.mount = "";
  query.from_s = kTenOClock * 3600 - 1'800;  // the hour before has begun by then
  query.to_s = kTenOClock * 3600 + 1;
  const std::vector<ListenedRow> hours = Listened(query);
  ASSERT_EQ(hours.size(), 2u);
  EXPECT_EQ(hours[0].mount, "/a");
  EXPECT_EQ(hours[1].mount, "/b");
  EXPECT_EQ(hours[1].begin_s, kTenOClock * 3600);
  query.step = ListenedQuery::Step::kAll;
  query.to_s = 0;
  const std::vector<ListenedRow> all = Listened(query);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].begin_s, query.from_s);
  EXPECT_EQ(all[0].listened.listened_ms, 2 * kHourMs);
}

}  // namespace
}  // namespace floe::store
