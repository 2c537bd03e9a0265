// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/upstream_reply.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "http/head_scan.h"
#include "http/upstream_request.h"

namespace floe::http {
namespace {

using testing::HasSubstr;

UpstreamReply Reply(absl::string_view head) {
  absl::StatusOr<UpstreamReply> reply = ParseReplyHead(head);
  EXPECT_TRUE(reply.ok()) << reply.status();
  return reply.ok() ? *std::move(reply) : UpstreamReply{};
}

std::string WhyNot(absl::string_view head) {
  return std::string(ParseReplyHead(head).status().message());
}

TEST(UpstreamReply, OfIcecast) {
  const UpstreamReply reply = Reply(
      "HTTP/1.0 200 OK\r\nServer: Icecast 2.4.4\r\nContent-Type: audio/mpeg\r\n"
      "icy-br:128\r\nice-audio-info: bitrate=128\r\nicy-genre:jazz\r\nicy-name:Radio\r\n"
      "icy-pub:1\r\nicy-url:http://a/\r\nicy-metaint:16000\r\n\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.reason, "OK");
  EXPECT_FALSE(reply.is_icy);
  EXPECT_EQ(reply.body.kind, BodyFraming::Kind::kUntilClose);
  EXPECT_EQ(reply.stream.content_type, "audio/mpeg");
  EXPECT_EQ(reply.stream.metaint_bytes, 16000u);
  EXPECT_EQ(reply.stream.name, "Radio");
  EXPECT_EQ(reply.stream.bitrate_kbps, 128u);
  EXPECT_TRUE(reply.stream.is_public);
  EXPECT_FALSE(reply.position.has_value());
}

TEST(UpstreamReply, OfShoutcastWithItsProse) {
  const UpstreamReply reply = Reply(
      "ICY 200 OK\r\nicy-notice1:<BR>This stream requires Winamp<BR>\r\n"
      "SHOUTcast Distributed Network Audio Server/Linux\r\nicy-name : Radio\r\n"
      "icy-metaint : 8192\r\ncontent-type:audio/aacp\r\n\r\n");
  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.is_icy);
  EXPECT_EQ(reply.stream.name, "Radio");
  EXPECT_EQ(reply.stream.metaint_bytes, 8192u);
  EXPECT_EQ(reply.stream.content_type, "audio/aacp");
}

TEST(UpstreamReply, AChunkedBodyIsSaidToBeOne) {
  EXPECT_EQ(Reply("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").body.kind,
            BodyFraming::Kind::kChunked);
  EXPECT_EQ(
      Reply("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n").body.kind,
      BodyFraming::Kind::kChunked)
      << "which holds over a length";
  const UpstreamReply finite = Reply("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(finite.body.kind, BodyFraming::Kind::kLength);
  EXPECT_EQ(finite.body.length_bytes, 5u);
  EXPECT_THAT(WhyNot("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"), HasSubstr("chunked"));
}

TEST(UpstreamReply, RedirectsSayWhere) {
  for (const int status : {301, 302, 303, 307, 308}) {
    const UpstreamReply reply =
        Reply(absl::StrCat("HTTP/1.1 ", status, " Moved\r\nLocation: http://b/live\r\n\r\n"));
    EXPECT_TRUE(reply.is_redirect()) << status;
    EXPECT_EQ(reply.location, "http://b/live");
  }
  EXPECT_FALSE(Reply("HTTP/1.1 304 Not Modified\r\n\r\n").is_redirect());
}

TEST(UpstreamReply, ABusyServerSaysWhenToComeBack) {
  EXPECT_EQ(Reply("HTTP/1.1 503 Busy\r\nRetry-After: 10\r\n\r\n").retry_after_s, 10u);
  EXPECT_EQ(Reply("HTTP/1.1 503 Busy\r\nRetry-After: 99999999\r\n\r\n").retry_after_s,
            kRetryAfterSecondsMax);
  EXPECT_FALSE(Reply("HTTP/1.1 503 Busy\r\nRetry-After: Fri, 31 Dec 1999 23:59:59 GMT\r\n\r\n")
                   .retry_after_s.has_value());
}

TEST(UpstreamReply, APositionIsTakenAsFloeSaysIt) {
  const UpstreamReply reply =
      Reply("HTTP/1.1 200 OK\r\nFloe-Position: 00ffee-3-1:123456;preamble=58\r\n\r\n");
  ASSERT_TRUE(reply.position.has_value());
  EXPECT_EQ(reply.position->stream, "00ffee-3-1");
  EXPECT_EQ(reply.position->offset_bytes, 123456u);
  EXPECT_EQ(reply.position->preamble_bytes, 58u);
  EXPECT_FALSE(Reply("HTTP/1.1 200 OK\r\nFloe-Position: here\r\n\r\n").position.has_value());
}

TEST(UpstreamReply, TheServersThatAStreamHasPassedAreSaid) {
  EXPECT_THAT(Reply("HTTP/1.1 200 OK\r\nFloe-Hops: 1f,2\r\n\r\n").hops,
              testing::ElementsAre(0x1f, 2));
  EXPECT_TRUE(Reply("HTTP/1.1 200 OK\r\n\r\n").hops.empty());
  EXPECT_NE(WhyNot("HTTP/1.1 200 OK\r\nFloe-Hops: x\r\n\r\n"), "");
}

TEST(UpstreamReply, WhatIsNoReplyIsRefused) {
  EXPECT_THAT(WhyNot("HTTP/2.0 200 OK\r\n\r\n"), HasSubstr("neither"));
  EXPECT_THAT(WhyNot("ICYCLE 200 OK\r\n\r\n"), HasSubstr("neither"));
  EXPECT_THAT(WhyNot("HTTP/1.1 OK\r\n\r\n"), HasSubstr("status"));
  EXPECT_THAT(WhyNot("HTTP/1.1 2000 OK\r\n\r\n"), HasSubstr("status"));
  EXPECT_THAT(WhyNot("HTTP/1.1 999 OK\r\n\r\n"), HasSubstr("status"));
  EXPECT_EQ(Reply("HTTP/1.0 200\r\n\r\n").reason, "");
  EXPECT_EQ(Reply("\r\nHTTP/1.0  404   Not Found \r\n\r\n").reason, "Not Found");
}

TEST(ReplyScan, AHeadEndsAtItsEmptyLineAndAudioFollows) {
  const std::string head = "ICY 200 OK\r\nicy-name:a\r\n\r\n";
  const HeadScan scan = ScanReplyHead(head + "\xff\xfb\x90");
  EXPECT_EQ(scan.kind, HeadScan::Kind::kHead);
  EXPECT_EQ(scan.size_bytes, head.size());
  EXPECT_EQ(ScanReplyHead("HTTP/1.0 200 OK\r\nicy-n").kind, HeadScan::Kind::kNeedMore);
}

TEST(ReplyScan, WhatIsNoReplyIsSeenAtOnce) {
  EXPECT_EQ(ScanReplyHead("SSH-2.0-OpenSSH\r\n").kind, HeadScan::Kind::kGarbage);
  EXPECT_EQ(ScanReplyHead(absl::string_view("\x00\x01", 2)).kind, HeadScan::Kind::kGarbage);
  EXPECT_EQ(ScanReplyHead("HTTP/1.1 200 OK\r\n" + std::string(1 << 14, 'x')).kind,
            HeadScan::Kind::kTooLong);
}

StreamRequest RequestFor(absl::string_view url) {
  StreamRequest request;
  request.url = HttpUrl::Parse(url).value();
  return request;
}

TEST(StreamRequest, AsksForTitlesAndSaysWhoAsks) {
  StreamRequest request = RequestFor("http://[::1]:8000/live?x=1");
  request.authorization = BasicAuthorization("relay", "se:cret");
  request.hops = "00ff,11ee";
  request.position = "ask";
  EXPECT_THAT(request.ToString(),
              testing::MatchesRegex("GET /live\\?x=1 HTTP/1.1\r\nHost: \\[::1\\]:8000\r\n"
                                    "User-Agent: Floe/[^\r]*\r\nAccept: [^\r]*\r\n"
                                    "Icy-MetaData: 1\r\nConnection: close\r\n"
                                    "Authorization: Basic cmVsYXk6c2U6Y3JldA==\r\n"
                                    "Floe-Hops: 00ff,11ee\r\nFloe-Position: ask\r\n\r\n"));
}

TEST(StreamRequest, WhatIsEmptyIsNotSent) {
  StreamRequest request = RequestFor("http://a/live");
  const std::string head = request.ToString();
  EXPECT_THAT(head, Not(HasSubstr("Authorization")));
  EXPECT_THAT(head, Not(HasSubstr("Floe-")));
  request.authorization = BearerAuthorization("a\r\nb");
  EXPECT_THAT(request.ToString(), HasSubstr("Authorization: Bearer a  b\r\n"));
}

}  // namespace
}  // namespace floe::http
