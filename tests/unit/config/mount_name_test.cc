// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/mount_name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "base/limits.h"

namespace floe::config {
namespace {

using ::testing::HasSubstr;

std::string WhyNot(absl::string_view name) { return std::string(CheckMountName(name).message()); }

TEST(MountName, OrdinaryNamesAreAllowed) {
  for (const absl::string_view name :
       {"/live", "/live.mp3", "/a", "/radio/jazz.ogg", "/caf\xc3\xa9", "/my radio", "/health2",
        "/administration", "/100%", "/a.b.c"}) {
    EXPECT_TRUE(CheckMountName(name).ok()) << name << ": " << CheckMountName(name);
  }
}

TEST(MountName, ANameBeginsWithASlash) {
  EXPECT_THAT(WhyNot("live"), HasSubstr("begins with '/'"));
  EXPECT_THAT(WhyNot(""), HasSubstr("begins with '/'"));
}

TEST(MountName, WhatCouldLeadElsewhereOrBreakAHeaderIsRefused) {
  EXPECT_THAT(WhyNot("/a/../b"), HasSubstr("\"..\""));
  EXPECT_THAT(WhyNot("/.."), HasSubstr("\"..\""));
  EXPECT_THAT(WhyNot("/a\r\nSet-Cookie: b"), HasSubstr("control"));
  EXPECT_THAT(WhyNot(absl::string_view("/a\0b", 4)), HasSubstr("control"));
  EXPECT_THAT(WhyNot("/a\x7f"), HasSubstr("control"));
  EXPECT_THAT(WhyNot("/\xff"), HasSubstr("UTF-8"));
  EXPECT_THAT(WhyNot("/\xc0\xae\xc0\xae"), HasSubstr("UTF-8"));
  EXPECT_THAT(WhyNot("/\xed\xa0\x80"), HasSubstr("UTF-8"));
  EXPECT_THAT(WhyNot("/\xf4\x90\x80\x80"), HasSubstr("UTF-8"));
  EXPECT_THAT(WhyNot("/\xe2\x82"), HasSubstr("UTF-8"));
  EXPECT_THAT(WhyNot("/a?b"), HasSubstr("'?'"));
  EXPECT_THAT(WhyNot("/a#b"), HasSubstr("'#'"));
  EXPECT_THAT(WhyNot("/my%20radio"), HasSubstr("percent"));
}

TEST(MountName, TheLongestNameIsAllowedAndOneMoreByteIsNot) {
  const std::string longest = "/" + std::string(kMountNameBytesMax - 1, 'x');
  EXPECT_TRUE(CheckMountName(longest).ok());
  EXPECT_THAT(WhyNot(longest + "x"), HasSubstr("at most 255 bytes, this one 256"));
}

TEST(MountName, ItsOwnPagesAreNoStreams) {
  for (const absl::string_view name :
       {"/", "/admin", "/admin/metadata", "/admin.cgi", "/health", "/status-json.xsl"}) {
    EXPECT_THAT(WhyNot(name), HasSubstr("Floe's own")) << name;
  }
  EXPECT_THAT(WhyNot("/live.m3u"), HasSubstr("playlists"));
}

}  // namespace
}  // namespace floe::config
