// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/reply.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "http/cors.h"
#include "http/range.h"

namespace floe::http {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const absl::Time kNow = absl::FromUnixSeconds(784111777);  // RFC 9110's own example

Request Asked(absl::string_view line, absl::string_view headers = "") {
  absl::StatusOr<Request> request = ParseHead(absl::StrCat(line, "\r\n", headers, "\r\n"));
  EXPECT_TRUE(request.ok()) << request.status();
  return *std::move(request);
}
ReplyTo To(absl::string_view line) { return ReplyTo(Asked(line), kNow); }

TEST(Reply, SaysWhatItIsWhenAndHowLong) {
  EXPECT_EQ(Reply(To("GET / HTTP/1.1"), 200, "text/plain", "hello", {{"X-More", "yes"}}),
            absl::StrCat("HTTP/1.1 200 OK\r\n"
                         "Server: Floe/",
                         FLOE_VERSION,
                         "\r\n"
                         "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                         "Connection: close\r\n"
                         "Content-Type: text/plain\r\n"
                         "Content-Length: 5\r\n"
                         "X-More: yes\r\n"
                         "\r\n"
                         "hello"));
}

TEST(Reply, SpeaksTheRequestersDialect) {
  EXPECT_THAT(Reply(To("GET / HTTP/1.0"), 200, "a/b", ""), StartsWith("HTTP/1.0 200 OK\r\n"));
  EXPECT_THAT(Reply(To("GET / ICE/1.0"), 404, "a/b", ""), StartsWith("HTTP/1.0 404 Not Found\r\n"));
  EXPECT_THAT(ErrorReply(ReplyTo(kNow), 400, "what"), StartsWith("HTTP/1.0 400 Bad Request\r\n"));
}

TEST(Reply, ToHeadHasTheLengthButNotTheBody) {
  const std::string reply = Reply(To("HEAD / HTTP/1.1"), 200, "text/plain", "hello");
  EXPECT_THAT(reply, HasSubstr("Content-Length: 5\r\n"));
  EXPECT_THAT(reply, EndsWith("\r\n\r\n"));
}

TEST(Reply, KeepsTheConnectionOnlyWhenToldTo) {
  ReplyTo to = To("GET / HTTP/1.1");
  EXPECT_THAT(Reply(to, 200, "a/b", ""), HasSubstr("Connection: close\r\n"));
  to.keep_alive = true;
  EXPECT_THAT(Reply(to, 200, "a/b", ""), HasSubstr("Connection: keep-alive\r\n"));
}

TEST(Reply, AHeadersValueCannotEndItsLine) {
  const std::string reply = Reply(To("GET / HTTP/1.1"), 200, "text/plain\r\nX-Evil: 1", "",
                                  {{"Location", "/a\r\n\r\n<script>"}, {"X", "\t pad \x01\x7f"}});
  EXPECT_THAT(reply, Not(HasSubstr("\r\nX-Evil")));
  EXPECT_THAT(reply, HasSubstr("Location: /a    <script>\r\n"));
  EXPECT_THAT(reply, HasSubstr("X: pad\r\n"));
  EXPECT_EQ(HeaderSafe("caf\xc3\xa9\tau lait"), "caf\xc3\xa9\tau lait");
}

TEST(ErrorReply, HasAShortText) {
  const std::string reply = ErrorReply(To("GET /x HTTP/1.1"), 404, "no such mount");
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_THAT(reply, HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_THAT(reply, HasSubstr("Cache-Control: no-cache, no-store\r\n"));
  EXPECT_THAT(reply, EndsWith("\r\n\r\nno such mount\n"));
}

TEST(ErrorReply, TellsWhatWouldDo) {
  EXPECT_THAT(ErrorReply(To("GET /x HTTP/1.1"), 401, "login"),
              HasSubstr("WWW-Authenticate: Basic realm=\"Floe\"\r\n"));
  EXPECT_THAT(ErrorReply(To("BREW /x HTTP/1.1"), 405, "no"),
              HasSubstr("Allow: GET, HEAD, POST, PUT, SOURCE, DELETE, OPTIONS\r\n"));
  EXPECT_THAT(ErrorReply(To("GET /x HTTP/1.1"), 503, "full"), HasSubstr("Retry-After: 10\r\n"));
  EXPECT_THAT(BusyReply(To("GET /x HTTP/1.1"), 503, 3, "full"), HasSubstr("Retry-After: 3\r\n"));
}

TEST(ErrorReply, IsJsonWhereThatIsSpoken) {
  ReplyTo to = To("GET /x HTTP/1.1");
  to.errors_are_json = true;
  to.allowed = "GET, HEAD";
  EXPECT_THAT(ErrorReply(to, 404, "no \"x\""),
              EndsWith("\r\n\r\n{\"error\":{\"status\":404,\"message\":\"no \\\"x\\\"\"}}\n"));
  EXPECT_THAT(ErrorReply(to, 405, "no"), HasSubstr("Allow: GET, HEAD\r\n"));
  EXPECT_THAT(ErrorReply(to, 503, "full"),
              AllOf(HasSubstr("Retry-After: 10\r\n"), HasSubstr("\"status\":503")));
}

TEST(ErrorReply, AnswersARefusalOfTheParser) {
  const absl::Status refusal = ParseHead("GET /../x HTTP/1.1\r\n\r\n").status();
  EXPECT_THAT(ErrorReply(ReplyTo(kNow), refusal), StartsWith("HTTP/1.0 400 Bad Request\r\n"));
}

TEST(ErrorReply, LetsScriptsReadIt) {
  ReplyTo to = To("GET /x HTTP/1.1");
  to.cors = CorsHeaders("https://a.example", {"*"});
  EXPECT_THAT(ErrorReply(to, 404, "no"), HasSubstr("Access-Control-Allow-Origin: *\r\n"));
}

TEST(Refusal, KeepsItsHttpStatusAndOthersGetTheNearest) {
  EXPECT_EQ(HttpStatusOf(Refusal(414, "long")), 414);
  EXPECT_EQ(HttpStatusOf(absl::OkStatus()), 200);
  EXPECT_EQ(HttpStatusOf(absl::NotFoundError("x")), 404);
  EXPECT_EQ(HttpStatusOf(absl::AlreadyExistsError("x")), 409);
  EXPECT_EQ(HttpStatusOf(absl::UnavailableError("x")), 503);
  EXPECT_EQ(HttpStatusOf(absl::InternalError("x")), 500);
  EXPECT_EQ(ReasonPhrase(431), "Request Header Fields Too Large");
  EXPECT_EQ(ReasonPhrase(299), "Unknown");
}

TEST(NoContent, HasNeitherBodyNorLength) {
  const std::string reply = NoContentReply(To("DELETE /live HTTP/1.1"));
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 204 No Content\r\n"));
  EXPECT_THAT(reply, Not(HasSubstr("Content-Length")));
  EXPECT_THAT(reply, EndsWith("\r\n\r\n"));
}

TEST(Options, SaysWhatIsAllowedHereAndToScripts) {
  ReplyTo to = To("OPTIONS /live HTTP/1.1");
  EXPECT_THAT(OptionsReply(to), Not(HasSubstr("Access-Control")));
  to.cors = CorsHeaders("https://a.example", {"https://a.example"});
  const std::string reply = OptionsReply(to);
  EXPECT_THAT(reply, StartsWith("HTTP/1.1 204 No Content\r\n"));
  EXPECT_THAT(reply, HasSubstr("Allow: GET, HEAD, POST, PUT, SOURCE, DELETE, OPTIONS\r\n"));
  EXPECT_THAT(reply, HasSubstr("Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n"));
  EXPECT_THAT(reply, HasSubstr("Access-Control-Allow-Headers: Icy-MetaData, Range,"));
  EXPECT_THAT(reply, HasSubstr("Access-Control-Max-Age: "));
  EXPECT_THAT(reply, EndsWith("\r\n\r\n"));
}

TEST(Cors, AStarDoesNotDependOnTheOrigin) {
  const std::string any = CorsHeaders("https://a.example", {"*"});
  EXPECT_THAT(any, HasSubstr("Access-Control-Allow-Origin: *\r\n"));
  EXPECT_THAT(any, HasSubstr("icy-metaint"));
  EXPECT_EQ(CorsHeaders("", {"https://b.example", "*"}), any);
}

TEST(Cors, AListedOriginIsEchoedAndTheReplyVaries) {
  const std::vector<std::string> allowed = {"https://a.example", "http://b.example:8080"};
  const std::string echoed = CorsHeaders("HTTP://b.example:8080", allowed);
  EXPECT_THAT(echoed, HasSubstr("Access-Control-Allow-Origin: HTTP://b.example:8080\r\n"));
  EXPECT_THAT(echoed, HasSubstr("Vary: Origin\r\n"));
}

TEST(Cors, OtherOriginsGetNothingButTheVariance) {
  const std::vector<std::string> allowed = {"https://a.example"};
  EXPECT_EQ(CorsHeaders("https://evil.example", allowed), "Vary: Origin\r\n");
  EXPECT_EQ(CorsHeaders("https://a.example.evil.example", allowed), "Vary: Origin\r\n");
  EXPECT_EQ(CorsHeaders("", allowed), "Vary: Origin\r\n");
  EXPECT_EQ(CorsHeaders("https://a.example", {}), "");
}

TEST(SourceReplies, AreWhatEncodersCompareWith) {
  EXPECT_EQ(kSourceOk, "HTTP/1.0 200 OK\r\n\r\n");
  EXPECT_EQ(kContinue, "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST(Range, OnlyTheProbeForTwoBytesIsAnsweredAsARange) {
  const auto answer = [](absl::string_view line, absl::string_view range) {
    return AnswerToRange(Asked(line, absl::StrCat("Range: ", range, "\r\n")));
  };
  EXPECT_EQ(answer("GET /live HTTP/1.1", "bytes=0-1"), RangeAnswer::kProbe);
  EXPECT_EQ(answer("HEAD /live HTTP/1.1", "bytes=0-1"), RangeAnswer::kWhole);
  for (const absl::string_view range :
       {"bytes=0-", "bytes=5000-", "bytes=-500", "bytes=0-1,5-6", "bytes=0-65535", "x", ""}) {
    EXPECT_EQ(answer("GET /live HTTP/1.1", range), RangeAnswer::kWhole) << range;
  }
  EXPECT_EQ(AnswerToRange(Asked("GET /live HTTP/1.1")), RangeAnswer::kWhole);
}

TEST(HttpDate, NamesDaysAndMonthsInEnglish) {
  EXPECT_EQ(HttpDate(absl::UnixEpoch()), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(HttpDate(absl::FromUnixSeconds(1709210096)), "Thu, 29 Feb 2024 12:34:56 GMT");
  EXPECT_EQ(HttpDate(absl::FromUnixSeconds(1735516800)), "Mon, 30 Dec 2024 00:00:00 GMT");
}

}  // namespace
}  // namespace floe::http
