// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Listeners that somebody moves to another mount, all of a mount or one of them.
#include <string>

#include "unit/listener/moves.h"

namespace floe::listener {
namespace {

using testing::IsEmpty;

class AskedMoves : public Moves {
 protected:
  AskedMoves() {
    Connect("/live");
    Connect("/other");
    Publish("/live", "one.");
    Publish("/other", "other 1.");
  }
  void PublishBoth(const std::string& number) {
    Publish("/live", "live " + number + ".");
    Publish("/other", "other " + number + ".");
    Play();
  }
};

TEST_F(AskedMoves, AllOfAMountHearTheRestAndThenTheOtherWhoseListenersTheyAre) {
  const ListenerSlot first = Join("/live"), second = Join("/live");
  Play();
  Publish("/live", "two.");
  EXPECT_EQ(fan_out_->MoveMount(*Find("/live"), *Find("/other"), now_), 2u);
  Play();
  PublishBoth("2");
  for (const ListenerSlot slot : {first, second}) {
    EXPECT_EQ(Heard(slot), "one.two.other 1.other 2.");
    EXPECT_EQ(HomeOf(slot), "/other");
  }
  EXPECT_EQ(CountOf("/live"), 0u);
  EXPECT_EQ(CountOf("/other"), 2u);
  EXPECT_THAT(departed_, IsEmpty());
}

TEST_F(AskedMoves, WhoComesToThatMountAfterwardsHearsItself) {
  Join("/live");
  Play();
  fan_out_->MoveMount(*Find("/live"), *Find("/other"), now_);
  const ListenerSlot late = Join("/live");
  Play();
  Heard(late);
  PublishBoth("2");
  EXPECT_EQ(Heard(late), "live 2.");
}

TEST_F(AskedMoves, OneGoesAndTheOthersStay) {
  const ListenerSlot goes = Join("/live"), stays = Join("/live");
  Play();
  Heard(goes), Heard(stays);
  EXPECT_TRUE(fan_out_->MoveOne(goes, *Find("/other")));
  Play();
  Heard(goes);
  PublishBoth("2");
  EXPECT_EQ(Heard(goes), "other 2.");
  EXPECT_EQ(Heard(stays), "live 2.");
  EXPECT_EQ(HomeOf(goes), "/other");
  EXPECT_EQ(CountOf("/live"), 1u);
  EXPECT_EQ(CountOf("/other"), 1u);
}

TEST_F(AskedMoves, OneThatIsBehindHearsWhatWasPublishedBeforeItGoes) {
  const ListenerSlot slot = Join("/live");
  holds_ = true;
  Turn();
  Publish("/live", "two.");
  EXPECT_TRUE(fan_out_->MoveOne(slot, *Find("/other")));
  Play();
  holds_ = false;
  const SendOrder order = order_of_[slot];
  fan_out_->OnSent(slot, order.generation, {.sent_bytes = order.bytes}, now_);
  Play();
  PublishBoth("2");
  EXPECT_EQ(Heard(slot), "one.two.other 1.other 2.");
}

TEST_F(AskedMoves, OneMayGoWhoseSourceIsGone) {
  const ListenerSlot slot = Join("/live");
  Play();
  Leave("/live");
  Play();
  EXPECT_TRUE(fan_out_->MoveOne(slot, *Find("/other")));
  Play(6s);
  EXPECT_EQ(HomeOf(slot), "/other");
  EXPECT_THAT(departed_, IsEmpty());
}

TEST_F(AskedMoves, NobodyGoesWhereHisPlayerCouldNotGoOn) {
  Connect("/ogg", "application/ogg");
  Publish("/ogg", "ogg.");
  const ListenerSlot slot = Join("/live");
  Play();
  EXPECT_EQ(fan_out_->MoveMount(*Find("/live"), *Find("/ogg"), now_), 0u);
  EXPECT_FALSE(fan_out_->MoveOne(slot, *Find("/ogg")));
  PublishBoth("2");
  EXPECT_EQ(Heard(slot), "one.live 2.");
}

TEST_F(AskedMoves, WhoLeavesOnTheWayIsForgotten) {
  const ListenerSlot slot = Join("/live");
  Play();
  EXPECT_TRUE(fan_out_->MoveOne(slot, *Find("/other")));
  fan_out_->Leave(slot, Leaving::kKicked, now_);
  EXPECT_FALSE(fan_out_->MoveOne(slot, *Find("/other")));
  Play();
  const ListenerSlot next = Join("/live");
  EXPECT_EQ(next, slot);
  Play();
  EXPECT_EQ(HomeOf(next), "/live");
}

}  // namespace
}  // namespace floe::listener
