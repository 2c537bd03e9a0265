// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/auth.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace floe::http {
namespace {

std::optional<Credentials> BasicOf(absl::string_view text) {
  return ParseBasic(absl::StrCat("Basic ", absl::Base64Escape(text)));
}

TEST(Basic, GivesUserAndPassword) {
  const std::optional<Credentials> credentials = ParseBasic("Basic c291cmNlOmhhY2ttZQ==");
  ASSERT_TRUE(credentials.has_value());
  EXPECT_EQ(credentials->user, "source");
  EXPECT_EQ(credentials->password, "hackme");
}

TEST(Basic, ThePasswordMayHoldColonsAndAnyCharset) {
  EXPECT_EQ(BasicOf("dj:a:b:c")->password, "a:b:c");
  EXPECT_EQ(BasicOf("dj:caf\xe9")->password, "caf\xe9");
  EXPECT_EQ(BasicOf("dj:")->password, "");
}

TEST(Basic, OldEncodersSendNoUser) {
  EXPECT_EQ(BasicOf(":hackme")->user, "");
  EXPECT_EQ(BasicOf(":hackme")->password, "hackme");
  EXPECT_EQ(BasicOf("hackme")->user, "");
  EXPECT_EQ(BasicOf("hackme")->password, "hackme");
}

TEST(Basic, IsLenientAboutCaseBlanksAndPadding) {
  EXPECT_TRUE(ParseBasic("basic c291cmNlOmhhY2ttZQ==").has_value());
  EXPECT_TRUE(ParseBasic("  BASIC \t c291cmNlOmhhY2ttZQ  ").has_value());
}

TEST(Basic, RefusesOtherSchemesAndWhatIsNotBase64) {
  for (const absl::string_view value :
       {"", "Basic", "Basicc291cmNlOmhhY2ttZQ==", "Digest username=x", "Bearer abc", "Basic !!!!",
        "Basic c291 cmNl", "Basic c291cmNlOmhhY2ttZQ==c291", "c291cmNlOmhhY2ttZQ=="}) {
    EXPECT_FALSE(ParseBasic(value).has_value()) << value;
  }
}

TEST(Basic, ANulWouldEndTheSecretForCrypt) {
  EXPECT_FALSE(BasicOf(absl::string_view("source:hackme\0x", 15)).has_value());
}

TEST(Bearer, GivesItsToken) {
  EXPECT_EQ(ParseBearer("Bearer abc.def-ghi"), "abc.def-ghi");
  EXPECT_EQ(ParseBearer("bearer  abc "), "abc");
  EXPECT_FALSE(ParseBearer("Bearer ").has_value());
  EXPECT_FALSE(ParseBearer("Basic abc").has_value());
}

TEST(Base64, DecodesWithAndWithoutPadding) {
  EXPECT_EQ(DecodeBase64(""), "");
  EXPECT_EQ(DecodeBase64("Zg=="), "f");
  EXPECT_EQ(DecodeBase64("Zg"), "f");
  EXPECT_EQ(DecodeBase64("Zm9vYmFy"), "foobar");
  EXPECT_EQ(DecodeBase64("Z"), std::nullopt);
  EXPECT_EQ(DecodeBase64("Zm9v\nYmFy"), std::nullopt);
}

TEST(SecretsEqual, OnlyForTheSameBytes) {
  EXPECT_TRUE(SecretsEqual("hackme", "hackme"));
  EXPECT_TRUE(SecretsEqual("", ""));
  EXPECT_FALSE(SecretsEqual("hackme", "hackmf"));
  EXPECT_FALSE(SecretsEqual("hackme", "hackm"));
  EXPECT_FALSE(SecretsEqual("hackme", ""));
  EXPECT_FALSE(SecretsEqual("", "hackme"));
  EXPECT_FALSE(SecretsEqual("abab", "ab")) << "the same bytes over again are another secret";
}

TEST(IsCryptHash, TellsAHashFromAPasswordWithADollar) {
  EXPECT_TRUE(IsCryptHash("$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW"));
  EXPECT_TRUE(IsCryptHash("$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC"));
  EXPECT_TRUE(IsCryptHash("$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2"));
  EXPECT_FALSE(IsCryptHash(""));
  EXPECT_FALSE(IsCryptHash("hackme"));
  EXPECT_FALSE(IsCryptHash("$ecret"));
  EXPECT_FALSE(IsCryptHash("$a$b"));
  EXPECT_FALSE(IsCryptHash("$$$$$$$$$$$$$$$$"));
  EXPECT_FALSE(IsCryptHash("$One Password to rule$ them all"));
}

}  // namespace
}  // namespace floe::http
