// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/admin.h"

namespace floe::session {
namespace {

// It reads files, and waits for shards: on a worker.
class ReloadJob : public shard::Job {
 public:
  explicit ReloadJob(Reloader& reloader) : reloader_(reloader) {}

  void Run() override { changes_ = reloader_.Reload(); }
  const absl::StatusOr<std::vector<std::string>>& changes() const { return changes_; }

 private:
  Reloader& reloader_;
  absl::StatusOr<std::vector<std::string>> changes_;
};

}  // namespace

ring::Task<absl::StatusOr<std::vector<std::string>>> Reload(Exchange& exchange) {
  ReloadJob job(*exchange.services.reloader);
  co_await shard::WorkerPool::Run(*exchange.services.workers, exchange.shard, job);
  co_return job.changes();
}

}  // namespace floe::session
