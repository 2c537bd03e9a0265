// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What FanOut does in a turn: polls the mounts once a tick, then serves
//
//   1. some of those who are ready: they joined, are far behind, or have to skip
//   2. those who had heard all there was, on mounts where more was published since
//   3. those who are due by the wheel, the longest overdue first
//   4. the rest of the ready
//
// until there is room for no more orders. So neither a rush of joins keeps those waiting who
// listen already, nor the other way round, and what did not fit is first in the next turn.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "listener/fan_out.h"

namespace floe::listener {
namespace {

// Sends that are still in flight after kSweepAge are looked at every kSweepPeriod. On a healthy
// line a send ends within milliseconds, so these are few.
constexpr milliseconds kSweepPeriod{250};
constexpr milliseconds kSweepAge{1'000};

// When a mount has ended, its listeners have this long to be sent the rest of it.
constexpr milliseconds kDrainMax{5'000};

}  // namespace

void FanOut::Turn(Instant now) {
  FLOE_CHECK(orders_.empty());
  pieces_.clear();
  if (is_frozen_) return;
  const uint64_t tick = TickOf(now);
  lag_ = wheel_.OverdueTicks(tick) * options_.tick;
  if (tick != polled_tick_) {
    polled_tick_ = tick;
    PollViews(now);
    SweepSending(now);
  }
  ServeReady(options_.orders_per_turn_max / kReadyShare, now);
  ServeWaiting(now);
  ServeDue(now);
  ServeReady(options_.orders_per_turn_max, now);

  was_cut_ = !HasRoom();
  if (was_cut_) ++counters_.turns_cut;
}

std::optional<Instant> FanOut::NextTurn(Instant now) const {
  const bool has_news = !cancels_.empty() || !departures_.empty();
  if (is_frozen_) return has_news ? std::optional<Instant>(now) : std::nullopt;
  if (was_cut_ || has_news || has_waiting_ || !ready_.empty()) return now;
  if (view_count_ == 0) return std::nullopt;
  return Instant((TickOf(now) + 1) * options_.tick);
}

// ---- views ----

MountSlot FanOut::FindOrMakeView(mount::MountRef mount, Instant now) {
  const auto known = current_.find(mount.get());
  if (known != current_.end()) {
    const MountSlot slot = known->second;
    PollView(*views_[Index(slot)], now);
    if (current_.contains(mount.get())) return slot;
  }
  const mount::Mount* key = mount.get();
  const MountSlot slot = MakeView(std::move(mount), now);
  current_[key] = slot;
  return slot;
}

MountSlot FanOut::MakeView(mount::MountRef mount, Instant now) {
  uint32_t place = 0;
  while (place < views_.size() && views_[place] != nullptr) ++place;
  if (place == views_.size()) views_.emplace_back();
  views_[place] = std::make_unique<View>(std::move(mount), now);
  ++view_count_;
  return MountSlot(place);
}

void FanOut::PollView(View& view, Instant now) {
  const uint64_t oldest_before = view.oldest();
  const bool has_moved = view.Poll(now);
  const bool has_ended = view.ending() != Leaving::kStaying;
  if (view.oldest() != oldest_before) view.pages().DropUnused(PageNumber(view.oldest()));

  Audience& audience = view.audience();
  if ((has_moved || has_ended) && !audience.waiting.empty()) {
    audience.serves_waiting = has_waiting_ = true;
  }
  if (!has_ended) return;
  // Who joins from now on begins on what comes next.
  const auto current = current_.find(&view.mount());
  if (current != current_.end() && views_[Index(current->second)].get() == &view) {
    current_.erase(current);
  }
}

void FanOut::TellMounts() {
  for (const std::unique_ptr<View>& view : views_) {
    if (view == nullptr || view->audience().sent_bytes == 0) continue;
    view->mount().sent_bytes.fetch_add(std::exchange(view->audience().sent_bytes, 0),
                                       std::memory_order_relaxed);
  }
}

void FanOut::PollViews(Instant now) {
  TellMounts();
  for (const std::unique_ptr<View>& view : views_) {
    if (view == nullptr) continue;
    PollView(*view, now);
    if (view->ending() != Leaving::kStaying && now - view->ended_at() >= kDrainMax) {
      LeaveView(*view, view->ending(), now);
    }
  }
}

void FanOut::ReleaseEmptyViews() {
  has_empty_view_ = false;
  for (uint32_t i = 0; i < views_.size(); ++i) {
    if (views_[i] == nullptr || views_[i]->audience().count > 0) continue;
    mount::Mount& mount = views_[i]->mount();
    mount.sent_bytes.fetch_add(views_[i]->audience().sent_bytes, std::memory_order_relaxed);
    const auto current = current_.find(&mount);
    if (current != current_.end() && Index(current->second) == i) current_.erase(current);
    views_[i].reset();
    --view_count_;
  }
}

// ---- serving ----

void FanOut::ServeReady(size_t orders_max, Instant now) {
  while (!ready_.empty() && orders_.size() < orders_max) Serve(ready_.PopFront(listeners_), now);
}

void FanOut::ServeDue(Instant now) {
  const uint64_t tick = TickOf(now);
  while (HasRoom()) {
    const ListenerSlot slot = wheel_.PopDue(tick);
    if (slot == kNoSlot<ListenerSlot>) return;
    Serve(slot, now);
  }
}

void FanOut::ServeWaiting(Instant now) {
  if (!has_waiting_) return;
  for (size_t i = 0; i < views_.size(); ++i) {
    const size_t place = (next_view_ + i) % views_.size();
    if (!HasRoom()) {
      next_view_ = uint32_t(place);  // its turn comes first the next time
      return;
    }
    if (views_[place] != nullptr) ServeWaitingOf(*views_[place], now);
  }
  has_waiting_ = !HasRoom();
}

void FanOut::ServeWaitingOf(View& view, Instant now) {
  Audience& audience = view.audience();
  if (!audience.serves_waiting) return;
  // One round: who has nothing to be sent even now goes to the back and is not met again.
  const ListenerSlot last = audience.waiting.tail();
  ListenerSlot slot = kNoSlot<ListenerSlot>;
  while (slot != last && HasRoom()) {
    slot = audience.waiting.PopFront(listeners_);
    Serve(slot, now);
  }
  audience.serves_waiting = slot != last;
}

void FanOut::Serve(ListenerSlot slot, Instant now) {
  Listener& listener = listeners_[slot];
  View& view = ViewOf(listener);
  if ((listener.flags & kAwaitsSync) != 0) {
    // Who joined before there was any audio has missed nothing of it yet; who lost some goes on
    // with what is new.
    const bool has_begun = listener.link != kNoLink;
    const microseconds back = has_begun ? milliseconds(0) : BurstOf(listener, view);
    if (!BeginBack(listener, view, back)) return Wait(slot, now);
  }
  SendPlan plan = PlanSend(listener, view, options_.send_bytes_max, &pieces_);
  if (plan.is_lapped) {
    if (!Skip(slot, now)) return;
    plan = PlanSend(listener, view, options_.send_bytes_max, &pieces_);
  }
  if (plan.bytes == 0) return Wait(slot, now);
  Order(slot, plan, now);
}

void FanOut::Order(ListenerSlot slot, const SendPlan& plan, Instant now) {
  Listener& listener = listeners_[slot];
  listener.unsent_bytes = plan.bytes;
  // Blocks in short succession fill the gather list before the bytes are many.
  listener.full_send_bytes =
      plan.piece_count == kSendPiecesMax ? plan.bytes : options_.send_bytes_max;
  listener.ordered_tick = ShortTickOf(now);
  if ((listener.flags & kIsStalled) == 0) listener.stalled_tick = listener.ordered_tick;
  listener.flags |= kAwaitsResult;
  listener.place = Place::kSending;
  sending_.PushBack(listeners_, slot);
  ++in_flight_count_;
  ++counters_.orders;
  orders_.push_back({.listener = slot,
                     .generation = listener.generation,
                     .fd = listener.fd,
                     .bytes = plan.bytes,
                     .first_piece = uint32_t(pieces_.size()) - plan.piece_count,
                     .piece_count = plan.piece_count});
}

// It has heard all there is: for now, or for good.
void FanOut::Wait(ListenerSlot slot, Instant now) {
  Listener& listener = listeners_[slot];
  View& view = ViewOf(listener);
  if (view.ending() != Leaving::kStaying) {
    listener.leaving = view.ending();
    return Depart(slot, now);
  }
  listener.place = Place::kWaiting;
  view.audience().waiting.PushBack(listeners_, slot);
}

// The tape no longer has what the listener would hear next. Answers whether it goes on elsewhere
// on it right away; otherwise it has left, or waits for a place to go on.
bool FanOut::Skip(ListenerSlot slot, Instant now) {
  Listener& listener = listeners_[slot];
  View& view = ViewOf(listener);
  FLOE_CHECK((listener.flags & kHoldsPreamble) == 0);
  if (view.ending() != Leaving::kStaying || view.mount().lagging() == config::Lagging::kDrop) {
    listener.leaving = view.ending() != Leaving::kStaying ? view.ending() : Leaving::kLagged;
    Depart(slot, now);
    return false;
  }
  ++listener.skips;
  ++counters_.skips;
  const std::optional<tape::SyncPoint> sync = view.NewestSync();
  if (sync.has_value() && BeginAt(listener, view, *sync)) return true;
  listener.flags |= kAwaitsSync;
  Wait(slot, now);
  return false;
}

// Ends sends that lead nowhere: of listeners that took nothing for too long, and of those whose
// audio the tape has dropped meanwhile. The latter hold pages for nobody: they lose that audio
// and, when they read again, go on with what is new.
void FanOut::SweepSending(Instant now) {
  const uint64_t tick = TickOf(now);
  if ((tick - swept_tick_) * options_.tick < kSweepPeriod) return;
  swept_tick_ = tick;
  const milliseconds age = std::min(kSweepAge, options_.client_timeout);
  for (ListenerSlot slot = sending_.head(); slot != kNoSlot<ListenerSlot>;
       slot = listeners_[slot].next) {
    Listener& listener = listeners_[slot];
    if (TicksSince(listener.ordered_tick, now) < age) return;
    if (TicksSince(listener.stalled_tick, now) >= options_.client_timeout) {
      Leave(slot, Leaving::kStalled, now);
    } else if ((listener.flags & kAwaitsResult) != 0 && listener.pinned_pages > 0 &&
               listener.pinned_page < PageNumber(ViewOf(listener).oldest())) {
      Cancel(slot);
    }
  }
}

}  // namespace floe::listener
