// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/event_stream.h"

#include <gtest/gtest.h>

#include "http/status.h"

namespace floe::session {
namespace {

EventWish Read(absl::string_view query, absl::string_view header = "") {
  const absl::StatusOr<EventWish> wish = ReadEventWish(http::Query::Parse(query), header);
  EXPECT_TRUE(wish.ok()) << wish.status();
  return wish.value_or(EventWish());
}

TEST(EventWish, WithoutAnyFieldEverythingFromNowOnIsWished) {
  const EventWish wish = Read("");
  EXPECT_EQ(wish.filter.kinds, events::kAllKinds);
  EXPECT_EQ(wish.filter.mount, "");
  EXPECT_EQ(wish.from, EventWish::From::kNow);
}

TEST(EventWish, NamesKindsAndAMount) {
  const EventWish wish = Read("types=title,source_up&mount=/live");
  EXPECT_EQ(wish.filter.kinds,
            events::Only(events::Kind::kTitle) | events::Only(events::Kind::kSourceUp));
  EXPECT_EQ(wish.filter.mount, "/live");
}

TEST(EventWish, AKindThatIsNotKnownIsRefusedByName) {
  const absl::Status refused = ReadEventWish(http::Query::Parse("types=title,tilte"), "").status();
  EXPECT_EQ(http::HttpStatusOf(refused), 400);
  EXPECT_NE(refused.message().find("tilte"), absl::string_view::npos);
}

TEST(EventWish, GoesOnBehindTheIdThatWasHeardLast) {
  const events::Position position{.run = 0xabc, .number = 7};
  const std::string id = events::ToText(position);
  for (const EventWish& wish :
       {Read("last_event_id=" + id), Read("", id), Read("last_event_id=0", id)}) {
    EXPECT_EQ(wish.from, EventWish::From::kPosition);
    EXPECT_EQ(wish.position, position);
  }
}

TEST(EventWish, ZeroIsForAllThatIsKept) {
  EXPECT_EQ(Read("last_event_id=0").from, EventWish::From::kOldest);
}

TEST(EventWish, AnIdOfSomethingElseIsAPositionThatNobodyKnows) {
  const EventWish wish = Read("", "42");
  EXPECT_EQ(wish.from, EventWish::From::kPosition);
  EXPECT_EQ(wish.position, events::Position{});
}

TEST(EventFollowers, HavePlacesForSoManyAndTakeOneBackFromWhoLeaves) {
  EventFollowers followers;
  for (uint32_t i = 0; i < kEventFollowersMax; ++i) EXPECT_TRUE(followers.Came());
  EXPECT_FALSE(followers.Came());
  EXPECT_EQ(followers.count(), kEventFollowersMax);
  followers.Left();
  EXPECT_TRUE(followers.Came());
}

}  // namespace
}  // namespace floe::session
