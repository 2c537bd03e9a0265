// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// A tape as a plain value, out and in: how it goes over to the next process.
#include "absl/strings/str_cat.h"
#include "tape/tape.h"

namespace floe::tape {
namespace {

// More than any tape has played. Up to there times are added and compared without another look.
constexpr microseconds kTapePlayedMax = 100 * 365 * 24h;

constexpr uint64_t PagesFor(uint64_t bytes) { return (bytes + kPageBytes - 1) / kPageBytes; }

bool IsPossible(microseconds played) {
  return microseconds(0) <= played && played <= kTapePlayedMax;
}

}  // namespace

TapeState Tape::state() const {
  TapeState state{.id = id_,
                  .appended_bytes = appended_,
                  .published_bytes = published_.load(std::memory_order_relaxed),
                  .first_page = pages_begin_,
                  .pages = {},
                  .played = played_,
                  .published_played = microseconds(played_us_.load(std::memory_order_relaxed)),
                  .sync_points = {}};
  state.pages.reserve(pages_end_ - pages_begin_);
  for (uint64_t n = pages_begin_; n < pages_end_; ++n) {
    state.pages.push_back(Place(n).load(std::memory_order_relaxed));
  }
  const uint64_t end = sync_end_.load(std::memory_order_relaxed);
  for (uint64_t i = sync_begin_.load(std::memory_order_relaxed); i < end; ++i) {
    const SyncPoint point = ReadSync(i);
    if (point.offset_bytes >= pages_begin_ * kPageBytes) state.sync_points.push_back(point);
  }
  return state;
}

absl::Status Tape::Check(const TapeState& state) const {
  const uint64_t end = state.first_page + state.pages.size();
  // What is appended lies within the pages, and each of them has some of it.
  const bool has_pages = state.pages.empty() || end == PagesFor(state.appended_bytes);
  if (state.id >= kTapeIdsMax || state.first_page >= kPageNumbersMax ||
      state.pages.size() > pages_max_ || !has_pages || state.appended_bytes > end * kPageBytes ||
      state.published_bytes > state.appended_bytes ||
      state.published_bytes < state.first_page * kPageBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("tape ", state.id, " with ", state.pages.size(), " pages from page ",
                     state.first_page, ", ", state.published_bytes, " of ", state.appended_bytes,
                     " bytes published: no tape is like that"));
  }
  if (!IsPossible(state.played) || !IsPossible(state.published_played)) {
    return absl::InvalidArgumentError(
        absl::StrCat("tape ", state.id, " has played for less than nothing, or for a century"));
  }
  uint64_t last_bytes = 0;
  for (const SyncPoint& point : state.sync_points) {
    if (point.offset_bytes < last_bytes || point.offset_bytes > state.appended_bytes ||
        !IsPossible(point.played)) {
      return absl::InvalidArgumentError(absl::StrCat("tape ", state.id, " has a sync point at ",
                                                     point.offset_bytes, ", where none can be"));
    }
    last_bytes = point.offset_bytes;
  }
  return state.sync_points.size() <= kSyncPointsMax
             ? absl::OkStatus()
             : absl::InvalidArgumentError(absl::StrCat("tape ", state.id, " has ",
                                                       state.sync_points.size(), " sync points"));
}

absl::Status Tape::Restore(const TapeState& state) {
  if (absl::Status possible = Check(state); !possible.ok()) return possible;
  id_ = state.id;
  pages_begin_ = pages_end_ = state.first_page;
  for (const PageSlot page : state.pages) {
    if (!arena_.TakeBack(page, PageKey(id_, pages_end_))) {
      return absl::InvalidArgumentError(absl::StrCat("tape ", id_, " claims page ", Index(page),
                                                     " of the arena, which is not ",
                                                     "there or another's"));
    }
    Place(pages_end_).store(page, std::memory_order_relaxed);
    ++pages_end_;
  }
  appended_ = state.appended_bytes;
  played_ = state.played;
  for (const SyncPoint& point : state.sync_points) {
    const uint64_t end = sync_end_.load(std::memory_order_relaxed);
    WriteSync(end, point);
    sync_end_.store(end + 1, std::memory_order_relaxed);
  }
  oldest_.store(pages_begin_ * kPageBytes, std::memory_order_relaxed);
  played_us_.store(state.published_played.count(), std::memory_order_relaxed);
  published_.store(state.published_bytes, std::memory_order_release);
  return absl::OkStatus();
}

}  // namespace floe::tape
