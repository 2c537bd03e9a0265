// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/signal/stamp.h"

#include <gtest/gtest.h>

#include <string>

#include "tools/signal/checksum.h"

namespace floe::tools {
namespace {

constexpr Stamp kStamp{
    .sequence = 0xFEDCBA9876543210, .sent_ns = 1u << 31, .mount = 7, .life = ~0u};

std::string Region(size_t bytes) {
  std::string region(bytes, '\xAA');
  WriteStamped(region.data(), bytes, kStamp);
  return region;
}

TEST(Stamp, SaysAfterwardsWhatWasWritten) {
  for (const size_t bytes : {kStampBytes, size_t{100}, size_t{1400}}) {
    Stamp read;
    ASSERT_EQ(ReadStamped(Region(bytes), &read), Reading::kStamped);
    EXPECT_EQ(read, kStamp);
  }
}

TEST(Stamp, AnyChangedByteIsTornOrNoStampAtAll) {
  const std::string whole = Region(120);
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string torn = whole;
    torn[i] = char(torn[i] ^ 0x01);
    Stamp read;
    EXPECT_EQ(ReadStamped(torn, &read), i < 4 ? Reading::kBare : Reading::kTorn) << i;
  }
}

TEST(Stamp, TheHeadOfOneFrameWithTheTailOfTheNextIsTorn) {
  Stamp next = kStamp;
  ++next.sequence;
  std::string other(200, '\0');
  WriteStamped(other.data(), other.size(), next);
  Stamp read;
  EXPECT_EQ(ReadStamped(Region(200).substr(0, 100) + other.substr(100), &read), Reading::kTorn);
}

TEST(Stamp, NoByteCanBeginAnMpegFrame) { EXPECT_EQ(Region(1400).find('\xFF'), std::string::npos); }

TEST(Checksum, IsTheOneTheWorldKnows) {
  EXPECT_EQ(Crc32("123456789"), 0xCBF43926u);
  EXPECT_EQ(Crc32(""), 0u);
  EXPECT_EQ(OggChecksum("123456789"), 0x89A1897Fu);  // CRC-32/POSIX before its length and inversion
}

TEST(Checksum, OfAPageCanBeTakenInParts) {
  EXPECT_EQ(OggChecksum("6789", OggChecksum("12345")), OggChecksum("123456789"));
}

}  // namespace
}  // namespace floe::tools
