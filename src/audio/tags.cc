// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/tags.h"

namespace floe::audio {
namespace {

using Kind = TagSight::Kind;

constexpr TagSight kNoTag{};

TagSight TagOf(uint64_t bytes) {
  if (bytes > kTagBytesMax) return kNoTag;
  return {Kind::kTag, static_cast<uint32_t>(bytes)};
}

// "ID3", version, revision, flags, and a size of four bytes of 7 bits each.
TagSight Id3v2(Bytes window) {
  constexpr size_t kHeaderBytes = 10;
  constexpr uint8_t kHasFooter = 0x10;
  if (window.size() < kHeaderBytes) return {Kind::kMore, kHeaderBytes};
  if (U8(window, 3) == 0xff || U8(window, 4) == 0xff) return kNoTag;
  uint32_t size = 0;
  for (size_t i = 6; i < kHeaderBytes; ++i) {
    if (U8(window, i) > 0x7f) return kNoTag;
    size = size << 7 | U8(window, i);
  }
  const bool has_footer = (U8(window, 5) & kHasFooter) != 0;
  return TagOf(uint64_t{size} + kHeaderBytes + (has_footer ? kHeaderBytes : 0));
}

// "TAG" and 125 bytes; "TAG+" is an extension of 227 bytes that stands before it.
TagSight Id3v1(Bytes window) {
  constexpr uint32_t kTagBytes = 128;
  constexpr uint32_t kExtensionBytes = 227;
  if (window.size() < 4) return {Kind::kMore, 4};
  return {Kind::kTag, U8(window, 3) == '+' ? kExtensionBytes : kTagBytes};
}

// "APETAGEX", version, size of all behind the header, items, flags, 8 reserved bytes. As a header
// it announces what follows; as a footer it stands alone here, its items were garbage.
TagSight Ape(Bytes window) {
  constexpr size_t kHeaderBytes = 32;
  constexpr uint32_t kIsHeader = 1u << 29;
  if (window.size() < kHeaderBytes) return {Kind::kMore, kHeaderBytes};
  const uint64_t size = LittleEndian(window, 12, 4);
  const uint64_t flags = LittleEndian(window, 20, 4);
  return TagOf((flags & kIsHeader) != 0 ? kHeaderBytes + size : kHeaderBytes);
}

}  // namespace

TagSight LookForTag(Bytes window) {
  struct Known {
    absl::string_view word;
    TagSight (*look)(Bytes);
  };
  static constexpr Known kKnown[] = {{"ID3", Id3v2}, {"TAG", Id3v1}, {"APETAGEX", Ape}};
  for (const Known& known : kKnown) {
    if (!MayStartWith(window, known.word)) continue;
    if (window.size() < known.word.size()) {
      return {Kind::kMore, static_cast<uint32_t>(known.word.size())};
    }
    return known.look(window);
  }
  return kNoTag;
}

}  // namespace floe::audio
