// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/load/sequence_judge.h"

#include <gtest/gtest.h>

namespace floe::tools {
namespace {

Stamp At(uint64_t sequence, uint32_t life = 1, uint32_t mount = 0) {
  return {.sequence = sequence, .sent_ns = 0, .mount = mount, .life = life};
}

class Judged : public testing::Test {
 protected:
  Judged() { judge_.Take(At(100)); }
  SequenceJudge judge_;
};

TEST_F(Judged, AStreamMayBeginAnywhereAndThenMustGoOn) {
  EXPECT_EQ(SequenceJudge().Take(At(12345)), Succession::kFirst);
  EXPECT_EQ(judge_.Take(At(101)), Succession::kNext);
  EXPECT_EQ(judge_.Take(At(102)), Succession::kNext);
}

TEST_F(Judged, AGapIsToldWithItsSizeAndOnlyOnce) {
  EXPECT_EQ(judge_.Take(At(104)), Succession::kGap);
  EXPECT_EQ(judge_.missing(), 3u);
  EXPECT_EQ(judge_.Take(At(105)), Succession::kNext);
  EXPECT_EQ(judge_.missing(), 0u);
}

TEST_F(Judged, TheSameFrameOrAnOlderOneIsARepeat) {
  EXPECT_EQ(judge_.Take(At(100)), Succession::kRepeat);
  EXPECT_EQ(judge_.Take(At(90)), Succession::kRepeat);
  EXPECT_EQ(judge_.Take(At(91)), Succession::kNext);
}

TEST_F(Judged, AReturningSourceIsNotTheServersGap) {
  EXPECT_EQ(judge_.Take(At(150, 2)), Succession::kNewLife);
  EXPECT_EQ(judge_.missing(), 0u);
  EXPECT_EQ(judge_.Take(At(151, 2)), Succession::kNext);
}

TEST_F(Judged, AnotherMountsAudioIsNoticed) {
  EXPECT_EQ(judge_.Take(At(101, 1, 5)), Succession::kOtherMount);
  EXPECT_EQ(judge_.Take(At(102, 1, 5)), Succession::kNext);
}

}  // namespace
}  // namespace floe::tools
