// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "access/address_counts.h"
#include "access/ban_file.h"
#include "access/bans.h"
#include "access/request_rates.h"
#include "access/rules.h"
#include "base/mutex.h"

namespace floe::access {

// Gate is where it is decided who may come in, by address and by program, before anybody logs in.
//
//   configuration -> SetRules \                    / proxies that are believed
//        ban file -> SetBanFile > what holds now -<  who is banned, denied, not allowed
//             API -> bans()    /                   \ (counts and rates are kept beside it)
//
// Lifetime  of the process.
// Threads   Any.
// Failure   Refusals are such as http::Refusal makes: 403.
class Gate {
 public:
  // What a configuration says, from now on. `proxied_fds`: the listening sockets where a PROXY
  // header comes first.
  void SetRules(const config::Config& config, std::vector<int> proxied_fds);
  void SetBanFile(CidrSet banned);
  Bans& bans() { return bans_; }
  AddressCounts& counts() { return counts_; }
  RequestRates& rates() { return rates_; }

  bool IsProxied(int listening_fd) const;
  bool IsTrusted(const Address& address) const;
  // By the ban file, or a ban of bans().
  bool IsBanned(const Address& address) const;
  // Whether somebody of that address, with that program, may come. Refusal: 403.
  absl::Status Check(const Address& address, absl::string_view agent) const;
  // And listen to that mount.
  absl::Status CheckListener(absl::string_view mount, const Address& address,
                             absl::string_view agent) const;

  // Grows when somebody may be banned who is here.
  uint64_t bans_made() const { return bans_.additions() + files_.load(std::memory_order_relaxed); }

 private:
  Bans bans_;
  AddressCounts counts_;
  RequestRates rates_;
  std::atomic<uint64_t> files_{0};
  // So that who asks need not wait for each other where nothing is configured.
  std::atomic<bool> has_rules_{false}, has_trusted_{false}, has_banned_{false}, has_proxied_{false};
  mutable Mutex mutex_;
  std::unique_ptr<const Rules> rules_ ABSL_GUARDED_BY(mutex_);
  CidrSet banned_ ABSL_GUARDED_BY(mutex_);
  std::vector<int> proxied_fds_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace floe::access
