// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/mutex.h"
#include "config/config.h"
#include "config/load.h"
#include "control/commands.h"
#include "control/server.h"
#include "control/socket.h"
#include "handover/predecessor.h"
#include "handover/successor.h"
#include "mount/registry.h"
#include "ring/waker.h"
#include "server/endpoints.h"
#include "server/gatekeeping.h"
#include "server/hooking.h"
#include "server/listen_sockets.h"
#include "server/loop_places.h"
#include "server/main_loop.h"
#include "server/master_mounts.h"
#include "server/notify.h"
#include "server/past.h"
#include "server/placement.h"
#include "server/serve_options.h"
#include "server/shard_threads.h"
#include "server/successor_child.h"
#include "session/listener_watch.h"
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
// Threads   The main thread's, but for Reload.
class Process : public session::Reloader, private control::Commands {
 public:
  // `sources`: where `config` came from, and comes from at each reload.
  Process(config::Config config, config::Sources sources, ServeOptions options)
      : config_(std::move(config)),
        sources_(std::move(sources)),
        serve_options_(std::move(options)),
        notify_(Notify::FromEnvironment(serve_options_.takes_over)) {}

  absl::Status Start();
  absl::Status RunUntilSignal();

  // Reads and checks the configuration anew and applies what is otherwise, as far as that goes
  // without another process; answers the list of it, and logs it. Errors, logged as well: what is
  // wrong with it, each problem a line, and everything is as before; or the process is to end.
  // Threads: the main thread's, or a worker's; one after the other.
  absl::StatusOr<std::vector<std::string>> Reload() override;
  // From now on; a reload that is under way is waited for, and so is a worker's call to a shard.
  // What ends shards, or hands them over, says so first: a shard that has ended answers no call.
  void RefuseReloads();
  void AllowReloads();

 private:
  absl::Status OpenControl();
  absl::Status OpenMounts();
  absl::Status InheritSockets(uint32_t shards);
  absl::Status OpenShards();
  absl::Status StartWorkers(uint32_t shards);
  absl::Status Stop();
  // Reads what was made for those who log in: tokens, and files of users.
  absl::Status OpenDesk();
  // Reads the files of users that have changed. Threads: any.
  void ReadUserFiles(const config::Config& config);
  // That, and writes down which tokens were used.
  void KeepDesk(Instant now);
  // Goes on for a while, in which newcomers are to be sent elsewhere; false: no such while is set.
  bool BeginDrain(int signal);
  // Whether calls to the shards will be answered: one that ended ends the process, soon.
  bool AllShardsTurn() const { return threads_.running() == threads_.shards().size(); }
  std::string StatusText() const;
  void KeepNotified(Instant now);
  // From here on what happens is told; `how` it began.
  void BeginEvents(absl::string_view how);
  bool HasMaster() const;
  // Has fetched what the master has by now.
  void KeepMaster();

  // ---- process_commands.cc ----
  control::Json Status(const control::Request& request) override;
  absl::StatusOr<control::Json> Explain(const control::Request& request) override;
  absl::StatusOr<control::Json> Kick(const control::Request& request) override;
  absl::StatusOr<control::Json> Token(const control::Request& request) override;
  // One that does not stop the process.
  void OnSignal(int signal);

  // ---- process_hand_over.cc ----
  void Upgrade(std::string binary, control::Reply reply) override;
  void TakeOver(int fd) override;
  void WatchUpgrade();
  // Whether all is another process's, and nothing is left to be finished here.
  bool HasHandedOver();
  absl::Status MeetPredecessor();
  absl::Status TakeOverAll();
  void MoveControl();

  absl::StatusOr<std::vector<std::string>> ReloadNow() ABSL_EXCLUSIVE_LOCKS_REQUIRED(reloading_);

  struct UpgradeUnderWay {
    SuccessorChild child;
    control::Reply reply;
    absl::Status failure;  // here; the child then ends by itself, soon
    Instant failed{};
  };

  config::Config config_;  // of the start; services_.config is the one that holds
  const config::Sources sources_;
  const ServeOptions serve_options_;
  const session::EndpointTable endpoints_ = AllEndpoints();
  session::Services services_;
  Past past_{services_.instruments->store_dropped};
  session::ListenerWatch listener_watch_{*services_.events};
  std::unique_ptr<tape::Arena> arena_;
  // This one took over. It ends before the arena, of which it may hold pages to the last.
  std::unique_ptr<handover::Successor> successor_;
  std::unique_ptr<mount::Registry> registry_;
  shard::WorkerPool workers_;
  shard::WorkerPool resolvers_;
  shard::WorkerPool hashers_;
  Hooking hooking_;
  std::unique_ptr<session::Front> front_;
  ListenSockets sockets_;
  LoopPlaces loops_;
  MasterMounts master_mounts_;
  Gatekeeping gatekeeping_;
  std::vector<Place> places_;  // of the shards
  std::unique_ptr<ring::Waker> waker_;
  shard::ListenerNumbers numbers_;
  ShardThreads threads_;
  Notify notify_;
  Mutex reloading_;  // held for a whole reload
  bool refuses_reloads_ ABSL_GUARDED_BY(reloading_) = false;
  control::ControlSocket control_socket_;
  control::Server control_{*this};
  MainLoop loop_{control_};
  std::optional<UpgradeUnderWay> upgrade_;
  std::unique_ptr<handover::Predecessor> predecessor_;  // all is another's from now on
  bool has_lost_successor_ = false;
  Instant uses_saved_{};            // of tokens
  std::optional<Instant> drained_;  // the stop is then
  Instant last_tasks_by_{};
};

}  // namespace floe::server
