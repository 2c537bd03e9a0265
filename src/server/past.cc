// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/past.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "server/passwords.h"

namespace floe::server {
namespace {

store::Retention RetentionOf(const config::History& keeps) {
  return {.songs = keeps.songs, .sessions = keeps.sessions};
}

}  // namespace

void Past::Open(const std::string& state_dir, session::Services& services) {
  const std::string path = absl::StrCat(state_dir, "/floe.db");
  absl::Status usable = MakeStateDir(state_dir);
  if (usable.ok()) {
    absl::StatusOr<std::unique_ptr<store::Database>> database =
        store::Database::Open(path, dropped_);
    usable = database.status();
    if (usable.ok()) database_ = *std::move(database);
  }
  if (!usable.ok()) {
    return log::Error(
        absl::StrCat("nothing of the past is kept until the next start: ", usable.message()));
  }
  history_ = std::make_unique<store::History>(path);
  recorder_ = std::make_unique<store::Recorder>(*services.events, sessions_, *database_);
  services.database = database_.get();
  services.sessions = &sessions_;
  services.history = history_.get();
}

void Past::Begin(const config::History& keeps) {
  if (recorder_ != nullptr) recorder_->Start(RetentionOf(keeps));
}

void Past::Change(const config::History& keeps) {
  if (recorder_ != nullptr) recorder_->Retain(RetentionOf(keeps));
}

void Past::End() {
  if (recorder_ != nullptr) recorder_->Stop();
}

}  // namespace floe::server
