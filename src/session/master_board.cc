// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/master_board.h"

#include <utility>

namespace floe::session {

absl::string_view NameOf(MasterStatus::Phase phase) {
  switch (phase) {
    case MasterStatus::Phase::kAsking: return "asking";
    case MasterStatus::Phase::kUp: return "up";
    case MasterStatus::Phase::kDown: return "down";
  }
  return "";
}

void MasterBoard::Show(MasterStatus status) {
  MutexLock lock(&mutex_);
  status_ = std::move(status);
}

void MasterBoard::Publish(Names names) {
  MutexLock lock(&mutex_);
  if (version_ != 0 && names == names_) return;
  names_ = std::move(names);
  ++version_;
}

std::optional<MasterBoard::Names> MasterBoard::NewerThan(uint64_t* version) const {
  MutexLock lock(&mutex_);
  if (version_ == *version) return std::nullopt;
  *version = version_;
  return names_;
}

void MasterBoard::SetFetched(uint32_t fetched) {
  MutexLock lock(&mutex_);
  fetched_ = fetched;
}

std::optional<MasterStatus> MasterBoard::Status() const {
  MutexLock lock(&mutex_);
  if (status_.url.empty()) return std::nullopt;
  return status_;
}

uint32_t MasterBoard::Fetched() const {
  MutexLock lock(&mutex_);
  return fetched_;
}

}  // namespace floe::session
