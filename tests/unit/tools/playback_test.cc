// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/load/playback.h"

#include <gtest/gtest.h>

namespace floe::tools {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kNow = 1000 * kSecond;

class Player : public testing::Test {
 protected:
  // Reads `sound_s` seconds of sound `at_s` seconds into the test.
  bool Read(double at_s, double sound_s) {
    return playback_.Receive(At(at_s), Ns(sound_s), is_prompt_, kSecond);
  }
  static int64_t Ns(double s) { return int64_t(s * double(kSecond)); }
  static int64_t At(double s) { return kNow + Ns(s); }

  Playback playback_;
  bool is_prompt_ = true;
};

TEST_F(Player, BeginsWhenThereIsEnough) {
  Read(0, 0.4);
  EXPECT_FALSE(playback_.is_playing());
  Read(0.1, 0.6);
  EXPECT_TRUE(playback_.is_playing());
  EXPECT_EQ(playback_.level_ns(At(0.1)), kSecond);
  EXPECT_EQ(playback_.level_ns(At(0.6)), kSecond / 2);
}

TEST_F(Player, WaitingForTheFirstSoundIsNoUnderrun) {
  EXPECT_FALSE(Read(0, 0));
  EXPECT_FALSE(Read(30, 1));
  EXPECT_EQ(playback_.stalled_ns(At(30)), 0);
}

TEST_F(Player, SoundInRealTimeNeverRunsDry) {
  EXPECT_FALSE(Read(0, 1));
  for (int i = 1; i < 1000; ++i) EXPECT_FALSE(Read(i * 0.5, 0.5));
  EXPECT_EQ(playback_.stalled_ns(At(500)), 0);
}

TEST_F(Player, SoundThatComesTooLateIsOneUnderrunAndAStall) {
  Read(0, 1);
  EXPECT_TRUE(Read(1.5, 0.5));  // dry since 1.0, and half a second is not enough to go on
  EXPECT_FALSE(playback_.is_playing());
  EXPECT_FALSE(Read(2.0, 0.5));
  EXPECT_TRUE(playback_.is_playing());
  EXPECT_EQ(playback_.stalled_ns(At(2.0)), kSecond);
  EXPECT_FALSE(Read(2.9, 1));
}

TEST_F(Player, SilenceThatNeverEndsIsFoundByAskingAgain) {
  Read(0, 2);
  EXPECT_FALSE(Read(1.9, 0));
  EXPECT_TRUE(Read(2.1, 0));
  EXPECT_FALSE(Read(5, 0));  // the same underrun
  EXPECT_EQ(playback_.stalled_ns(At(5)), 3 * kSecond);
}

TEST_F(Player, ALateReaderGivesTheBenefitOfTheDoubt) {
  is_prompt_ = false;
  Read(0, 1);
  EXPECT_FALSE(Read(1.5, 1));   // may have come before the second was over
  EXPECT_TRUE(Read(3.0, 0.5));  // cannot have: 2.5 seconds of sound in 3
}

}  // namespace
}  // namespace floe::tools
