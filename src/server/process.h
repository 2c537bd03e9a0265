// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "config/config.h"
#include "mount/registry.h"
#include "ring/waker.h"
#include "server/listen_sockets.h"
#include "server/notify.h"
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
// Threads   The main thread's.
class Process {
 public:
  explicit Process(config::Config config) : config_(std::move(config)) {}

  absl::Status Start();
  absl::Status RunUntilSignal();

 private:
  absl::Status OpenMounts();
  absl::Status OpenShards();
  absl::Status Stop();
  std::string StatusText() const;
  void KeepNotified(Instant now);

  config::Config config_;
  session::Services services_;
  std::unique_ptr<tape::Arena> arena_;
  std::unique_ptr<mount::Registry> registry_;
  shard::WorkerPool workers_;
  std::unique_ptr<session::Front> front_;
  ListenSockets sockets_;
  std::unique_ptr<ring::Waker> waker_;
  ShardThreads threads_;
  Notify notify_ = Notify::FromEnvironment();
};

}  // namespace floe::server
