// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "upstream/mount_list.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::upstream {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Answer = MountList::Answer;

class MountListTest : public testing::Test {
 protected:
  void HearPage(absl::string_view page) {
    list_.Begin(Answer::kPage);
    ASSERT_TRUE(list_.Take(page).ok());
    ASSERT_TRUE(list_.End().ok());
  }
  void Follow(absl::string_view lines) {
    list_.Begin(Answer::kFollowed);
    ASSERT_TRUE(list_.Take(lines).ok());
  }
  void HearMore(absl::string_view lines) { ASSERT_TRUE(list_.Take(lines).ok()); }

  MountList list_;
};

TEST_F(MountListTest, OfAPageIsItsLines) {
  HearPage("/b\r\n/a b\r\n/c.mp3\r\n");
  EXPECT_THAT(list_.names(), ElementsAre("/a b", "/b", "/c.mp3"));
  HearPage("/a\n\n/d");
  EXPECT_THAT(list_.names(), ElementsAre("/a", "/d")) << "by any end of a line, or none";
  HearPage("");
  EXPECT_THAT(list_.names(), IsEmpty());
}

TEST_F(MountListTest, OfAPageThatWritesUrlsIsWhatTheyName) {
  HearPage("http://origin.example:8000/live\r\n/other\r\n");
  EXPECT_THAT(list_.names(), ElementsAre("/live", "/other"));
}

TEST_F(MountListTest, APageThatIsNotWholeChangesNothing) {
  HearPage("/a\r\n/b\r\n");
  list_.Begin(Answer::kPage);
  HearMore("/c\r\n");
  EXPECT_FALSE(list_.is_whole());
  EXPECT_THAT(list_.names(), ElementsAre("/a", "/b"));
  HearPage("/d\r\n");
  EXPECT_THAT(list_.names(), ElementsAre("/d"));
}

TEST_F(MountListTest, OneThatIsFollowedIsWholeWithItsMarkAndChangesFromThereOn) {
  Follow("+/a\r\n+/b\r\n");
  EXPECT_THAT(list_.names(), IsEmpty());
  HearMore("=\r\n");
  EXPECT_TRUE(list_.is_whole());
  EXPECT_THAT(list_.names(), ElementsAre("/a", "/b"));
  HearMore("-/a\r\n");
  HearMore("+/c\r\n=\r\n");
  EXPECT_THAT(list_.names(), ElementsAre("/b", "/c"));
  HearMore("-/unknown\r\n+/c\r\n");
  EXPECT_THAT(list_.names(), ElementsAre("/b", "/c"));
}

TEST_F(MountListTest, WhatWasKnownHoldsUntilTheNextListIsWhole) {
  Follow("+/a\r\n+/b\r\n=\r\n");
  ASSERT_TRUE(list_.End().ok());
  EXPECT_THAT(list_.names(), ElementsAre("/a", "/b"));
  Follow("+/b\r\n+/c\r\n");
  EXPECT_THAT(list_.names(), ElementsAre("/a", "/b"));
  HearMore("=\r\n");
  EXPECT_THAT(list_.names(), ElementsAre("/b", "/c"));
}

TEST_F(MountListTest, HalfALineIsNone) {
  Follow("+/a\r\n=\r\n+/liv");
  ASSERT_TRUE(list_.End().ok());
  EXPECT_THAT(list_.names(), ElementsAre("/a"));
}

TEST_F(MountListTest, WhatCanBeNoMountHereIsPassedOver) {
  HearPage("live\r\n/admin/x\r\n/a/../b\r\n/\xff\r\n/live\r\n/a?b\r\n");
  EXPECT_THAT(list_.names(), ElementsAre("/live"));
  EXPECT_EQ(list_.passed_over(), 5u);
}

TEST_F(MountListTest, WhatIsNoListIsRefused) {
  list_.Begin(Answer::kFollowed);
  EXPECT_THAT(std::string(list_.Take("<html>\n").message()), HasSubstr("says nothing"));
  list_.Begin(Answer::kPage);
  EXPECT_THAT(std::string(list_.Take("/" + std::string(kListLineBytesMax, 'x')).message()),
              HasSubstr("without an end"));
}

TEST_F(MountListTest, HasNoMoreMountsThanAServer) {
  std::string page;
  for (uint32_t i = 0; i <= kMountsMax; ++i) absl::StrAppend(&page, "/", i, "\n");
  HearPage(page);
  EXPECT_EQ(list_.names().size(), kMountsMax);
  EXPECT_EQ(list_.passed_over(), 1u);
}

TEST_F(MountListTest, GoesOverToTheNextProcess) {
  HearPage("/a\r\n/b\r\n");
  MountList next;
  ASSERT_TRUE(next.Restore(list_.state()).ok());
  EXPECT_EQ(next.names(), list_.names());
  EXPECT_FALSE(next.Restore({"live"}).ok());
  EXPECT_FALSE(next.Restore(std::vector<std::string>(kMountsMax + 1, "/a")).ok());
  EXPECT_EQ(next.names(), list_.names());
}

}  // namespace
}  // namespace floe::upstream
