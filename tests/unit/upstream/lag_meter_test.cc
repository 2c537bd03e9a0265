// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "upstream/lag_meter.h"

#include "gtest/gtest.h"

namespace floe::upstream {
namespace {

const Instant kStart = Instant(1h);

TEST(LagMeter, AStreamThatComesInRealTimeHasNone) {
  LagMeter meter;
  for (int second = 0; second < 1000; ++second) {
    EXPECT_EQ(meter.Heard(second * 1s, kStart + second * 1s), 0ms) << second;
  }
}

TEST(LagMeter, ABurstIsNotAhead) {
  LagMeter meter;
  EXPECT_EQ(meter.Heard(4s, kStart), 0ms);
  EXPECT_EQ(meter.Heard(5s, kStart + 1s), 0ms);
}

TEST(LagMeter, WhatIsHeldUpLagsUntilItHasCaughtUp) {
  LagMeter meter;
  EXPECT_EQ(meter.Heard(4s, kStart), 0ms);
  EXPECT_EQ(meter.Heard(4'500ms, kStart + 3s), 2'500ms);
  EXPECT_EQ(meter.Heard(6s, kStart + 3s), 1'000ms);
  EXPECT_EQ(meter.Heard(7s, kStart + 3s), 0ms);
}

TEST(LagMeter, WhatNeverCatchesUpIsSoonTakenForTheOriginsPause) {
  LagMeter meter;
  EXPECT_EQ(meter.Heard(0s, kStart), 0ms);
  milliseconds lag{0};
  milliseconds until{0};
  for (milliseconds at = 3s; at < 3 * kBestKept; at += 1s) {
    lag = meter.Heard(at - 2s, kStart + at);
    if (lag == 2s) until = at;
  }
  EXPECT_EQ(lag, 0ms);
  EXPECT_GE(until, kBestKept);
  EXPECT_LE(until, 2 * kBestKept);
}

TEST(LagMeter, ASlowClockOfTheEncoderDoesNotAddUp) {
  LagMeter meter;
  for (milliseconds at{0}; at < 24h; at += 10s) {
    EXPECT_LE(meter.Heard(microseconds(at.count() * 999), kStart + at), 2 * kBestKept / 1000);
  }
}

}  // namespace
}  // namespace floe::upstream
