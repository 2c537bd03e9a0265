// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/http_url.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

HttpUrl Parsed(const std::string& text) {
  const absl::StatusOr<HttpUrl> url = HttpUrl::Parse(text);
  EXPECT_TRUE(url.ok()) << text << ": " << url.status();
  return url.value_or(HttpUrl{});
}

std::string Refusal(const std::string& text) {
  const absl::StatusOr<HttpUrl> url = HttpUrl::Parse(text);
  EXPECT_EQ(url.status().code(), absl::StatusCode::kInvalidArgument) << text;
  return std::string(url.status().message());
}

TEST(HttpUrl, IsAHostAPortAndATarget) {
  EXPECT_EQ(Parsed("http://Origin.example:8000/live?a=1&b=%20"),
            (HttpUrl{"origin.example", 8000, "/live?a=1&b=%20"}));
  EXPECT_EQ(Parsed("HTTP://192.0.2.1/live"), (HttpUrl{"192.0.2.1", 80, "/live"}));
}

TEST(HttpUrl, AnIpv6HostStandsInBrackets) {
  const HttpUrl url = Parsed("http://[2001:DB8::1]:8000/live");
  EXPECT_EQ(url, (HttpUrl{"2001:db8::1", 8000, "/live", true}));
  EXPECT_EQ(url.Authority(), "[2001:db8::1]:8000");
  EXPECT_THAT(Refusal("http://[origin]/"), HasSubstr("no host"));
  EXPECT_THAT(Refusal("http://[::1/"), HasSubstr("no host"));
  EXPECT_THAT(Refusal("http://[]/"), HasSubstr("no host"));
  EXPECT_THAT(Refusal("http://[::1]8000/"), HasSubstr("no port"));
}

TEST(HttpUrl, WithoutAPathItAsksForTheRoot) {
  EXPECT_EQ(Parsed("http://origin.example").target, "/");
  EXPECT_EQ(Parsed("http://origin.example:").target, "/");
  EXPECT_EQ(Parsed("http://origin.example?sid=1").target, "/?sid=1");
}

TEST(HttpUrl, AFragmentIsLeftOut) {
  EXPECT_EQ(Parsed("http://origin.example/live#t=1").target, "/live");
  EXPECT_EQ(Parsed("http://origin.example#/live").ToString(), "http://origin.example/");
}

TEST(HttpUrl, TheSameThingHasTheSameSpelling) {
  EXPECT_EQ(Parsed("HTTP://ORIGIN.example:80").ToString(), "http://origin.example/");
  EXPECT_EQ(Parsed("http://origin.example:08000/A").ToString(), "http://origin.example:8000/A");
}

TEST(HttpUrl, APasswordInItIsRefusedAndNotRepeated) {
  EXPECT_THAT(Refusal("http://relay:hunter2@origin.example/live"),
              AllOf(HasSubstr("keys of their own"), Not(HasSubstr("hunter2"))));
  EXPECT_THAT(Refusal("http://relay@origin.example/live"), HasSubstr("keys of their own"));
  EXPECT_EQ(Parsed("http://origin.example/@live").target, "/@live");
}

TEST(HttpUrl, HttpsIsNotThereYet) {
  EXPECT_THAT(Refusal("https://origin.example/live"), HasSubstr("not there yet"));
}

TEST(HttpUrl, WhatIsNoUrlIsRefused) {
  for (const char* text : {"", "/live", "origin.example:8000/live", "ftp://origin.example/",
                           "http:/origin.example", "http:", "icy://origin.example/"}) {
    EXPECT_THAT(Refusal(text), HasSubstr("does not begin with http://")) << text;
  }
  for (const char* text :
       {"http://", "http:///live", "http://:8000/", "http://a%20b/", "http://a,b/", "http://\\/"}) {
    EXPECT_THAT(Refusal(text), HasSubstr("names no host")) << text;
  }
  for (const char* text : {"http://a:0/", "http://a:65536/", "http://a:123456/", "http://a:b/",
                           "http://a:+1/", "http://a:1:2/"}) {
    EXPECT_THAT(Refusal(text), HasSubstr("no port")) << text;
  }
}

TEST(HttpUrl, NothingThatCouldEndARequestLineGetsThrough) {
  for (const char* text : {"http://a/b c", "http://a/\r\nx: y", "http://a/\t", "http://a/\x7f",
                           "http://a/k\xc3\xb6ln", " http://a/"}) {
    EXPECT_THAT(Refusal(text), HasSubstr("'%'")) << text;
  }
  EXPECT_THAT(Refusal("http://a/" + std::string(kHttpUrlBytesMax, 'x')), HasSubstr("too long"));
}

}  // namespace
}  // namespace floe
