// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/crc.h"

#include <array>

namespace floe::audio {
namespace {

constexpr size_t kLanes = 8;  // bytes taken at once

// tables[k][b]: what byte b does to the sum when k more bytes follow it. Sums stand in the highest
// bits of 32, so that one routine does for 16 and 32 bits.
using Tables = std::array<std::array<uint32_t, 256>, kLanes>;

constexpr Tables MakeTables(uint32_t polynomial) {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t sum = byte << 24;
    for (int bit = 0; bit < 8; ++bit) sum = sum << 1 ^ (sum >> 31 ? polynomial : 0);
    tables[0][byte] = sum;
  }
  for (size_t lane = 1; lane < kLanes; ++lane) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t sum = tables[lane - 1][byte];
      tables[lane][byte] = sum << 8 ^ tables[0][sum >> 24];
    }
  }
  return tables;
}

constexpr Tables kOgg = MakeTables(0x04c11db7);
constexpr Tables kFlac16 = MakeTables(0x8005u << 16);
constexpr Tables kFlac8 = MakeTables(0x07u << 24);

uint32_t Sum(const Tables& tables, uint32_t sum, Bytes bytes) {
  while (bytes.size() >= kLanes) {
    sum ^= static_cast<uint32_t>(BigEndian(bytes, 0, 4));
    sum = tables[7][sum >> 24] ^ tables[6][sum >> 16 & 0xff] ^ tables[5][sum >> 8 & 0xff] ^
          tables[4][sum & 0xff] ^ tables[3][U8(bytes, 4)] ^ tables[2][U8(bytes, 5)] ^
          tables[1][U8(bytes, 6)] ^ tables[0][U8(bytes, 7)];
    bytes = bytes.subspan(kLanes);
  }
  for (const std::byte byte : bytes) {
    sum = sum << 8 ^ tables[0][sum >> 24 ^ std::to_integer<uint32_t>(byte)];
  }
  return sum;
}

}  // namespace

uint32_t OggCrc32(uint32_t sum, Bytes bytes) { return Sum(kOgg, sum, bytes); }

uint16_t FlacCrc16(uint16_t sum, Bytes bytes) {
  return static_cast<uint16_t>(Sum(kFlac16, uint32_t{sum} << 16, bytes) >> 16);
}

uint8_t FlacCrc8(uint8_t sum, Bytes bytes) {
  return static_cast<uint8_t>(Sum(kFlac8, uint32_t{sum} << 24, bytes) >> 24);
}

}  // namespace floe::audio
