// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "metrics/instruments.h"
#include "store/database.h"

namespace floe::store {

// What one lane keeps while nobody takes it: a day of 12 departures a second. When it is full the
// oldest are kept, and what comes is refused and counted.
inline constexpr int64_t kJournalLaneEntriesMax = 1 << 20;
// For so long a process has what it took of a lane to itself.
inline constexpr std::chrono::seconds kJournalLease{30};

// Something that another server is to be told.
struct JournalEntry {
  int64_t id = 0;  // of the file, and never given again
  std::string body;
  std::string extra;       // what else who tells it needs
  int64_t appended_s = 0;  // wall clock, since 1970

  bool operator==(const JournalEntry&) const = default;
};

// Journal keeps what other servers are still to be told, over their outages and those of this one:
//
//   any thread: Append  ... on the disk soon, at a stop at the latest
//   a worker:   Take    the oldest of a lane, which are then this process's for kJournalLease
//               Done    one that was told is forgotten; what is not, is told again
//
// Entries of a lane are told in their order. What was told when a process died before it could say
// so is told twice, and never lost: its id is the same.
//
// Lifetime  of the process; the database outlives it.
// Threads   Any, but that Take, Count and DropOlderThan wait for the disk: not a shard's.
// Failure   Of the file: see Database.
class Journal {
 public:
  // `self` names this process among those that have the file open; not 0. `dropped` counts what
  // nobody will be told, and outlives it. Waits for the disk.
  static absl::StatusOr<std::unique_ptr<Journal>> Open(Database& database, int64_t self,
                                                       metrics::Counter& dropped);

  // False: the lane is full, or the database takes no more.
  bool Append(std::string lane, std::string body, std::string extra);
  // Entries since the start, for who asks now and then whether there are new ones.
  uint64_t appended() const { return appended_.load(std::memory_order_acquire); }
  // Entries that wait, in all lanes.
  int64_t waiting() const;

  // The lanes that have entries, as far as is known here: what another process has appended
  // meanwhile is known after the next Count.
  std::vector<std::string> Lanes() const;
  absl::Status Count();
  // The oldest of a lane, at most so many; none while they are another process's.
  absl::StatusOr<std::vector<JournalEntry>> Take(const std::string& lane, size_t count_max);
  void Done(const std::string& lane, int64_t id);
  // What was taken of it and is not done may be another process's at once.
  void GiveBack(const std::string& lane);
  // Told for good that it is not wanted: as Done, but that it counts as dropped.
  void Drop(const std::string& lane, int64_t id);
  // Forgets what is older, of all lanes: answers how many that were.
  absl::StatusOr<int64_t> DropOlderThan(std::chrono::seconds age);

 private:
  Journal(Database& database, int64_t self, metrics::Counter& dropped)
      : database_(database), self_(self), dropped_(dropped) {}
  Database& database_;
  const int64_t self_;
  metrics::Counter& dropped_;
  std::atomic<uint64_t> appended_{0};
  std::atomic<bool> has_been_full_{false};  // a lane of it
  mutable Mutex mutex_;
  // By lane: what is there and what is about to be.
  absl::flat_hash_map<std::string, int64_t> counts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace floe::store
