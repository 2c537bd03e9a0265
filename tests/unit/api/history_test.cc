// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "api/history.h"

#include "gtest/gtest.h"
#include "http/status.h"

namespace floe::api {
namespace {

using Step = store::ListenedQuery::Step;

TEST(PastWish, GoesOnBehindThePageBefore) {
  const auto wish = ReadPastWish(http::Query::Parse("mount=/live&limit=2&cursor=17"));
  ASSERT_TRUE(wish.ok());
  EXPECT_EQ(wish->mount, "/live");
  EXPECT_EQ(wish->limit, 2);
  EXPECT_EQ(wish->before_id, 17);
  EXPECT_EQ(ReadPastWish(http::Query())->before_id, 0);
  for (const char* query :
       {"limit=0", "limit=1001", "limit=", "cursor=", "cursor=0", "cursor=-1"}) {
    EXPECT_EQ(http::HttpStatusOf(ReadPastWish(http::Query::Parse(query)).status()), 400) << query;
  }
}

TEST(ListenedWish, IsWithinTimesAndByStep) {
  const auto wish = ReadListenedWish(
      http::Query::Parse("from=1970-01-01T01:00:00Z&to=1970-01-02T00:00:00%2B00:00&step=day"));
  ASSERT_TRUE(wish.ok());
  EXPECT_EQ(wish->from_s, 3600);
  EXPECT_EQ(wish->to_s, 86400);
  EXPECT_EQ(wish->step, Step::kDay);
  EXPECT_EQ(ReadListenedWish(http::Query())->step, Step::kHour);
  for (const char* query :
       {"step=week", "from=", "from=yesterday", "to=1960-01-01T00:00:00Z", "to=infinite-future"}) {
    EXPECT_EQ(http::HttpStatusOf(ReadListenedWish(http::Query::Parse(query)).status()), 400)
        << query;
  }
}

}  // namespace
}  // namespace floe::api
