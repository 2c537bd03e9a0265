// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "api/listeners.h"

#include "gtest/gtest.h"
#include "http/status.h"

namespace floe::api {
namespace {

constexpr uint32_t kProcess = 7;

absl::StatusOr<ListenerWish> Read(absl::string_view query) {
  return ReadListenerWish(http::Query::Parse(query), kProcess);
}

TEST(ListenerWish, IsTheFirstPageOfAllWhenNothingIsSaid) {
  const absl::StatusOr<ListenerWish> wish = Read("");
  ASSERT_TRUE(wish.ok());
  EXPECT_EQ(wish->listeners_max, kListenersPerPage);
  EXPECT_EQ(wish->filter.mount, "");
  EXPECT_FALSE(wish->filter.network.has_value());
  EXPECT_EQ(wish->place.shard, 0);
}

TEST(ListenerWish, HasANetworkOrOneAddress) {
  const absl::StatusOr<ListenerWish> v4 = Read("address=192.0.2.1");
  const absl::StatusOr<ListenerWish> mapped = Read("address=::ffff:192.0.2.1");
  ASSERT_TRUE(v4.ok() && mapped.ok());
  EXPECT_EQ(v4->filter.network, mapped->filter.network);
  EXPECT_TRUE(Read("address=2001:db8::1").ok());
  EXPECT_TRUE(Read("address=192.0.2.0/24").ok());
  EXPECT_FALSE(Read("address=192.0.2.1:80").ok());
  EXPECT_FALSE(Read("address=").ok());
}

TEST(ListenerWish, GoesOnWhereAPageOfThisProcessEnded) {
  const absl::StatusOr<ListenerWish> wish = Read("cursor=7.1.20&limit=1000");
  ASSERT_TRUE(wish.ok());
  EXPECT_EQ(wish->place.shard, 1);
  EXPECT_EQ(wish->place.slot, 20);
  EXPECT_EQ(wish->listeners_max, kListenersPerPageMax);
  EXPECT_EQ(http::HttpStatusOf(Read("cursor=8.1.20").status()), 400);
}

TEST(ListenerWish, IsBounded) {
  for (const char* query : {"limit=0", "limit=1001", "limit=-1", "limit=x", "limit=", "cursor="}) {
    EXPECT_EQ(http::HttpStatusOf(Read(query).status()), 400) << query;
  }
}

}  // namespace
}  // namespace floe::api
