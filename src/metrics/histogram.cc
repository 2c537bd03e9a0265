// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "metrics/histogram.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"

namespace floe::metrics {
namespace {

constexpr uint64_t kMillisecond = 1'000'000;  // in nanoseconds
constexpr std::array<uint64_t, 13> kLatencyBounds = {
    kMillisecond / 10,    kMillisecond,        5 * kMillisecond,    10 * kMillisecond,
    25 * kMillisecond,    50 * kMillisecond,   100 * kMillisecond,  250 * kMillisecond,
    500 * kMillisecond,   1000 * kMillisecond, 2500 * kMillisecond, 5000 * kMillisecond,
    10'000 * kMillisecond};
static_assert(kLatencyBounds.size() <= kBoundsMax);

constexpr std::array<uint64_t, 9> kSendSizeBounds = {256,    1024,   2048,   4096,   8192,
                                                     16'384, 32'768, 65'536, 131'072};
static_assert(kSendSizeBounds.size() <= kBoundsMax);

}  // namespace

uint64_t Distribution::Count() const {
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

void Distribution::Add(const Distribution& other) {
  FLOE_CHECK(bounds == other.bounds);
  for (size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
  sum += other.sum;
}

Histogram::Histogram(std::span<const uint64_t> bounds) : bounds_(bounds) {
  FLOE_CHECK(bounds.size() <= kBoundsMax);
  FLOE_CHECK(std::is_sorted(bounds.begin(), bounds.end()));
}

void Histogram::Observe(uint64_t value) {
  counts_[PlaceOf(value)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

Distribution Histogram::Read() const {
  Distribution read;
  read.bounds.assign(bounds_.begin(), bounds_.end());
  for (size_t i = 0; i <= bounds_.size(); ++i) {
    read.counts.push_back(counts_[i].load(std::memory_order_relaxed));
  }
  read.sum = sum_.load(std::memory_order_relaxed);
  return read;
}

bool Histogram::Add(const Distribution& other) {
  if (!std::equal(bounds_.begin(), bounds_.end(), other.bounds.begin(), other.bounds.end()) ||
      other.counts.size() != bounds_.size() + 1) {
    return false;
  }
  for (size_t i = 0; i < other.counts.size(); ++i) {
    counts_[i].fetch_add(other.counts[i], std::memory_order_relaxed);
  }
  sum_.fetch_add(other.sum, std::memory_order_relaxed);
  return true;
}

Latency::Latency() : histogram_(kLatencyBounds) {}

std::span<const uint64_t> SendSizeBounds() { return kSendSizeBounds; }

}  // namespace floe::metrics
