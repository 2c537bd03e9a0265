// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/suggest.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace floe::config {
namespace {

constexpr std::array<absl::string_view, 5> kNames = {"sources", "listeners", "header_timeout",
                                                     "client_timeout", "arena"};

TEST(Suggest, TheDistanceIsTheNumberOfSlips) {
  EXPECT_EQ(EditDistance("arena", "arena"), 0u);
  EXPECT_EQ(EditDistance("arena", "arna"), 1u);
  EXPECT_EQ(EditDistance("arena", "areena"), 1u);
  EXPECT_EQ(EditDistance("arena", "arenz"), 1u);
  EXPECT_EQ(EditDistance("arena", "raena"), 1u);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3u);
  EXPECT_EQ(EditDistance("", "abc"), 3u);
  EXPECT_EQ(EditDistance("abc", ""), 3u);
}

TEST(Suggest, ASlipOfTheFingerIsUnderstood) {
  EXPECT_EQ(Nearest("soruces", kNames), "sources");
  EXPECT_EQ(Nearest("arenna", kNames), "arena");
  EXPECT_EQ(Nearest("header-timeout", kNames), "header_timeout");
  EXPECT_EQ(Nearest("HeaderTimeout", kNames), "header_timeout");
  EXPECT_EQ(Nearest("listener", kNames), "listeners");
  EXPECT_EQ(Nearest("clent_timeot", kNames), "client_timeout");
}

TEST(Suggest, WhatResemblesNothingGetsNoSuggestion) {
  EXPECT_EQ(Nearest("fallback", kNames), "");
  EXPECT_EQ(Nearest("x", kNames), "");
  EXPECT_EQ(Nearest("", kNames), "");
  EXPECT_EQ(Nearest(std::string(100'000, 'a'), kNames), "");
}

}  // namespace
}  // namespace floe::config
