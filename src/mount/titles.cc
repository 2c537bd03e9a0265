// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "mount/titles.h"

#include <iterator>
#include <utility>

#include "base/limits.h"
#include "base/utf8.h"

namespace floe::mount {

Title CutTitle(absl::string_view title, absl::string_view url) {
  return {.title = std::string(CutUtf8(title, kTitleBytesMax)),
          .url = std::string(CutUtf8(url, kTitleBytesMax))};
}

void Titles::Copy(uint32_t after_sequence, std::vector<TitleMark>* out) const {
  MutexLock lock(&mutex_);
  for (const TitleMark& mark : marks_) {
    if (mark.sequence > after_sequence) out->push_back(mark);
  }
}

Title Titles::Current() const {
  MutexLock lock(&mutex_);
  if (asked_.has_value()) return *asked_;
  if (marks_.empty()) return {};
  return {.title = marks_.back().title, .url = marks_.back().url};
}

void Titles::Save(std::vector<TitleMark>* marks, std::optional<Title>* asked) const {
  MutexLock lock(&mutex_);
  marks->assign(marks_.begin(), marks_.end());
  *asked = asked_;
}

void Titles::Restore(std::vector<TitleMark> marks, std::optional<Title> asked) {
  MutexLock lock(&mutex_);
  marks_.assign(std::make_move_iterator(marks.begin()), std::make_move_iterator(marks.end()));
  while (marks_.size() > kTitlesKept) marks_.pop_front();
  asked_ = std::move(asked);
  is_asked_.store(asked_.has_value(), std::memory_order_relaxed);
  newest_.store(marks_.empty() ? 0 : marks_.back().sequence, std::memory_order_release);
}

void Titles::Ask(Title title) {
  MutexLock lock(&mutex_);
  asked_ = std::move(title);
  is_asked_.store(true, std::memory_order_relaxed);
}

void Titles::Place(uint64_t offset_bytes, Title title) {
  MutexLock lock(&mutex_);
  PlaceLocked(offset_bytes, std::move(title));
}

void Titles::PlaceAsked(uint64_t offset_bytes) {
  MutexLock lock(&mutex_);
  if (!asked_.has_value()) return;
  PlaceLocked(offset_bytes, *std::move(asked_));
  asked_.reset();
  is_asked_.store(false, std::memory_order_relaxed);
}

void Titles::PlaceLocked(uint64_t offset_bytes, Title title) {
  const bool is_same = marks_.empty()
                           ? title.empty()
                           : marks_.back().title == title.title && marks_.back().url == title.url;
  if (is_same) return;
  if (marks_.size() == kTitlesKept) marks_.pop_front();
  const uint32_t sequence = newest_.load(std::memory_order_relaxed) + 1;
  marks_.push_back({.sequence = sequence,
                    .offset_bytes = offset_bytes,
                    .title = std::move(title.title),
                    .url = std::move(title.url)});
  newest_.store(sequence, std::memory_order_release);
}

}  // namespace floe::mount
