// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "access/cidr_set.h"
#include "config/config.h"

namespace re2 {
class RE2;
}  // namespace re2

namespace floe::access {

// AgentRules are regular expressions, compiled once, of which a User-Agent is looked through.
class AgentRules {
 public:
  // REQUIRES: each is such as config::CheckPattern lets pass.
  explicit AgentRules(std::span<const std::string> patterns);
  AgentRules(AgentRules&&) noexcept;
  ~AgentRules();

  bool Matches(absl::string_view agent) const;
  bool empty() const { return patterns_.empty(); }

 private:
  std::vector<std::unique_ptr<re2::RE2>> patterns_;
};

// Who may come, of the server or of one mount.
struct AddressRules {
  CidrSet allow;  // empty: everybody
  CidrSet deny;

  bool empty() const { return allow.empty() && deny.empty(); }
  bool Lets(const Address& address) const {
    return !deny.Contains(address) && (allow.empty() || allow.Contains(address));
  }
};

// Rules is what a configuration says of who may come, compiled.
//
// Lifetime  until the next reload.
// Threads   Immutable: any.
class Rules {
 public:
  explicit Rules(const config::Config& config);

  bool IsTrusted(const Address& address) const { return trusted_.Contains(address); }
  bool has_trusted() const { return !trusted_.empty(); }
  // Of everybody.
  const AddressRules& addresses() const { return addresses_; }
  const AgentRules& agents() const { return agents_; }
  // Whether somebody of that address with that program may listen to the mount.
  bool LetsListen(absl::string_view mount, const Address& address, absl::string_view agent) const;
  // Whether there is nothing that would turn anybody away.
  bool empty() const { return is_empty_; }

 private:
  struct OfMount {
    AddressRules addresses;
    AgentRules agents;
    bool empty() const { return addresses.empty() && agents.empty(); }
  };
  static OfMount RulesOf(const config::Mount& mount);

  const CidrSet trusted_;
  const AddressRules addresses_;
  const AgentRules agents_;
  const OfMount defaults_;
  absl::flat_hash_map<std::string, OfMount> mounts_;
  bool is_empty_ = true;
};

}  // namespace floe::access
