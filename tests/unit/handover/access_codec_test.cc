// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/access_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/string_view.h"
#include "handover/state.pb.h"

namespace floe::handover {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

access::LockoutState StateOf(absl::string_view address, double failures) {
  return {.address = Address::Parse(address).value(),
          .failures = failures,
          .updated = Instant(7s),
          .locked_until = Instant(12s),
          .next_lock = 10'000ms};
}

TEST(AccessCodec, WhoIsLockedOutIsSoInTheNextProcess) {
  const access::LockoutState house = StateOf("2001:db8:0:1::", 10.5);
  const access::LockoutState one = StateOf("192.0.2.7", 3);
  End message;
  SaveLockouts({house, one}, &message);
  End again;
  ASSERT_TRUE(again.ParseFromString(message.SerializeAsString()));
  EXPECT_THAT(LoadLockouts(again).value(), ElementsAre(house, one));
}

TEST(AccessCodec, WhatCannotBeIsRefused) {
  End message;
  SaveLockouts({StateOf("192.0.2.7", 3)}, &message);
  const LockedOut good = message.locked_out(0);

  message.mutable_locked_out(0)->set_address("short");
  EXPECT_THAT(LoadLockouts(message).status().message(), HasSubstr("address"));

  *message.mutable_locked_out(0) = good;
  message.mutable_locked_out(0)->set_locked_until_ns(-1);
  EXPECT_THAT(LoadLockouts(message).status().message(), HasSubstr("the end of a lockout"));

  *message.mutable_locked_out(0) = good;
  message.mutable_locked_out(0)->set_failures(-4);
  EXPECT_EQ(LoadLockouts(message).value()[0].failures, 0);
}

}  // namespace
}  // namespace floe::handover
