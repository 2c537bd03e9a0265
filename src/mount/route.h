// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "mount/media.h"
#include "mount/mount_ref.h"

namespace floe::mount {

// Route is what the listeners of a mount may hear, as the Router last said.
struct Route {
  struct Choice {
    MountRef mount;  // empty: the mount itself, which would keep itself alive otherwise
    uint32_t epoch = 0;
    Media media;
  };
  std::vector<Choice> choices;  // the best first
  bool stays = false;           // who plays another mount becomes that one's listener
};

// Signpost is where the listeners of a mount are told to go.
//
//   the Router: Set, Pull   -> version (release)
//   a shard: version (acquire), once a tick; when it is another one than before: Where, pulled
//
// Lifetime  of its mount, which it is a part of; of the mounts it names for as long as it does.
// Threads   Set, Pull and EndPull: under the Registry's mutex. The rest: any.
class Signpost {
 public:
  uint32_t version() const { return version_.load(std::memory_order_acquire); }

  // Another route holds from now on.
  void Set(Route route);
  // Whoever hears this mount now shall become a listener of `to`.
  void Pull(MountRef to);
  void EndPull();
  void EndPullTo(const Mount& to);
  // Those who hear this mount by another's route look again as well.
  void Touch() { version_.fetch_add(1, std::memory_order_acq_rel); }

  struct Direction {
    MountRef plays;      // empty: nothing that can be joined
    bool stays = false;  // its listener from then on
  };
  // What who heard `heard` is to hear on `self`, the mount of this signpost: the first choice that
  // can be joined and is audible at this moment, however old the route is.
  Direction Where(Mount& self, const Media& heard) const;
  // The choices besides the mount itself.
  std::vector<MountRef> Others() const;

  struct Pulled {
    uint32_t count = 0;  // pulls so far; one that has seen so many was not meant by them
    MountRef to;
  };
  Pulled pulled() const;

 private:
  std::atomic<uint32_t> version_{0};
  mutable Mutex mutex_;
  Route route_ ABSL_GUARDED_BY(mutex_);
  uint32_t pulls_ ABSL_GUARDED_BY(mutex_) = 0;
  MountRef pulled_to_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace floe::mount
