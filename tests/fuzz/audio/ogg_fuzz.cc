// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// An input that begins with 'r' has its pages' checksums repaired first: a fuzzer does not find
// them, and would see nothing but garbage.
#include <cstddef>
#include <cstdint>
#include <string>

#include "audio/ogg_page.h"
#include "fuzz/audio/framer_check.h"

namespace floe::audio {
namespace {

constexpr size_t kCrcAt = 22;

// Sets the checksum of each page that is whole, from the front on.
void Repair(std::string& bytes) {
  for (size_t at = bytes.find("OggS"); at != std::string::npos; at = bytes.find("OggS", at + 1)) {
    if (bytes.size() - at < kOggPageHeaderBytes) return;
    const size_t lacings = static_cast<uint8_t>(bytes[at + kOggPageHeaderBytes - 1]);
    size_t page_bytes = kOggPageHeaderBytes + lacings;
    for (size_t i = 0; i < lacings && at + kOggPageHeaderBytes + i < bytes.size(); ++i) {
      page_bytes += static_cast<uint8_t>(bytes[at + kOggPageHeaderBytes + i]);
    }
    if (bytes.size() - at < page_bytes) continue;
    bytes.replace(at + kCrcAt, 4, 4, '\0');
    const uint32_t sum = OggCrc32(0, AsBytes({bytes.data() + at, page_bytes}));
    for (size_t i = 0; i < 4; ++i) bytes[at + kCrcAt + i] = static_cast<char>(sum >> 8 * i);
    at += page_bytes - 1;
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
  floe::audio::CheckJoins("application/ogg", floe::audio::CheckFramer("application/ogg", bytes));
  return 0;
}
