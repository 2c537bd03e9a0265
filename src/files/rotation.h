// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "config/config.h"

namespace floe::files {

// Rotation is which of `count` entries plays, and which one next: all of them in each round, in the
// same order or shuffled anew. When shuffled no entry plays twice in a round, nor at the end of one
// and the beginning of the next. All is decided by the seed.
//
// Threads   One. A plain value: copy it to look ahead.
class Rotation {
 public:
  struct Place {
    uint64_t seed = 0;
    uint64_t round = 0;
    uint32_t index = 0;  // within the round

    bool operator==(const Place&) const = default;
  };

  Rotation() = default;
  Rotation(config::FileOrder order, size_t count, uint64_t seed);

  size_t current() const { return row_.empty() ? 0 : row_[place_.index]; }
  void Advance();
  const Place& place() const { return place_; }
  // Goes on in the round of another rotation's place, where it has `entry`: entries may have come
  // and gone since. REQUIRES: entry < count.
  void GoTo(const Place& place, size_t entry);

 private:
  std::vector<uint32_t> RawRow(uint64_t round) const;
  void MakeRow();

  config::FileOrder order_ = config::FileOrder::kInOrder;
  Place place_;
  std::vector<uint32_t> row_;  // of this round
};

}  // namespace floe::files
