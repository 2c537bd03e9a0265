// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/lockout.h"

#include <arpa/inet.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace floe::access {
namespace {

constexpr LockoutRules kRules{.failures = 3, .min = 5s, .max = 15min};

Address AddressOf(const std::string& text) {
  Address address;
  const std::string written =
      text.find(':') == std::string::npos ? absl::StrCat("::ffff:", text) : text;
  EXPECT_EQ(inet_pton(AF_INET6, written.c_str(), address.bytes.data()), 1) << text;
  return address;
}

class LockoutTest : public testing::Test {
 protected:
  std::optional<milliseconds> Fail(const std::string& address, int times = 1) {
    std::optional<milliseconds> locked;
    for (int i = 0; i < times; ++i) locked = lockout_.Fail(AddressOf(address), kRules, now_);
    return locked;
  }
  bool IsLocked(const std::string& address) const {
    return lockout_.Remaining(AddressOf(address), now_).has_value();
  }

  Lockout lockout_;
  Instant now_{24h};
};

TEST_F(LockoutTest, SoManyFailuresAreTooMany) {
  EXPECT_FALSE(Fail("192.0.2.1", 2).has_value());
  EXPECT_FALSE(IsLocked("192.0.2.1"));
  EXPECT_EQ(Fail("192.0.2.1"), kRules.min);
  EXPECT_EQ(lockout_.Remaining(AddressOf("192.0.2.1"), now_ + 1s), 4s);
  EXPECT_EQ(lockout_.locked(now_), 1u);
  now_ += 5s;
  EXPECT_FALSE(IsLocked("192.0.2.1"));
}

TEST_F(LockoutTest, EachFailureMoreDoublesTheWait) {
  EXPECT_EQ(Fail("192.0.2.1", 3), 5s);
  for (const milliseconds expected : {10s, 20s, 40s, 80s, 160s, 320s, 640s, 900s, 900s}) {
    now_ += *lockout_.Remaining(AddressOf("192.0.2.1"), now_);
    EXPECT_EQ(Fail("192.0.2.1"), expected);
  }
}

TEST_F(LockoutTest, WhatIsAnsweredWhileLockedOutMakesItNoLonger) {
  EXPECT_EQ(Fail("192.0.2.1", 3), 5s);
  now_ += 2s;
  EXPECT_EQ(Fail("192.0.2.1", 10), 3s);
}

TEST_F(LockoutTest, FailuresFadeAway) {
  EXPECT_FALSE(Fail("192.0.2.1", 2).has_value());
  now_ += 15min;
  EXPECT_FALSE(Fail("192.0.2.1", 2).has_value()) << "the first two are forgotten";
  EXPECT_EQ(Fail("192.0.2.1"), 5s);
  now_ += 5s + 15min;
  EXPECT_EQ(Fail("192.0.2.1", 3), 5s) << "and so is how long the last wait was";
}

TEST_F(LockoutTest, AMistypedPasswordNowAndThenIsNoAttack) {
  for (int day = 0; day < 30; ++day) {
    EXPECT_FALSE(Fail("192.0.2.1", 2).has_value());
    now_ += 12min;
  }
}

TEST_F(LockoutTest, OtherAddressesAreNotTouched) {
  (void)Fail("192.0.2.1", 3);
  EXPECT_FALSE(IsLocked("192.0.2.2"));
  EXPECT_FALSE(IsLocked("2001:db8::1"));
}

TEST_F(LockoutTest, AHouseOfIpv6IsOneAddress) {
  (void)Fail("2001:db8:0:1::1");
  (void)Fail("2001:db8:0:1::2");
  EXPECT_EQ(Fail("2001:db8:0:1:ffff:ffff:ffff:ffff"), 5s);
  EXPECT_TRUE(IsLocked("2001:db8:0:1::7"));
  EXPECT_FALSE(IsLocked("2001:db8:0:2::1"));
}

TEST_F(LockoutTest, AScanCountsLessThanAGuess) {
  const Address scanner = AddressOf("192.0.2.1");
  for (uint32_t i = 0; i < 2 * kMissesPerFailure; ++i) {
    EXPECT_FALSE(lockout_.Miss(scanner, kRules, now_).has_value()) << i;
  }
  bool is_locked = false;
  for (uint32_t i = 0; i < kMissesPerFailure; ++i) {
    is_locked = is_locked || lockout_.Miss(scanner, kRules, now_).has_value();
  }
  EXPECT_TRUE(is_locked);
}

TEST_F(LockoutTest, NobodyIsLockedOutWhereThatIsNotWanted) {
  const LockoutRules none{.failures = 0};
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(lockout_.Fail(AddressOf("192.0.2.1"), none, now_).has_value());
  }
  EXPECT_FALSE(IsLocked("192.0.2.1"));
}

TEST_F(LockoutTest, OneFailureMayBeTooMany) {
  const LockoutRules strict{.failures = 1, .min = 5s, .max = 1min};
  const Address address = AddressOf("192.0.2.1");
  EXPECT_EQ(lockout_.Fail(address, strict, now_), 5s);
  EXPECT_EQ(lockout_.Fail(address, strict, now_ + 5s), 10s);
}

TEST_F(LockoutTest, AFloodOfAddressesForgetsTheOldestAndNotWhoIsLockedOut) {
  (void)Fail("192.0.2.1", 3);
  for (size_t i = 0; i < kLockoutAddressesMax; ++i) {
    now_ += 1us;
    (void)Fail(absl::StrCat("2001:db8:", absl::Hex(i >> 8), ":", absl::Hex(i & 255), "::1"));
  }
  EXPECT_TRUE(IsLocked("192.0.2.1"));
  EXPECT_EQ(lockout_.states().size(), kLockoutAddressesMax);
}

TEST_F(LockoutTest, GoesOnInAnotherProcess) {
  (void)Fail("192.0.2.1", 3);
  (void)Fail("192.0.2.2", 2);
  Lockout next;
  next.Restore(lockout_.states());
  EXPECT_EQ(next.Remaining(AddressOf("192.0.2.1"), now_ + 1s), 4s);
  EXPECT_EQ(next.Fail(AddressOf("192.0.2.2"), kRules, now_), 5s) << "the third of them";
  EXPECT_EQ(next.Fail(AddressOf("192.0.2.1"), kRules, now_ + 5s), 10s) << "twice as long";
}

}  // namespace
}  // namespace floe::access
