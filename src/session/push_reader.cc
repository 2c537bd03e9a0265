// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/push_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/limits.h"

namespace floe::session {

PushReader::PushReader(mount::MountRef mount)
    : mount_(std::move(mount)), snapshot_(mount_->Snap()) {}

bool PushReader::IsOver(Instant now) const {
  return mount_->epoch() != snapshot_.epoch || mount_->phase() == mount::Phase::kEmpty ||
         mount_->LingerIsOver(now);
}

std::span<const std::byte> PushReader::Next() {
  page_ = {};
  const tape::Tape& tape = mount_->tape();
  // In this order: bytes of the next epoch are published after the epoch changed.
  const uint64_t published = tape.published();
  if (mount_->epoch() != snapshot_.epoch) return {};
  is_lapped_ |= has_begun_ && position_bytes_ < tape.oldest();
  if ((!has_begun_ || is_lapped_) && !Begin(published)) return {};
  const std::span<const std::byte> preamble = preamble_.bytes().subspan(preamble_taken_bytes_);
  if (!preamble.empty()) return preamble;
  if (position_bytes_ >= published) return {};
  page_ = tape.Page(position_bytes_ / kPageBytes);
  if (!page_) {
    is_lapped_ = true;
    return {};
  }
  const size_t within = position_bytes_ % kPageBytes;
  return {page_.data() + within,
          std::min<size_t>(kPageBytes - within, published - position_bytes_)};
}

void PushReader::Took(size_t bytes) {
  const size_t of_preamble = std::min(bytes, preamble_.bytes().size() - preamble_taken_bytes_);
  preamble_taken_bytes_ += of_preamble;
  position_bytes_ += bytes - of_preamble;
}

bool PushReader::Begin(uint64_t published_bytes) {
  const std::optional<tape::SyncPoint> sync = mount_->tape().NewestSync();
  if (!sync.has_value() || sync->offset_bytes >= published_bytes ||
      sync->offset_bytes < mount_->stay_began()) {
    return false;
  }
  mount::PreambleRef preamble;
  if (sync->needs_preamble && !HasHeardLink(sync->link)) {
    preamble = mount_->PreambleOf(sync->link);
    if (sync->link != 0 && !preamble) return false;  // the newest link has one at once
  }
  preamble_ = std::move(preamble);
  preamble_taken_bytes_ = 0;
  link_ = sync->link;
  position_bytes_ = sync->offset_bytes;
  has_begun_ = true;
  is_lapped_ = false;
  return true;
}

// From where it began, or because it came past the link's headers on the tape.
bool PushReader::HasHeardLink(uint32_t link) const {
  if (!has_begun_) return false;
  const std::optional<uint64_t> began = mount_->LinkBeganAt(link);
  return link == link_ || (began.has_value() && *began <= position_bytes_);
}

std::optional<std::string> PushReader::NewTitle() {
  if (mount_->newest_title() == titles_seen_) return std::nullopt;
  std::vector<mount::TitleMark> marks;
  mount_->CopyTitles(titles_seen_, &marks);
  std::optional<std::string> title;
  for (mount::TitleMark& mark : marks) {
    if (mark.offset_bytes > position_bytes_) break;
    titles_seen_ = mark.sequence;
    title = std::move(mark.title);
  }
  if (!title.has_value() || *title == said_) return std::nullopt;
  said_ = *title;
  return title;
}

}  // namespace floe::session
