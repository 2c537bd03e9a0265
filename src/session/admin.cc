// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/admin.h"

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "http/escape.h"
#include "http/status.h"
#include "session/authorize.h"

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

std::string IcecastResponse(absl::string_view message, bool is_done) {
  return absl::StrCat("<?xml version=\"1.0\"?>\n<iceresponse><message>", http::EscapeXml(message),
                      "</message><return>", is_done ? 1 : 0, "</return></iceresponse>\n");
}

ring::Task<> ReloadConfig(Exchange& exchange) {
  absl::Status allowed =
      co_await Authorize(exchange, Role::kAdmin, exchange.config->mount_defaults);
  if (allowed.ok() && exchange.request.method == http::Method::kHead) {
    allowed = http::Refusal(405, "a reload is asked for by GET or POST");
  }
  if (!allowed.ok()) {
    co_await Refuse(exchange, std::move(allowed));
    co_return;
  }
  ReloadJob job(*exchange.services.reloader);
  co_await shard::WorkerPool::Run(*exchange.services.workers, exchange.shard, job);
  const absl::StatusOr<std::vector<std::string>>& changes = job.changes();
  const int status = changes.ok() ? 200 : 400;
  const std::string message =
      changes.ok() ? absl::StrJoin(*changes, "\n") : std::string(changes.status().message());
  std::string reply =
      http::Reply(exchange.To(), status, "text/xml", IcecastResponse(message, changes.ok()));
  co_await Answer(exchange, std::move(reply), status);
}

}  // namespace floe::session
