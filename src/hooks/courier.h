// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "config/config_ref.h"
#include "dial/companions.h"
#include "hooks/lane.h"
#include "metrics/instruments.h"
#include "ring/task.h"
#include "shard/shard.h"
#include "shard/worker_pool.h"
#include "store/journal.h"
#include "upstream/backoff.h"

namespace floe::hooks {

// How often it is looked whether there is something to be told, where anybody is told anything.
inline constexpr milliseconds kCourierLook{200};
// The same where nobody is, and while what there is cannot be told: a server is in trouble, or
// another process has it.
inline constexpr milliseconds kCourierLookAgain{1'000};
// What another process has appended, as the one before this in a swap does to its end.
inline constexpr milliseconds kCourierCount{15'000};
// What nobody took for so long is forgotten.
inline constexpr std::chrono::hours kCourierAgeMax{24 * 30};
inline constexpr size_t kCourierBatch = 16;  // taken of a lane at once

// Courier tells other servers what the journal has for them: a coroutine on one shard, and one for
// each lane that has entries, which tells them one after the other. One that is not told is told
// again, after a while that grows, and those behind it wait.
//
// Lifetime  outlives its shard.
// Threads   The shard's.
// Failure   The log says when a lane's server is in trouble, and when it is not any more.
class Courier {
 public:
  struct Options {
    store::Journal* journal = nullptr;
    shard::WorkerPool* workers = nullptr;
    shard::WorkerPool* resolvers = nullptr;
    const config::LiveConfig* config = nullptr;
    metrics::Instruments* instruments = nullptr;
    // Whether this is the process that tells: not while another takes over. Any moment's answer.
    std::function<bool()> is_in_charge;
    // Whether all has become another process's, and the courier is to end. Any moment's answer.
    std::function<bool()> is_given_up;
  };

  explicit Courier(Options options) : options_(std::move(options)) {}
  void Begin(shard::Shard& shard);

 private:
  // What a lane's coroutine knows; it is also whose waits those are.
  struct Lane {
    std::string name;
    uint32_t failures = 0;  // in a row
    upstream::Dice dice;
  };

  static ring::Task<> Run(Courier& courier);
  static ring::Task<> RunLane(Courier& courier, std::string name);
  // Tells what there is until there is no more, or until it cannot be told.
  static ring::Task<> Deliver(Courier& courier, Lane& lane);
  static ring::Task<absl::StatusOr<Told>> TellOne(Courier& courier, Lane& lane,
                                                  const store::JournalEntry& entry);
  // Whether the configuration says where it goes.
  bool Leads(const Lane& lane) const;
  void NoteTrouble(Lane& lane, absl::string_view why);
  bool IsOver() const { return shard_->io().stopping() || !options_.is_in_charge(); }

  const Options options_;
  shard::Shard* shard_ = nullptr;  // once it has begun
  std::set<std::string> running_;  // lanes
  dial::Companions lanes_;
};

}  // namespace floe::hooks
