// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/load/tally.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace floe::tools {
namespace {

double Ms(uint64_t us) { return double(us) / 1000; }

}  // namespace

void Flaws::Merge(const Flaws& other) {
  gaps += other.gaps;
  missing_frames += other.missing_frames;
  repeats += other.repeats;
  torn += other.torn;
  ragged_starts += other.ragged_starts;
  underruns += other.underruns;
  stalled_ns += other.stalled_ns;
  closed_by_end += other.closed_by_end;
  closed_by_reset += other.closed_by_reset;
}

void Changes::Come(int64_t now_ns) {
  came_first_ns = came == 0 ? now_ns : std::min(came_first_ns, now_ns);
  came_last_ns = std::max(came_last_ns, now_ns);
  ++came;
}

void Changes::Go(uint64_t last_frame) {
  went_at_min = went == 0 ? last_frame : std::min(went_at_min, last_frame);
  went_at_max = std::max(went_at_max, last_frame);
  ++went;
}

void Changes::Merge(const Changes& other) {
  if (other.came > 0) {
    came_first_ns = came == 0 ? other.came_first_ns : std::min(came_first_ns, other.came_first_ns);
    came_last_ns = std::max(came_last_ns, other.came_last_ns);
    came += other.came;
  }
  if (other.went > 0) {
    went_at_min = went == 0 ? other.went_at_min : std::min(went_at_min, other.went_at_min);
    went_at_max = std::max(went_at_max, other.went_at_max);
    went += other.went;
  }
}

Changes* Tally::ChangesOf(uint32_t life) {
  const auto known = changes.find(life);
  if (known != changes.end()) return &known->second;
  return changes.size() < kLivesMax ? &changes[life] : nullptr;
}

void Tally::Merge(const Tally& other) {
  constexpr uint64_t Tally::*kSums[] = {
      &Tally::opened,      &Tally::waiting,       &Tally::hearing,      &Tally::settled,
      &Tally::joins,       &Tally::refused,       &Tally::leaves,       &Tally::failed_connects,
      &Tally::bytes,       &Tally::receives,      &Tally::checked,      &Tally::frames,
      &Tally::bare_frames, &Tally::new_lives,     &Tally::moves,        &Tally::wrong_mounts,
      &Tally::titles,      &Tally::titles_missed, &Tally::titles_early, &Tally::malformed_blocks,
  };
  for (uint64_t Tally::*sum : kSums) this->*sum += other.*sum;
  for (const auto& [status, count] : other.statuses) statuses[status] += count;
  for (const auto& [error, count] : other.connect_errors) connect_errors[error] += count;
  for (size_t i = 0; i < kKinds; ++i) flaws[i].Merge(other.flaws[i]);
  for (size_t i = 0; i < kKinds; ++i) listeners_of[i] += other.listeners_of[i];
  for (const auto& [life, change] : other.changes) {
    if (Changes* const mine = ChangesOf(life)) mine->Merge(change);
  }
  constexpr Histogram Tally::*kHistograms[] = {
      &Tally::connect,  &Tally::first_byte, &Tally::first_audio,        &Tally::latency,
      &Tally::freshest, &Tally::title_lag,  &Tally::never_closed_after, &Tally::longest_wait,
  };
  for (Histogram Tally::*histogram : kHistograms) (this->*histogram).Merge(other.*histogram);
  last_first_audio_ns = std::max(last_first_audio_ns, other.last_first_audio_ns);
  window = std::min(window, other.window);
}

Flaws Tally::counted() const {
  Flaws sum = flaws[size_t(Kind::kSteady)];
  sum.Merge(flaws[size_t(Kind::kChurn)]);
  sum.Merge(flaws[size_t(Kind::kHalfClose)]);
  return sum;
}

nlohmann::json ToJson(const Histogram& histogram) {
  return {{"count", histogram.count()},
          {"mean", Ms(histogram.mean_us())},
          {"p50", Ms(histogram.QuantileUs(0.5))},
          {"p90", Ms(histogram.QuantileUs(0.9))},
          {"p99", Ms(histogram.QuantileUs(0.99))},
          {"max", Ms(histogram.max_us())}};
}

nlohmann::json ToJson(const std::map<uint32_t, Changes>& changes) {
  nlohmann::json lives = nlohmann::json::array();
  for (const auto& [life, each] : changes) {
    nlohmann::json json = {{"life", life}, {"came", each.came}, {"went", each.went}};
    if (each.came > 0) {
      json["came_first_s"] = double(each.came_first_ns) / 1e9;
      json["came_last_s"] = double(each.came_last_ns) / 1e9;
    }
    if (each.went > 0) {
      json["went_at_min"] = each.went_at_min;
      json["went_at_max"] = each.went_at_max;
    }
    lives.push_back(std::move(json));
  }
  return lives;
}

nlohmann::json ToJson(const Flaws& flaws) {
  return {{"gaps", flaws.gaps},
          {"missing_frames", flaws.missing_frames},
          {"repeats", flaws.repeats},
          {"torn", flaws.torn},
          {"ragged_starts", flaws.ragged_starts},
          {"underruns", flaws.underruns},
          {"stalled_ms", flaws.stalled_ns / 1'000'000},
          {"closed_by_end", flaws.closed_by_end},
          {"closed_by_reset", flaws.closed_by_reset}};
}

}  // namespace floe::tools
