// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "shard/interner.h"

#include <string>

#include "gtest/gtest.h"

namespace floe::shard {
namespace {

TEST(Interner, KeepsOneCopyForAllWhoUseIt) {
  Interner texts;
  const TextId first = texts.Take("VLC/3.0.18");
  EXPECT_EQ(texts.Take(std::string("VLC/3.0.18")), first);
  EXPECT_NE(texts.Take("mpv 0.35"), first);
  EXPECT_EQ(texts.Text(first), "VLC/3.0.18");
  EXPECT_EQ(texts.size(), 2u);
}

TEST(Interner, ForgetsATextWithItsLastUse) {
  Interner texts;
  const TextId id = texts.Take("VLC/3.0.18");
  (void)texts.Take("VLC/3.0.18");
  texts.Drop(id);
  EXPECT_EQ(texts.size(), 1u);
  texts.Drop(id);
  EXPECT_EQ(texts.size(), 0u);
  EXPECT_EQ(texts.Take("mpv 0.35"), id) << "the place is used again";
}

TEST(Interner, TheEmptyTextIsFree) {
  Interner texts;
  EXPECT_EQ(texts.Take(""), Interner::kEmpty);
  texts.Drop(Interner::kEmpty);
  EXPECT_EQ(texts.Text(Interner::kEmpty), "");
}

}  // namespace
}  // namespace floe::shard
