// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/redirect.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::http {
namespace {

using testing::HasSubstr;

HttpUrl Url(absl::string_view text) { return HttpUrl::Parse(text).value(); }

TEST(Redirect, MayBeAbsoluteOrRelative) {
  const HttpUrl here = Url("http://a:8000/radio/live?x=1");
  const auto led_to = [&here](absl::string_view location) {
    const absl::StatusOr<HttpUrl> next = ResolveLocation(here, location);
    return next.ok() ? next->ToString() : std::string(next.status().message());
  };
  EXPECT_EQ(led_to("http://b/other"), "http://b/other");
  EXPECT_EQ(led_to("//b:81/other"), "http://b:81/other");
  EXPECT_EQ(led_to("/other?y=http://c/"), "http://a:8000/other?y=http://c/");
  EXPECT_EQ(led_to("?y=2"), "http://a:8000/radio/live?y=2");
  EXPECT_EQ(led_to("other"), "http://a:8000/radio/other");
  EXPECT_EQ(led_to(" /blanks "), "http://a:8000/blanks");
  EXPECT_THAT(led_to("https://b/other"), HasSubstr("https"));
  EXPECT_THAT(led_to(""), HasSubstr("nowhere"));
  EXPECT_THAT(led_to("/a\r\nHost: b"), HasSubstr("%"));
}

TEST(Redirect, ALogShowsNoQuery) {
  EXPECT_EQ(LogTextOf(Url("http://a:8000/live?token=secret")), "http://a:8000/live?...");
  EXPECT_EQ(LogTextOf(Url("http://a:8000/live")), "http://a:8000/live");
}

TEST(Trail, ALoginIsForOneHostAndPort) {
  Trail trail(Url("http://a:8000/live"));
  EXPECT_TRUE(trail.MayHaveLogin());
  ASSERT_TRUE(trail.Follow("/elsewhere").ok());
  EXPECT_TRUE(trail.MayHaveLogin());
  ASSERT_TRUE(trail.Follow("http://a:8001/live").ok());
  EXPECT_FALSE(trail.MayHaveLogin()) << "another port may be another's";
  ASSERT_TRUE(trail.Follow("http://b:8000/live").ok());
  EXPECT_FALSE(trail.MayHaveLogin());
  ASSERT_TRUE(trail.Follow("http://a:8000/back").ok());
  EXPECT_TRUE(trail.MayHaveLogin());
}

TEST(Trail, EndsAfterFiveRedirectsOrWhereItWasAlready) {
  Trail circle(Url("http://a/live"));
  ASSERT_TRUE(circle.Follow("http://b/live").ok());
  EXPECT_THAT(std::string(circle.Follow("http://a/live").message()),
              HasSubstr("the redirect of http://b/live leads back to http://a/live"));

  Trail endless(Url("http://a/0"));
  for (int i = 1; i <= 5; ++i) ASSERT_TRUE(endless.Follow(absl::StrCat("/", i)).ok());
  EXPECT_THAT(std::string(endless.Follow("/6").message()), HasSubstr("more than 5 redirects"));
  EXPECT_EQ(endless.here().target, "/5");
}

}  // namespace
}  // namespace floe::http
