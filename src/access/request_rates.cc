// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/request_rates.h"

#include <algorithm>
#include <chrono>

namespace floe::access {
namespace {

double TokensAt(double tokens, Instant filled, const RateRules& rules, Instant now) {
  const std::chrono::duration<double> since = now - filled;
  return std::min<double>(rules.burst, tokens + since.count() * rules.rate);
}

}  // namespace

std::optional<milliseconds> RequestRates::Take(const Address& address, const RateRules& rules,
                                               Instant now) {
  if (rules.rate == 0) return std::nullopt;
  const MutexLock lock(&mutex_);
  const House house = HouseOf(address);
  if (!buckets_.contains(house)) MakeRoom(rules, now);
  Bucket& bucket = buckets_.try_emplace(house, Bucket{double(rules.burst), now}).first->second;
  bucket.tokens = TokensAt(bucket.tokens, bucket.filled, rules, now);
  bucket.filled = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return std::nullopt;
  }
  const std::chrono::duration<double> missing((1 - bucket.tokens) / rules.rate);
  return std::chrono::ceil<milliseconds>(missing);
}

void RequestRates::MakeRoom(const RateRules& rules, Instant now) {
  if (buckets_.size() < kRatedHousesMax) return;
  absl::erase_if(buckets_, [&](const auto& entry) {
    return TokensAt(entry.second.tokens, entry.second.filled, rules, now) >= rules.burst;
  });
  // A flood from that many houses: one that took little is forgotten, since it loses little.
  while (buckets_.size() >= kRatedHousesMax) {
    auto fullest = buckets_.begin();
    auto next = buckets_.begin();
    for (uint32_t looked = 0; looked < 16 && next != buckets_.end(); ++looked, ++next) {
      if (next->second.tokens > fullest->second.tokens) fullest = next;
    }
    buckets_.erase(fullest);
  }
}

size_t RequestRates::houses() const {
  const MutexLock lock(&mutex_);
  return buckets_.size();
}

}  // namespace floe::access
