// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/seating.h"

#include <gtest/gtest.h>

#include "unit/shard/shard_on_thread.h"

namespace floe::session {
namespace {

constexpr ListenerSlot kFirst{0}, kSecond{1};
const std::string kMount = "/live";

class SeatingTest : public testing::Test {
 protected:
  // The limits of one address.
  static constexpr access::AddressLimits kTwo = {.of_all = 2, .of_mount = 0};

  Seating::Ticket Take(const access::AddressLimits& limits) {
    std::optional<Seating::Ticket> ticket = seating_.Take(address_, kMount, limits);
    EXPECT_TRUE(ticket.has_value());
    return *std::move(ticket);
  }
  uint32_t counted() const { return counts_.Of(access::HouseOf(address_)); }

  // It does not turn: what is a shard's is done here.
  shard::ShardOnThread on_thread_{/*turns=*/false};
  shard::Shard& shard_ = on_thread_.get();
  access::AddressCounts counts_;
  Seating seating_{counts_};
  const Address address_ = Address::Parse("192.0.2.7").value();
};

TEST_F(SeatingTest, ASeatThatIsNotTakenOverIsGivenBack) {
  {
    const Seating::Ticket ticket = Take(kTwo);
    EXPECT_EQ(counted(), 1u);
  }
  EXPECT_EQ(counted(), 0u);
}

TEST_F(SeatingTest, OneOfTooManyGetsNoneUntilAnotherLeaves) {
  seating_.Sit(shard_, kFirst, Take(kTwo), 0ms);
  seating_.Sit(shard_, kSecond, Take(kTwo), 0ms);
  EXPECT_FALSE(seating_.Take(address_, kMount, kTwo).has_value());
  seating_.Left(shard_, kFirst);
  EXPECT_EQ(counted(), 1u);
  EXPECT_TRUE(seating_.Take(address_, kMount, kTwo).has_value());
}

TEST_F(SeatingTest, WhoHasNoLimitCostsNothingAndIsNeverDue) {
  seating_.Sit(shard_, kFirst, Take({}), 0ms);
  EXPECT_EQ(counted(), 0u);
  EXPECT_FALSE(seating_.IsDue(shard_, Clock::now() + 24h));
  EXPECT_EQ(seating_.OwnLimitOf(shard_, kFirst), std::nullopt);
}

TEST_F(SeatingTest, SomebodyIsDueOnceTheFirstTimeIsOver) {
  seating_.Sit(shard_, kFirst, Take({}), 60s);
  seating_.Sit(shard_, kSecond, Take({}), 10s);
  EXPECT_FALSE(seating_.IsDue(shard_, shard_.now() + 9s));
  EXPECT_TRUE(seating_.IsDue(shard_, shard_.now() + 10s));
}

TEST_F(SeatingTest, OfLimitsOfItsOwnTheEarliestCounts) {
  const Instant now = shard_.now();
  seating_.LimitListener(shard_, kFirst, now + 30s);
  seating_.LimitListener(shard_, kFirst, now + 20s);
  seating_.LimitListener(shard_, kFirst, now + 40s);
  EXPECT_EQ(seating_.OwnLimitOf(shard_, kFirst), now + 20s);
  EXPECT_EQ(seating_.OwnLimitOf(shard_, kSecond), std::nullopt);
  EXPECT_TRUE(seating_.IsDue(shard_, now + 20s));
}

TEST_F(SeatingTest, ALimitOfItsOwnIsNoneOfTheConfiguredOnes) {
  seating_.Sit(shard_, kFirst, Take({}), 10s);
  EXPECT_EQ(seating_.OwnLimitOf(shard_, kFirst), std::nullopt);
  seating_.LimitListener(shard_, kFirst, shard_.now() + 60s);
  EXPECT_EQ(seating_.OwnLimitOf(shard_, kFirst), shard_.now() + 60s);
  EXPECT_TRUE(seating_.IsDue(shard_, shard_.now() + 10s));
}

TEST_F(SeatingTest, WhoeverGetsASlotAnewHasNoLimitOfWhoHadItBefore) {
  seating_.LimitListener(shard_, kFirst, shard_.now() + 60s);
  seating_.Left(shard_, kFirst);
  seating_.Sit(shard_, kFirst, Take({}), 0ms);
  EXPECT_EQ(seating_.OwnLimitOf(shard_, kFirst), std::nullopt);
}

}  // namespace
}  // namespace floe::session
