// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "config/config_ref.h"
#include "ring/waker.h"
#include "session/master_board.h"
#include "session/services.h"
#include "session/welcome.h"

namespace floe::server {

// How often the main thread looks at the board while there is a master.
inline constexpr milliseconds kMasterPoll{250};

// MasterMounts has what the master lists fetched: each mount by the shard that goes by its name. A
// mount that is listed no more ends, and its listeners linger or fall back as after any source.
//
// Lifetime  of the process.
// Threads   The main thread's.
class MasterMounts {
 public:
  // Whether Keep has anything to do.
  bool HasNews(const session::Services& services) const;
  // REQUIRES: the shards turn, and no reload is under way.
  void Keep(const session::Services& services, session::Front& front, ring::Waker& waker);

 private:
  uint64_t version_ = 0;      // of names_
  config::ConfigRef config_;  // by which they are fetched
  session::MasterBoard::Names names_;
  std::map<std::string, config::Relay> fetched_;
};

}  // namespace floe::server
