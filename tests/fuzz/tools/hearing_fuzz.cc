// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What a hostile or broken server may send to floe-load: heard whole and byte by byte, with the
// same result. The first byte chooses the format and whether there are ICY blocks.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "tools/load/ear.h"

namespace floe::tools {
namespace {

struct Result {
  int64_t sound_ns = 0;
  Tally tally;

  bool operator==(const Result& other) const {
    const Flaws& a = tally.flaws[0];
    const Flaws& b = other.tally.flaws[0];
    return sound_ns == other.sound_ns && tally.frames == other.tally.frames &&
           tally.titles == other.tally.titles && a.gaps == b.gaps && a.repeats == b.repeats &&
           a.torn == b.torn && a.ragged_starts == b.ragged_starts &&
           tally.malformed_blocks == other.tally.malformed_blocks;
  }
};

Result Hear(uint8_t choice, absl::string_view bytes, size_t piece_bytes) {
  constexpr Format kFormats[] = {Format::kMp3, Format::kAdts, Format::kOpus};
  Result result;
  Ear ear(kFormats[choice % 3], choice & 0x80 ? 50 : 0,
          {.kind = Kind::kSteady, .mount = 0, .knows_mount = true, .settled_at_ns = 0});
  for (size_t at = 0; at < bytes.size(); at += piece_bytes) {
    result.sound_ns += ear.Hear(bytes.substr(at, piece_bytes), 1, &result.tally);
  }
  return result;
}

}  // namespace
}  // namespace floe::tools

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using floe::tools::Hear;
  if (size < 2) return 0;
  const absl::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (!(Hear(data[0], bytes, bytes.size()) == Hear(data[0], bytes, 1))) std::abort();
  const auto whole = floe::tools::ReplyHead::Decode(bytes);
  if (whole.has_value() && whole->head_bytes > bytes.size()) std::abort();
  return 0;
}
