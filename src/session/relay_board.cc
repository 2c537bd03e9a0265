// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/relay_board.h"

#include <utility>

namespace floe::session {
namespace {

using upstream::Phase;

bool IsNews(Phase before, Phase now) {
  if (before == now) return false;
  // One that was broken and was tried in vain is broken as before.
  if (before == Phase::kTrial && now == Phase::kBroken) return false;
  return now == Phase::kUp || now == Phase::kDown || now == Phase::kBroken;
}

}  // namespace

void RelayBoard::Add(const std::string& mount, Home home) {
  MutexLock lock(&mutex_);
  Entry& entry = entries_[mount];
  entry.home = home;
  entry.status.mount = mount;
  count_.store(uint32_t(entries_.size()), std::memory_order_relaxed);
}

void RelayBoard::Remove(const std::string& mount, const void* relay) {
  MutexLock lock(&mutex_);
  const auto found = entries_.find(mount);
  if (found != entries_.end() && found->second.home.relay == relay) entries_.erase(found);
  count_.store(uint32_t(entries_.size()), std::memory_order_relaxed);
}

void RelayBoard::Show(RelayStatus status) {
  MutexLock lock(&mutex_);
  const auto found = entries_.find(status.mount);
  if (found == entries_.end()) return;
  Tell(found->second.status, status);
  found->second.status = std::move(status);
}

// That one is being asked is no news, nor what a relay shows first: it may be another process's.
void RelayBoard::Tell(const RelayStatus& before, const RelayStatus& now) const {
  if (events_ == nullptr || before.upstreams.size() != now.upstreams.size()) return;
  for (size_t i = 0; i < now.upstreams.size(); ++i) {
    const RelayStatus::Upstream& is = now.upstreams[i];
    const RelayStatus::Upstream& was = before.upstreams[i];
    if (is.url != was.url || !IsNews(was.health.phase, is.health.phase)) continue;
    events::Event event;
    event.kind = events::Kind::kUpstream;
    event.mount = now.mount;
    event.subject = is.url;
    event.state = std::string(upstream::NameOf(is.health.phase));
    if (is.health.phase != Phase::kUp) event.reason = is.health.error;
    events_->Add(std::move(event));
  }
}

Instant RelayBoard::AskedAt(const std::string& mount) const {
  MutexLock lock(&mutex_);
  const auto found = entries_.find(mount);
  return found == entries_.end() ? Instant() : found->second.asked_at;
}

std::string RelayBoard::HopsOf(const std::string& mount) const {
  MutexLock lock(&mutex_);
  const auto found = entries_.find(mount);
  return found == entries_.end() ? std::string() : found->second.hops;
}

std::optional<RelayBoard::Home> RelayBoard::Ask(absl::string_view mount, absl::string_view hops,
                                                Instant now) {
  if (!HasAny()) return std::nullopt;
  MutexLock lock(&mutex_);
  const auto found = entries_.find(mount);
  if (found == entries_.end() || !found->second.status.is_on_demand) return std::nullopt;
  Entry& entry = found->second;
  entry.asked_at = now;
  if (entry.status.is_wanted) return std::nullopt;
  entry.hops = std::string(hops);
  return entry.home;
}

std::optional<RelayStatus> RelayBoard::StatusOf(absl::string_view mount) const {
  if (!HasAny()) return std::nullopt;
  MutexLock lock(&mutex_);
  const auto found = entries_.find(mount);
  if (found == entries_.end()) return std::nullopt;
  return found->second.status;
}

std::vector<RelayStatus> RelayBoard::List() const {
  MutexLock lock(&mutex_);
  std::vector<RelayStatus> all;
  all.reserve(entries_.size());
  for (const auto& [mount, entry] : entries_) all.push_back(entry.status);
  return all;
}

}  // namespace floe::session
