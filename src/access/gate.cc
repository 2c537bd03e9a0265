// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/gate.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "http/status.h"

namespace floe::access {
namespace {

absl::Status Refusal() { return http::Refusal(403, "you may not come here"); }

}  // namespace

void Gate::SetRules(const config::Config& config, std::vector<int> proxied_fds) {
  auto rules = std::make_unique<const Rules>(config);
  const MutexLock lock(&mutex_);
  has_rules_ = !rules->empty();
  has_trusted_ = rules->has_trusted();
  has_proxied_ = !proxied_fds.empty();
  rules_ = std::move(rules);
  proxied_fds_ = std::move(proxied_fds);
}

void Gate::SetBanFile(CidrSet banned) {
  const MutexLock lock(&mutex_);
  has_banned_ = !banned.empty();
  banned_ = std::move(banned);
  files_.fetch_add(1, std::memory_order_relaxed);
}

bool Gate::IsProxied(int listening_fd) const {
  if (!has_proxied_) return false;
  const MutexLock lock(&mutex_);
  return absl::c_linear_search(proxied_fds_, listening_fd);
}

bool Gate::IsTrusted(const Address& address) const {
  if (!has_trusted_) return false;
  const MutexLock lock(&mutex_);
  return rules_->IsTrusted(address);
}

bool Gate::IsBanned(const Address& address) const {
  if (bans_.Contains(address)) return true;
  if (!has_banned_) return false;
  const MutexLock lock(&mutex_);
  return banned_.Contains(address);
}

absl::Status Gate::Check(const Address& address, absl::string_view agent) const {
  if (IsBanned(address)) return Refusal();
  if (!has_rules_) return absl::OkStatus();
  const MutexLock lock(&mutex_);
  const bool may = rules_->addresses().Lets(address) && !rules_->agents().Matches(agent);
  return may ? absl::OkStatus() : Refusal();
}

absl::Status Gate::CheckListener(absl::string_view mount, const Address& address,
                                 absl::string_view agent) const {
  if (!has_rules_) return absl::OkStatus();
  const MutexLock lock(&mutex_);
  return rules_->LetsListen(mount, address, agent) ? absl::OkStatus() : Refusal();
}

}  // namespace floe::access
