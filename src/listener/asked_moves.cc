// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Moves that somebody asks for. Those of a whole mount are as moves to a fallback are: their view
// ends, with a successor. One listener alone goes when it has heard all there is, which is the one
// moment at which it is in the middle of nothing.
#include <optional>
#include <utility>

#include "listener/fan_out.h"

namespace floe::listener {
namespace {

// Where those of the view come to who are to be listeners of `to`; empty: they cannot go on there.
std::optional<View::Mounts> WayTo(const View& view, mount::Mount& to) {
  const mount::Mount::Heard heard = view.mount().heard();
  const mount::Media media = heard.epoch == view.epoch() ? heard.media : mount::Media();
  mount::Signpost::Direction direction = to.signpost().Where(to, media);
  if (!direction.plays) return std::nullopt;
  mount::MountRef home = direction.stays ? direction.plays.Share() : to.Ref();
  return View::Mounts{.home = std::move(home), .played = std::move(direction.plays)};
}

}  // namespace

uint32_t FanOut::MoveMount(const mount::Mount& from, mount::Mount& to, Instant now) {
  uint32_t moved = 0;
  for (const std::unique_ptr<View>& view : views_) {
    if (view == nullptr || &view->home() != &from) continue;
    PollView(*view, now);  // what was published until now is still heard
    if (view->ending() != Leaving::kStaying) continue;
    std::optional<View::Mounts> next = WayTo(*view, to);
    if (!next.has_value() || next->home.get() == &from) continue;
    view->Move(*std::move(next), now);
    moved += view->audience().count;
    if (!view->audience().waiting.empty()) view->audience().serves_waiting = has_waiting_ = true;
    Hasten(*view, now);
    ForgetCurrent(*view);
  }
  return moved;
}

bool FanOut::MoveOne(ListenerSlot slot, mount::Mount& to) {
  const Listener& listener = listeners_[slot];
  if (listener.place == Place::kNowhere || listener.place == Place::kDeparted) return false;
  if (listener.leaving != Leaving::kStaying) return false;
  std::optional<View::Mounts> next = WayTo(ViewOf(listener), to);
  if (!next.has_value()) return false;
  moving_.insert_or_assign(slot, *std::move(next));
  if (listener.place == Place::kScheduled || listener.place == Place::kWaiting) {
    Unplace(slot);
    MakeReady(slot);
  }
  return true;
}

MountSlot FanOut::NextOf(ListenerSlot slot, View& view, Instant now) {
  if (!IsMoving(slot)) return SuccessorOf(view, now);
  auto node = moving_.extract(slot);
  return FindOrMakeView(std::move(node.mapped()), now);
}

}  // namespace floe::listener
