// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "listener/held_titles.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "audio/icy_blocks.h"
#include "base/check.h"
#include "base/limits.h"

namespace floe::listener {

void HeldTitles::Update(const mount::Mount& mount) {
  const uint32_t newest = mount.newest_title();
  if (newest == newest_) return;
  fresh_.clear();
  mount.CopyTitles(newest_, &fresh_);
  for (const mount::TitleMark& mark : fresh_) {
    const std::string block = audio::RenderIcyBlock(mark.title, mark.url);
    const std::span<const std::byte> bytes = std::as_bytes(std::span(block));
    titles_.push_back({.sequence = mark.sequence,
                       .holders = 0,
                       .offset_bytes = mark.offset_bytes,
                       .block = {bytes.begin(), bytes.end()}});
    newest_ = mark.sequence;
  }
  ForgetOldest();
}

void HeldTitles::ForgetOldest() {
  size_t surplus = titles_.size() - std::min<size_t>(titles_.size(), kTitlesKept);
  std::erase_if(titles_, [&surplus](const Title& title) {
    if (surplus == 0 || title.holders > 0) return false;
    --surplus;
    return true;
  });
}

const HeldTitles::Title* HeldTitles::At(uint64_t offset_bytes) const {
  // From the back: nearly every block is of the newest title or the one before.
  for (auto title = titles_.rbegin(); title != titles_.rend(); ++title) {
    if (title->offset_bytes <= offset_bytes) return &*title;
  }
  return nullptr;
}

size_t HeldTitles::IndexOf(uint32_t sequence) const {
  for (size_t i = titles_.size(); i > 0; --i) {
    if (titles_[i - 1].sequence == sequence) return i - 1;
  }
  FLOE_BUG("a title that is held is not kept", sequence);
}

bool HeldTitles::Knows(uint32_t sequence) const {
  return std::any_of(titles_.begin(), titles_.end(),
                     [sequence](const Title& title) { return title.sequence == sequence; });
}

std::vector<HeldTitles::Title> HeldTitles::Held() const {
  std::vector<Title> held;
  std::copy_if(titles_.begin(), titles_.end(), std::back_inserter(held),
               [](const Title& title) { return title.holders > 0; });
  return held;
}

void HeldTitles::Restore(std::vector<Title> titles) {
  for (Title& title : titles) {
    // One that the mount has yet to come to would be met a second time then.
    if (title.sequence > newest_ || Knows(title.sequence) || title.block.empty()) continue;
    title.holders = 0;
    const auto place = std::lower_bound(
        titles_.begin(), titles_.end(), title.sequence,
        [](const Title& known, uint32_t sequence) { return known.sequence < sequence; });
    titles_.insert(place, std::move(title));
  }
}

void HeldTitles::Hold(uint32_t sequence) { ++titles_[IndexOf(sequence)].holders; }

void HeldTitles::Release(uint32_t sequence) {
  Title& title = titles_[IndexOf(sequence)];
  FLOE_CHECK(title.holders > 0);
  --title.holders;
}

std::span<const std::byte> HeldTitles::BlockOf(uint32_t sequence) const {
  return titles_[IndexOf(sequence)].block;
}

}  // namespace floe::listener
