// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// FanOut's part in a hand-over: standing still, and listeners out and in as plain values.
#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "listener/fan_out.h"

namespace floe::listener {
namespace {

// Longer than anybody listens. Up to there a time is taken from or added to another without a look.
constexpr milliseconds kSpanMax = 100 * 365 * 24h;

bool IsPossible(milliseconds span) { return milliseconds(0) <= span && span <= kSpanMax; }

}  // namespace

void FanOut::Freeze() {
  is_frozen_ = true;
  for (ListenerSlot slot = sending_.head(); slot != kNoSlot<ListenerSlot>;
       slot = listeners_[slot].next) {
    if ((listeners_[slot].flags & kAwaitsResult) != 0) Cancel(slot);
  }
}

bool FanOut::IsSettled() const {
  if (!departures_.empty() || !cancels_.empty()) return false;
  for (ListenerSlot slot = sending_.head(); slot != kNoSlot<ListenerSlot>;
       slot = listeners_[slot].next) {
    if ((listeners_[slot].flags & kAwaitsResult) != 0) return false;
  }
  return true;
}

void FanOut::LetGo(Instant now) {
  for (uint32_t i = 0; i < listeners_.extent(); ++i) {
    const auto slot = ListenerSlot(i);
    Listener& listener = listeners_[slot];
    if (listener.place == Place::kNowhere || listener.place == Place::kDeparted) continue;
    listener.leaving = Leaving::kHandedOver;
    if (listener.place == Place::kSending) continue;  // departs with its notice
    Unplace(slot);
    Depart(slot, now);
  }
}

ListenerState FanOut::StateOf(ListenerSlot slot, Instant now) const {
  const Listener& listener = listeners_[slot];
  FLOE_CHECK((listener.flags & kAwaitsResult) == 0);
  ListenerState state{.position_bytes = listener.position_bytes,
                      .sent_bytes = listener.sent_bytes,
                      .metaint_bytes = listener.metaint_bytes,
                      .metadata_due_bytes = listener.metadata_due_bytes,
                      .block_title = listener.block_sent_bytes > 0 ? listener.block_title : 0,
                      .block_sent_bytes = listener.block_sent_bytes,
                      .title_sent = listener.title_sent,
                      .link = listener.link,
                      .preamble_sent_bytes = 0,
                      .skips = listener.skips,
                      .intro = listener.intro_left_bytes > 0 ? listener.intro : kNoIntro,
                      .intro_left_bytes = listener.intro_left_bytes,
                      .intro_ms = listener.intro_ms,
                      .is_in_preamble = (listener.flags & kInPreamble) != 0 &&
                                        (listener.flags & kHoldsPreamble) != 0,
                      .awaits_sync = (listener.flags & kAwaitsSync) != 0,
                      .is_stalled = (listener.flags & kIsStalled) != 0,
                      .keeps_position = listener.keeps_position != 0,
                      .listened = TicksSince(listener.joined_tick, now),
                      .stalled = {},
                      .due_in = {}};
  if (state.is_in_preamble) state.preamble_sent_bytes = listener.preamble_sent_bytes;
  if (state.is_stalled) state.stalled = TicksSince(listener.stalled_tick, now);
  if (listener.place == Place::kScheduled) {
    const uint64_t due = wheel_.DueTick(slot);
    const uint64_t tick = TickOf(now);
    state.due_in = (due - std::min(due, tick)) * options_.tick;
  }
  return state;
}

MountSlot FanOut::RestoreView(View::Mounts mounts, const ViewState& state, View::Mounts next,
                              Instant now) {
  FLOE_CHECK(is_frozen_);
  FLOE_CHECK((state.ending == Leaving::kMoved) == bool(next.home));
  // One that has ended is its listeners' alone; who joins the mount from now on has another.
  const bool has_ended = state.ending != Leaving::kStaying;
  const MountSlot slot =
      has_ended ? MakeView(std::move(mounts), now) : FindOrMakeView(std::move(mounts), now);
  views_[Index(slot)]->Restore(state, std::move(next), now);
  return slot;
}

// What the listener is in the middle of, if of anything.
absl::Status FanOut::RestoreRuns(Listener& listener, const ListenerState& state, View& view) {
  if (!IsPossible(state.listened) || !IsPossible(state.stalled) || !IsPossible(state.due_in)) {
    return absl::InvalidArgumentError("a time of it is negative, or a century");
  }
  if (state.awaits_sync && (state.is_in_preamble || state.block_sent_bytes > 0)) {
    return absl::InvalidArgumentError("it waits for a place to begin and is in the middle of one");
  }
  if (state.metaint_bytes > 0) {
    listener.flags |= kIsIcy;
    listener.metaint_bytes = state.metaint_bytes;
    listener.metadata_due_bytes = state.metadata_due_bytes;
    listener.title_sent = state.title_sent;
    if (state.metadata_due_bytes > state.metaint_bytes) {
      return absl::InvalidArgumentError("a title block is due later than metaint");
    }
  }
  if (state.is_in_preamble) {
    if (!view.preambles().TryHold(view.mount(), state.link)) {
      return absl::InvalidArgumentError("the preamble it is in the middle of is not there");
    }
    listener.flags |= kInPreamble | kHoldsPreamble;
    listener.preamble_sent_bytes = state.preamble_sent_bytes;
    if (state.preamble_sent_bytes >= view.preambles().BytesOf(state.link).size()) {
      return absl::InvalidArgumentError("it has heard more than the preamble");
    }
  }
  if (state.intro_left_bytes > 0) {
    if (!view.preambles().TryHoldIntro(state.intro)) {
      return absl::InvalidArgumentError("the intro it is in the middle of is not there");
    }
    listener.flags |= kInPreamble;
    listener.intro = state.intro;
    listener.intro_left_bytes = state.intro_left_bytes;
    if (state.intro_left_bytes > view.preambles().BytesOf(state.intro).size()) {
      return absl::InvalidArgumentError("it is to hear more than the intro");
    }
  }
  listener.intro_ms = state.intro_ms;
  if (state.block_sent_bytes > 0) {
    const bool is_known =
        state.metaint_bytes > 0 && state.block_title != 0 && view.titles().Knows(state.block_title);
    if (!is_known || state.metadata_due_bytes > 0 ||
        state.block_sent_bytes >= view.titles().BlockOf(state.block_title).size()) {
      return absl::InvalidArgumentError("the title it is in the middle of is not there");
    }
    listener.block_title = state.block_title;
    listener.block_sent_bytes = state.block_sent_bytes;
    view.titles().Hold(state.block_title);
  }
  return absl::OkStatus();
}

absl::StatusOr<ListenerSlot> FanOut::Restore(const ListenerState& state, MountSlot place, FdSlot fd,
                                             Instant now) {
  FLOE_CHECK(is_frozen_ && Index(place) < views_.size() && views_[Index(place)] != nullptr);
  View& view = *views_[Index(place)];
  if (state.position_bytes > view.published()) {
    return absl::InvalidArgumentError(absl::StrCat("a listener of ", view.mount().name(), " is at ",
                                                   state.position_bytes, ", beyond the ",
                                                   view.published(), " bytes that are published"));
  }
  const ListenerSlot slot = listeners_.Take();
  if (slot == kNoSlot<ListenerSlot>) return absl::ResourceExhaustedError("no room for a listener");
  Listener& listener = listeners_[slot];
  listener.mount = place;
  listener.link = state.link;
  if (absl::Status possible = RestoreRuns(listener, state, view); !possible.ok()) {
    ReleaseHeld(listener, view);
    listeners_.Free(slot);
    return absl::InvalidArgumentError(
        absl::StrCat("a listener of ", view.mount().name(), ": ", possible.message()));
  }
  listener.fd = fd;
  listener.generation = ++last_generation_;
  listener.position_bytes = state.position_bytes;
  listener.sent_bytes = state.sent_bytes;
  listener.skips = state.skips;
  listener.keeps_position = state.keeps_position ? 1 : 0;
  listener.full_send_bytes = options_.send_bytes_max;
  listener.finds_phase = 1;
  listener.joined_tick = ShortTickOf(now) - uint32_t(state.listened / options_.tick);
  if (state.awaits_sync) listener.flags |= kAwaitsSync;
  if (state.is_stalled) {
    listener.flags |= kIsStalled;
    listener.stalled_tick = ShortTickOf(now) - uint32_t(state.stalled / options_.tick);
  }
  view.audience().Add(listeners_, slot);
  ++listener_count_;
  view.home().CountListener();
  if (state.due_in > milliseconds(0)) {
    wheel_.BeginAt(TickOf(now));
    Schedule(slot, TickOf(now + state.due_in));
  } else {
    MakeReady(slot);
  }
  return slot;
}

}  // namespace floe::listener
