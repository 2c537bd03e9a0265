// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "hooks/hooks.h"
#include "session/services.h"
#include "store/database.h"
#include "store/journal.h"

namespace floe::server {

// Hooking is what other servers are asked and told, and the journal of what they are still to be
// told. Without a file that can be opened the journal is in memory: what is in it at a stop is
// lost.
//
// Lifetime  of the process: made before the shards run, gone after they ended.
// Threads   The main thread's.
class Hooking {
 public:
  // Says in the services what there is. REQUIRES: the workers, the configuration and the events are
  // there.
  absl::Status Open(session::Services& services, const std::string& state_dir, uint32_t shards);
  // Events are told of from here on: what happened before, another process has told.
  void Begin() { hooks_->herald().Start(); }
  // Those who listen here do so in the process before, which goes on.
  void Disown() { are_anothers_ = true; }
  // REQUIRES: no shard runs any more. With `are_handed_over` the listeners listen on elsewhere.
  void End(bool are_handed_over);

 private:
  absl::Status OpenOwn(const std::string& state_dir, metrics::Counter& refused);

  bool are_anothers_ = false;
  std::unique_ptr<store::Database> database_;  // null: the server's own is used
  std::unique_ptr<store::Journal> journal_;
  std::unique_ptr<hooks::Hooks> hooks_;
};

}  // namespace floe::server
