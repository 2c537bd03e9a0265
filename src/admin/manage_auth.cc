// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "access/htpasswd.h"
#include "admin/answer.h"
#include "admin/calls.h"
#include "http/status.h"
#include "shard/worker_pool.h"

namespace floe::admin {

using session::Exchange;

namespace {

// Writes one file at a time, whichever shard's request asks for it.
access::HtpasswdFiles& Files() {
  static auto* const files = new access::HtpasswdFiles;  // never destroyed: workers may be at it
  return *files;
}

struct Change {
  std::string path;
  std::string action;  // "add", "delete"; of others it is only read
  std::string user, password;
};

// It reads and writes files, and hashes.
class ManageJob : public shard::Job {
 public:
  explicit ManageJob(Change change) : change_(std::move(change)) {}

  void Run() override {
    if (change_.action == "add") {
      Say(Files().Add(change_.path, change_.user, change_.password), "User added",
          absl::StatusCode::kAlreadyExists, "User already exists - not added");
    } else if (change_.action == "delete") {
      Say(Files().Remove(change_.path, change_.user), "User deleted", absl::StatusCode::kNotFound,
          "User not found");
    }
    if (status.ok()) users = Files().List(change_.path);
    if (status.ok()) status = users.status();
  }

  std::string message;
  absl::StatusOr<std::vector<std::string>> users;
  absl::Status status;

 private:
  void Say(const absl::Status& changed, const char* done, absl::StatusCode known,
           const char* of_known) {
    message = changed.code() == known ? of_known : done;
    if (!changed.ok() && changed.code() != known) status = changed;
  }

  const Change change_;
};

absl::StatusOr<Change> ChangeOf(const Exchange& exchange) {
  const std::string mount(exchange.fields.GetOr("mount"));
  if (mount.empty()) return http::Refusal(400, "say the mount: mount=/...");
  Change change;
  change.path = exchange.config->MountSettings(mount).listener_users;
  if (change.path.empty()) return http::Refusal(404, "the mount has no listener_users");
  change.action = std::string(exchange.fields.GetOr("action", "list"));
  change.user = std::string(exchange.fields.GetOr("username"));
  change.password = std::string(exchange.fields.GetOr("password"));
  const bool is_add = change.action == "add", is_delete = change.action == "delete";
  const bool lacks = change.user.empty() || (is_add && change.password.empty());
  if ((is_add || is_delete) && lacks) return http::Refusal(400, "missing parameter");
  if (is_add || is_delete) {
    if (absl::Status allowed = CheckMode(exchange); !allowed.ok()) return allowed;
  } else if (change.action != "list") {
    return http::Refusal(400, "action= is list, add or delete");
  }
  return change;
}

}  // namespace

ring::Task<> ManageAuth(Exchange& exchange) {
  absl::StatusOr<Change> change = ChangeOf(exchange);
  if (!change.ok()) {
    co_await session::Refuse(exchange, change.status());
    co_return;
  }
  ManageJob job(*std::move(change));
  co_await shard::WorkerPool::Run(*exchange.services.workers, exchange.shard, job);
  if (!job.status.ok()) {
    // Where the file is, is no business of who asks.
    const bool is_bad = absl::IsInvalidArgument(job.status);
    co_await session::Refuse(
        exchange, is_bad ? http::Refusal(400, job.status.message())
                         : http::Refusal(503, "the file of users cannot be read or written"));
    co_return;
  }
  Node root("icestats");
  Node& source = root.AddOneOfMany("source");
  source.SetAttribute("mount", exchange.fields.GetOr("mount"));
  for (const std::string& name : *job.users) {
    Node& user = source.AddOneOfMany("User");
    user.is_row = true;
    user.Put("username", name);
  }
  if (!job.message.empty()) root.Add("iceresponse").Put("message", job.message);
  std::string title = "Manage Authentication";
  co_await AnswerWith(exchange, std::move(root), std::move(title));
}

}  // namespace floe::admin
