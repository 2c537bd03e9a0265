// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What tests of mounts say: a registry over a small arena, sources that connect and play frames.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "base/limits.h"
#include "gtest/gtest.h"
#include "mount/registry.h"
#include "tape/arena.h"

namespace floe::mount {

inline constexpr microseconds kFrame{100'000};
inline constexpr size_t kFrameBytes = 1600;  // 128 kbit/s
inline const Instant kStart{1000s};

class Station {
 public:
  explicit Station(uint32_t arena_pages = 64, uint32_t sources_max = 8,
                   uint32_t mounts_max = kMountsMax)
      : arena_(*tape::Arena::Create(uint64_t{arena_pages} * kPageBytes)),
        registry_(*arena_, sources_max, mounts_max) {}

  absl::StatusOr<std::unique_ptr<Writer>> Claim(absl::string_view name,
                                                absl::string_view content_type = "audio/mpeg",
                                                const ClaimRules& rules = {}) {
    SourceInfo info;
    info.content_type = std::string(content_type);
    return registry_.Claim(name, std::move(info), settings, rules, now);
  }
  // A claim that must succeed.
  std::unique_ptr<Writer> Connect(absl::string_view name,
                                  absl::string_view content_type = "audio/mpeg",
                                  const ClaimRules& rules = {}) {
    auto writer = Claim(name, content_type, rules);
    EXPECT_TRUE(writer.ok()) << writer.status();
    return writer.ok() ? *std::move(writer) : nullptr;
  }

  tape::Arena& arena() { return *arena_; }
  Registry& registry() { return registry_; }

  config::Mount settings;  // of mounts made from here on
  Instant now = kStart;

 private:
  std::unique_ptr<tape::Arena> arena_;
  Registry registry_;
};

inline void PlayFrame(Writer& writer, size_t bytes = kFrameBytes, std::byte fill = {}) {
  writer.SyncPoint(/*needs_preamble=*/true);
  writer.Append(std::vector<std::byte>(bytes, fill));
  writer.Boundary(kFrame);
}

inline void PlayFrames(Writer& writer, int count) {
  for (int i = 0; i < count; ++i) PlayFrame(writer);
}

// How much of the tape can be read.
inline uint64_t HistoryBytes(const Mount& mount) {
  return mount.tape().published() - mount.tape().oldest();
}

// What a listener at `from` would be sent; empty when the tape no longer has all of it.
inline std::vector<std::byte> Heard(const Mount& mount, uint64_t from, size_t size) {
  std::vector<std::byte> heard;
  while (heard.size() < size) {
    const uint64_t at = from + heard.size();
    const tape::PageRef page = mount.tape().Page(at / kPageBytes);
    if (!page) return {};
    const size_t within = at % kPageBytes;
    const size_t piece = std::min<size_t>(kPageBytes - within, size - heard.size());
    heard.insert(heard.end(), page.data() + within, page.data() + within + piece);
  }
  return heard;
}

inline std::vector<TitleMark> TitlesOf(const Mount& mount, uint32_t after_sequence = 0) {
  std::vector<TitleMark> marks;
  mount.CopyTitles(after_sequence, &marks);
  return marks;
}

inline std::vector<std::byte> Bytes(absl::string_view text) {
  std::vector<std::byte> bytes(text.size());
  std::transform(text.begin(), text.end(), bytes.begin(), [](char c) { return std::byte(c); });
  return bytes;
}

}  // namespace floe::mount
