// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "mount/registry.h"
#include "session/feed.h"
#include "tape/arena.h"
#include "unit/counted_new.h"

namespace floe::session {
namespace {

constexpr uint64_t kArenaBytes = 4 << 20;
constexpr size_t kPacketBytes = 1'448;
constexpr size_t kWarmUpBytes = 16 << 20;  // the tape wraps around several times
constexpr size_t kSteadyBytes = 16 << 20;

// MPEG-1 layer III, 128 kbit/s, 44.1 kHz.
std::string Mp3() {
  std::string frame("\xff\xfb\x90\x00", 4);
  frame.resize(417, '\0');
  return frame;
}

// AAC-LC, 44.1 kHz, two channels, 371 bytes (ISO/IEC 13818-7, 6.2).
std::string Adts() {
  std::string frame("\xff\xf1\x50\x80\x2e\x7f\xfc", 7);
  frame.resize(371, '\x21');
  return frame;
}

struct Kind {
  const char* content_type;
  std::string (*frame)();
  http::BodyFraming::Kind body;
};

class FeedAllocation : public testing::TestWithParam<Kind> {};

TEST_P(FeedAllocation, APacketOfASourceAllocatesNothing) {
  const Kind& kind = GetParam();
  auto arena = tape::Arena::Create(kArenaBytes).value();
  mount::Registry registry(*arena, /*sources_max=*/1);
  auto writer =
      registry.Claim("/live", {.content_type = kind.content_type}, {}, {}, Instant()).value();
  FeedFraming framing;
  framing.content_type = kind.content_type;
  framing.body.kind = kind.body;
  Feed feed(*writer, framing);

  std::string stream;
  while (stream.size() < 100 * kPacketBytes) {
    const std::string frame = kind.frame();
    const bool is_chunked = kind.body == http::BodyFraming::Kind::kChunked;
    absl::StrAppend(&stream, is_chunked ? absl::StrCat(absl::Hex(frame.size()), "\r\n") : "", frame,
                    is_chunked ? "\r\n" : "");
  }
  const auto bytes = std::as_bytes(std::span(stream));
  size_t at = 0;
  const auto feed_for = [&](size_t wanted_bytes) {
    for (size_t fed = 0; fed < wanted_bytes; fed += kPacketBytes) {
      feed.Take(bytes.subspan(at, std::min(kPacketBytes, bytes.size() - at)));
      at = at + kPacketBytes >= bytes.size() ? 0 : at + kPacketBytes;
    }
  };
  feed_for(kWarmUpBytes);
  const uint64_t published = writer->mount().tape().published();
  const uint64_t before = g_allocations;
  feed_for(kSteadyBytes);
  EXPECT_EQ(g_allocations - before, 0u);
  EXPECT_GT(writer->mount().tape().published() - published, kSteadyBytes / 2);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, FeedAllocation,
    testing::Values(Kind{"audio/mpeg", &Mp3, http::BodyFraming::Kind::kUntilClose},
                    Kind{"audio/mpeg", &Mp3, http::BodyFraming::Kind::kChunked},
                    Kind{"audio/aac", &Adts, http::BodyFraming::Kind::kUntilClose},
                    Kind{"application/octet-stream", &Mp3, http::BodyFraming::Kind::kUntilClose}));

}  // namespace
}  // namespace floe::session
