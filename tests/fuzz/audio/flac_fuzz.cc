// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// An input that begins with 'r' has its frames' checksums repaired first: a fuzzer does not find
// them, and would see nothing but garbage.
#include <cstddef>
#include <cstdint>
#include <string>

#include "audio/flac_header.h"
#include "fuzz/audio/framer_check.h"

namespace floe::audio {
namespace {

// The length of the header at `at`, whose checksum is set; 0 and nothing set: there is none.
size_t RepairHeader(std::string& bytes, size_t at, const FlacStreamInfo& info) {
  for (size_t length = 6; length <= kFlacFrameHeaderBytesMax && at + length <= bytes.size();
       ++length) {
    char& sum = bytes[at + length - 1];
    const char before = sum;
    sum = static_cast<char>(FlacCrc8(0, AsBytes({bytes.data() + at, length - 1})));
    const FlacFrameHeader header =
        ReadFlacFrameHeader(AsBytes({bytes.data() + at, bytes.size() - at}), info);
    if (header.kind == FlacFrameHeader::Kind::kFrame && header.header_bytes == length)
      return length;
    sum = before;
  }
  return 0;
}

// Sets the checksums of each header, and of the frame between it and the next.
void Repair(std::string& bytes) {
  const absl::string_view text = bytes;
  const FlacStreamInfo info =
      ReadFlacStreamInfo(AsBytes(text.substr(std::min<size_t>(4, text.size()))));
  size_t frame_at = std::string::npos, least_end = 0;
  for (size_t at = bytes.find('\xff'); at != std::string::npos; at = bytes.find('\xff', at + 1)) {
    const size_t header_bytes = RepairHeader(bytes, at, info);
    if (header_bytes == 0) continue;
    if (frame_at != std::string::npos && at >= least_end) {
      const uint16_t sum = FlacCrc16(0, AsBytes({bytes.data() + frame_at, at - 2 - frame_at}));
      bytes[at - 2] = static_cast<char>(sum >> 8);
      bytes[at - 1] = static_cast<char>(sum);
    }
    frame_at = at;
    least_end = at + header_bytes + 2;
    at += header_bytes - 1;
  }
}

}  // namespace
}  // namespace floe::audio

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  if (size > 0 && bytes[0] == 'r') {
    bytes.erase(0, 1);
    floe::audio::Repair(bytes);
  }
  floe::audio::CheckFramer("audio/flac", bytes);
  return 0;
}
