// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "config/config.h"
#include "session/services.h"
#include "store/database.h"
#include "store/history.h"
#include "store/recorder.h"
#include "store/sessions.h"

namespace floe::server {

// Past is what is kept of it: the database in the state directory, who writes there, who reads.
// Without a file that can be opened nothing is kept, and the server serves all the same.
//
// Lifetime  of the process; the events outlive it.
// Threads   The main thread's; Change: whichever reloads.
class Past {
 public:
  // `dropped` counts what there was no room for, and outlives it.
  explicit Past(metrics::Counter& dropped) : dropped_(dropped), sessions_(dropped) {}

  // Opens `state_dir`/floe.db, and says in the services what there is. REQUIRES: no shard runs.
  void Open(const std::string& state_dir, session::Services& services);
  // From here on what is over is written down: once it is known what another process has.
  void Begin(const config::History& keeps);
  void Change(const config::History& keeps);
  // Writes what is left. REQUIRES: no shard runs any more.
  void End();

 private:
  metrics::Counter& dropped_;
  store::SessionQueue sessions_;
  std::unique_ptr<store::Database> database_;  // null: there is no file
  std::unique_ptr<store::History> history_;
  std::unique_ptr<store::Recorder> recorder_;
};

}  // namespace floe::server
