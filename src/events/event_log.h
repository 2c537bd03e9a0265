// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "events/event.h"

namespace floe::events {

inline constexpr size_t kEventsKept = 4096;
inline constexpr size_t kEventBytesKept = 4 * 1024 * 1024;

// Which events somebody wants to hear of.
struct Filter {
  Kinds kinds = kAllKinds;
  std::string mount;  // of that one alone; empty: of all mounts, and of the server

  bool Wants(const Event& event) const {
    return (kinds & Only(event.kind)) != 0 && (mount.empty() || mount == event.mount);
  }
};

// EventLog keeps what happened last. Who follows it asks for what came after a number, and keeps
// that number itself: the log knows none of its readers, so none can be too slow for it.
//
//   anybody:  Add                     gives the next number, forgets the oldest
//   a shard:  newest() on its tick    one load; CopyAfter when it is another
//   a thread: Await                   sleeps until there is something
//
// Of how many listen only the newest event of a mount is kept: a thousand mounts that come and go
// shall not drive out what happened to them.
//
// Bounds    kEventsKept, kEventBytesKept.
// Lifetime  of the process. The next one goes on with its state.
// Threads   Any; behind a mutex that is held for a copy. Never on the way of the audio: a title, a
//           source are rare.
// Failure   None.
class EventLog {
 public:
  EventLog() = default;
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  // Names the run: see Position. REQUIRES: nobody else knows the log yet.
  void Begin(uint64_t run) { run_ = run; }
  uint64_t run() const { return run_; }

  // Answers the event's number; 0: the log is sealed.
  uint64_t Add(Event event);

  // ---- for those who follow ----
  uint64_t newest() const { return newest_.load(std::memory_order_acquire); }
  struct Copied {
    uint64_t up_to = 0;    // ask for what comes after this next
    bool is_torn = false;  // some of what came after is not kept any more
  };
  // Appends those that came after that number and are wanted, the oldest first, until they are
  // `count_max`. A number of later than the newest is torn as well: it is none of this log's.
  Copied CopyAfter(uint64_t number, const Filter& filter, size_t count_max,
                   std::vector<Event>* out) const;
  // Where who knows this position goes on: behind it, or from the oldest kept on, which is torn.
  Copied Find(const Position& position) const;
  // Waits for one after that number, until `by` or Wake. Blocks: not for a shard.
  void Await(uint64_t number, Instant by);
  // Wakes all who wait, now and from now on: they are to end.
  void Wake();

  // ---- hand-over ----
  // Up to that number all is kept elsewhere that is to be kept for long: see store/recorder.h.
  uint64_t recorded() const { return recorded_.load(std::memory_order_relaxed); }
  void Recorded(uint64_t number) { recorded_.store(number, std::memory_order_relaxed); }
  // Nothing is added any more until it is unsealed: what happens from now on, another process says.
  void Seal(bool is_sealed);
  struct State {
    uint64_t newest = 0;
    uint64_t torn = 0;  // the newest that is forgotten
    uint64_t recorded = 0;
    std::vector<Event> events;

    bool operator==(const State&) const = default;
  };
  State state() const;
  // REQUIRES: nothing was added. What is impossible in it is left out.
  void Restore(State state);

 private:
  void Put(Event event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Forget(std::map<uint64_t, Event>::iterator event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  uint64_t run_ = 0;
  std::atomic<uint64_t> newest_{0};
  std::atomic<uint64_t> recorded_{0};
  mutable Mutex mutex_;
  CondVar has_news_;
  bool is_sealed_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_woken_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t torn_ ABSL_GUARDED_BY(mutex_) = 0;  // the newest number that the bounds drove out
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<uint64_t, Event> events_ ABSL_GUARDED_BY(mutex_);  // by number
  // Of those of which only the newest is kept: its number.
  std::map<std::pair<Kind, std::string>, uint64_t> newest_of_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace floe::events
