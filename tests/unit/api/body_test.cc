// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "api/body.h"

#include <array>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "http/status.h"
#include "nlohmann/json.hpp"

namespace floe::api {
namespace {

using testing::HasSubstr;

constexpr char kJson[] = "application/json";
using Kind = BodyField::Kind;
constexpr std::array kFields = {
    BodyField{.name = "title", .kind = Kind::kText, .is_needed = true},
    BodyField{.name = "names", .kind = Kind::kTexts},
    BodyField{.name = "id", .kind = Kind::kNumber},
    BodyField{.name = "all", .kind = Kind::kFlag},
};

absl::StatusOr<Json> Parse(absl::string_view body) { return ParseBody(kJson, body, kFields); }
std::string WhyNot(absl::string_view body) {
  const absl::StatusOr<Json> parsed = Parse(body);
  EXPECT_EQ(http::HttpStatusOf(parsed.status()), 400) << body;
  return std::string(parsed.status().message());
}

TEST(Body, HasTheFieldsThatWereSaid) {
  const absl::StatusOr<Json> body =
      Parse(R"({"title":"é","names":["/a","/b"],"id":17,"all":true})");
  ASSERT_TRUE(body.ok()) << body.status();
  EXPECT_EQ((*body)["title"], "é");
  EXPECT_EQ((*body)["names"].size(), 2);
  EXPECT_EQ((*body)["id"], 17);
  EXPECT_TRUE(Parse(R"( {"title":""} )").ok());
}

TEST(Body, IsTakenAsJsonAlone) {
  EXPECT_TRUE(ParseBody("Application/JSON; charset=utf-8", R"({"title":""})", kFields).ok());
  for (const char* type : {"", "text/plain", "application/x-www-form-urlencoded", "application/jso",
                           "application/jsonp"}) {
    const absl::Status refused = ParseBody(type, R"({"title":""})", kFields).status();
    EXPECT_EQ(http::HttpStatusOf(refused), 415) << type;
  }
}

TEST(Body, ThatIsNoObjectIsRefused) {
  for (const char* body :
       {"", "[]", "7", "\"title\"", "null", "{", R"({"title":"a"} x)", R"({"title":"a",})",
        "{\"title\":\"\xff\"}", "{\"title\":\"\n\"}", "/**/{\"title\":\"a\"}"}) {
    EXPECT_THAT(WhyNot(body), HasSubstr("an object in JSON"));
  }
}

TEST(Body, SaysWhichFieldIsWrong) {
  EXPECT_THAT(WhyNot("{}"), HasSubstr("say \"title\""));
  EXPECT_THAT(WhyNot(R"({"title":"a","tilte":"b"})"), HasSubstr("\"tilte\" is not known"));
  EXPECT_THAT(WhyNot(R"({"title":null})"), HasSubstr("\"title\" is to be a text"));
  EXPECT_THAT(WhyNot(R"({"title":"a","id":-1})"), HasSubstr("\"id\" is to be a whole number"));
  EXPECT_THAT(WhyNot(R"({"title":"a","id":9007199254740993})"), HasSubstr("\"id\""));
  EXPECT_THAT(WhyNot(R"({"title":"a","id":1.0})"), HasSubstr("\"id\""));
  EXPECT_THAT(WhyNot(R"({"title":"a","names":[1]})"), HasSubstr("\"names\" is to be a list"));
  EXPECT_THAT(WhyNot(R"({"title":"a","all":1})"), HasSubstr("true or false"));
  EXPECT_THAT(WhyNot(R"({"title":"a","title":"b"})"), HasSubstr("twice"));
}

TEST(Body, WhatIsNestedIsOfTheWrongKindWhateverItSays) {
  EXPECT_THAT(WhyNot(R"({"title":{"a":1,"a":2}})"), HasSubstr("\"title\" is to be a text"));
}

}  // namespace
}  // namespace floe::api
