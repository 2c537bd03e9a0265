// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/push_request.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "http/head_scan.h"
#include "http/reply.h"
#include "http/request.h"

namespace floe::http {
namespace {

using testing::HasSubstr;
using testing::Not;

PushRequest Announced(const std::string& url = "http://far.example:8000/li%20ve") {
  PushRequest request;
  request.url = *HttpUrl::Parse(url);
  request.authorization = "Basic c291cmNlOng=";
  request.content_type = "audio/mpeg";
  request.name = "Käse";
  request.description = "All of it";
  request.stream_url = "http://jazz.example/";
  request.genre = "cool";
  request.audio_info = "bitrate=128";
  request.bitrate_kbps = 128;
  request.is_public = true;
  return request;
}

std::string WithoutAgent(const std::string& head) {
  return absl::StrReplaceAll(head, {{ServerName(), "Floe"}});
}

constexpr absl::string_view kStream =
    "Host: far.example:8000\r\nUser-Agent: Floe\r\nAuthorization: Basic c291cmNlOng=\r\n"
    "Content-Type: audio/mpeg\r\nIce-Name: Käse\r\nIce-Description: All of it\r\n"
    "Ice-URL: http://jazz.example/\r\nIce-Genre: cool\r\nIce-Bitrate: 128\r\n"
    "Ice-Audio-Info: bitrate=128\r\nIce-Public: 1\r\n";

TEST(PushRequest, WaitsWithPutForAWord) {
  EXPECT_EQ(WithoutAgent(Announced().ToPut()),
            absl::StrCat("PUT /li%20ve HTTP/1.1\r\n", kStream, "Expect: 100-continue\r\n\r\n"));
}

TEST(PushRequest, SaysTheSameWithSource) {
  EXPECT_EQ(WithoutAgent(Announced().ToSource()),
            absl::StrCat("SOURCE /li%20ve HTTP/1.0\r\n", kStream, "\r\n"));
}

TEST(PushRequest, SaysNothingOfWhatIsNotKnown) {
  PushRequest request;
  request.url = *HttpUrl::Parse("http://[::1]/a");
  const std::string head = request.ToPut();
  EXPECT_THAT(head, HasSubstr("\r\nHost: [::1]\r\n"));
  EXPECT_THAT(head, HasSubstr("\r\nIce-Public: 0\r\n"));
  for (const char* name : {"Authorization", "Content-Type", "Ice-Name", "Ice-Bitrate"}) {
    EXPECT_THAT(head, Not(HasSubstr(name)));
  }
}

TEST(PushRequest, NoTextOfASourceEndsALine) {
  PushRequest request = Announced();
  request.name = "a\r\nX: y\r\n\r\nz";
  for (const std::string& head : {request.ToPut(), request.ToSource()}) {
    const HeadScan scan = ScanHead(head);
    EXPECT_EQ(scan.kind, HeadScan::Kind::kHead);
    EXPECT_EQ(scan.size_bytes, head.size());
    EXPECT_THAT(head, Not(HasSubstr("\r\nX:")));
  }
}

TEST(PushRequest, SaysTitlesOfTheMountByItsName) {
  const std::string head = TitleRequest(*HttpUrl::Parse("http://far.example/li%20ve?x=1"),
                                        "Basic c291cmNlOng=", "Käse & Brot\r\n");
  EXPECT_EQ(WithoutAgent(head),
            "GET /admin/metadata?mode=updinfo&mount=%2Fli%20ve&charset=UTF-8&"
            "song=K%C3%A4se%20%26%20Brot%0D%0A HTTP/1.0\r\n"
            "Host: far.example\r\nUser-Agent: Floe\r\nAuthorization: Basic c291cmNlOng=\r\n\r\n");
}

TEST(PushRequest, GoesOnWithSourceOnlyWherePutIsNotUnderstood) {
  for (const int status : {400, 405, 417, 501, 505}) EXPECT_TRUE(MayKnowSource(status)) << status;
  for (const int status : {301, 401, 403, 404, 409, 500, 503}) {
    EXPECT_FALSE(MayKnowSource(status)) << status;
  }
}

}  // namespace
}  // namespace floe::http
