// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/head_scan.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "gtest/gtest.h"

namespace floe::http {
namespace {

using Kind = HeadScan::Kind;

// As if it had all come at once.
Kind KindOf(absl::string_view received) { return ScanHead(received).kind; }

// As if it had come a byte at a time, which must make no difference.
HeadScan ByteByByte(absl::string_view received) {
  HeadScan scan;
  for (size_t i = 1; i <= received.size() && scan.kind == Kind::kNeedMore; ++i) {
    scan = ScanHead(received.substr(0, i), scan);
  }
  return scan;
}

TEST(HeadScan, EndsAHeadAtEveryBlankLineInUse) {
  for (const absl::string_view end : {"\r\n", "\n", "\r\r\n"}) {
    const std::string head = absl::StrCat("GET /live HTTP/1.0", end, "User-Agent: x", end, end);
    const HeadScan scan = ScanHead(absl::StrCat(head, "audio\r\n\r\n"));
    EXPECT_EQ(scan.kind, Kind::kHead);
    EXPECT_EQ(scan.size_bytes, head.size()) << "what follows belongs to the stream";
    EXPECT_EQ(ByteByByte(head), scan);
  }
}

TEST(HeadScan, WaitsForTheRestOfAHead) {
  const absl::string_view head = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  for (size_t i = 0; i < head.size(); ++i) {
    EXPECT_EQ(KindOf(head.substr(0, i)), Kind::kNeedMore) << i;
  }
  EXPECT_EQ(KindOf(head), Kind::kHead);
}

TEST(HeadScan, SkipsEmptyLinesBeforeARequest) {
  EXPECT_EQ(KindOf("\r\n\r\n"), Kind::kNeedMore);
  const HeadScan scan = ScanHead("\r\n\r\nGET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(scan.kind, Kind::kHead);
  EXPECT_EQ(scan.size_bytes, 22u);
}

TEST(HeadScan, AHeadOfTheLargestSizePassesAndOneByteMoreDoesNot) {
  std::string head = "GET / HTTP/1.1\r\nX: ";
  head.append(kRequestHeadBytesMax - head.size() - 4, 'x');
  head += "\r\n\r\n";
  ASSERT_EQ(head.size(), kRequestHeadBytesMax);
  EXPECT_EQ(KindOf(head), Kind::kHead);
  head.insert(head.size() - 4, "x");
  EXPECT_EQ(KindOf(head), Kind::kTooLong);
  EXPECT_EQ(ByteByByte(head), ScanHead(head));
  EXPECT_EQ(KindOf(std::string(kRequestHeadBytesMax + 1, '\n')), Kind::kTooLong);
}

TEST(HeadScan, ATlsHelloOnThePlainPortIsKnownByItsSecondByte) {
  EXPECT_EQ(KindOf("\x16"), Kind::kNeedMore);
  EXPECT_EQ(KindOf("\x16\x03"), Kind::kTls);
  EXPECT_EQ(KindOf(absl::string_view("\x16\x03\x01\x02\x00\x01\x00", 7)), Kind::kTls);
  EXPECT_EQ(KindOf("\x16GET / HTTP/1.0\r\n\r\n"), Kind::kGarbage);
  EXPECT_EQ(ByteByByte("\x16\x03\x01"), ScanHead("\x16\x03\x01"));
}

TEST(HeadScan, ControlBytesAreGarbageAtOnce) {
  EXPECT_EQ(KindOf(absl::string_view("\0", 1)), Kind::kGarbage);
  EXPECT_EQ(KindOf(absl::string_view("GET /\0live HTTP/1.0\r\n\r\n", 24)), Kind::kGarbage);
  EXPECT_EQ(KindOf("GET / HTTP/1.0\r\nX: \x1b[0m"), Kind::kGarbage);
  EXPECT_EQ(KindOf("\x7f"), Kind::kGarbage);
  EXPECT_EQ(KindOf("\xff\xfb\x90\x64"), Kind::kNeedMore) << "bytes from 0x80 on are text";
}

TEST(HeadScan, GarbageBehindAHeadIsTheStreamsBusiness) {
  EXPECT_EQ(KindOf(absl::string_view("PUT /a HTTP/1.0\n\n\0\0\xff", 20)), Kind::kHead);
}

TEST(HeadScan, AFirstLineThatIsNoRequestIsAPassword) {
  const HeadScan scan = ScanHead("hackme\r\nicy-name:x\r\n");
  EXPECT_EQ(scan.kind, Kind::kPasswordLine);
  EXPECT_EQ(scan.size_bytes, 8u);
  EXPECT_EQ(KindOf("hackme\n"), Kind::kPasswordLine);
  EXPECT_EQ(KindOf("hackme\r\r\n"), Kind::kPasswordLine);
  EXPECT_EQ(KindOf("/live:dj:pw\r\n"), Kind::kPasswordLine);
  EXPECT_EQ(KindOf("hackme\r"), Kind::kNeedMore);
  EXPECT_EQ(ByteByByte("hackme\r\nicy-name:x\r\n"), scan);
}

TEST(HeadScan, RequestLinesOfEveryDialectAreNoPasswords) {
  for (const absl::string_view line :
       {"SOURCE /live ICE/1.0", "GET /a?b=c d HTTP/1.0", "PRI * HTTP/2.0", "BREW /pot HTTP/1.1",
        "GET /trailing HTTP/1.1  ", "GET\t/tab\tHTTP/1.1"}) {
    EXPECT_EQ(KindOf(absl::StrCat(line, "\r\n")), Kind::kNeedMore) << line;
    EXPECT_EQ(KindOf(absl::StrCat(line, "\r\n\r\n")), Kind::kHead) << line;
  }
}

TEST(HeadScan, NoPasswordIsAsLongAsALineOfGarbage) {
  EXPECT_EQ(KindOf(std::string(2000, 'x') + "\r\n"), Kind::kGarbage);
}

TEST(HeadScan, AVerdictStaysWhateverComesBehindIt) {
  const HeadScan scan = ScanHead("GET / HTTP/1.0\n\n");
  EXPECT_EQ(ScanHead("GET / HTTP/1.0\n\nmore\n\n", scan), scan);
}

TEST(IcyHeaderScan, EndsAtABlankLineEvenIfThePasswordBroughtOneAlong) {
  const absl::string_view block = "icy-name:x\r\nicy-br:128\r\n\r\n";
  EXPECT_EQ(ScanIcyHeaders(block).kind, Kind::kHead);
  EXPECT_EQ(ScanIcyHeaders(block).size_bytes, block.size());
  EXPECT_EQ(ScanIcyHeaders(absl::StrCat("\r\n", block)).size_bytes, block.size() + 2);
  EXPECT_EQ(ScanIcyHeaders("\r\n").kind, Kind::kNeedMore);
  EXPECT_EQ(ScanIcyHeaders("\r\n\r\naudio").size_bytes, 4u) << "a block without headers";
}

TEST(IcyHeaderScan, IsBoundedToo) {
  EXPECT_EQ(ScanIcyHeaders(std::string(kRequestHeadBytesMax + 1, 'x')).kind, Kind::kTooLong);
  EXPECT_EQ(ScanIcyHeaders("icy-name:\x01").kind, Kind::kGarbage);
}

}  // namespace
}  // namespace floe::http
