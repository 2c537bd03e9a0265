// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/listener_head.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "http/cors.h"

namespace floe::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const absl::Time kNow = absl::FromUnixSeconds(784111777);

Request Asked(absl::string_view line, absl::string_view headers = "") {
  absl::StatusOr<Request> request = ParseHead(absl::StrCat(line, "\r\n", headers, "\r\n"));
  EXPECT_TRUE(request.ok()) << request.status();
  return *std::move(request);
}

ListenerHead Jazz() {
  return {.content_type = "audio/mpeg",
          .name = "Jazz FM",
          .description = "Late night",
          .genre = "jazz",
          .url = "https://jazz.example",
          .audio_info = "ice-samplerate=44100;ice-bitrate=128",
          .bitrate_kbps = 128,
          .is_public = true,
          .metaint_bytes = 16000};
}

TEST(ListenerHead, IsWhatPlayersKnow) {
  const Request request = Asked("GET /jazz HTTP/1.1", "Icy-MetaData: 1\r\n");
  EXPECT_EQ(Jazz().ToString(request, kNow),
            absl::StrCat("HTTP/1.0 200 OK\r\n"
                         "Server: Floe/",
                         FLOE_VERSION,
                         "\r\n"
                         "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                         "Connection: close\r\n"
                         "Content-Type: audio/mpeg\r\n"
                         "Cache-Control: no-cache, no-store\r\n"
                         "Expires: Mon, 26 Jul 1997 05:00:00 GMT\r\n"
                         "Pragma: no-cache\r\n"
                         "Accept-Ranges: none\r\n"
                         "icy-br:128\r\n"
                         "ice-audio-info: ice-samplerate=44100;ice-bitrate=128\r\n"
                         "icy-description:Late night\r\n"
                         "icy-genre:jazz\r\n"
                         "icy-name:Jazz FM\r\n"
                         "icy-pub:1\r\n"
                         "icy-url:https://jazz.example\r\n"
                         "icy-metaint:16000\r\n"
                         "\r\n"));
}

TEST(ListenerHead, Says11OnlyToThoseThatSpeakItAndWantNoTitles) {
  const ListenerHead head = Jazz();
  EXPECT_THAT(head.ToString(Asked("GET /j HTTP/1.1"), kNow), StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(head.ToString(Asked("GET /j HTTP/1.1", "Icy-MetaData: 0\r\n"), kNow),
              StartsWith("HTTP/1.1 "));
  EXPECT_THAT(head.ToString(Asked("GET /j HTTP/1.1", "Icy-MetaData: 1\r\n"), kNow),
              StartsWith("HTTP/1.0 "));
  EXPECT_THAT(head.ToString(Asked("GET /j HTTP/1.0"), kNow), StartsWith("HTTP/1.0 "));
}

TEST(ListenerHead, NeverHasALengthOrChunks) {
  for (const absl::string_view line : {"GET /j HTTP/1.1", "HEAD /j HTTP/1.1", "GET /j HTTP/1.0"}) {
    const std::string head = Jazz().ToString(Asked(line), kNow);
    EXPECT_THAT(head, Not(HasSubstr("Content-Length")));
    EXPECT_THAT(head, Not(HasSubstr("Transfer-Encoding")));
    EXPECT_THAT(head, HasSubstr("Connection: close\r\n"));
    EXPECT_THAT(head, EndsWith("\r\n\r\n"));
  }
}

TEST(ListenerHead, LeavesOutWhatIsNotKnown) {
  const ListenerHead head{.content_type = "audio/ogg"};
  const std::string text = head.ToString(Asked("GET /j HTTP/1.1"), kNow);
  EXPECT_THAT(text, Not(HasSubstr("icy-name")));
  EXPECT_THAT(text, Not(HasSubstr("icy-br")));
  EXPECT_THAT(text, Not(HasSubstr("icy-metaint")));
  EXPECT_THAT(text, Not(HasSubstr("ice-audio-info")));
  EXPECT_THAT(text, HasSubstr("icy-pub:0\r\n"));
}

TEST(ListenerHead, ASourcesNameCannotAddALine) {
  ListenerHead head = Jazz();
  head.name = "Jazz\r\nSet-Cookie: a=b\r\n\r\n<html>";
  head.content_type = "audio/mpeg\nX-Evil: 1";
  head.audio_info = "a=b\rX-Evil: 2";
  head.url = absl::string_view("http://x\0y", 10);
  const std::string text = head.ToString(Asked("GET /j HTTP/1.1"), kNow);
  EXPECT_THAT(text, Not(HasSubstr("\nSet-Cookie")));
  EXPECT_THAT(text, Not(HasSubstr("\nX-Evil")));
  EXPECT_THAT(text, Not(HasSubstr("\rX-Evil")));
  EXPECT_THAT(text, HasSubstr("icy-name:Jazz  Set-Cookie: a=b    <html>\r\n"));
  EXPECT_THAT(text, HasSubstr("icy-url:http://x y\r\n"));
  EXPECT_EQ(text.find("\r\n\r\n"), text.size() - 4) << "one end, at the end";
}

TEST(ListenerHead, LetsScriptsReadTheIcyHeaders) {
  ListenerHead head = Jazz();
  const std::string cors = CorsHeaders("https://a.example", {"*"});
  head.cors = cors;
  EXPECT_THAT(head.ToString(Asked("GET /j HTTP/1.1"), kNow), HasSubstr(cors));
}

TEST(ListenerHead, TheProbeOfAnApplePlayerGetsTwoBytesOfAnUnknownWhole) {
  const Request request = Asked("GET /j HTTP/1.1", "Range: bytes=0-1\r\n");
  ListenerHead head = Jazz();
  head.range = AnswerToRange(request);
  const std::string text = head.ToString(request, kNow);
  EXPECT_THAT(text, StartsWith("HTTP/1.1 206 Partial Content\r\n"));
  EXPECT_THAT(text, HasSubstr("Content-Range: bytes 0-1/*\r\n"));
  EXPECT_THAT(text, HasSubstr("Content-Length: 2\r\n"));
  EXPECT_THAT(text, Not(HasSubstr("icy-metaint")));
}

}  // namespace
}  // namespace floe::http
