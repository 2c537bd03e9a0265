// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/ogg_page.h"

#include "audio/crc.h"

namespace floe::audio {
namespace {

constexpr uint8_t kContinued = 1, kFirst = 2, kLast = 4;
constexpr size_t kCrcAt = 22;
constexpr size_t kCrcBytes = 4;

// The checksum is of the page with the checksum's own bytes 0.
bool IsSumRight(Bytes page) {
  static constexpr std::byte kZeros[kCrcBytes] = {};
  uint32_t sum = OggCrc32(0, page.first(kCrcAt));
  sum = OggCrc32(sum, kZeros);
  sum = OggCrc32(sum, page.subspan(kCrcAt + kCrcBytes));
  return sum == LittleEndian(page, kCrcAt, kCrcBytes);
}

}  // namespace

bool ReadOggHeader(Bytes window, OggPage* page) {
  const uint8_t flags = U8(window, 5);
  page->is_continued = (flags & kContinued) != 0;
  page->is_first = (flags & kFirst) != 0;
  page->is_last = (flags & kLast) != 0;
  page->granule = static_cast<int64_t>(LittleEndian(window, 6, 8));
  page->serial = static_cast<uint32_t>(LittleEndian(window, 14, 4));
  return (flags & ~(kContinued | kFirst | kLast)) == 0;
}

OggSight ReadOggPage(Bytes window, OggPage page) {
  using Kind = OggSight::Kind;
  const size_t body_at = kOggPageHeaderBytes + U8(window, kOggPageHeaderBytes - 1);
  if (window.size() < body_at) return {Kind::kMore, body_at, {}};
  page.lacing = window.subspan(kOggPageHeaderBytes, body_at - kOggPageHeaderBytes);
  size_t body_bytes = 0;
  for (const std::byte lace : page.lacing) body_bytes += std::to_integer<size_t>(lace);
  const size_t page_bytes = body_at + body_bytes;
  if (window.size() < page_bytes) return {Kind::kMore, page_bytes, {}};
  page.whole = window.first(page_bytes);
  page.body = page.whole.subspan(body_at);
  if (!IsSumRight(page.whole)) return {};
  return {Kind::kPage, page_bytes, page};
}

bool OggPieces::Next(OggPiece* piece) {
  constexpr uint8_t kGoesOn = 255;
  if (lace_ == page_.lacing.size()) return false;
  const size_t from = at_;
  piece->begins = lace_ > 0 || !page_.is_continued;
  piece->ends = false;
  while (lace_ < page_.lacing.size() && !piece->ends) {
    const uint8_t lace = U8(page_.lacing, lace_++);
    at_ += lace;
    piece->ends = lace != kGoesOn;
  }
  piece->bytes = page_.body.subspan(from, at_ - from);
  return true;
}

}  // namespace floe::audio
