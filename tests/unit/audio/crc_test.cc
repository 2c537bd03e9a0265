// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/crc.h"

#include <string>

#include "gtest/gtest.h"

namespace floe::audio {
namespace {

// The checks that catalogues of checksums give for "123456789".
TEST(Crc, AgreesWithTheCatalogues) {
  EXPECT_EQ(OggCrc32(0, AsBytes("123456789")), 0x89a1897fu);
  EXPECT_EQ(FlacCrc16(0, AsBytes("123456789")), 0xfee8u);
  EXPECT_EQ(FlacCrc8(0, AsBytes("123456789")), 0xf4u);
}

TEST(Crc, IsTheSameHoweverTheBytesAreCut) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += static_cast<char>(i * 37);
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    const Bytes front = AsBytes(absl::string_view(text).substr(0, cut));
    const Bytes back = AsBytes(absl::string_view(text).substr(cut));
    EXPECT_EQ(OggCrc32(OggCrc32(0, front), back), OggCrc32(0, AsBytes(text)));
    EXPECT_EQ(FlacCrc16(FlacCrc16(0, front), back), FlacCrc16(0, AsBytes(text)));
    EXPECT_EQ(FlacCrc8(FlacCrc8(0, front), back), FlacCrc8(0, AsBytes(text)));
  }
}

}  // namespace
}  // namespace floe::audio
