// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Another server, of which every mount is fetched: asking it which those are.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/clock.h"
#include "config/config.h"
#include "ring/task.h"
#include "session/master_board.h"
#include "session/services.h"
#include "session/stream_list.h"
#include "session/upstream_call.h"
#include "shard/shard.h"
#include "upstream/backoff.h"
#include "upstream/mount_list.h"

namespace floe::session {

// How long a page may take to be whole, and one who is followed may say nothing.
inline constexpr milliseconds kListPageTimeMax{30'000};
inline constexpr milliseconds kListSilenceMax = kListHeartbeat * 5 / 2;

// MasterFeed keeps the board told of the mounts that the master has: one coroutine on one shard.
// It follows the master's list, if that is a Floe; of any other it asks for the page at every
// interval, and once that fails it tries to follow again. While the master cannot be asked, what
// was known holds. In a swap it stops, and the next process asks anew; until it has an answer there
// it goes by what was known here.
//
// Lifetime  outlives its shard.
// Threads   The shard's. Before the shard turns: who prepares it.
// Failure   The board says which, and the log each time that it is another; it is asked again.
class MasterFeed {
 public:
  explicit MasterFeed(const Services& services) : services_(services) {}

  // Another master, or none, or another login, from now on.
  void Change(config::Master settings);
  // What the process before knew. InvalidArgument: that is no list.
  absl::Status Restore(const std::vector<std::string>& names);
  void Begin(shard::Shard& shard);

 private:
  using Answer = upstream::MountList::Answer;

  // Begins the coroutine if there is a master; it ends when there is none any more.
  void Start();
  static ring::Task<> Run(MasterFeed& feed);
  // One request, to the end of the answer. Errors: as CallUpstream's; InvalidArgument: the answer
  // is no list.
  static ring::Task<absl::Status> Ask(MasterFeed& feed, Answer answer);
  static ring::Task<absl::Status> Hear(MasterFeed& feed, UpstreamStream& stream, Answer answer);
  // Asks as the master can be asked; OK: not again before the interval is over.
  static ring::Task<absl::Status> AskAny(MasterFeed& feed);

  void TakeSettings();
  UpstreamCall CallFor(Answer answer) const;
  void Succeed(Answer answer);
  // When it is to be asked again.
  Instant Fail(const absl::Status& why);
  bool MustStop() const;
  Instant now() const { return shard_->now(); }

  const Services& services_;
  shard::Shard* shard_ = nullptr;  // once it has begun
  bool is_running_ = false;        // the coroutine, as far as is known here
  config::Master settings_;
  std::optional<config::Master> changed_;  // to be taken
  upstream::MountList list_;
  bool has_only_pages_ = false;  // it was asked to be followed, and cannot be
  upstream::Dice dice_;
  MasterStatus status_;
};

}  // namespace floe::session
