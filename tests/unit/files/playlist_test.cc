// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "files/playlist.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace floe::files {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(M3u, PathsAreBelowThePlaylistsFolderUnlessTheyBeginWithASlash) {
  EXPECT_THAT(ParseM3u("one.mp3\nsub/two.mp3\n/else/three.mp3\n", "/music"),
              ElementsAre(Entry{"/music/one.mp3", ""}, Entry{"/music/sub/two.mp3", ""},
                          Entry{"/else/three.mp3", ""}));
}

TEST(M3u, ATitleIsOfTheFileBehindIt) {
  EXPECT_THAT(ParseM3u("#EXTM3U\r\n#EXTINF:123,Ice - Floe\r\n#EXTVLCOPT:x\r\none.mp3\r\ntwo.mp3\r\n"
                       "#EXTINF:-1 tvg-id=\"a\",Last, but not least\nthree.mp3",
                       "/m"),
              ElementsAre(Entry{"/m/one.mp3", "Ice - Floe"}, Entry{"/m/two.mp3", ""},
                          Entry{"/m/three.mp3", "Last, but not least"}));
}

TEST(M3u, TheOldCharsetAndAMarkOfTheNewOneAreUnderstood) {
  EXPECT_THAT(ParseM3u("\xef\xbb\xbf#EXTINF:1,Gr\xfc\xdf\none.mp3\n", "/m"),
              ElementsAre(Entry{"/m/one.mp3", "Grüß"}));
}

TEST(M3u, OfUrlsOnlyFilesArePlayed) {
  EXPECT_THAT(ParseM3u("http://host/one.mp3\nfile:///srv/fo%20ur%2.mp3\nfile://host/five.mp3\n"
                       "#EXTINF:1,Of nobody\nhttps://host/six.mp3\nseven.mp3\n",
                       "/m"),
              ElementsAre(Entry{"/srv/fo ur%2.mp3", ""}, Entry{"/m/seven.mp3", ""}));
}

TEST(Pls, EntriesGoByTheirNumbers) {
  EXPECT_THAT(ParsePls("[playlist]\nTitle10=Ten\nFile10=ten.mp3\nfile2=/two.mp3\nLength2=3\n"
                       "File3=http://host/\nTitle3=None\nTitle4=Of nothing\nFilex=x\nNumber=2\n",
                       "/m"),
              ElementsAre(Entry{"/two.mp3", ""}, Entry{"/m/ten.mp3", "Ten"}));
}

TEST(Playlist, NoMoreEntriesAreTakenThanMayBe) {
  std::string m3u, pls;
  for (size_t i = 0; i < kEntriesMax + 10; ++i) {
    absl::StrAppend(&m3u, i, ".mp3\n");
    absl::StrAppend(&pls, "File", i, "=x.mp3\n");
  }
  EXPECT_THAT(ParseM3u(m3u, "/m"), SizeIs(kEntriesMax));
  EXPECT_THAT(ParsePls(pls, "/m"), SizeIs(kEntriesMax));
  EXPECT_THAT(ParseM3u("", "/m"), IsEmpty());
}

}  // namespace
}  // namespace floe::files
