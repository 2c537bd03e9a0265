// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The process as the one that gives all away, and as the one that takes over.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/log.h"
#include "handover/standstill.h"
#include "nlohmann/json.hpp"
#include "server/control_path.h"
#include "server/process.h"
#include "shard/call.h"

namespace floe::server {
namespace {

// Requests that are being answered, and the kernel's hold on memory, are waited for so long.
constexpr milliseconds kLastTasksTime{30'000};

// A successor that was refused says why it ends within this.
constexpr milliseconds kLastWordsTime{1'000};

// Tells who asked for the upgrade, or the log.
class ToReply : public handover::Progress {
 public:
  explicit ToReply(control::Reply* reply) : reply_(reply) {}
  void Step(absl::string_view what) override {
    if (reply_ != nullptr) return reply_->Progress(what);
    log::Info(absl::StrCat("handing over: ", what));
  }

 private:
  control::Reply* const reply_;
};

control::Json JsonOf(const handover::Outcome& outcome) {
  control::Json json;
  json["pid"] = outcome.successor_pid;
  json["gap_ms"] = double(outcome.gap.count()) / 1000;
  json["total_ms"] = double(outcome.total.count()) / 1000;
  json["listeners"] = outcome.listeners;
  json["sources"] = outcome.sources;
  json["mounts"] = outcome.mounts;
  json["summary"] = {
      absl::StrCat("process ", outcome.successor_pid, " goes on with ", outcome.listeners,
                   " listeners, ", outcome.sources, " sources and ", outcome.mounts, " mounts"),
      absl::StrFormat("nothing was sent for %.1f ms; all of it took %.1f ms",
                      double(outcome.gap.count()) / 1000, double(outcome.total.count()) / 1000)};
  return json;
}

}  // namespace

// ---- the one that gives all away ----

void Process::Upgrade(std::string binary, control::Reply reply) {
  if (upgrade_.has_value() || predecessor_ != nullptr) {
    return reply.Fail(absl::FailedPreconditionError("an upgrade is under way already"));
  }
  if (drained_.has_value()) {
    return reply.Fail(absl::FailedPreconditionError("the server is about to stop"));
  }
  if (control_socket_.fd() < 0) {
    return reply.Fail(absl::FailedPreconditionError(
        "there is no control socket, at which the next binary could be met"));
  }
  if (binary.empty()) binary = OwnBinary();
  absl::StatusOr<SuccessorChild> child =
      SuccessorChild::Start(binary, serve_options_.arguments, control_socket_.path());
  if (!child.ok()) {
    log::Error(absl::StrCat("upgrade: ", child.status().message()));
    return reply.Fail(child.status());
  }
  log::Info(absl::StrCat("upgrading: ", binary, " is started"));
  reply.Progress(absl::StrCat(binary, " is started"));
  upgrade_.emplace(UpgradeUnderWay{*std::move(child), std::move(reply), absl::OkStatus(), {}});
}

void Process::WatchUpgrade() {
  if (!upgrade_.has_value()) return;
  std::optional<absl::Status> ended = upgrade_->child.HasEnded();
  if (!ended.has_value()) {
    const Instant now = Clock::now();
    const bool is_stuck = !upgrade_->failure.ok() && now - upgrade_->failed > kLastWordsTime;
    if (is_stuck || upgrade_->child.IsLate(now)) upgrade_->child.Kill();
    return;
  }
  // What failed here is why the child ended.
  const absl::Status why = upgrade_->failure.ok() ? *ended : upgrade_->failure;
  log::Error(absl::StrCat("not upgraded, this process goes on: ", why.message()));
  upgrade_->reply.Fail(why);
  upgrade_.reset();
}

void Process::TakeOver(int fd) {
  UniqueFd socket(fd);
  if (predecessor_ != nullptr || drained_.has_value() || !AllShardsTurn()) return;
  ToReply progress(upgrade_.has_value() ? &upgrade_->reply : nullptr);
  const handover::Predecessor::Server server{.services = services_,
                                             .numbers = numbers_,
                                             .arena = *arena_,
                                             .waker = *waker_,
                                             .listen = sockets_.Groups(),
                                             .control_fd = control_socket_.fd()};
  RefuseReloads();
  gatekeeping_.SaveBans(services_);  // the other one reads them
  (void)services_.desk->tokens.SaveUses();
  predecessor_ =
      std::make_unique<handover::Predecessor>(server, handover::Wire(std::move(socket)), progress);
  const absl::StatusOr<handover::Outcome> outcome = predecessor_->Run();
  if (!outcome.ok()) {
    predecessor_.reset();
    AllowReloads();
    if (upgrade_.has_value()) {
      upgrade_->failed = Clock::now();
      upgrade_->failure = outcome.status();  // told when the child has ended, with its own words
      return;
    }
    return log::Error(absl::StrCat("not handed over: ", outcome.status().message()));
  }
  notify_.FallSilent();
  control_.Listen(-1);
  control_socket_.Release();
  has_lost_successor_ = !outcome->is_running;
  if (has_lost_successor_) {
    const absl::Status lost = absl::DataLossError("the new floe died after it had taken over");
    log::Error(lost.message());
    if (upgrade_.has_value()) upgrade_->reply.Fail(lost);
  } else {
    log::Info(absl::StrCat("handed over to process ", outcome->successor_pid, ": ",
                           outcome->listeners, " listeners, ", outcome->sources, " sources, ",
                           outcome->mounts, " mounts; nothing was sent for ",
                           outcome->gap.count() / 1000, " ms"));
    if (upgrade_.has_value()) upgrade_->reply.Finish(JsonOf(*outcome));
  }
  upgrade_.reset();
  last_tasks_by_ = Clock::now() + kLastTasksTime;
}

bool Process::HasHandedOver() {
  if (predecessor_ == nullptr) return false;
  return has_lost_successor_ || predecessor_->IsDone() || Clock::now() >= last_tasks_by_;
}

// ---- the one that takes over ----

absl::Status Process::MeetPredecessor() {
  absl::Status met = absl::NotFoundError("no floe to take over from");
  std::vector<std::string> paths = ControlPathsOf(config_.server);
  if (!serve_options_.predecessor.empty()) paths = {serve_options_.predecessor};
  for (const std::string& path : paths) {
    absl::StatusOr<std::unique_ptr<handover::Successor>> successor =
        handover::Successor::Meet(path);
    met = successor.status();
    if (!successor.ok()) continue;
    successor_ = *std::move(successor);
    if (UniqueFd& control = successor_->inheritance().control; control) {
      met = control_socket_.Adopt(std::move(control).Release());
    }
    break;
  }
  return met;
}

// On failure nothing of what was taken is closed in a way that anybody would notice.
absl::Status Process::TakeOverAll() {
  const handover::Successor::Server server{.services = services_,
                                           .front = *front_,
                                           .numbers = numbers_,
                                           .arena = *arena_,
                                           .waker = *waker_};
  absl::Status taken = successor_->TakeOver(server);
  if (taken.ok()) {
    hooking_.Begin();
    BeginEvents("took over");
    successor_->GoOn();
    gatekeeping_.LoadBans(services_);
    shard::CallEach(services_.shards, *waker_, [&](shard::Shard& shard) {
      services_.seating->Recount(shard, *services_.config.Get());
    });
    // Tokens may have come and gone since this process began.
    if (absl::Status read = OpenDesk(); !read.ok()) log::Error(read.message());
    MoveControl();
    return taken;
  }
  notify_.FallSilent();
  arena_->Disown();
  control_socket_.Release();
  handover::Standstill(services_, *waker_).LetGo();
  hooking_.Disown();
  (void)Stop();
  return taken;
}

// Where the predecessor was commanded is not where this process is to be: the configuration says
// another place by now. Until that is open the old one stays.
void Process::MoveControl() {
  const std::vector<std::string> paths = ControlPathsOf(config_.server);
  if (std::find(paths.begin(), paths.end(), control_socket_.path()) != paths.end()) return;
  const absl::Status moved = OpenControlSocket(config_.server, &control_socket_);
  if (!moved.ok()) log::Warn(absl::StrCat("commands are still taken as before: ", moved.message()));
}

}  // namespace floe::server
