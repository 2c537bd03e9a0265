// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"

namespace floe::metrics {

inline constexpr size_t kBoundsMax = 15;

// What a histogram has counted, as of some moment.
struct Distribution {
  std::vector<uint64_t> bounds;
  std::vector<uint64_t> counts;  // one for each bound, at most as much; and what was more than all
  uint64_t sum = 0;              // of the values

  uint64_t Count() const;
  // REQUIRES: the same bounds.
  void Add(const Distribution& other);

  bool operator==(const Distribution&) const = default;
};

// Histogram counts values by how large they are.
//
// Units     whole numbers of whatever is counted: bytes, nanoseconds.
// Lifetime  of what it counts for. `bounds` are ascending, at most kBoundsMax, and outlive it.
// Threads   Observe: any. ObserveAlone: one, which costs no locked instruction. Read: any; a value
//           that is observed meanwhile may be among the counts and not yet in the sum.
// Failure   None.
class Histogram {
 public:
  explicit Histogram(std::span<const uint64_t> bounds);

  void Observe(uint64_t value);
  void ObserveAlone(uint64_t value) {
    AddAlone(&counts_[PlaceOf(value)], 1);
    AddAlone(&sum_, value);
  }

  Distribution Read() const;
  // Adds what was counted elsewhere. Answers false, and does nothing, when that had other bounds.
  bool Add(const Distribution& other);
  std::span<const uint64_t> bounds() const { return bounds_; }

 private:
  size_t PlaceOf(uint64_t value) const {
    size_t place = 0;
    while (place < bounds_.size() && value > bounds_[place]) ++place;
    return place;
  }
  static void AddAlone(std::atomic<uint64_t>* to, uint64_t value) {
    to->store(to->load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
  }

  const std::span<const uint64_t> bounds_;
  std::array<std::atomic<uint64_t>, kBoundsMax + 1> counts_{};
  std::atomic<uint64_t> sum_{0};
};

// Latency is a histogram of how long something took: from a tenth of a millisecond to ten seconds.
// Threads: any.
class Latency {
 public:
  Latency();
  void Observe(nanoseconds took) {
    histogram_.Observe(took.count() > 0 ? uint64_t(took.count()) : 0);
  }
  Histogram& histogram() { return histogram_; }
  const Histogram& histogram() const { return histogram_; }

 private:
  Histogram histogram_;
};

// Of the sizes of sends to listeners.
std::span<const uint64_t> SendSizeBounds();

}  // namespace floe::metrics
