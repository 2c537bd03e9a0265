// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "access/house.h"
#include "base/address.h"
#include "base/clock.h"
#include "base/mutex.h"

namespace floe::access {

inline constexpr size_t kLockoutAddressesMax = 4096;
// A scan finds what is there by what is not: that many paths are as bad as one wrong password.
inline constexpr uint32_t kMissesPerFailure = 10;

struct LockoutRules {
  uint32_t failures = 10;  // 0: nobody is locked out
  milliseconds min{5'000};
  milliseconds max{900'000};
};

// What is remembered of one address. Times are of the monotonic clock, which all processes of a
// machine share.
struct LockoutState {
  Address address;      // of its house (access/house.h), without a port
  double failures = 0;  // at `updated`
  Instant updated{};
  Instant locked_until{};
  milliseconds next_lock{0};  // 0: the shortest

  bool operator==(const LockoutState&) const = default;
};

// Lockout counts wrong logins by address, and whom that many are too many for has to wait: at
// first for `min`, then for twice as long after each failure more, up to `max`. A failure fades
// away: after `max` without one, all are forgotten. Those of one house are one.
//
// Lifetime  of the process; `states` go over to the next one.
// Threads   Any.
// Failure   None: of more addresses than kLockoutAddressesMax the one that was heard of least
//           recently is forgotten.
class Lockout {
 public:
  // How long it is still locked out; nothing when it is not.
  std::optional<milliseconds> Remaining(const Address& address, Instant now) const;

  // A login of this address failed. Answers for how long that locks it out, if it does.
  std::optional<milliseconds> Fail(const Address& address, const LockoutRules& rules, Instant now);
  // It asked for what is not there.
  std::optional<milliseconds> Miss(const Address& address, const LockoutRules& rules, Instant now);

  // What goes to the next process; what is there by now is kept as well.
  std::vector<LockoutState> states() const;
  void Restore(const std::vector<LockoutState>& states);

  // How many are locked out now.
  size_t locked(Instant now) const;

 private:
  std::optional<milliseconds> Add(const Address& address, double failures,
                                  const LockoutRules& rules, Instant now);
  void MakeRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  absl::flat_hash_map<House, LockoutState> by_house_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace floe::access
