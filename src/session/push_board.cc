// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/push_board.h"

#include <utility>

namespace floe::session {

void PushBoard::Show(PushStatus status, const void* push) {
  MutexLock lock(&mutex_);
  Entry& entry = entries_[status.mount];
  entry.status = std::move(status);
  entry.push = push;
}

void PushBoard::Remove(const std::string& mount, const void* push) {
  MutexLock lock(&mutex_);
  const auto found = entries_.find(mount);
  if (found != entries_.end() && found->second.push == push) entries_.erase(found);
}

std::vector<PushStatus> PushBoard::List() const {
  MutexLock lock(&mutex_);
  std::vector<PushStatus> list;
  list.reserve(entries_.size());
  for (const auto& [mount, entry] : entries_) list.push_back(entry.status);
  return list;
}

}  // namespace floe::session
