// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Listeners that are moved, and handed over meanwhile.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "unit/listener/moves.h"

namespace floe::listener {
namespace {

using config::FallbackOverride;
using testing::HasSubstr;

class MovesOver : public Moves {
 protected:
  // All that is on the shard goes on on another.
  std::map<ListenerSlot, ListenerSlot> HandOver(const std::vector<ListenerSlot>& slots) {
    fan_out_->Freeze();
    EXPECT_TRUE(fan_out_->IsSettled());
    auto next = std::make_unique<FanOut>(options_);
    next->Freeze();
    std::map<MountSlot, MountSlot> views;
    fan_out_->ForEachView([&](MountSlot slot, const View& view) {
      View::Mounts to;
      if (view.next() != nullptr) to = {view.next()->home.Share(), view.next()->played.Share()};
      views[slot] = next->RestoreView({Find(view.home().name()), Find(view.mount().name())},
                                      view.state(now_), std::move(to), now_);
    });
    std::map<ListenerSlot, ListenerSlot> moved;
    for (const ListenerSlot slot : slots) {
      const ListenerState state = fan_out_->StateOf(slot, now_);
      moved[slot] =
          next->Restore(state, views.at(fan_out_->at(slot).mount), FdSlot(9), now_).value();
      EXPECT_TRUE(next->StateOf(moved[slot], now_) == state);
    }
    fan_out_->LetGo(now_);
    fan_out_->Consumed();
    EXPECT_EQ(fan_out_->mounts(), 0u);
    fan_out_ = std::move(next);
    fan_out_->Thaw();
    return moved;
  }
};

TEST_F(MovesOver, WhoWasMovedComesBackInTheNextProcess) {
  Configure("/live", Settings({"/backup"}));
  Connect("/live");
  Connect("/backup");
  Publish("/live", "one.");
  Publish("/backup", "two.");
  const ListenerSlot before = Join("/live");
  Play();
  Leave("/live");
  Play();
  EXPECT_EQ(Heard(before), "one.two.");
  const ListenerSlot slot = HandOver({before})[before];
  EXPECT_EQ(HomeOf(slot), "/live");
  EXPECT_EQ(fan_out_->PlayedBy(slot).name(), "/backup");
  EXPECT_EQ(CountOf("/live"), 1u);
  Publish("/backup", "three.");
  Play();
  EXPECT_EQ(Heard(slot), "three.");
  Connect("/live");
  Publish("/live", "four.");
  Play();
  EXPECT_EQ(Heard(slot), "four.");
}

TEST_F(MovesOver, WhoIsOnItsWayArrives) {
  Configure("/live", Settings({"/backup"}, FallbackOverride::kAll));
  options_.interval = 1s;
  fan_out_ = std::make_unique<FanOut>(options_);
  Connect("/backup");
  Publish("/backup", "one.");
  const ListenerSlot before = Join("/backup");
  Play();
  Publish("/backup", "two.");
  Play(20ms);
  Publish("/backup", "three.");
  Connect("/live");
  Publish("/live", "live.");
  Turn();  // the view has ended; the listener is not due yet
  EXPECT_EQ(HomeOf(before), "/backup");
  const ListenerSlot slot = HandOver({before})[before];
  EXPECT_EQ(HomeOf(slot), "/backup");
  Play(2s);
  EXPECT_EQ(HomeOf(slot), "/live");
  EXPECT_THAT(Heard(slot), HasSubstr("three.live."));
}

}  // namespace
}  // namespace floe::listener
