// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "api/tokens.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "http/status.h"

namespace floe::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

absl::StatusOr<access::TokenRecord> Read(absl::string_view body,
                                         std::optional<absl::Time> ends = std::nullopt) {
  return ReadNewToken("application/json", body, kNow, ends);
}

TEST(NewToken, IsOfAllMountsAndGoodForEverWhenNothingElseIsSaid) {
  const absl::StatusOr<access::TokenRecord> token = Read(R"({"name":"panel","role":"read"})");
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_EQ(token->name, "panel");
  EXPECT_EQ(token->grant.role, access::Role::kRead);
  EXPECT_THAT(token->grant.mounts, IsEmpty());
  EXPECT_EQ(token->created, kNow);
  EXPECT_FALSE(token->expires.has_value());
}

TEST(NewToken, MayBeHeldToMountsAndDays) {
  const absl::StatusOr<access::TokenRecord> token =
      Read(R"({"name":"deck","role":"source","mounts":["/a","/b"],"days":30})");
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_THAT(token->grant.mounts, ElementsAre("/a", "/b"));
  EXPECT_EQ(token->expires, kNow + absl::Hours(24 * 30));
}

TEST(NewToken, IsRefusedWithWhatIsWrong) {
  const auto why_not = [](absl::string_view rest) {
    const absl::Status refused = Read(absl::StrCat(R"({"name":"x",)", rest, "}")).status();
    EXPECT_EQ(http::HttpStatusOf(refused), 400) << rest;
    return std::string(refused.message());
  };
  EXPECT_THAT(why_not(R"("role":"root")"), HasSubstr("\"role\" is to be source"));
  EXPECT_THAT(why_not(R"("role":"read","days":0)"), HasSubstr("from 1 to 36500"));
  EXPECT_THAT(why_not(R"("role":"read","days":36501)"), HasSubstr("from 1 to 36500"));
  EXPECT_THAT(why_not(R"("role":"read","days":-1)"), HasSubstr("\"days\""));
  EXPECT_THAT(why_not(R"("role":"read","token":"mine")"), HasSubstr("\"token\""));
  EXPECT_THAT(why_not(R"("days":1)"), HasSubstr("say \"role\""));
}

TEST(NewToken, LastsNoLongerThanTheOneThatMakesIt) {
  const absl::Time ends = kNow + absl::Hours(24);
  EXPECT_TRUE(Read(R"({"name":"x","role":"read","days":1})", ends).ok());
  for (const char* longer :
       {R"({"name":"x","role":"read","days":2})", R"({"name":"x","role":"read"})"}) {
    EXPECT_EQ(http::HttpStatusOf(Read(longer, ends).status()), 403) << longer;
  }
}

}  // namespace
}  // namespace floe::api
