// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "store/song_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "store/schema.h"

namespace floe::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr uint64_t kRun = 0xfedcba9876543210;  // has the sign bit

events::Event Title(uint64_t number, const std::string& mount, const std::string& title) {
  events::Event event;
  event.kind = events::Kind::kTitle;
  event.number = number;
  event.mount = mount;
  event.title = title;
  event.time = absl::FromUnixMillis(int64_t(number) * 1'000);
  return event;
}

class SongHistoryTest : public testing::Test {
 protected:
  SongHistoryTest() { EXPECT_EQ(sql_->Migrate(Schema()), absl::OkStatus()); }
  void Write(const std::vector<events::Event>& events, uint64_t run = kRun) {
    EXPECT_EQ(WriteSongs(*sql_, events, run), absl::OkStatus());
  }
  std::vector<std::string> Titles(const SongQuery& query = {}) {
    std::vector<std::string> titles;
    const std::vector<Song> songs = ReadSongs(*sql_, query).value();
    for (const Song& song : songs) titles.push_back(song.title);
    return titles;
  }

  const std::unique_ptr<Sql> sql_ = Sql::Open(":memory:").value();
};

TEST_F(SongHistoryTest, ATitleIsKeptWithAllThatIsKnownOfIt) {
  events::Event event = Title(3, "/live", "Caf\u00e9 \"del\" Mar");
  event.url = "http://example.com";
  event.listeners = 12;
  Write({event});
  const std::vector<Song> songs = ReadSongs(*sql_, {}).value();
  ASSERT_EQ(songs.size(), 1u);
  EXPECT_EQ(songs[0].mount, "/live");
  EXPECT_EQ(songs[0].begun_ms, 3'000);
  EXPECT_EQ(songs[0].title, event.title);
  EXPECT_EQ(songs[0].url, event.url);
  EXPECT_EQ(songs[0].listeners, 12);
}

TEST_F(SongHistoryTest, TheNewestComeFirstAndAMountHasItsOwn) {
  Write({Title(1, "/a", "one"), Title(2, "/b", "two"), Title(3, "/a", "three")});
  EXPECT_THAT(Titles(), ElementsAre("three", "two", "one"));
  SongQuery query;
  query.mount = "/a";
  EXPECT_THAT(Titles(query), ElementsAre("three", "one"));
  query.limit = 1;
  EXPECT_THAT(Titles(query), ElementsAre("three"));
}

TEST_F(SongHistoryTest, WhatTwoProcessesKnowOfAroundASwapIsThereOnce) {
  Write({Title(1, "/a", "one"), Title(2, "/a", "two")});
  Write({Title(2, "/a", "two"), Title(3, "/a", "three")});
  EXPECT_THAT(Titles(), ElementsAre("three", "two", "one"));
  Write({Title(1, "/a", "of another run")}, kRun + 1);
  EXPECT_EQ(Titles().size(), 4u);
}

TEST_F(SongHistoryTest, PagesFollowTimeAlsoWhereRowsWereWrittenInAnotherOrder) {
  Write({Title(4, "/a", "four"), Title(2, "/a", "two")});
  Write({Title(1, "/a", "one"), Title(3, "/a", "three")});
  std::vector<std::string> seen;
  SongQuery query;
  query.limit = 1;
  for (;;) {
    const std::vector<Song> page = ReadSongs(*sql_, query).value();
    if (page.empty()) break;
    seen.push_back(page[0].title);
    query.before_id = page[0].id;
  }
  EXPECT_THAT(seen, ElementsAre("four", "three", "two", "one"));
}

TEST_F(SongHistoryTest, WhatIsNoSongIsNotKept) {
  events::Event source;
  source.kind = events::Kind::kSourceUp;
  source.mount = "/a";
  Write({source, Title(1, "/a", "")});
  EXPECT_THAT(Titles(), IsEmpty());
}

}  // namespace
}  // namespace floe::store
