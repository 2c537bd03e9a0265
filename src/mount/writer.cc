// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "mount/writer.h"

#include <algorithm>
#include <utility>

#include "base/state_check.h"
#include "mount/registry.h"

namespace floe::mount {
namespace {

// How often one append has other mounts shortened before it gives up.
constexpr int kShortenTriesMax = 4;
// A source that lost audio for want of pages loses this much more before it asks others again:
// asking looks at every mount.
constexpr uint64_t kAskAgainBytes = kPageBytes;
// Until a second was heard: what a rich stereo stream has.
constexpr uint64_t kAssumedBytesPerSecond = 320'000 / 8;
constexpr uint64_t kKeepBytesMin = 2 * kPageBytes;
constexpr uint64_t kKeepBytesMax = uint64_t{kTapePagesMax} * kPageBytes;

}  // namespace

Writer::~Writer() { LeaveAs(/*lingers=*/false, Instant()); }

void Writer::Leave(Instant now) { LeaveAs(/*lingers=*/true, now); }

void Writer::LeaveAs(bool lingers, Instant now) {
  if (std::exchange(has_left_, true)) return;
  const std::optional<Mount::Gone> gone = mount_->PutDown(pen_, lingers, now);
  if (gone.has_value()) {
    if (gone->rules.counts()) registry_.SourceLeft();
    registry_.tidings().Left(*mount_, gone->rules, gone->connected, gone->received_bytes,
                             lingers ? "left" : "ended");
  }
  registry_.Changed(*mount_);
}

uint64_t Writer::KeepBytes() const {
  const bool is_measured = state_.played >= seconds(1);
  const double bytes_per_us = is_measured
                                  ? double(state_.published_bytes) / double(state_.played.count())
                                  : double(kAssumedBytesPerSecond) / 1e6;
  const microseconds kept = std::max(mount_->history(), 2 * mount_->burst());
  const double bytes = bytes_per_us * double(kept.count());
  return static_cast<uint64_t>(std::clamp(bytes, double(kKeepBytesMin), double(kKeepBytesMax)));
}

Writer::Appended Writer::TryAppend(std::span<const std::byte> bytes) {
  MutexLock lock(&mount_->writing_);
  if (!mount_->Holds(pen_) || state_.is_torn) return Appended::kRefused;
  tape::Tape& tape = mount_->tape_;
  const uint64_t end = tape.appended() + bytes.size();
  if (end - tape.published() > kUnpublishedBytesMax) return Appended::kArenaFull;
  // Once per page, just before the next one is needed: it is the dropped one again.
  const bool opens_page =
      (tape.appended() + kPageBytes - 1) / kPageBytes != (end + kPageBytes - 1) / kPageBytes;
  if (opens_page) tape.Trim(KeepBytes());
  return tape.Append(bytes) ? Appended::kDone : Appended::kArenaFull;
}

void Writer::Append(std::span<const std::byte> bytes) {
  Appended result = TryAppend(bytes);
  if (result == Appended::kArenaFull && state_.lost_bytes >= state_.asks_again_at_bytes) {
    // Without our lock: the Registry's comes before it.
    for (int i = 0; i < kShortenTriesMax && result == Appended::kArenaFull; ++i) {
      if (!registry_.ShortenLongest()) break;
      result = TryAppend(bytes);
    }
    if (result == Appended::kArenaFull) {
      state_.asks_again_at_bytes = state_.lost_bytes + kAskAgainBytes;
    }
  }
  if (result != Appended::kDone) Tear(bytes.size());
}

void Writer::Tear(size_t lost_bytes) {
  MutexLock lock(&mount_->writing_);
  if (!mount_->Holds(pen_)) return;
  tape::Tape& tape = mount_->tape_;
  const uint64_t lost = lost_bytes + (tape.appended() - tape.published());
  Forget();
  state_.is_torn = true;
  state_.lost_bytes += lost;
  mount_->dropped_bytes_.fetch_add(lost, std::memory_order_relaxed);
}

void Writer::Discard() {
  MutexLock lock(&mount_->writing_);
  state_.is_torn = false;
  if (mount_->Holds(pen_)) Forget();
}

void Writer::Forget() {
  tape::Tape& tape = mount_->tape_;
  tape.Discard();
  // What the audio is called was not torn with it.
  if (state_.due_title.has_value()) {
    state_.due_title->offset_bytes = std::min(state_.due_title->offset_bytes, tape.appended());
  }
}

void Writer::Boundary(microseconds played) {
  const Published published = PublishBoundary(played);
  // Both are rare, and without our lock: the Registry's comes before it.
  if (published.has_title) registry_.tidings().Titled(*mount_, published.newest_title_before);
  if (published.is_audible_since) registry_.Changed(*mount_);
}

Writer::Published Writer::PublishBoundary(microseconds played) {
  MutexLock lock(&mount_->writing_);
  if (!mount_->Holds(pen_)) return {};
  if (state_.is_torn) {
    state_.is_torn = false;  // the frame is gone as a whole; the next one begins clean
    return {};
  }
  tape::Tape& tape = mount_->tape_;
  Titles& titles = mount_->titles_;
  Published published{.newest_title_before = titles.newest()};
  // Marks first, audio after: who sees the audio sees what it is called.
  if (state_.due_title.has_value()) {
    titles.Place(state_.due_title->offset_bytes, std::move(state_.due_title->title));
    state_.due_title.reset();
  }
  if (titles.asked()) titles.PlaceAsked(tape.appended());
  state_.published_bytes += tape.appended() - tape.published();
  state_.played += played;
  tape.Publish(tape.played() + played);
  published.has_title = titles.newest() != published.newest_title_before;
  published.is_audible_since = mount_->BecomesAudible();
  return published;
}

void Writer::SyncPoint(bool needs_preamble) {
  MutexLock lock(&mount_->writing_);
  if (!mount_->Holds(pen_) || state_.is_torn) return;
  tape::Tape& tape = mount_->tape_;
  tape.MarkSync({.offset_bytes = tape.appended(),
                 .played = tape.played(),
                 .link = mount_->link_,
                 .needs_preamble = needs_preamble});
}

void Writer::BeginLink(std::span<const std::byte> preamble) {
  MutexLock lock(&mount_->writing_);
  if (!mount_->Holds(pen_)) return;
  mount_->BeginLink(preamble);
  mount_->needs_link_ = false;
}

void Writer::Found(const audio::Parameters& parameters) {
  bool is_other_codec;
  {
    MutexLock lock(&mount_->writing_);
    if (!mount_->Holds(pen_)) return;
    MutexLock known(&mount_->known_mutex_);
    is_other_codec = mount_->parameters_.codec != parameters.codec;
    mount_->TakeParameters(parameters);
  }
  if (is_other_codec && mount_->is_audible()) registry_.Changed(*mount_);
}

void Writer::SetTitleHere(absl::string_view title, absl::string_view url) {
  MutexLock lock(&mount_->writing_);
  if (!mount_->Holds(pen_)) return;
  state_.due_title = {.offset_bytes = mount_->tape_.appended(), .title = CutTitle(title, url)};
}

void Writer::Report(const audio::FramerStats& stats, uint64_t received_bytes) {
  MutexLock lock(&mount_->writing_);
  if (!mount_->Holds(pen_)) return;
  MutexLock known(&mount_->known_mutex_);
  mount_->framer_ = stats;
  mount_->received_bytes_ = received_bytes;
}

absl::Status Writer::Restore(State state) {
  StateCheck check("source's hold on its mount");
  check.That(microseconds(0) <= state.played && state.played <= audio::kPlayedMax,
             "it has played for less than nothing, or for a century");
  MutexLock lock(&mount_->writing_);
  if (state.due_title.has_value()) {
    const DueTitle& due = *state.due_title;
    check.AtMost("where the next title begins", due.offset_bytes, mount_->tape_.appended());
    check.That(due.title == CutTitle(due.title.title, due.title.url), "the next title is too long");
  }
  if (absl::Status possible = std::move(check).status(); !possible.ok()) return possible;
  state_ = std::move(state);
  return absl::OkStatus();
}

}  // namespace floe::mount
