// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/wire/reply_head.h"

#include <gtest/gtest.h>

#include <string>

#include "tools/wire/address.h"

namespace floe::tools {
namespace {

TEST(ReplyHead, IsReadWhenItIsWholeAndNotBefore) {
  const std::string bytes =
      "HTTP/1.0 200 OK\r\nContent-Type: Audio/MPEG; charset=x\r\nicy-br:128,128\r\n"
      "ICY-MetaInt: 16000\r\n\r\nbody";
  for (size_t i = 0; i < bytes.size() - 4; ++i) {
    EXPECT_FALSE(ReplyHead::Decode(bytes.substr(0, i)).has_value()) << i;
  }
  const auto head = ReplyHead::Decode(bytes);
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->status, 200u);
  EXPECT_EQ(head->metaint, 16000u);
  EXPECT_EQ(head->kbps, 128u);
  EXPECT_EQ(head->content_type, "audio/mpeg");
  EXPECT_EQ(bytes.substr(head->head_bytes), "body");
}

TEST(ReplyHead, OldAndSloppyServersAreUnderstood) {
  EXPECT_EQ(ReplyHead::Decode("ICY 200 OK\r\n\r\n")->status, 200u);
  EXPECT_EQ(ReplyHead::Decode("HTTP/1.0 404 Not Found\n\n")->status, 404u);
  EXPECT_EQ(ReplyHead::Decode("HTTP/1.1 503 Full\r\nRetry-After: 7\r\n\r\n")->retry_after_s, 7u);
}

TEST(ReplyHead, WhatIsNoReplyHasNoStatus) {
  EXPECT_EQ(ReplyHead::Decode("hello\r\n\r\n")->status, 0u);
  EXPECT_EQ(ReplyHead::Decode("HTTP/1.1 abc\r\n\r\n")->status, 0u);
  EXPECT_EQ(ReplyHead::Decode(std::string(kReplyHeadBytesMax + 1, 'x'))->status, 0u);
}

TEST(Address, NamesTheServerInAnyOfTheUsualForms) {
  EXPECT_TRUE(Address::Resolve("127.0.0.1:8000")->IsLoopback4());
  EXPECT_TRUE(Address::Resolve("http://127.0.0.1:8000/")->IsLoopback4());
  EXPECT_EQ(Address::Resolve("[::1]:8000")->family(), AF_INET6);
  EXPECT_FALSE(Address::Resolve("[::1]:8000")->IsLoopback4());
  EXPECT_FALSE(Address::Resolve("127.0.0.1").ok());
}

TEST(Address, AMillionListenersNeverExhaustThePortsOfOneSource) {
  const auto v4 = [](uint64_t i) {
    return reinterpret_cast<const sockaddr_in*>(LoopbackSource(i).get())->sin_addr.s_addr;
  };
  EXPECT_EQ(v4(0), v4(499));
  EXPECT_NE(v4(0), v4(500));
  EXPECT_NE(v4(999'999), v4(0));
  EXPECT_TRUE(LoopbackSource(31'249'999).IsLoopback4());
}

TEST(Address, MountPathsAreNumbered) {
  EXPECT_EQ(MountPath("/load%d.mp3", 12), "/load12.mp3");
  EXPECT_EQ(MountPath("/live", 12), "/live");
}

}  // namespace
}  // namespace floe::tools
