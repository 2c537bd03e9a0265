// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "listener/held_pages.h"
#include "listener/held_preambles.h"
#include "listener/held_titles.h"
#include "listener/listener.h"
#include "listener/listener_list.h"
#include "listener/state.h"
#include "mount/mount.h"

namespace floe::listener {

// Audience is the listeners of a view.
struct Audience {
  ListenerSlot first = kNoSlot<ListenerSlot>;  // all, chained by view_next and view_previous
  uint32_t count = 0;
  ListenerList waiting;         // those who have heard all there is
  bool serves_waiting = false;  // there is more for them, or they are to leave
  uint64_t sent_bytes = 0;      // since the mount was last told
  uint32_t skips = 0;           // the same

  void Add(Listeners& listeners, ListenerSlot slot);
  void Remove(Listeners& listeners, ListenerSlot slot);
};

// View is what a shard knows of a mount that it plays: how far the tape goes, as of the last
// poll, and what keeps bytes readable while they are sent. Its listeners are those of `home`, which
// is that mount, or one whose fallback it is at the moment.
//
// A view is of one epoch and of one route. When its listeners cannot go on (another content type,
// the source is gone for good, or they are to hear another mount) the view ends: it stands still at
// what was published before, its listeners are sent that, and then
//
//   next() is null: they leave, and who joins afterwards gets a view of its own;
//   next() is not:  each goes on with a view of that, where this one's audio would have gone on.
//
// Units     offsets on the tape.
// Lifetime  From the first listener that joins to the tick after the last has left; it holds both
//           mounts.
// Threads   One: the shard that owns it. The mounts' atomics are read once per poll, and home's
//           signpost when its version changed.
// Failure   None.
class View {
 public:
  // Whose listeners these are, and whose audio they hear.
  struct Mounts {
    mount::MountRef home;
    mount::MountRef played;
  };
  View(Mounts mounts, Instant now);

  // What of it goes over to the next process, and comes back there.
  ViewState state(Instant now) const;
  // `next` is for one that is moved.
  void Restore(const ViewState& state, Mounts next, Instant now);

  // Looks at the mount. Answers whether there is more to hear than before.
  bool Poll(Instant now);

  // Of the mount, for as long as the view has not ended.
  uint32_t epoch() const { return epoch_; }
  // What was said at the last poll.
  uint64_t published() const { return is_cut_ ? 0 : published_; }
  uint64_t oldest() const { return oldest_; }
  // Not kStaying: nothing follows published(), for this reason.
  Leaving ending() const { return ending_; }
  // What the mount brings, measured over some seconds; 0 before that.
  uint64_t bytes_per_second() const { return bytes_per_second_; }
  Instant ended_at() const { return ended_at_; }
  // They are sent what was published before, and go on with that. REQUIRES: the view has not ended.
  void Move(Mounts next, Instant now);
  // Where the listeners of an ended view go; null: they leave.
  const Mounts* next() const { return ending_ == Leaving::kMoved ? &next_ : nullptr; }
  // For how long nothing has followed what can be heard here.
  milliseconds Silence(Instant now) const;
  // What is left of an ended view is not heard any more, but for what a listener is within.
  void Cut() { is_cut_ = true; }
  bool is_cut() const { return is_cut_; }
  // Whether who was on the other one goes on here at the same place.
  bool IsSameAudio(const View& other) const {
    return played_.get() == other.played_.get() && epoch_ == other.epoch_;
  }

  // Where a listener may begin with `back` of audio before the end; within what is published.
  std::optional<tape::SyncPoint> SyncBack(microseconds back) const;
  // Where one goes on who comes from elsewhere and was there `back` ago: no audio of before that,
  // nor of before its source's stay.
  std::optional<tape::SyncPoint> SyncWithin(microseconds back) const;
  std::optional<tape::SyncPoint> NewestSync() const { return SyncBack(microseconds(0)); }
  // Whether who is at `position_bytes`, and came there by the tape, heard the link's headers.
  bool HasHeardLink(uint32_t link, uint64_t position_bytes) const;

  // Whose audio it is.
  const mount::Mount& mount() const { return *played_; }
  mount::Mount& mount() { return *played_; }
  // Whose listeners they are.
  const mount::Mount& home() const { return *home_; }
  mount::Mount& home() { return *home_; }
  HeldPages& pages() { return pages_; }
  const HeldPages& pages() const { return pages_; }
  HeldTitles& titles() { return titles_; }
  const HeldTitles& titles() const { return titles_; }
  HeldPreambles& preambles() { return preambles_; }
  const HeldPreambles& preambles() const { return preambles_; }

  Audience& audience() { return audience_; }

  // Of an ended view: the one that its listeners go on with, once the first has.
  MountSlot successor = kNoSlot<MountSlot>;
  // Ended views whose listeners go on with this one: it stays for them.
  uint32_t predecessors = 0;

 private:
  void End(Leaving why, Instant now);
  void FollowRoute(Leaving otherwise, Instant now);
  void MeasureRate(Instant now);
  std::optional<tape::SyncPoint> Known(const std::optional<tape::SyncPoint>& sync) const;

  const mount::MountRef home_;
  const mount::MountRef played_;
  const uint32_t epoch_;
  mount::Media heard_;  // what its listeners can go on with
  uint32_t route_version_;
  uint32_t pulls_seen_;
  Mounts next_;
  bool is_cut_ = false;
  Instant grew_at_;  // published_ did
  uint64_t published_ = 0;
  uint64_t oldest_ = 0;
  uint64_t bytes_per_second_ = 0;
  Instant measured_at_;  // the begin of the window under way
  uint64_t measured_bytes_ = 0;
  Leaving ending_ = Leaving::kStaying;
  Instant ended_at_{};
  HeldPages pages_;
  HeldTitles titles_;
  HeldPreambles preambles_;
  Audience audience_;
};

}  // namespace floe::listener
