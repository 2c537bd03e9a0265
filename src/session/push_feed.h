// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Pushes: mounts that are sent to other servers, to which Floe is a source.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "config/config.h"
#include "ring/task.h"
#include "session/services.h"
#include "shard/shard.h"

namespace floe::session {

class Push;

// Pushes is the mounts that one shard sends elsewhere, each by a coroutine of its own. A mount is
// sent while its own source is heard, or was until its linger is over; never what its listeners
// hear meanwhile of a fallback. They end when the shard stops.
//
//   no audio --it is heard--> calling --it is wanted--> sending --its source is gone--> no audio
//                 ^              |                         |
//                 +-- backoff <--+----- what fails --------+
//
// Nothing of a push goes over to another process: it begins anew there, and the server that it goes
// to sees a source leave and come.
//
// Lifetime  outlives its shard.
// Threads   The shard's. Before the shard turns: who prepares it.
// Failure   None: what fails is tried again, and shown on the board.
class Pushes {
 public:
  Pushes();
  Pushes(Pushes&&) noexcept;
  ~Pushes();

  // The mount is sent from the next Begin on; one that is sent already begins anew, soon.
  void Put(const std::string& mount, config::Push settings);
  // The mount is sent no more, soon.
  void End(absl::string_view mount);
  // Begins what was put and is not sent yet.
  void Begin(shard::Shard& shard, const Services& services);

 private:
  static ring::Task<> Run(Push& push);
  Push* Find(absl::string_view mount);

  std::vector<std::unique_ptr<Push>> all_;
};

}  // namespace floe::session
