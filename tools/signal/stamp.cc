// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/signal/stamp.h"

#include <cstring>

#include "tools/signal/checksum.h"

namespace floe::tools {
namespace {

constexpr absl::string_view kMagic = "FLOE";
constexpr size_t kChecksumAt = 4;
constexpr size_t kSequenceAt = kChecksumAt + 5;
constexpr size_t kTimeAt = kSequenceAt + 10;
constexpr size_t kMountAt = kTimeAt + 10;
constexpr size_t kLifeAt = kMountAt + 5;
static_assert(kLifeAt + 5 == kStampBytes);

void Put(char* at, size_t groups, uint64_t value) {
  for (size_t i = 0; i < groups; ++i, value >>= 7) at[i] = char(value & 0x7F);
}

uint64_t Get(const char* at, size_t groups) {
  uint64_t value = 0;
  for (size_t i = 0; i < groups; ++i) value |= uint64_t(at[i] & 0x7F) << (7 * i);
  return value;
}

uint32_t RegionChecksum(const char* region, size_t region_bytes) {
  return Crc32(absl::string_view(region + kSequenceAt, region_bytes - kSequenceAt));
}

}  // namespace

void WriteStamped(char* region, size_t region_bytes, const Stamp& stamp) {
  std::memcpy(region, kMagic.data(), kMagic.size());
  Put(region + kSequenceAt, 10, stamp.sequence);
  Put(region + kTimeAt, 10, stamp.sent_ns);
  Put(region + kMountAt, 5, stamp.mount);
  Put(region + kLifeAt, 5, stamp.life);
  // Bytes that differ from frame to frame: a splice of two frames cannot pass for either.
  uint64_t noise = (stamp.sequence + 1) * 0x9E3779B97F4A7C15u;
  for (size_t i = kStampBytes; i < region_bytes; ++i) {
    noise ^= noise << 13;
    noise ^= noise >> 7;
    noise ^= noise << 17;
    region[i] = char(noise & 0x7F);
  }
  Put(region + kChecksumAt, 5, RegionChecksum(region, region_bytes));
}

Reading ReadStamped(absl::string_view region, Stamp* stamp) {
  if (region.size() < kStampBytes || region.substr(0, kMagic.size()) != kMagic) {
    return Reading::kBare;
  }
  const char* at = region.data();
  if (Get(at + kChecksumAt, 5) != RegionChecksum(at, region.size())) return Reading::kTorn;
  stamp->sequence = Get(at + kSequenceAt, 10);
  stamp->sent_ns = Get(at + kTimeAt, 10);
  stamp->mount = uint32_t(Get(at + kMountAt, 5));
  stamp->life = uint32_t(Get(at + kLifeAt, 5));
  return Reading::kStamped;
}

}  // namespace floe::tools
