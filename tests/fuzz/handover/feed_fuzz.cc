// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What another binary says may be anything: it is refused, or makes a framer that goes on with
// audio as framers do. The input is a message FeedState, and the audio that comes then is its own
// bytes, and a little of each format.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "absl/strings/string_view.h"
#include "audio/bits.h"
#include "audio/framer_state.h"
#include "audio/icy_blocks.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "handover/feed.pb.h"
#include "handover/feed_codec.h"
#include "http/chunked.h"

namespace floe::handover {
namespace {

// Not more than a framer may say; what was said before is not known here.
class Sink final : public audio::Output, public audio::IcySink {
 public:
  void Append(std::span<const std::byte>) override {}
  void Discard() override {}
  void Boundary(microseconds played) override { FLOE_CHECK(played >= microseconds(0)); }
  void SyncPoint(bool) override {}
  void BeginLink(std::span<const std::byte> preamble) override {
    FLOE_CHECK(preamble.size() <= kPreambleBytesMax);
  }
  void Title(absl::string_view title) override {
    FLOE_CHECK(title.size() <= kTitleBytesMax && IsUtf8(title));
  }
  void Found(const audio::Parameters&) override {}

  void Audio(std::span<const std::byte>) override {}
  void Title(absl::string_view title, absl::string_view url) override {
    FLOE_CHECK(title.size() + url.size() <= kIcyBlockBytesMax);
  }
};

Instant Now() { return Instant() + seconds(1'000'000); }

constexpr absl::string_view kAudio[] = {
    {"\xff\xfb\x90\x00", 4},
    {"\xff\xf1\x50\x80\x2e\x7f\xfc", 7},
    {"OggS\0\2\0\0\0\0\0\0\0\0\1\0\0\0", 18},
    {"\x1f\x43\xb6\x75\xff\xe7\x81\0\xa3\x85\x81\0\0\x80x", 15},
    {"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\xff\x16\x54\xae\x6b\x80", 15},
    {"fLaC\x80\0\0\x22\x10\0\x10\0", 12},
    {"5\r\naudio\r\n0\r\n\r\n", 15},
};

void FeedFramer(const audio::FramerState& state, absl::string_view own) {
  auto framer = audio::RestoreFramer(state, &Now);
  if (!framer.ok()) return;
  Sink sink;
  for (const absl::string_view piece : kAudio) (*framer)->Feed(audio::AsBytes(piece), sink);
  (*framer)->Feed(audio::AsBytes(own), sink);
  // What it came to can be handed over again.
  audio::FramerState again = (*framer)->state();
  auto next = audio::RestoreFramer(again, &Now);
  FLOE_CHECK(next.ok() && (*next)->state() == again);
  (*next)->Feed(audio::AsBytes(own), sink);
  (*next)->End(sink);
}

void FeedReaders(const session::FeedState& state, absl::string_view own) {
  Sink sink;
  if (auto icy = audio::IcyReader::Restore(state.icy); icy.ok()) {
    icy->Feed(audio::AsBytes(own), sink);
    FLOE_CHECK(audio::IcyReader::Restore(icy->state()).ok());
  }
  auto chunks = http::ChunkedReader::Restore(state.chunks);
  if (!chunks.ok()) return;
  for (const absl::string_view bytes : {kAudio[6], own}) {
    audio::Bytes left = audio::AsBytes(bytes);
    for (;;) {
      const http::ChunkedReader::Piece piece = chunks->Feed(&left);
      if (piece.kind != http::ChunkedReader::Kind::kPayload) break;
      FLOE_CHECK(!piece.payload.empty());
    }
    FLOE_CHECK(http::ChunkedReader::Restore(chunks->state()).ok());
  }
}

}  // namespace
}  // namespace floe::handover

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace floe::handover;  // NOLINT: the target is one function
  const absl::string_view own(reinterpret_cast<const char*>(data), size);
  FeedState message;
  if (!message.ParseFromArray(data, static_cast<int>(size))) return 0;
  const auto state = LoadFeed(message);
  if (!state.ok()) return 0;
  FeedFramer(state->framer, own);
  FeedReaders(*state, own);
  FeedState again;
  SaveFeed(*state, &again);
  FLOE_CHECK(LoadFeed(again).value() == *state);
  return 0;
}
