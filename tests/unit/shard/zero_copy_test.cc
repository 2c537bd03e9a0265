// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "shard/zero_copy.h"

#include "gtest/gtest.h"

namespace floe::shard {
namespace {

using Mode = config::Fanout::ZeroCopy;
constexpr ListenerSlot kAnn{3}, kBob{4};

TEST(ZeroCopy, AutoKeepsItOnlyWhereTheKernelDidNotCopy) {
  ZeroCopy zero_copy(Mode::kAuto);
  zero_copy.Begin(kAnn);
  zero_copy.Begin(kBob);
  EXPECT_TRUE(zero_copy.Wants(kAnn, kZeroCopyBytesMin));
  zero_copy.Learn(kAnn, /*was_copied=*/true);
  zero_copy.Learn(kBob, /*was_copied=*/false);
  EXPECT_FALSE(zero_copy.Wants(kAnn, kZeroCopyBytesMin));
  EXPECT_TRUE(zero_copy.Wants(kBob, kZeroCopyBytesMin));
}

TEST(ZeroCopy, AutoLeavesSmallSendsAlone) {
  ZeroCopy zero_copy(Mode::kAuto);
  zero_copy.Begin(kAnn);
  EXPECT_FALSE(zero_copy.Wants(kAnn, kZeroCopyBytesMin - 1));
}

TEST(ZeroCopy, WhoComesNextOnASlotIsAskedAnew) {
  ZeroCopy zero_copy(Mode::kAuto);
  zero_copy.Begin(kAnn);
  zero_copy.Learn(kAnn, /*was_copied=*/true);
  zero_copy.Begin(kAnn);
  EXPECT_TRUE(zero_copy.Wants(kAnn, kZeroCopyBytesMin));
}

TEST(ZeroCopy, OnAndOffAreWhatTheySay) {
  ZeroCopy always(Mode::kOn), never(Mode::kOff);
  always.Begin(kAnn);
  always.Learn(kAnn, /*was_copied=*/true);
  EXPECT_TRUE(always.Wants(kAnn, 1));
  EXPECT_FALSE(never.Wants(kAnn, kZeroCopyBytesMin));
}

TEST(ZeroCopy, WhoCameUnderAnotherModeIsLearnedOfAllTheSame) {
  ZeroCopy zero_copy(Mode::kOff);
  zero_copy.Begin(kAnn);
  zero_copy.Begin(kBob);
  zero_copy.SetMode(Mode::kOn);
  zero_copy.Learn(kAnn, /*was_copied=*/true);
  zero_copy.SetMode(Mode::kAuto);
  EXPECT_FALSE(zero_copy.Wants(kAnn, kZeroCopyBytesMin));
  EXPECT_TRUE(zero_copy.Wants(kBob, kZeroCopyBytesMin));
}

}  // namespace
}  // namespace floe::shard
