// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/request.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace floe::http {
namespace {

using ::testing::ElementsAre;

Request Parsed(absl::string_view head) {
  absl::StatusOr<Request> request = ParseHead(head);
  EXPECT_TRUE(request.ok()) << request.status();
  return request.ok() ? *std::move(request) : Request{};
}
// A request with these header lines.
Request With(absl::string_view headers) {
  return Parsed(absl::StrCat("PUT /live HTTP/1.1\r\n", headers, "\r\n"));
}
// What a head is refused with; 200 when it is not.
int RefusedWith(absl::string_view head) { return HttpStatusOf(ParseHead(head).status()); }

TEST(ParseHead, ReadsAPlayersRequest) {
  const Request request = Parsed(
      "GET /live?token=a%20b HTTP/1.1\r\n"
      "Host: radio.example.com:8000\r\n"
      "User-Agent: VLC/3.0.18 LibVLC/3.0.18\r\n"
      "Icy-MetaData: 1\r\n"
      "\r\n");
  EXPECT_EQ(request.method, Method::kGet);
  EXPECT_EQ(request.method_text, "GET");
  EXPECT_EQ(request.dialect, Dialect::kHttp11);
  EXPECT_EQ(request.target, "/live?token=a%20b");
  EXPECT_EQ(request.path, "/live");
  EXPECT_EQ(request.query, "token=a%20b");
  EXPECT_EQ(*request.ParseQuery().Get("token"), "a b");
  EXPECT_EQ(request.authority, "radio.example.com:8000");
  EXPECT_EQ(request.Header("user-agent"), "VLC/3.0.18 LibVLC/3.0.18");
  EXPECT_EQ(request.Header("Referer"), std::nullopt);
  EXPECT_TRUE(WantsIcy(request));
}

TEST(ParseHead, KnowsTheMethodsAndLeavesOthersToBeAnswered405) {
  EXPECT_EQ(Parsed("HEAD / HTTP/1.1\r\n\r\n").method, Method::kHead);
  EXPECT_EQ(Parsed("POST / HTTP/1.1\r\n\r\n").method, Method::kPost);
  EXPECT_EQ(Parsed("PUT / HTTP/1.1\r\n\r\n").method, Method::kPut);
  EXPECT_EQ(Parsed("DELETE / HTTP/1.1\r\n\r\n").method, Method::kDelete);
  EXPECT_EQ(Parsed("STATS / HTTP/1.0\r\n\r\n").method, Method::kStats);
  EXPECT_EQ(Parsed("BREW /pot HTTP/1.1\r\n\r\n").method, Method::kOther);
  EXPECT_EQ(Parsed("BREW /pot HTTP/1.1\r\n\r\n").method_text, "BREW");
  EXPECT_EQ(Parsed("get / HTTP/1.1\r\n\r\n").method, Method::kOther) << "methods have case";
  const Request options = Parsed("OPTIONS * HTTP/1.1\r\n\r\n");
  EXPECT_EQ(options.method, Method::kOptions);
  EXPECT_EQ(options.path, "*");
}

TEST(ParseHead, SourcesSpeakIceOrHttp) {
  const Request ice = Parsed("SOURCE /live ICE/1.0\r\nice-name:Jazz\r\n\r\n");
  EXPECT_EQ(ice.method, Method::kSource);
  EXPECT_EQ(ice.dialect, Dialect::kIce10);
  EXPECT_EQ(DialectName(ice.dialect), "ICE/1.0");
  EXPECT_EQ(Parsed("SOURCE /live HTTP/1.0\n\n").dialect, Dialect::kHttp10);
  EXPECT_EQ(Parsed("GET / HTTP/1.9\r\n\r\n").dialect, Dialect::kHttp11);
}

TEST(ParseHead, OtherVersionsAre505) {
  EXPECT_EQ(RefusedWith("PRI * HTTP/2.0\r\n\r\n"), 505) << "the HTTP/2 preface";
  EXPECT_EQ(RefusedWith("GET / HTTP/3.0\r\n\r\n"), 505);
  EXPECT_EQ(RefusedWith("GET / HTTP/0.9\r\n\r\n"), 505);
  EXPECT_EQ(RefusedWith("SOURCE / ICE/2.0\r\n\r\n"), 505);
  EXPECT_EQ(RefusedWith("GET / HTTP/1\r\n\r\n"), 400);
  EXPECT_EQ(RefusedWith("GET / HTTP/one\r\n\r\n"), 400);
  EXPECT_EQ(RefusedWith("GET / HTTP/\r\n\r\n"), 400);
}

TEST(ParseHead, HeadersMayLackASpaceOrAValueAndEndInAnyWay) {
  const Request request = Parsed(
      "PUT /live HTTP/1.1\n"
      "ice-name:Jazz\r\n"
      "ICE-DESCRIPTION: \t Late night \t\r\r\n"
      "ice-genre:\n"
      "X-Colon: a:b\r\n"
      "\n");
  EXPECT_EQ(request.Header("Ice-Name"), "Jazz");
  EXPECT_EQ(request.Header("ice-description"), "Late night");
  EXPECT_EQ(request.Header("ice-genre"), "");
  EXPECT_EQ(request.Header("x-colon"), "a:b");
  EXPECT_EQ(request.headers.size(), 4u);
  EXPECT_EQ(request.headers[1].name, "ICE-DESCRIPTION");
}

TEST(ParseHead, DuplicatesAreKeptInOrder) {
  const Request request = With("Via: a\r\nVia: b\r\nX: y\r\nVIA: c\r\n");
  EXPECT_EQ(request.Header("via"), "a");
  EXPECT_THAT(request.headers.FindAll("via"), ElementsAre("a", "b", "c"));
}

TEST(ParseHead, TokensAreFoundInListsOverAllHeadersOfAName) {
  const Request request = With("Connection: foo , Keep-Alive;timeout=5\r\nConnection: Upgrade\r\n");
  EXPECT_TRUE(request.headers.HasToken("connection", "keep-alive"));
  EXPECT_TRUE(request.headers.HasToken("connection", "upgrade"));
  EXPECT_FALSE(request.headers.HasToken("connection", "keep"));
  EXPECT_FALSE(request.headers.HasToken("expect", "keep-alive"));
}

TEST(ParseHead, BadHeaderLinesAre400) {
  EXPECT_EQ(RefusedWith("GET / HTTP/1.1\r\nno colon here\r\n\r\n"), 400);
  EXPECT_EQ(RefusedWith("GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n"), 400);
  EXPECT_EQ(RefusedWith("GET / HTTP/1.1\r\n\tfolded: too\r\n\r\n"), 400);
  EXPECT_EQ(RefusedWith("GET / HTTP/1.1\r\nHost : x\r\n\r\n"), 400);
  EXPECT_EQ(RefusedWith("GET / HTTP/1.1\r\n: x\r\n\r\n"), 400);
  EXPECT_EQ(RefusedWith("GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n"), 400);
  EXPECT_EQ(RefusedWith("GET / HTTP/1.1\r\nA: \x01\r\n\r\n"), 400);
  EXPECT_EQ(RefusedWith(absl::string_view("GET / HTTP/1.1\r\nA: \0\r\n\r\n", 24)), 400);
  EXPECT_EQ(RefusedWith("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
}

TEST(ParseHead, BadRequestLinesAre400) {
  EXPECT_EQ(RefusedWith(""), 400);
  EXPECT_EQ(RefusedWith("\r\n\r\n"), 400);
  EXPECT_EQ(RefusedWith("hackme\r\n\r\n"), 400);
  EXPECT_EQ(RefusedWith("GET HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(RefusedWith("G(T / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(RefusedWith(absl::StrCat(std::string(40, 'G'), " / HTTP/1.1\r\n\r\n")), 400);
  EXPECT_EQ(RefusedWith("GET /a\rb HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(RefusedWith("CONNECT example.com:443 HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(RefusedWith("GET * HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(RefusedWith("GET ftp://example.com/a HTTP/1.1\r\n\r\n"), 400);
}

TEST(ParseHead, BadPathsAre400AndLongOnes414) {
  EXPECT_EQ(RefusedWith("PUT live HTTP/1.1\r\n\r\n"), 400) << "a mount without its slash";
  EXPECT_EQ(RefusedWith("PUT /a/../b HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(RefusedWith("PUT /%2e%2E/etc/passwd HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(RefusedWith("PUT /a%00b HTTP/1.1\r\n\r\n"), 400);
  const std::string longest = std::string(kMountNameBytesMax - 1, 'm');
  EXPECT_EQ(RefusedWith(absl::StrCat("PUT /", longest, " HTTP/1.1\r\n\r\n")), 200);
  EXPECT_EQ(RefusedWith(absl::StrCat("PUT /", longest, "m HTTP/1.1\r\n\r\n")), 414);
}

TEST(ParseHead, TooManyHeadersAre431) {
  std::string head = "GET / HTTP/1.1\r\n";
  for (uint32_t i = 0; i < kRequestHeadersMax; ++i) head += "A: b\r\n";
  EXPECT_EQ(RefusedWith(head + "\r\n"), 200);
  EXPECT_EQ(RefusedWith(head + "A: b\r\n\r\n"), 431);
  EXPECT_EQ(RefusedWith(head + std::string(kRequestHeadBytesMax, 'x')), 431);
}

TEST(ParseHead, AnAbsoluteTargetNamesHostAndPath) {
  const Request request =
      Parsed("GET HTTP://radio.example:81/live?a=b HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(request.path, "/live");
  EXPECT_EQ(request.query, "a=b");
  EXPECT_EQ(request.authority, "radio.example:81") << "it is stronger than Host";
  EXPECT_EQ(request.target, "HTTP://radio.example:81/live?a=b");
  EXPECT_EQ(Parsed("GET http://radio.example HTTP/1.1\r\n\r\n").path, "/");
  EXPECT_EQ(Parsed("GET http://radio.example?q HTTP/1.1\r\n\r\n").query, "q");
  EXPECT_EQ(Parsed("GET https://me:pw@radio.example/ HTTP/1.1\r\n\r\n").authority, "radio.example");
}

TEST(ParseHead, SpacesInATargetAreTheTitleUpdatesOfOldEncoders) {
  const Request request =
      Parsed("GET /admin.cgi?pass=hackme&mode=updinfo&song=Miles Davis - So What HTTP/1.0\r\n\r\n");
  EXPECT_EQ(request.path, "/admin.cgi");
  EXPECT_EQ(*request.ParseQuery().Get("song"), "Miles Davis - So What");
}

TEST(ParseHead, ACopyAndAMovedRequestStillHaveTheirHeaders) {
  Request request = Parsed("GET / HTTP/1.0\nA:b\n\n");
  const Request copy = request;
  const Request moved = std::move(request);
  EXPECT_EQ(copy.Header("a"), "b");
  EXPECT_EQ(moved.Header("a"), "b");
}

TEST(WantsIcy, OnlyForANumberThatIsNotZero) {
  EXPECT_TRUE(WantsIcy(With("icy-metadata:1\r\n")));
  EXPECT_FALSE(WantsIcy(With("Icy-MetaData: 0\r\n")));
  EXPECT_FALSE(WantsIcy(With("Icy-MetaData:\r\n")));
  EXPECT_FALSE(WantsIcy(With("Icy-MetaData: yes\r\n")));
  EXPECT_FALSE(WantsIcy(With("")));
}

TEST(Framing, IsWhatTheHeadersSay) {
  using Kind = BodyFraming::Kind;
  EXPECT_EQ(FramingOf(With(""))->kind, Kind::kNone);
  EXPECT_EQ(FramingOf(With("Content-Length: 17\r\n"))->kind, Kind::kLength);
  EXPECT_EQ(FramingOf(With("Content-Length: 17\r\n"))->length_bytes, 17u);
  EXPECT_EQ(FramingOf(With("Content-Length: 17\r\nContent-Length: 17\r\n"))->length_bytes, 17u);
  EXPECT_EQ(FramingOf(With("Transfer-Encoding: Chunked\r\n"))->kind, Kind::kChunked);
  EXPECT_EQ(FramingOf(With("Transfer-Encoding: identity\r\n"))->kind, Kind::kNone);
  const Request source = Parsed("SOURCE /live ICE/1.0\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(FramingOf(source)->kind, Kind::kUntilClose) << "a SOURCE is always raw";
}

TEST(Framing, AbsurdLengthsAre400) {
  for (const absl::string_view length :
       {"99999999999999999999", "18446744073709551616", "9223372036854775808", "-1", "+5", "5 5",
        "5,5", "0x10", "", "ten"}) {
    EXPECT_EQ(
        HttpStatusOf(FramingOf(With(absl::StrCat("Content-Length: ", length, "\r\n"))).status()),
        400)
        << length;
  }
  EXPECT_EQ(FramingOf(With("Content-Length: 9223372036854775807\r\n"))->length_bytes,
            9223372036854775807u);
  EXPECT_EQ(HttpStatusOf(FramingOf(With("Content-Length: 1\r\nContent-Length: 2\r\n")).status()),
            400);
  EXPECT_EQ(
      HttpStatusOf(FramingOf(With("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")).status()),
      400);
}

TEST(Framing, UnknownTransferCodingsAre501) {
  for (const absl::string_view coding : {"gzip", "gzip, chunked", "chunked, chunked", "xchunked"}) {
    EXPECT_EQ(
        HttpStatusOf(FramingOf(With(absl::StrCat("Transfer-Encoding: ", coding, "\r\n"))).status()),
        501)
        << coding;
  }
}

TEST(ExpectsContinue, OnlyIn11) {
  EXPECT_TRUE(ExpectsContinue(With("Expect: 100-Continue\r\n")));
  EXPECT_FALSE(ExpectsContinue(With("")));
  EXPECT_FALSE(ExpectsContinue(Parsed("PUT / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n")));
}

TEST(WantsKeepAlive, ByDefaultIn11AndWhenAskedIn10) {
  EXPECT_TRUE(WantsKeepAlive(With("")));
  EXPECT_FALSE(WantsKeepAlive(With("Connection: close\r\n")));
  EXPECT_FALSE(WantsKeepAlive(Parsed("GET / HTTP/1.0\r\n\r\n")));
  EXPECT_TRUE(WantsKeepAlive(Parsed("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")));
}

}  // namespace
}  // namespace floe::http
