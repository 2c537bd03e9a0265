// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What the process answers at its control socket, and to signals that mean the same.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "base/log.h"
#include "nlohmann/json.hpp"
#include "server/guests.h"
#include "server/process.h"
#include "server/status_json.h"
#include "session/explain.h"

namespace floe::server {

using control::Json;

namespace {

Json KickedByNumber(Shards shards, ring::Waker& waker, const std::vector<uint64_t>& ids) {
  const std::vector<uint64_t> kicked = KickListeners(shards, waker, ids);
  std::vector<uint64_t> unknown;
  for (const uint64_t id : ids) {
    if (!std::binary_search(kicked.begin(), kicked.end(), id)) unknown.push_back(id);
  }
  if (!kicked.empty()) log::Info(absl::StrCat("kicked listeners ", absl::StrJoin(kicked, " ")));
  Json result;
  result["listeners"] = kicked.size();
  result["unknown"] = unknown;
  return result;
}

}  // namespace

Json Process::Status(const control::Request& request) {
  const absl::Time now = absl::Now();
  Json status = StatusJson(services_, control_socket_.path(), now);
  if (request.wants_listeners && AllShardsTurn()) {
    AddListeners(services_.shards, *waker_, request.mount, now, &status);
  }
  return status;
}

absl::StatusOr<Json> Process::Explain(const control::Request& request) {
  if (!registry_->Find(request.mount)) {
    return absl::NotFoundError(absl::StrCat("no such mount: ", request.mount));
  }
  return session::ExplainJson(registry_->Explain(request.mount));
}

absl::StatusOr<Json> Process::Kick(const control::Request& request) {
  if (!AllShardsTurn()) return absl::UnavailableError("the server is about to end");
  if (!request.ids.empty()) return KickedByNumber(services_.shards, *waker_, request.ids);
  const std::string& name = request.mount.empty() ? request.source : request.mount;
  const mount::MountRef mount = registry_->Find(name);
  if (!mount) return absl::NotFoundError(absl::StrCat("no such mount: ", name));
  Json result;
  if (!request.mount.empty()) {
    const uint64_t kicked = KickMount(services_.shards, *waker_, name);
    log::Info(absl::StrCat("kicked the ", kicked, " listeners of ", name));
    result["listeners"] = kicked;
    return result;
  }
  if (mount->phase() != mount::Phase::kLive) {
    return absl::NotFoundError(absl::StrCat("no source feeds ", name));
  }
  log::Info(absl::StrCat("kicking the source of ", name));
  KickSource(services_.shards, *waker_, mount.get());
  result["source"] = name;
  return result;
}

void Process::OnSignal(int signal) {
  if (signal == SIGUSR2) return Upgrade(/*binary=*/"", control::Reply());
  if (signal != SIGHUP) return;
  (void)Reload();  // says itself how it went
}

}  // namespace floe::server
