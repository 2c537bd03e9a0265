// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Audio that says where it belongs: each byte follows from its tape and its offset, so that one
// byte of another tape, lap or frame is noticed wherever it turns up.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "base/limits.h"
#include "gtest/gtest.h"
#include "tape/arena.h"
#include "tape/tape.h"

namespace floe::tape {

inline uint64_t PatternWord(uint32_t tape_id, uint64_t word) {
  uint64_t x = (uint64_t{tape_id} << 48) + word + 0x9E3779B97F4A7C15;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

// The bytes that tape `tape_id` has at [offset, offset + out.size()).
inline void FillPattern(uint32_t tape_id, uint64_t offset, std::span<std::byte> out) {
  while (!out.empty()) {
    const uint64_t word = PatternWord(tape_id, offset / 8);
    const size_t within = offset % 8;
    const size_t piece = std::min<size_t>(8 - within, out.size());
    std::memcpy(out.data(), reinterpret_cast<const std::byte*>(&word) + within, piece);
    out = out.subspan(piece);
    offset += piece;
  }
}

inline std::vector<std::byte> Pattern(uint32_t tape_id, uint64_t offset, size_t size) {
  std::vector<std::byte> bytes(size);
  FillPattern(tape_id, offset, bytes);
  return bytes;
}

inline bool IsPattern(uint32_t tape_id, uint64_t offset, std::span<const std::byte> bytes) {
  const std::vector<std::byte> expected = Pattern(tape_id, offset, bytes.size());
  return std::memcmp(expected.data(), bytes.data(), bytes.size()) == 0;
}

inline std::unique_ptr<Arena> ArenaOfPages(uint32_t pages) {
  absl::StatusOr<std::unique_ptr<Arena>> arena = Arena::Create(uint64_t{pages} * kPageBytes);
  EXPECT_TRUE(arena.ok()) << arena.status();
  return *std::move(arena);
}

// Appends the tape's own next `size` bytes without publishing them.
[[nodiscard]] inline bool AppendPattern(Tape& tape, size_t size) {
  return tape.Append(Pattern(tape.id(), tape.appended(), size));
}

// Appends and publishes; false when the arena is full.
inline bool Play(Tape& tape, size_t size) {
  if (!AppendPattern(tape, size)) return false;
  tape.Publish();
  return true;
}

// Whether [from, to) can be read and is what the tape was given.
inline bool IsReadable(const Tape& tape, uint64_t from, uint64_t to) {
  while (from < to) {
    const PageRef page = tape.Page(from / kPageBytes);
    if (!page) return false;
    const size_t within = from % kPageBytes;
    const size_t piece = std::min<uint64_t>(kPageBytes - within, to - from);
    if (!IsPattern(tape.id(), from, {page.data() + within, piece})) return false;
    from += piece;
  }
  return true;
}

}  // namespace floe::tape
