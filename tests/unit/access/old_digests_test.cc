// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/old_digests.h"

#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace floe::access {
namespace {

TEST(OldDigests, Md5IsThatOfItsRfc) {
  EXPECT_EQ(absl::BytesToHexString(Md5("")), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(absl::BytesToHexString(Md5("message digest")), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(absl::BytesToHexString(Md5("1234567890123456789012345678901234567890"
                                       "1234567890123456789012345678901234567890")),
            "57edf4a22be3c955ac49da2e2107b67a");
}

TEST(OldDigests, Sha1IsThatOfItsStandard) {
  EXPECT_EQ(absl::BytesToHexString(Sha1("")), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(absl::BytesToHexString(Sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(
      absl::BytesToHexString(Sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
      "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
}

// As openssl passwd -apr1 has them.
TEST(OldDigests, Apr1IsApaches) {
  EXPECT_EQ(Apr1("secret word", "abcdefgh"), "$apr1$abcdefgh$sAT51V/DnRGRtxDJCf7lm/");
  EXPECT_EQ(Apr1("a-password-that-is-longer-than-sixteen", "x8"),
            "$apr1$x8$hmpstBgYGMGrRpGF2jVOu0");
}

}  // namespace
}  // namespace floe::access
