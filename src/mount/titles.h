// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"

namespace floe::mount {

// TitleMark is a title and the place on the tape from which it holds.
struct TitleMark {
  uint32_t sequence;      // counts titles of the mount from 1
  uint64_t offset_bytes;  // holds for blocks at this offset and later, until the next mark
  std::string title;      // UTF-8
  std::string url;        // StreamUrl; may be empty

  bool operator==(const TitleMark&) const = default;
};

// What is said of the audio, without the place.
struct Title {
  std::string title;  // UTF-8
  std::string url;

  bool empty() const { return title.empty() && url.empty(); }
  bool operator==(const Title&) const = default;
};

// Cuts both to kTitleBytesMax at a character.
Title CutTitle(absl::string_view title, absl::string_view url);

// Titles is what plays on a mount, and from which byte on.
//
//   any thread: Ask          ->  asked for
//   writer:     PlaceAsked   ->  mark at the boundary  ->  newest_ (release)  ->  tape publishes
//   reader:     published (acquire)  ->  newest()  ->  Copy: holds every mark before `published`
//
// Lifetime  of its mount; the marks go on from one source to the next.
// Threads   Place and PlaceAsked: the writer. The rest: any. What fan-out polls is atomic.
class Titles {
 public:
  uint32_t newest() const { return newest_.load(std::memory_order_acquire); }
  // Appends the marks after `after_sequence` that are still kept, oldest first.
  void Copy(uint32_t after_sequence, std::vector<TitleMark>* out) const;
  // What was asked for last, whether it is placed yet or not.
  Title Current() const;

  // The marks and what was asked for, as plain values; and a new Titles made the same.
  void Save(std::vector<TitleMark>* marks, std::optional<Title>* asked) const;
  void Restore(std::vector<TitleMark> marks, std::optional<Title> asked);

  void Ask(Title title);
  bool asked() const { return is_asked_.load(std::memory_order_relaxed); }

  // Marks `title` from `offset_bytes` on, unless that is what holds already.
  void Place(uint64_t offset_bytes, Title title);
  void PlaceAsked(uint64_t offset_bytes);

 private:
  void PlaceLocked(uint64_t offset_bytes, Title title) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  std::deque<TitleMark> marks_ ABSL_GUARDED_BY(mutex_);  // at most kTitlesKept
  std::optional<Title> asked_ ABSL_GUARDED_BY(mutex_);
  std::atomic<bool> is_asked_{false};
  std::atomic<uint32_t> newest_{0};
};

}  // namespace floe::mount
