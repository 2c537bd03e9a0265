// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/playlist.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::string_view kBase = "http://radio.example:8000";

// The base URL for a request with that Host header.
std::string BaseFor(absl::string_view host, absl::string_view more = "") {
  absl::StatusOr<Request> request =
      ParseHead(absl::StrCat("GET /live.m3u HTTP/1.1\r\nHost: ", host, "\r\n", more, "\r\n"));
  EXPECT_TRUE(request.ok()) << request.status();
  return BaseUrl(*request, "fallback.example", 8000);
}

TEST(SplitPlaylistPath, KnowsTheEndings) {
  EXPECT_EQ(SplitPlaylistPath("/live.m3u")->mount, "/live");
  EXPECT_EQ(SplitPlaylistPath("/live.m3u")->kind, PlaylistKind::kM3u);
  EXPECT_EQ(SplitPlaylistPath("/live.mp3.pls")->mount, "/live.mp3");
  EXPECT_EQ(SplitPlaylistPath("/a/b.xspf")->kind, PlaylistKind::kXspf);
  EXPECT_EQ(SplitPlaylistPath("/live.vclt")->kind, PlaylistKind::kVclt);
  EXPECT_FALSE(SplitPlaylistPath("/live").has_value());
  EXPECT_FALSE(SplitPlaylistPath("/live.m3u8").has_value());
  EXPECT_FALSE(SplitPlaylistPath("/.m3u").has_value());
  EXPECT_FALSE(SplitPlaylistPath(".m3u").has_value());
}

TEST(Playlist, M3uIsTheUrlAlone) {
  EXPECT_EQ(PlaylistBody(PlaylistKind::kM3u, kBase, "/live", "Jazz"),
            "http://radio.example:8000/live\r\n");
  EXPECT_EQ(PlaylistContentType(PlaylistKind::kM3u), "audio/x-mpegurl");
}

TEST(Playlist, PlsNamesTheStream) {
  EXPECT_EQ(PlaylistBody(PlaylistKind::kPls, kBase, "/live", "Jazz"),
            "[playlist]\r\nNumberOfEntries=1\r\nFile1=http://radio.example:8000/live\r\n"
            "Title1=Jazz\r\nLength1=-1\r\nVersion=2\r\n");
  EXPECT_EQ(PlaylistContentType(PlaylistKind::kPls), "audio/x-scpls");
}

TEST(Playlist, VcltNamesTheStream) {
  EXPECT_EQ(PlaylistBody(PlaylistKind::kVclt, kBase, "/live", "Jazz"),
            "STREAMURL=http://radio.example:8000/live\nTITLE=Jazz\n==\n");
  EXPECT_EQ(PlaylistContentType(PlaylistKind::kVclt), "audio/x-vclt");
}

TEST(Playlist, XspfIsWellFormedWhateverTheNames) {
  const std::string body =
      PlaylistBody(PlaylistKind::kXspf, kBase, "/a&b<c", "R&B <\"live\">\x01\xff");
  EXPECT_THAT(body, HasSubstr("<location>http://radio.example:8000/a&amp;b%3Cc</location>"));
  EXPECT_THAT(body, HasSubstr("<title>R&amp;B &lt;&quot;live&quot;&gt; "));
  EXPECT_EQ(PlaylistContentType(PlaylistKind::kXspf), "application/xspf+xml");
}

TEST(Playlist, ANameCannotAddALine) {
  for (const PlaylistKind kind : {PlaylistKind::kPls, PlaylistKind::kVclt, PlaylistKind::kM3u}) {
    const std::string body =
        PlaylistBody(kind, kBase, "/live", "Jazz\r\nFile2=http://evil.example/");
    EXPECT_THAT(body, Not(HasSubstr("\nFile2")));
    EXPECT_THAT(body, Not(HasSubstr("\rFile2")));
  }
}

TEST(Playlist, AMountWithoutATitleIsCalledByItsName) {
  EXPECT_THAT(PlaylistBody(PlaylistKind::kPls, kBase, "/my jazz", ""),
              HasSubstr("File1=http://radio.example:8000/my%20jazz\r\nTitle1=/my jazz\r\n"));
}

TEST(BaseUrl, IsTheOneTheRequesterUsed) {
  EXPECT_EQ(BaseFor("radio.example:8000"), "http://radio.example:8000");
  EXPECT_EQ(BaseFor("radio.example"), "http://radio.example") << "behind a proxy on port 80";
  EXPECT_EQ(BaseFor("192.0.2.7:8000"), "http://192.0.2.7:8000");
  EXPECT_EQ(BaseFor("[2001:db8::1]:8000"), "http://[2001:db8::1]:8000");
  EXPECT_EQ(BaseFor("[2001:db8::1]"), "http://[2001:db8::1]");
}

TEST(BaseUrl, FallsBackWhenTheHostIsNoHost) {
  for (const absl::string_view host :
       {"", "evil.example/path", "a b", "<script>", "user@host", "host:0", "host:65536",
        "host:", "host:8a", "host:+80", "host:80:80", "[::1", "[not an address]", "[fe80::1%eth0]",
        ".x", "caf\xc3\xa9.example", "a,b", "[::1]80"}) {
    EXPECT_EQ(BaseFor(host), "http://fallback.example:8000") << host;
  }
  EXPECT_EQ(BaseFor(std::string(300, 'a')), "http://fallback.example:8000");
}

TEST(BaseUrl, NothingHidesBehindANulInAnAddress) {
  EXPECT_TRUE(IsValidAuthority("[2001:db8::1]:8000"));
  EXPECT_FALSE(IsValidAuthority(absl::string_view("[2001:db8::1\0<script>]:8000", 27)));
  EXPECT_FALSE(IsValidAuthority(absl::string_view("a\0b", 3)));
}

TEST(BaseUrl, DoesNotBelieveForwardedHeaders) {
  EXPECT_EQ(
      BaseFor("radio.example", "X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\n"),
      "http://radio.example");
}

TEST(BaseUrl, TheFallbackIsWrittenAsAUrl) {
  const Request none;
  EXPECT_EQ(BaseUrl(none, "radio.example", 80), "http://radio.example");
  EXPECT_EQ(BaseUrl(none, "::1", 8000), "http://[::1]:8000");
  EXPECT_EQ(BaseUrl(none, "radio.example", 443, "https"), "https://radio.example");
  EXPECT_EQ(BaseUrl(none, "radio.example", 80, "https"), "https://radio.example:80");
}

}  // namespace
}  // namespace floe::http
