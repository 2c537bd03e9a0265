// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/lockout.h"

#include <algorithm>

namespace floe::access {
namespace {

// Of a failure: what may have faded between the first of a row and the last.
constexpr double kFadedMeanwhile = 0.5;

// As many as are left of them: all fade away within `rules.max`, evenly.
double Faded(const LockoutState& state, const LockoutRules& rules, Instant now) {
  const std::chrono::duration<double> since = now - state.updated;
  const std::chrono::duration<double> all = std::max(rules.max, milliseconds(1));
  return std::max(0.0, state.failures - rules.failures * (since / all));
}

}  // namespace

std::optional<milliseconds> Lockout::Remaining(const Address& address, Instant now) const {
  const MutexLock lock(&mutex_);
  const auto found = by_house_.find(HouseOf(address));
  if (found == by_house_.end() || found->second.locked_until <= now) return std::nullopt;
  return std::chrono::ceil<milliseconds>(found->second.locked_until - now);
}

void Lockout::MakeRoom() {
  if (by_house_.size() < kLockoutAddressesMax) return;
  // In a flood of addresses this is a pass over the table for each, some microseconds. Whoever is
  // locked out stays before those who are not.
  const auto is_worth_less = [](const auto& a, const auto& b) {
    return std::max(a.second.updated, a.second.locked_until) <
           std::max(b.second.updated, b.second.locked_until);
  };
  by_house_.erase(std::min_element(by_house_.begin(), by_house_.end(), is_worth_less));
}

std::optional<milliseconds> Lockout::Add(const Address& address, double failures,
                                         const LockoutRules& rules, Instant now) {
  if (rules.failures == 0) return std::nullopt;
  const MutexLock lock(&mutex_);
  const House house = HouseOf(address);
  if (!by_house_.contains(house)) MakeRoom();
  LockoutState& state = by_house_[house];
  state.address.bytes = house;
  // Those that were sent before the lock, and answered after it began, make it no longer.
  if (state.locked_until > now) {
    return std::chrono::ceil<milliseconds>(state.locked_until - now);
  }
  if (now - state.updated >= rules.max) state.next_lock = milliseconds(0);
  state.failures = Faded(state, rules, now) + failures;
  state.updated = now;
  if (state.failures < rules.failures - kFadedMeanwhile) return std::nullopt;
  const milliseconds shortest = std::min(rules.min, rules.max);
  const milliseconds lock_time = std::clamp(state.next_lock, shortest, rules.max);
  state.next_lock = std::min(2 * lock_time, rules.max);
  state.locked_until = now + lock_time;
  // One more is one too many again; they begin to fade when the wait is over.
  state.failures = rules.failures - 1.0;
  state.updated = state.locked_until;
  return lock_time;
}

std::optional<milliseconds> Lockout::Fail(const Address& address, const LockoutRules& rules,
                                          Instant now) {
  return Add(address, 1.0, rules, now);
}

std::optional<milliseconds> Lockout::Miss(const Address& address, const LockoutRules& rules,
                                          Instant now) {
  return Add(address, 1.0 / kMissesPerFailure, rules, now);
}

std::vector<LockoutState> Lockout::states() const {
  const MutexLock lock(&mutex_);
  std::vector<LockoutState> states;
  states.reserve(by_house_.size());
  for (const auto& [house, state] : by_house_) states.push_back(state);
  return states;
}

void Lockout::Restore(const std::vector<LockoutState>& states) {
  const MutexLock lock(&mutex_);
  for (const LockoutState& state : states) {
    if (by_house_.size() >= kLockoutAddressesMax) return;
    const House house = HouseOf(state.address);
    LockoutState& kept = by_house_.try_emplace(house, state).first->second;
    kept.address.bytes = house;
  }
}

size_t Lockout::locked(Instant now) const {
  const MutexLock lock(&mutex_);
  return size_t(std::count_if(by_house_.begin(), by_house_.end(), [now](const auto& entry) {
    return entry.second.locked_until > now;
  }));
}

}  // namespace floe::access
