// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The sync points of a tape: a ring of which the writer overwrites the oldest while readers
// search it. Why a reader never takes a point that was half overwritten:
//
//   writer: sync_begin_ passes the point -> its fields (release each) -> sync_end_ (release)
//   reader: fields (acquire each) -> sync_begin_ again: still not passed, so nothing was torn
//
// Points that were overwritten during a search look newer than they were, which only sends the
// search to older ones, and those are not valid either: the look at sync_begin_ tells.
#include <algorithm>

#include "base/check.h"
#include "tape/tape.h"

namespace floe::tape {
namespace {

// A search begins this far from the end that the writer eats up, so that it has to be repeated
// only when that many points were marked meanwhile: many seconds of audio.
constexpr uint64_t kSyncMargin = kSyncPointsMax / 8;
constexpr int kSyncSearchesMax = 4;

}  // namespace

SyncPoint Tape::ReadSync(uint64_t index) const {
  const SyncPlace& place = SyncAt(index);
  const uint64_t link_and_need = place.link_and_need.load(std::memory_order_acquire);
  return {.offset_bytes = place.offset_bytes.load(std::memory_order_acquire),
          .played = microseconds(place.played_us.load(std::memory_order_acquire)),
          .link = static_cast<uint32_t>(link_and_need >> 1),
          .needs_preamble = (link_and_need & 1) != 0};
}

void Tape::WriteSync(uint64_t index, const SyncPoint& point) {
  SyncPlace& place = SyncAt(index);
  place.offset_bytes.store(point.offset_bytes, std::memory_order_release);
  place.played_us.store(point.played.count(), std::memory_order_release);
  place.link_and_need.store(uint64_t{point.link} << 1 | uint64_t{point.needs_preamble},
                            std::memory_order_release);
}

bool Tape::IsTooNear(const SyncPoint& point) const {
  const uint64_t end = sync_end_.load(std::memory_order_relaxed);
  if (end == sync_begin_.load(std::memory_order_relaxed)) return false;
  const SyncPoint last = ReadSync(end - 1);
  return point.link == last.link && point.needs_preamble == last.needs_preamble &&
         point.played - last.played < kSyncSpacing &&
         point.offset_bytes - last.offset_bytes < kSyncSpacingBytes;
}

void Tape::MarkSync(const SyncPoint& point) {
  FLOE_CHECK(point.offset_bytes == appended_);
  played_ = std::max(played_, point.played);
  const uint64_t begin = sync_begin_.load(std::memory_order_relaxed);
  uint64_t end = sync_end_.load(std::memory_order_relaxed);
  if (end > begin && ReadSync(end - 1).offset_bytes == appended_) {
    // Said again of the same place: the later word holds. Nobody sees a point that has no
    // published audio behind it, so it may be written over where it stands.
    WriteSync(end - 1, point);
    return;
  }
  if (IsTooNear(point)) return;
  if (end - begin == kSyncPointsMax) sync_begin_.store(begin + 1, std::memory_order_release);
  WriteSync(end, point);
  sync_end_.store(end + 1, std::memory_order_release);
}

// The first index in [begin, end) whose place `is_behind` what is sought, else end.
template <typename Predicate>
uint64_t Tape::FirstSync(uint64_t begin, uint64_t end, Predicate is_behind) const {
  while (begin < end) {
    const uint64_t middle = begin + (end - begin) / 2;
    if (is_behind(SyncAt(middle))) {
      end = middle;
    } else {
      begin = middle + 1;
    }
  }
  return begin;
}

std::optional<SyncPoint> Tape::SearchSync(uint64_t begin, uint64_t end, microseconds back,
                                          uint64_t bytes_max, Rounding rounding) const {
  // `published_bytes` is read before the time that belongs to it. When the writer publishes in
  // between, the time is of a few milliseconds later and the listener begins that much later too.
  const uint64_t published_bytes = published();
  const int64_t played_max_us = (played() - std::max(back, microseconds(0))).count();
  const uint64_t floor = std::max(oldest(), published_bytes - std::min(published_bytes, bytes_max));
  const auto begins_from = [](uint64_t offset_bytes) {
    return [offset_bytes](const SyncPlace& place) {
      return place.offset_bytes.load(std::memory_order_acquire) >= offset_bytes;
    };
  };

  const uint64_t visible_end = FirstSync(begin, end, begins_from(published_bytes));
  if (visible_end == begin) return std::nullopt;
  const uint64_t near = FirstSync(begin, visible_end, begins_from(floor));
  if (near == visible_end) return ReadSync(visible_end - 1);
  if (rounding == Rounding::kToNewer) {
    const uint64_t within = FirstSync(near, visible_end, [&](const SyncPlace& place) {
      return place.played_us.load(std::memory_order_acquire) >= played_max_us;
    });
    return ReadSync(std::min(within, visible_end - 1));
  }
  const uint64_t later = FirstSync(near, visible_end, [&](const SyncPlace& place) {
    return place.played_us.load(std::memory_order_acquire) > played_max_us;
  });
  return ReadSync(later > near ? later - 1 : near);
}

std::optional<SyncPoint> Tape::SyncBack(microseconds back, uint64_t bytes_max) const {
  return FindSync(back, bytes_max, Rounding::kToOlder);
}

std::optional<SyncPoint> Tape::SyncWithin(microseconds back, uint64_t bytes_max) const {
  return FindSync(back, bytes_max, Rounding::kToNewer);
}

std::optional<SyncPoint> Tape::FindSync(microseconds back, uint64_t bytes_max,
                                        Rounding rounding) const {
  for (int i = 0; i < kSyncSearchesMax; ++i) {
    uint64_t begin = sync_begin_.load(std::memory_order_acquire);
    const uint64_t end = sync_end_.load(std::memory_order_acquire);
    if (begin >= end) return std::nullopt;
    if (end - begin > kSyncPointsMax - kSyncMargin) begin = end - (kSyncPointsMax - kSyncMargin);
    const std::optional<SyncPoint> found = SearchSync(begin, end, back, bytes_max, rounding);
    if (sync_begin_.load(std::memory_order_acquire) > begin) continue;  // something was torn
    if (found.has_value() && found->offset_bytes < oldest()) return std::nullopt;
    return found;
  }
  return std::nullopt;
}

}  // namespace floe::tape
