// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/proxy_protocol.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace floe::http {
namespace {

using Kind = ProxyHeader::Kind;
using std::string_literals::operator""s;

const std::string kSignature = "\r\n\r\n\0\r\nQUIT\n"s;

std::string Block(uint8_t command, uint8_t family, const std::string& body) {
  std::string block = kSignature;
  for (const size_t byte : {size_t(command), size_t(family), body.size() >> 8, body.size() & 255}) {
    block.push_back(char(byte));
  }
  return block + body;
}

Kind KindOf(const std::string& text) { return ReadProxyHeader(text).kind; }

TEST(ProxyProtocol, ALineNamesTheClient) {
  const std::string line = "PROXY TCP4 192.0.2.7 198.51.100.1 51234 8000\r\n";
  const ProxyHeader header = ReadProxyHeader(line + "GET / HTTP/1.1\r\n");
  EXPECT_EQ(header.kind, Kind::kClient);
  EXPECT_EQ(header.size_bytes, line.size());
  EXPECT_EQ(header.client.HostAndPort(), "192.0.2.7:51234");
  EXPECT_EQ(ReadProxyHeader("PROXY TCP6 2001:db8::7 ::1 1 2\r\n").client.HostAndPort(),
            "[2001:db8::7]:1");
}

TEST(ProxyProtocol, ALineOfSomethingElseNamesNobody) {
  EXPECT_EQ(KindOf("PROXY UNKNOWN\r\n"), Kind::kNoClient);
  EXPECT_EQ(KindOf("PROXY UNKNOWN ::1 ::1 1 2\r\n"), Kind::kNoClient);
}

TEST(ProxyProtocol, ALineIsAwaitedWholeButNotForever) {
  const std::string line = "PROXY TCP4 192.0.2.7 198.51.100.1 51234 8000\r\n";
  for (size_t i = 0; i < line.size(); ++i) {
    EXPECT_EQ(KindOf(line.substr(0, i)), Kind::kNeedMore) << i;
  }
  EXPECT_EQ(KindOf("PROXY UNKNOWN " + std::string(200, 'x')), Kind::kBroken);
}

TEST(ProxyProtocol, ABrokenLineIsRefused) {
  for (const std::string text :
       {"GET / HTTP/1.1\r\n", "PROXX", "PROXY TCP4 192.0.2.7 198.51.100.1 51234\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 51234 65536\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 051 8000\r\n", "PROXY TCP4 ::1 ::1 1 2\r\n",
        "PROXY TCP6 192.0.2.7 192.0.2.8 1 2\r\n", "PROXY TCP4  192.0.2.7 198.51.100.1 1 2\r\n",
        "PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n", "PROXY \r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 1 2 3\r\n"}) {
    EXPECT_EQ(KindOf(text), Kind::kBroken) << text;
  }
}

TEST(ProxyProtocol, ABlockNamesTheClient) {
  const std::string body = "\xc0\x00\x02\x07\xc6\x33\x64\x01\xc8\x22\x1f\x40"s;
  const std::string with_more = body + "\x04\x00\x01x"s;  // a TLV, which is passed over
  for (const std::string& one : {body, with_more}) {
    const ProxyHeader header = ReadProxyHeader(Block(0x21, 0x11, one) + "GET");
    EXPECT_EQ(header.kind, Kind::kClient);
    EXPECT_EQ(header.size_bytes, 16 + one.size());
    EXPECT_EQ(header.client.HostAndPort(), "192.0.2.7:51234");
  }
  std::string body6(36, '\0');
  body6[0] = 0x20;
  body6[1] = 0x01;
  body6[15] = 7;
  body6[33] = 80;
  EXPECT_EQ(ReadProxyHeader(Block(0x21, 0x21, body6)).client.HostAndPort(), "[2001::7]:80");
}

TEST(ProxyProtocol, ABlockOfTheProxyItselfNamesNobody) {
  EXPECT_EQ(KindOf(Block(0x20, 0x00, "")), Kind::kNoClient);
  EXPECT_EQ(KindOf(Block(0x20, 0x11, "")), Kind::kNoClient) << "LOCAL, whatever follows";
  EXPECT_EQ(KindOf(Block(0x21, 0x00, "")), Kind::kNoClient);
  EXPECT_EQ(KindOf(Block(0x21, 0x31, std::string(216, 'x'))), Kind::kNoClient) << "a UNIX socket";
}

TEST(ProxyProtocol, ABrokenBlockIsRefused) {
  EXPECT_EQ(KindOf(Block(0x11, 0x11, std::string(12, 'x'))), Kind::kBroken) << "version 1";
  EXPECT_EQ(KindOf(Block(0x22, 0x11, std::string(12, 'x'))), Kind::kBroken) << "a third command";
  EXPECT_EQ(KindOf(Block(0x21, 0x11, std::string(11, 'x'))), Kind::kBroken) << "too short";
  EXPECT_EQ(KindOf(Block(0x21, 0x21, std::string(35, 'x'))), Kind::kBroken);
  EXPECT_EQ(KindOf(Block(0x21, 0x11, std::string(5000, 'x'))), Kind::kBroken) << "too long";
  EXPECT_EQ(KindOf("\r\nGET / HTTP/1.1\r\n"), Kind::kBroken);
  const std::string whole = Block(0x21, 0x11, std::string(12, 'x'));
  for (size_t i = 0; i < whole.size(); ++i) {
    EXPECT_EQ(KindOf(whole.substr(0, i)), Kind::kNeedMore) << i;
  }
}

}  // namespace
}  // namespace floe::http
