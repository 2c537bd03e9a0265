// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/live_mounts.h"

#include <map>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tape/arena.h"

namespace floe::session {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class LiveMountsTest : public testing::Test {
 protected:
  void Come(const std::string& name, const config::Mount& settings = {}) {
    auto writer = registry_.Claim(name, {.content_type = "audio/mpeg"}, settings, {}, now_);
    ASSERT_TRUE(writer.ok()) << writer.status();
    writers_[name] = *std::move(writer);
  }
  void Go(const std::string& name) { writers_.erase(name); }
  std::string Hear(LiveMounts::Known* known) {
    now_ += kLiveMountsAge;
    return mounts_.Renew(registry_, now_, known);
  }

  Instant now_ = Instant() + 1h;
  std::unique_ptr<tape::Arena> arena_ = *tape::Arena::Create(uint64_t{4} << 20);
  mount::Registry registry_{*arena_, 10};
  std::map<std::string, std::unique_ptr<mount::Writer>> writers_;
  LiveMounts mounts_;
};

TEST_F(LiveMountsTest, AreThoseWithASourceInTheirOrder) {
  Come("/b");
  Come("/a");
  ASSERT_TRUE(registry_.Configure("/silent", {}).ok());
  EXPECT_THAT(LiveMountsOf(registry_, now_), ElementsAre("/a", "/b"));
}

TEST_F(LiveMountsTest, AMountWhoseSourceIsWaitedForIsStillThere) {
  Come("/a", {.linger = 1h});
  writers_["/a"]->Leave(now_);
  EXPECT_THAT(LiveMountsOf(registry_, now_), ElementsAre("/a"));
  EXPECT_THAT(LiveMountsOf(registry_, now_ + 1h), IsEmpty());
}

TEST_F(LiveMountsTest, WhatIsHiddenIsNotThere) {
  config::Mount hidden;
  hidden.hidden = true;
  Come("/secret", hidden);
  EXPECT_THAT(LiveMountsOf(registry_, now_), IsEmpty());
}

TEST_F(LiveMountsTest, WhatNoRequestReachesIsNotThere) {
  Come("file:/srv/sorry.mp3");
  EXPECT_THAT(LiveMountsOf(registry_, now_), IsEmpty());
}

TEST_F(LiveMountsTest, AFollowerHearsOfAllAndThenOfWhatChanges) {
  Come("/a");
  Come("/b", {.linger = 0ms});
  LiveMounts::Known known;
  EXPECT_EQ(Hear(&known), "+/a\r\n+/b\r\n");
  EXPECT_EQ(Hear(&known), "");
  Come("/c");
  EXPECT_EQ(Hear(&known), "+/c\r\n");
  Go("/b");
  EXPECT_EQ(Hear(&known), "-/b\r\n");
  EXPECT_THAT(known.names, ElementsAre("/a", "/c"));
}

TEST_F(LiveMountsTest, EachFollowerHearsWhatIsNewToIt) {
  Come("/a");
  LiveMounts::Known early, late;
  Hear(&early);
  Come("/b");
  EXPECT_EQ(Hear(&late), "+/a\r\n+/b\r\n");
  EXPECT_EQ(Hear(&early), "+/b\r\n");
}

TEST_F(LiveMountsTest, NothingIsLookedAtAgainSoSoon) {
  LiveMounts::Known known;
  EXPECT_EQ(Hear(&known), "");
  Come("/a");
  EXPECT_EQ(mounts_.Renew(registry_, now_, &known), "");
  EXPECT_EQ(Hear(&known), "+/a\r\n");
}

TEST_F(LiveMountsTest, FollowersHaveABound) {
  for (uint32_t i = 0; i < kFollowersMax; ++i) ASSERT_TRUE(mounts_.Came());
  EXPECT_FALSE(mounts_.Came());
  EXPECT_FALSE(mounts_.Came());
  mounts_.Left();
  EXPECT_TRUE(mounts_.Came());
  EXPECT_FALSE(mounts_.Came());
}

TEST(ChangesBetween, AreWhatIsGoneAndWhatHasCome) {
  EXPECT_EQ(ChangesBetween({}, {}), "");
  EXPECT_EQ(ChangesBetween({"/a", "/b"}, {"/b", "/c"}), "-/a\r\n+/c\r\n");
}

}  // namespace
}  // namespace floe::session
