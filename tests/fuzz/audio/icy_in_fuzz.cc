// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The first byte says the interval between blocks; the rest is what the source sends.
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "audio/bits.h"
#include "audio/icy_blocks.h"
#include "base/check.h"
#include "unit/audio/recorder.h"

namespace floe::audio {
namespace {

class Heard final : public IcySink {
 public:
  void Audio(std::span<const std::byte> bytes) override { absl::StrAppend(&audio, AsText(bytes)); }
  void Title(absl::string_view title, absl::string_view url) override {
    FLOE_CHECK(title.size() + url.size() < kIcyBlockBytesMax);
    absl::StrAppend(&titles, audio.size(), ":", title, "|", url, "\n");
  }

  std::string audio, titles;
};

void Check(uint32_t metaint_bytes, absl::string_view bytes) {
  IcyReader whole(metaint_bytes);
  Heard heard;
  whole.Feed(AsBytes(bytes), heard);
  FLOE_CHECK(IsSubsequence(heard.audio, bytes));

  std::minstd_rand random(static_cast<uint32_t>(bytes.size()) + 1);
  for (const size_t piece_max : {1, 40}) {
    IcyReader reader(metaint_bytes);
    Heard again;
    for (absl::string_view left = bytes; !left.empty();) {
      const size_t piece = std::min<size_t>(1 + random() % piece_max, left.size());
      reader.Feed(AsBytes(left.substr(0, piece)), again);
      FLOE_CHECK(reader.state().block.size() <= kIcyBlockBytesMax);
      left.remove_prefix(piece);
    }
    FLOE_CHECK(again.audio == heard.audio && again.titles == heard.titles);
    FLOE_CHECK(reader.state().malformed_blocks == whole.state().malformed_blocks);
    FLOE_CHECK(reader.state().audio_left_bytes == whole.state().audio_left_bytes);
    FLOE_CHECK(reader.state().block == whole.state().block);
  }
}

}  // namespace
}  // namespace floe::audio

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  floe::audio::Check(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
