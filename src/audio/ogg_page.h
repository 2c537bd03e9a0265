// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "audio/bits.h"

namespace floe::audio {

inline constexpr size_t kOggPageHeaderBytes = 27;
inline constexpr size_t kOggPageBytesMax = kOggPageHeaderBytes + 255 + 255 * 255;

// OggPage is one page within the bytes it was read from.
struct OggPage {
  Bytes whole;
  Bytes lacing;  // how the body is cut: a packet ends at each value below 255
  Bytes body;
  int64_t granule = -1;  // the time at its end, as the codec counts; -1: no packet ends here
  uint32_t serial = 0;   // of the logical stream
  bool is_continued = false;
  bool is_first = false;  // BOS
  bool is_last = false;   // EOS
};

// What stands at the front of some bytes.
struct OggSight {
  enum class Kind : uint8_t {
    kNone,  // no page
    kMore,  // can be said once `bytes` bytes are seen
    kPage,
  };
  Kind kind = Kind::kNone;
  size_t bytes = 0;
  OggPage page;
};

// Whether a whole page whose checksum is right stands at the front of `window`. `is_wanted` is
// asked about the header alone, whose serial and flags are set: so that chance bytes that look like
// the start of a page are not waited for.
template <typename IsWanted>
OggSight LookForPage(Bytes window, const IsWanted& is_wanted);

// One packet, or the part of it that is on this page.
struct OggPiece {
  Bytes bytes;
  bool begins = false;
  bool ends = false;
};

// OggPieces walks the packets of a page.
class OggPieces {
 public:
  explicit OggPieces(const OggPage& page) : page_(page) {}

  // False at the page's end; `piece` is then as it was.
  bool Next(OggPiece* piece);

 private:
  const OggPage& page_;
  size_t lace_ = 0;
  size_t at_ = 0;
};

// ---- what LookForPage is made of ----

bool ReadOggHeader(Bytes window, OggPage* page);     // REQUIRES: kOggPageHeaderBytes
OggSight ReadOggPage(Bytes window, OggPage header);  // the rest, and the checksum

template <typename IsWanted>
OggSight LookForPage(Bytes window, const IsWanted& is_wanted) {
  using Kind = OggSight::Kind;
  if (!MayStartWith(window, absl::string_view("OggS\0", 5))) return {};
  if (window.size() < kOggPageHeaderBytes) return {Kind::kMore, kOggPageHeaderBytes, {}};
  OggPage page;
  if (!ReadOggHeader(window, &page) || !is_wanted(page)) return {};
  return ReadOggPage(window, page);
}

}  // namespace floe::audio
