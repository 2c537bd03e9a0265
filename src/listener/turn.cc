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

// When a view has ended, its listeners have this long to be sent the rest of it.
constexpr milliseconds kDrainMax{5'000};

// Those who go on with another mount are all served within this time. Each is sent twice then, and
// haste that the machine has no room for makes all of them late.
constexpr milliseconds kHaste{900};

}  // namespace

void FanOut::Turn(Instant now) {
  FLOE_CHECK(orders_.empty());
  pieces_.clear();
  moves_in_turn_ = 0;
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

MountSlot FanOut::FindOrMakeView(View::Mounts mounts, Instant now) {
  const Played key{mounts.home.get(), mounts.played.get()};
  const auto known = current_.find(key);
  if (known != current_.end()) {
    const MountSlot slot = known->second;
    PollView(*views_[Index(slot)], now);
    if (current_.contains(key)) return slot;
  }
  const MountSlot slot = MakeView(std::move(mounts), now);
  current_[key] = slot;
  return slot;
}

MountSlot FanOut::MakeView(View::Mounts mounts, Instant now) {
  uint32_t place = 0;
  while (place < views_.size() && views_[place] != nullptr) ++place;
  if (place == views_.size()) views_.emplace_back();
  views_[place] = std::make_unique<View>(std::move(mounts), now);
  ++view_count_;
  return MountSlot(place);
}

void FanOut::ForgetCurrent(const View& view) {
  const auto current = current_.find(KeyOf(view));
  if (current != current_.end() && views_[Index(current->second)].get() == &view) {
    current_.erase(current);
  }
}

void FanOut::PollView(View& view, Instant now) {
  const uint64_t oldest_before = view.oldest();
  const bool had_ended = view.ending() != Leaving::kStaying;
  const bool has_moved = view.Poll(now);
  const bool has_ended = view.ending() != Leaving::kStaying;
  if (view.oldest() != oldest_before) view.pages().DropUnused(PageNumber(view.oldest()));

  Audience& audience = view.audience();
  if ((has_moved || has_ended) && !audience.waiting.empty()) {
    audience.serves_waiting = has_waiting_ = true;
  }
  if (!has_ended) return;
  if (!had_ended && view.next() != nullptr) Hasten(view, now);
  // Who joins from now on begins on what comes next.
  ForgetCurrent(view);
}

// The view on which the listeners of an ended one go on. It may itself have ended by then: they go
// on from there. No view comes twice in such a row, since each was no ended one when it was found.
MountSlot FanOut::SuccessorOf(View& view, Instant now) {
  if (view.successor == kNoSlot<MountSlot>) {
    const View::Mounts& next = *view.next();
    view.successor =
        FindOrMakeView({.home = next.home.Share(), .played = next.played.Share()}, now);
    ++views_[Index(view.successor)]->predecessors;
  }
  return view.successor;
}

// Who is to hear another mount is not kept waiting for the end of a long interval. They stay in
// their order, and spread; there they come to the phases again that they had here.
void FanOut::Hasten(View& view, Instant now) {
  const uint64_t tick = TickOf(now), haste = uint64_t(kHaste / options_.tick);
  uint64_t last = tick;  // by whatever intervals they were put there
  for (ListenerSlot slot = view.audience().first; slot != kNoSlot<ListenerSlot>;
       slot = listeners_[slot].view_next) {
    if (listeners_[slot].place == Place::kScheduled) last = std::max(last, wheel_.DueTick(slot));
  }
  if (last - tick <= haste) return;
  for (ListenerSlot slot = view.audience().first; slot != kNoSlot<ListenerSlot>;
       slot = listeners_[slot].view_next) {
    if (listeners_[slot].place != Place::kScheduled) continue;
    const uint64_t due = wheel_.DueTick(slot);
    if (due <= tick) continue;
    wheel_.Remove(slot);
    Schedule(slot, tick + (due - tick) * haste / (last - tick));
  }
}

// Who has not taken the rest by now does not get it: those whose sockets are full, and who were far
// behind. A preamble or a block that was begun is still ended, or the player would be lost.
void FanOut::CutView(View& view) {
  view.Cut();
  for (ListenerSlot slot = view.audience().first; slot != kNoSlot<ListenerSlot>;
       slot = listeners_[slot].view_next) {
    const Place place = listeners_[slot].place;
    if (place == Place::kSending && (listeners_[slot].flags & kAwaitsResult) != 0) Cancel(slot);
    if (place != Place::kScheduled && place != Place::kWaiting) continue;
    Unplace(slot);
    MakeReady(slot);
  }
}

void FanOut::TellMounts() {
  for (const std::unique_ptr<View>& view : views_) {
    if (view != nullptr) TellMount(*view);
  }
}

void FanOut::TellMount(View& view) {
  Audience& audience = view.audience();
  if (audience.sent_bytes > 0) {
    view.home().sent_bytes.fetch_add(std::exchange(audience.sent_bytes, 0),
                                     std::memory_order_relaxed);
  }
  if (audience.skips > 0) {
    view.home().skips.fetch_add(std::exchange(audience.skips, 0), std::memory_order_relaxed);
  }
}

void FanOut::PollViews(Instant now) {
  TellMounts();
  for (const std::unique_ptr<View>& view : views_) {
    if (view == nullptr) continue;
    PollView(*view, now);
    if (view->ending() == Leaving::kStaying || now - view->ended_at() < kDrainMax) continue;
    if (view->next() == nullptr) {
      LeaveView(*view, view->ending(), now);
    } else if (!view->is_cut()) {
      CutView(*view);
    }
  }
}

void FanOut::ReleaseEmptyViews() {
  has_empty_view_ = false;
  for (uint32_t i = 0; i < views_.size();) {
    View* const view = views_[i].get();
    if (view == nullptr || view->audience().count > 0 || view->predecessors > 0) {
      ++i;
      continue;
    }
    TellMount(*view);
    ForgetCurrent(*view);
    const MountSlot successor = view->successor;
    views_[i].reset();
    --view_count_;
    ++i;
    if (successor == kNoSlot<MountSlot>) continue;
    --views_[Index(successor)]->predecessors;
    i = std::min(i, Index(successor));  // it may be empty as well
  }
}

// ---- serving ----

void FanOut::ServeReady(size_t orders_max, Instant now) {
  while (!ready_.empty() && Done() < orders_max) Serve(ready_.PopFront(listeners_), now);
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
  const size_t count = views_.size();  // more may come meanwhile, and nobody waits there yet
  for (size_t i = 0; i < count; ++i) {
    const size_t place = (next_view_ + i) % count;
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
    const bool has_begun = listener.sent_bytes > 0;
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
  if (view.next() != nullptr || IsMoving(slot)) return Move(slot, now);
  if (view.ending() != Leaving::kStaying) {
    listener.leaving = view.ending();
    return Depart(slot, now);
  }
  listener.place = Place::kWaiting;
  view.audience().waiting.PushBack(listeners_, slot);
}

// It goes on with what its view is followed by, where it would have gone on here: as far back as
// nothing has come since, so that its player has as much in store as before, and hears nothing
// twice. How far it is to the next title block stays as it is; the title is the other's.
void FanOut::Move(ListenerSlot slot, Instant now) {
  Listener& listener = listeners_[slot];
  View& from = ViewOf(listener);
  if (listener.keeps_position != 0) {
    listener.leaving = Leaving::kMoved;
    return Depart(slot, now);
  }
  const MountSlot place = NextOf(slot, from, now);
  View& to = *views_[Index(place)];
  ReleaseHeld(listener, from);
  from.audience().Remove(listeners_, slot);
  has_empty_view_ |= from.audience().count == 0;
  to.audience().Add(listeners_, slot);
  listener.mount = place;
  if (&from.home() != &to.home()) {
    from.home().listeners.fetch_sub(1, std::memory_order_relaxed);
    to.home().CountListener();
  }
  ++counters_.moves;
  ++moves_in_turn_;
  if (!to.IsSameAudio(from)) {
    const bool has_begun = listener.sent_bytes > 0;
    const milliseconds burst = to.home().burst();
    const milliseconds back = has_begun ? std::min(burst, from.Silence(now)) : burst;
    listener.link = kNoLink;
    listener.title_sent = 0;
    listener.position_bytes = 0;
    std::optional<tape::SyncPoint> sync = to.SyncWithin(back);
    if (!sync.has_value()) {  // the tape may be ahead of the last poll
      PollView(to, now);
      sync = to.SyncWithin(back);
    }
    if (!BeginOrNewest(listener, to, sync)) listener.flags |= kAwaitsSync;
  }
  MakeReady(slot);
}

// The tape no longer has what the listener would hear next. Answers whether it goes on elsewhere
// on it right away; otherwise it has left, or waits for a place to go on.
bool FanOut::Skip(ListenerSlot slot, Instant now) {
  Listener& listener = listeners_[slot];
  View& view = ViewOf(listener);
  FLOE_CHECK((listener.flags & kHoldsPreamble) == 0);
  if (view.next() != nullptr || IsMoving(slot)) {
    ++listener.skips;
    ++counters_.skips;
    ++view.audience().skips;
    Move(slot, now);
    return false;
  }
  const bool is_dropped =
      view.home().lagging() == config::Lagging::kDrop || listener.keeps_position != 0;
  if (view.ending() != Leaving::kStaying || is_dropped) {
    listener.leaving = view.ending() != Leaving::kStaying ? view.ending() : Leaving::kLagged;
    Depart(slot, now);
    return false;
  }
  ++listener.skips;
  ++counters_.skips;
  ++view.audience().skips;
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
