// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "config/config.h"
#include "config/load.h"
#include "mount/registry.h"
#include "ring/waker.h"
#include "server/listen_sockets.h"
#include "server/loop_places.h"
#include "server/placement.h"
#include "server/shard_threads.h"
#include "session/services.h"
#include "session/welcome.h"
#include "shard/worker_pool.h"
#include "tape/arena.h"

namespace floe::server {

// The signals that the main thread waits for; blocked in every thread.
sigset_t ProcessSignals();

// Process is everything that lives as long as the server serves, in the order in which it is made.
//
// Lifetime  Start, then RunUntilSignal; destroyed after that.
// Threads   The main thread's, but for Reload.
class Process : public session::Reloader {
 public:
  // `sources`: where `config` came from, and comes from at each reload.
  Process(config::Config config, config::Sources sources)
      : config_(std::move(config)), sources_(std::move(sources)) {}

  absl::Status Start();
  absl::Status RunUntilSignal();

  // Reads and checks the configuration anew and applies what is otherwise, as far as that goes
  // without another process; answers the list of it, and logs it. Errors, logged as well: what is
  // wrong with it, each problem a line, and everything is as before; or the process is to end.
  // Threads: the main thread's, or a worker's; one after the other.
  absl::StatusOr<std::vector<std::string>> Reload() override;
  // From now on; a reload that is under way is waited for. What ends shards, or hands them over,
  // says so first: a shard that has ended answers no call.
  void RefuseReloads();
  void AllowReloads();

 private:
  absl::Status OpenMounts();
  absl::Status OpenShards();
  absl::Status Stop();

  absl::StatusOr<std::vector<std::string>> ReloadNow() ABSL_EXCLUSIVE_LOCKS_REQUIRED(reloading_);

  config::Config config_;  // of the start; services_.config is the one that holds
  const config::Sources sources_;
  session::Services services_;
  std::unique_ptr<tape::Arena> arena_;
  std::unique_ptr<mount::Registry> registry_;
  shard::WorkerPool workers_;
  std::unique_ptr<session::Front> front_;
  ListenSockets sockets_;
  LoopPlaces loops_;
  std::vector<Place> places_;  // of the shards
  std::unique_ptr<ring::Waker> waker_;
  ShardThreads threads_;
  Mutex reloading_;  // held for a whole reload
  bool refuses_reloads_ ABSL_GUARDED_BY(reloading_) = false;
};

}  // namespace floe::server
