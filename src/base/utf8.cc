// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <cstdint>
#include <cstring>

namespace floe {
namespace {

constexpr uint64_t kHighBits = 0x8080808080808080;

bool IsContinuation(uint8_t byte) { return (byte & 0xc0) == 0x80; }

// What a lead byte announces: how many bytes, and between what its second byte must lie. The
// narrower ranges are what keeps overlong forms, surrogates and U+110000 out.
struct Lead {
  uint8_t bytes;
  uint8_t second_min;
  uint8_t second_max;
};

Lead LeadOf(uint8_t byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte < 0xc2) return {0, 0, 0};
  if (byte < 0xe0) return {2, 0x80, 0xbf};
  if (byte == 0xe0) return {3, 0xa0, 0xbf};
  if (byte == 0xed) return {3, 0x80, 0x9f};
  if (byte < 0xf0) return {3, 0x80, 0xbf};
  if (byte == 0xf0) return {4, 0x90, 0xbf};
  if (byte < 0xf4) return {4, 0x80, 0xbf};
  if (byte == 0xf4) return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

}  // namespace

size_t Utf8CharacterBytes(absl::string_view text) {
  if (text.empty()) return 0;
  const Lead lead = LeadOf(static_cast<uint8_t>(text[0]));
  if (lead.bytes <= 1) return lead.bytes;
  if (text.size() < lead.bytes) return 0;
  const uint8_t second = static_cast<uint8_t>(text[1]);
  if (second < lead.second_min || second > lead.second_max) return 0;
  for (size_t i = 2; i < lead.bytes; ++i) {
    if (!IsContinuation(static_cast<uint8_t>(text[i]))) return 0;
  }
  return lead.bytes;
}

bool IsUtf8(absl::string_view text) {
  while (!text.empty()) {
    if (text.size() >= sizeof(uint64_t)) {  // most text is ASCII: eight bytes at a time
      uint64_t word;
      std::memcpy(&word, text.data(), sizeof(word));
      if ((word & kHighBits) == 0) {
        text.remove_prefix(sizeof(word));
        continue;
      }
    }
    const size_t bytes = Utf8CharacterBytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

absl::string_view CutUtf8(absl::string_view text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max;
  // The first byte that is left out must not continue a character that is kept.
  for (int back = 0; back < 3 && end > 0 && IsContinuation(static_cast<uint8_t>(text[end]));
       ++back) {
    --end;
  }
  return text.substr(0, end);
}

}  // namespace floe
