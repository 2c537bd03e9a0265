// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "config/config.h"
#include "control/commands.h"
#include "control/server.h"
#include "control/socket.h"
#include "mount/registry.h"
#include "ring/waker.h"
#include "server/listen_sockets.h"
#include "server/main_loop.h"
#include "server/shard_threads.h"
#include "session/services.h"
#include "session/welcome.h"
#include "shard/listener_numbers.h"
#include "shard/worker_pool.h"
#include "tape/arena.h"

namespace floe::server {

// The signals that the main thread waits for; blocked in every thread.
sigset_t ProcessSignals();

// Process is everything that lives as long as the server serves, in the order in which it is made.
//
// Lifetime  Start, then RunUntilSignal; destroyed after that.
// Threads   The main thread's.
class Process : private control::Commands {
 public:
  explicit Process(config::Config config) : config_(std::move(config)) {}

  absl::Status Start();
  absl::Status RunUntilSignal();

 private:
  absl::Status OpenMounts();
  absl::Status OpenShards();
  absl::Status Stop();
  // Whether calls to the shards will be answered: one that ended ends the process, soon.
  bool AllShardsTurn() const { return threads_.running() == threads_.shards().size(); }

  // ---- process_commands.cc ----
  control::Json Status(const control::Request& request) override;
  absl::StatusOr<control::Json> Kick(const control::Request& request) override;
  absl::StatusOr<std::vector<std::string>> Reload() override;
  void Upgrade(std::string binary, control::Reply reply) override;
  void TakeOver(int fd) override;
  // One that does not stop the process.
  void OnSignal(int signal);

  config::Config config_;
  session::Services services_;
  std::unique_ptr<tape::Arena> arena_;
  std::unique_ptr<mount::Registry> registry_;
  shard::WorkerPool workers_;
  std::unique_ptr<session::Front> front_;
  ListenSockets sockets_;
  std::unique_ptr<ring::Waker> waker_;
  shard::ListenerNumbers numbers_;
  ShardThreads threads_;
  control::ControlSocket control_socket_;
  control::Server control_{*this};
  MainLoop loop_{control_};
};

}  // namespace floe::server
