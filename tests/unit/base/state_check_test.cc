// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/state_check.h"

#include <utility>

#include "gtest/gtest.h"

namespace floe {
namespace {

enum class Colour : uint8_t { kRed, kBlue };

TEST(StateCheck, FindsNothingInAStateThatCanBe) {
  StateCheck check("kettle");
  check.AtMost("its water", 5, 5);
  check.Known("its colour", Colour::kBlue, Colour::kBlue);
  check.That(true, "it boils when it is off");
  check.Also(absl::OkStatus());
  EXPECT_TRUE(std::move(check).status().ok());
}

TEST(StateCheck, NamesTheFirstThingThatIsImpossible) {
  StateCheck check("kettle");
  check.AtMost("its water", 6, 5);
  check.That(false, "it boils when it is off");
  const absl::Status status = std::move(check).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), "state of the kettle: its water is 6; at most 5");
}

TEST(StateCheck, KnowsNoEnumeratorBehindTheLast) {
  StateCheck check("kettle");
  check.Known("its colour", Colour(2), Colour::kBlue);
  EXPECT_EQ(std::move(check).status().message(), "state of the kettle: its colour is 2; at most 1");
}

}  // namespace
}  // namespace floe
