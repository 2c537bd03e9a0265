// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Another configuration while the process serves.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "base/log.h"
#include "server/process.h"
#include "server/reloading.h"

namespace floe::server {

absl::StatusOr<std::vector<std::string>> Process::Reload() {
  const MutexLock lock(&reloading_);
  if (refuses_reloads_) return absl::FailedPreconditionError("the server stops, or is handed over");
  notify_.Reloading(Clock::now());
  absl::StatusOr<std::vector<std::string>> lines = ReloadNow();
  notify_.Reloaded();
  metrics::Instruments& instruments = *services_.instruments;
  (lines.ok() ? instruments.reloads_done : instruments.reloads_failed).Add();
  if (!lines.ok()) {
    for (const absl::string_view line : absl::StrSplit(lines.status().message(), '\n')) {
      log::Error(absl::StrCat("reload refused: ", line));
    }
  }
  return lines;
}

absl::StatusOr<std::vector<std::string>> Process::ReloadNow() {
  // Of the calling thread, which may be a worker's.
  absl::StatusOr<std::unique_ptr<ring::Waker>> waker = ring::Waker::Create();
  if (!waker.ok()) return waker.status();
  const Reloading::Parts parts{services_, sockets_, loops_, *front_, places_};
  Reloading reloading(parts);
  if (absl::Status prepared = reloading.Prepare(sources_); !prepared.ok()) return prepared;
  std::vector<std::string> lines = reloading.lines();
  if (lines.empty()) lines.push_back("nothing has changed");
  // Said before it is done: those who are closed are named first.
  for (const std::string& line : lines) log::Info(absl::StrCat("reload: ", line));
  reloading.Apply(**waker);
  ReadUserFiles(*services_.config.Get());
  past_.Change(services_.config.Get()->history);
  events::Event event;
  event.kind = events::Kind::kReload;
  event.reason = absl::StrJoin(lines, "; ");
  services_.events->Add(std::move(event));
  return lines;
}

void Process::RefuseReloads() {
  services_.shard_calls->Refuse();
  const MutexLock lock(&reloading_);
  refuses_reloads_ = true;
}

void Process::AllowReloads() {
  services_.shard_calls->Allow();
  const MutexLock lock(&reloading_);
  refuses_reloads_ = false;
}

}  // namespace floe::server
