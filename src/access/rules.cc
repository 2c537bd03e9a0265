// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/rules.h"

#include <re2/re2.h>

#include "absl/algorithm/container.h"

namespace floe::access {

AgentRules::AgentRules(std::span<const std::string> patterns) {
  for (const std::string& pattern : patterns) {
    patterns_.push_back(std::make_unique<re2::RE2>(pattern, re2::RE2::Quiet));
  }
}
AgentRules::AgentRules(AgentRules&&) noexcept = default;
AgentRules::~AgentRules() = default;

bool AgentRules::Matches(absl::string_view agent) const {
  const re2::StringPiece text(agent.data(), agent.size());
  return absl::c_any_of(patterns_, [&](const std::unique_ptr<re2::RE2>& pattern) {
    return re2::RE2::PartialMatch(text, *pattern);
  });
}

Rules::OfMount Rules::RulesOf(const config::Mount& mount) {
  return {{CidrSet(mount.allow), CidrSet(mount.deny)}, AgentRules(mount.deny_agents)};
}

Rules::Rules(const config::Config& config)
    : trusted_(config.access.trusted_proxies),
      addresses_{CidrSet(config.access.allow), CidrSet(config.access.deny)},
      agents_(config.access.deny_agents),
      defaults_(RulesOf(config.mount_defaults)) {
  is_empty_ = addresses_.empty() && agents_.empty() && defaults_.empty();
  for (const auto& [name, mount] : config.mounts) {
    OfMount rules = RulesOf(mount);
    is_empty_ &= rules.empty();
    mounts_.try_emplace(name, std::move(rules));
  }
}

bool Rules::LetsListen(absl::string_view mount, const Address& address,
                       absl::string_view agent) const {
  const auto found = mounts_.find(mount);
  const OfMount& rules = found == mounts_.end() ? defaults_ : found->second;
  return rules.addresses.Lets(address) && !rules.agents.Matches(agent);
}

}  // namespace floe::access
