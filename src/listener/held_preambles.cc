// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "listener/held_preambles.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/limits.h"

namespace floe::listener {

size_t HeldPreambles::IndexOf(uint32_t link) const {
  size_t i = 0;
  while (i < preambles_.size() && preambles_[i].link != link) ++i;
  return i;
}

bool HeldPreambles::TryHold(const mount::Mount& mount, uint32_t link) {
  const size_t known = IndexOf(link);
  if (known < preambles_.size()) {
    ++preambles_[known].holders;
    return true;
  }
  mount::PreambleRef preamble = mount.PreambleOf(link);
  if (!preamble) return false;
  Add(link, std::move(preamble));
  return true;
}

uint32_t HeldPreambles::HoldIntro(const mount::PreambleRef& intro) {
  const std::byte* bytes = intro.bytes().data();
  uint32_t key = kIntroBit;
  for (HeldPreamble& held : preambles_) {
    if (held.link < kIntroBit) continue;
    if (held.preamble.bytes().data() == bytes) {
      ++held.holders;
      return held.link;
    }
    key = std::max(key, held.link + 1);
  }
  Add(key, intro.Share());
  return key;
}

bool HeldPreambles::TryHoldIntro(uint32_t key) {
  const size_t known = IndexOf(key);
  if (key < kIntroBit || known == preambles_.size()) return false;
  ++preambles_[known].holders;
  return true;
}

void HeldPreambles::Add(uint32_t link, mount::PreambleRef preamble) {
  ForgetOldest();
  preambles_.push_back({.link = link, .holders = 1, .preamble = std::move(preamble)});
}

void HeldPreambles::Release(uint32_t link) {
  HeldPreamble& held = preambles_[IndexOf(link)];
  FLOE_CHECK(held.holders > 0);
  --held.holders;
}

std::span<const std::byte> HeldPreambles::BytesOf(uint32_t link) const {
  return preambles_[IndexOf(link)].preamble.bytes();
}

std::vector<uint32_t> HeldPreambles::HeldLinks() const {
  std::vector<uint32_t> links;
  for (const HeldPreamble& held : preambles_) {
    if (held.holders > 0) links.push_back(held.link);
  }
  return links;
}

void HeldPreambles::Restore(uint32_t link, std::span<const std::byte> bytes) {
  if (IndexOf(link) < preambles_.size()) return;
  preambles_.push_back({.link = link, .holders = 0, .preamble = mount::Preamble::Copy(bytes)});
}

void HeldPreambles::ForgetOldest() {
  size_t surplus = preambles_.size() - std::min<size_t>(preambles_.size(), kLinksKept - 1);
  std::erase_if(preambles_, [&surplus](const HeldPreamble& held) {
    if (surplus == 0 || held.holders > 0) return false;
    --surplus;
    return true;
  });
}

}  // namespace floe::listener
