// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Numbers and words within bytes, of either byte order. REQUIRES everywhere: `at` and what is read
// there lie within `bytes`; who reads has looked at the size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/strings/string_view.h"

namespace floe::audio {

using Bytes = std::span<const std::byte>;

inline uint8_t U8(Bytes bytes, size_t at) { return std::to_integer<uint8_t>(bytes[at]); }

// `count` bytes (at most 8), the highest first.
inline uint64_t BigEndian(Bytes bytes, size_t at, size_t count) {
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i) value = value << 8 | U8(bytes, at + i);
  return value;
}

// `count` bytes (at most 8), the lowest first.
inline uint64_t LittleEndian(Bytes bytes, size_t at, size_t count) {
  uint64_t value = 0;
  for (size_t i = count; i > 0; --i) value = value << 8 | U8(bytes, at + i - 1);
  return value;
}

inline absl::string_view AsText(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline Bytes AsBytes(absl::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

inline bool StartsWith(Bytes bytes, absl::string_view word) {
  return bytes.size() >= word.size() && AsText(bytes.first(word.size())) == word;
}

// Whether `bytes` may yet turn out to start with `word`: it does, or it is a beginning of it.
inline bool MayStartWith(Bytes bytes, absl::string_view word) {
  const size_t known = bytes.size() < word.size() ? bytes.size() : word.size();
  return AsText(bytes.first(known)) == word.substr(0, known);
}

}  // namespace floe::audio
