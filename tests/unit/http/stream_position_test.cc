// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/stream_position.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::http {
namespace {

using testing::Optional;

TEST(StreamPosition, IsSaidAndReadBack) {
  const StreamPosition position = {StreamId(0xabc, 3, 7), 18446744073709551615u, 4711};
  EXPECT_EQ(PositionToSay(position),
            "0000000000000abc0000000300000007:18446744073709551615;preamble=4711");
  EXPECT_THAT(ReadSaidPosition(PositionToSay(position)), Optional(position));
}

TEST(StreamPosition, IsAskedForAndReadBack) {
  const StreamPosition position = {StreamId(1, 2, 3), 65536, 0};
  EXPECT_EQ(PositionToAsk(position), "00000000000000010000000200000003:65536");
  EXPECT_THAT(ReadAskedPosition(PositionToAsk(position)), Optional(position));
  EXPECT_THAT(ReadAskedPosition("  a-1:5 "), Optional(StreamPosition{"a-1", 5, 0}));
}

TEST(StreamPosition, EveryPartOfAnIdCounts) {
  EXPECT_NE(StreamId(1, 2, 3), StreamId(9, 2, 3));
  EXPECT_NE(StreamId(1, 2, 3), StreamId(1, 9, 3));
  EXPECT_NE(StreamId(1, 2, 3), StreamId(1, 2, 9));
}

TEST(StreamPosition, WhatIsAskedForAndNoPositionIsNone) {
  for (const char* value : {"ask", "", ":5", "a:", "a", "a:-1", "a:+1", "a: 1", "a:1x", "a b:1",
                            "a:18446744073709551616", "a:1;preamble=0", "a:1:2"}) {
    EXPECT_EQ(ReadAskedPosition(value), std::nullopt) << value;
  }
  EXPECT_TRUE(ReadAskedPosition(std::string(kStreamIdBytesMax, 'x') + ":1").has_value());
  EXPECT_FALSE(ReadAskedPosition(std::string(kStreamIdBytesMax + 1, 'x') + ":1").has_value());
}

TEST(StreamPosition, WhatIsSaidAndNoPositionIsNone) {
  for (const char* value : {"a:1", "a:1;preamble=", "a:1;preamble=x", "a:1;preamble=4294967296",
                            ";preamble=1", "a:1;preamble=1;x", "ask"}) {
    EXPECT_EQ(ReadSaidPosition(value), std::nullopt) << value;
  }
}

}  // namespace
}  // namespace floe::http
