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

  void Add(Listeners& listeners, ListenerSlot slot);
  void Remove(Listeners& listeners, ListenerSlot slot);
};

// View is what a shard knows of a mount that it plays: how far the tape goes, as of the last
// poll, and what keeps bytes readable while they are sent.
//
// A view is of one epoch. When the mount's listeners cannot go on (another content type, or the
// source is gone for good) the view ends: it stands still at what was published before, its
// listeners are sent that and leave, and who joins afterwards gets a view of its own.
//
// Units     offsets on the tape.
// Lifetime  From the first listener that joins to the tick after the last has left; it holds the
//           mount.
// Threads   One: the shard that owns it. The mount's atomics are read once per poll.
// Failure   None.
class View {
 public:
  View(mount::MountRef mount, Instant now);

  // What of it goes over to the next process, and comes back there.
  ViewState state(Instant now) const;
  void Restore(const ViewState& state, Instant now);

  // Looks at the mount. Answers whether there is more to hear than before.
  bool Poll(Instant now);

  // Of the mount, for as long as the view has not ended.
  uint32_t epoch() const { return epoch_; }
  // What was said at the last poll.
  uint64_t published() const { return published_; }
  uint64_t oldest() const { return oldest_; }
  // Not kStaying: nothing follows published(), for this reason.
  Leaving ending() const { return ending_; }
  // What the mount brings, measured over some seconds; 0 before that.
  uint64_t bytes_per_second() const { return bytes_per_second_; }
  Instant ended_at() const { return ended_at_; }

  // Where a listener may begin with `back` of audio before the end; within what is published.
  std::optional<tape::SyncPoint> SyncBack(microseconds back) const;
  std::optional<tape::SyncPoint> NewestSync() const { return SyncBack(microseconds(0)); }
  // Whether who is at `position_bytes`, and came there by the tape, heard the link's headers.
  bool HasHeardLink(uint32_t link, uint64_t position_bytes) const;

  const mount::Mount& mount() const { return *mount_; }
  mount::Mount& mount() { return *mount_; }
  HeldPages& pages() { return pages_; }
  const HeldPages& pages() const { return pages_; }
  HeldTitles& titles() { return titles_; }
  const HeldTitles& titles() const { return titles_; }
  HeldPreambles& preambles() { return preambles_; }
  const HeldPreambles& preambles() const { return preambles_; }

  Audience& audience() { return audience_; }

 private:
  void End(Leaving why, Instant now);
  void MeasureRate(Instant now);

  mount::MountRef mount_;
  const uint32_t epoch_;
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
