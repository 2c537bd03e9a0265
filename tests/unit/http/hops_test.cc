// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/hops.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "http/status.h"

namespace floe::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint64_t kSelf = 0x5e1f;

int RefusalOf(absl::string_view value) { return HttpStatusOf(ReadHops(value).status()); }

TEST(Hops, AreWrittenAndReadBack) {
  const Hops hops = {1, 0xffffffffffffffff, kSelf};
  EXPECT_EQ(WriteHops(hops), "0000000000000001,ffffffffffffffff,0000000000005e1f");
  EXPECT_EQ(*ReadHops(WriteHops(hops)), hops);
}

TEST(Hops, AreReadFromAnyHand) {
  EXPECT_THAT(*ReadHops(" 1 , aB"), ElementsAre(1u, 0xabu));
  EXPECT_THAT(*ReadHops(""), IsEmpty());
  EXPECT_THAT(*ReadHops(" "), IsEmpty());
}

TEST(Hops, WhatIsNoListIsRefused) {
  for (const char* value : {",", "1,", "x", "0", "-1", "0x1", "1 2", "11111111111111111"}) {
    EXPECT_EQ(RefusalOf(value), 400) << value;
  }
}

TEST(Hops, AListLongerThanAnyTreeIsDeepIsRefused) {
  const Hops most(kHopsMax, 1);
  EXPECT_EQ(RefusalOf(WriteHops(most)), 200);
  EXPECT_EQ(RefusalOf(WriteHops(most) + ",1"), 508);
}

TEST(Hops, WhoAsksForItsOwnStreamIsRefused) {
  EXPECT_TRUE(CheckHops(kSelf, {}, {}).ok());
  EXPECT_TRUE(CheckHops(kSelf, {1, 2}, {3, 4}).ok());
  EXPECT_EQ(HttpStatusOf(CheckHops(kSelf, {}, {3, kSelf})), 508);
  EXPECT_EQ(HttpStatusOf(CheckHops(kSelf, {1, 2}, {3, 2})), 508) << "who asks gives it to us";
}

TEST(Hops, ATreeHasABoundToItsDepth) {
  EXPECT_TRUE(CheckHops(kSelf, Hops(kHopsMax - 1, 7), {}).ok());
  EXPECT_TRUE(CheckHops(kSelf, Hops(8, 7), Hops(kHopsMax - 9, 8)).ok());
  EXPECT_EQ(HttpStatusOf(CheckHops(kSelf, Hops(8, 7), Hops(kHopsMax - 8, 8))), 508);
}

TEST(Hops, TheRefusalHasAName) { EXPECT_EQ(ReasonPhrase(508), "Loop Detected"); }

}  // namespace
}  // namespace floe::http
