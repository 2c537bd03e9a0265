// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/figures.h"

#include <gtest/gtest.h>

namespace floe::handover {
namespace {

TEST(Figures, TheNextProcessGoesOnCounting) {
  session::Services before;
  before.instruments->reloads_done.Add(3);
  before.instruments->leaves[2].Add(7);
  End end;
  SaveFigures(before, &end);
  End received;
  ASSERT_TRUE(received.ParseFromString(end.SerializeAsString()));
  metrics::Instruments after;
  after.reloads_done.Add();
  LoadFigures(received, after);
  EXPECT_EQ(after.reloads_done.value(), 4u);
  EXPECT_EQ(after.leaves[2].value(), 7u);
  EXPECT_EQ(after.swaps.value(), 1u);
}

TEST(Figures, FromAProcessThatCountsNothingNothingComes) {
  metrics::Instruments after;
  LoadFigures(End(), after);
  EXPECT_EQ(after.Save(), metrics::Instruments().Save());
}

}  // namespace
}  // namespace floe::handover
