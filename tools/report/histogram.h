// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace floe::tools {

// Counts durations in buckets no wider than 1/32 of their value, from 1 us to hours, so that
// a quantile is off by 3 % at most. Merging is exact: every thread keeps its own.
class Histogram {
 public:
  void Add(uint64_t us) {
    ++buckets_[BucketOf(us)];
    ++count_;
    sum_us_ += us;
    max_us_ = std::max(max_us_, us);
  }

  void Merge(const Histogram& other) {
    for (size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    sum_us_ += other.sum_us_;
    max_us_ = std::max(max_us_, other.max_us_);
  }

  // The least value that `share` of all are not above (upper end of its bucket); 0 when empty.
  uint64_t QuantileUs(double share) const {
    const uint64_t wanted = std::max<uint64_t>(1, uint64_t(share * double(count_) + 0.999999));
    uint64_t seen = 0;
    for (size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (count_ > 0 && seen >= wanted) return std::min(LastOf(i), max_us_);
    }
    return max_us_;
  }

  uint64_t count() const { return count_; }
  uint64_t max_us() const { return max_us_; }
  uint64_t mean_us() const { return count_ == 0 ? 0 : sum_us_ / count_; }

 private:
  static constexpr size_t kFine = 32;       // buckets per doubling
  static constexpr size_t kDoublings = 32;  // 2^36 us is 19 hours

  static size_t BucketOf(uint64_t us) {
    if (us < kFine) return size_t(us);
    const size_t shift = size_t(std::bit_width(us)) - 6;
    return std::min((shift + 1) * kFine + size_t(us >> shift) - kFine, kFine * kDoublings - 1);
  }
  static uint64_t LastOf(size_t bucket) {
    if (bucket < kFine) return bucket;
    const size_t shift = bucket / kFine - 1;
    return ((uint64_t(bucket % kFine + kFine) + 1) << shift) - 1;
  }

  std::array<uint64_t, kFine * kDoublings> buckets_{};
  uint64_t count_ = 0;
  uint64_t sum_us_ = 0;
  uint64_t max_us_ = 0;
};

}  // namespace floe::tools
