// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "files/rotation.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace floe::files {
namespace {

// splitmix64: the same in every build, which what <random> shuffles is not.
uint64_t Next(uint64_t* state) {
  uint64_t z = *state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

}  // namespace

Rotation::Rotation(config::FileOrder order, size_t count, uint64_t seed)
    : order_(order), place_{.seed = seed}, row_(count) {
  MakeRow();
}

std::vector<uint32_t> Rotation::RawRow(uint64_t round) const {
  std::vector<uint32_t> row(row_.size());
  std::iota(row.begin(), row.end(), 0);
  // Two can only take turns.
  if (order_ == config::FileOrder::kInOrder || row.size() <= 2) return row;
  uint64_t state = place_.seed ^ round * 0xd6e8feb86659fd93;
  for (size_t left = row.size(); left > 1; --left) {
    std::swap(row[left - 1], row[Next(&state) % left]);
  }
  return row;
}

void Rotation::MakeRow() {
  row_ = RawRow(place_.round);
  const bool is_shuffled = order_ == config::FileOrder::kShuffle && row_.size() > 2;
  if (!is_shuffled || place_.round == 0) return;
  if (RawRow(place_.round - 1).back() == row_.front()) std::swap(row_[0], row_[1]);
}

void Rotation::Advance() {
  if (row_.empty()) return;
  if (++place_.index < row_.size()) return;
  place_.index = 0;
  ++place_.round;
  MakeRow();
}

void Rotation::GoTo(const Place& place, size_t entry) {
  place_ = place;
  MakeRow();
  place_.index = uint32_t(std::find(row_.begin(), row_.end(), entry) - row_.begin());
}

}  // namespace floe::files
