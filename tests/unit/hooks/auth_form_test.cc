// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "hooks/auth_form.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "http/url.h"

namespace floe::hooks {
namespace {

const Server kServer{.name = "radio.example", .port = 8000};

Asker Ann() {
  return {.mount = "/live?token=1&x=2",
          .user = "ann",
          .password = "p&w",
          .ip = "192.0.2.1",
          .agent = "VLC/3",
          .referer = "http://page/",
          .number = 17,
          .passed_on = "&ClientHeader-x-a=b"};
}

TEST(AuthForm, AListenerIsToldOfInTheWordsOfIcecast) {
  EXPECT_EQ(ListenerAddForm(kServer, Ann(), 3),
            "action=listener_add&server=radio.example&port=8000&client=17"
            "&mount=%2Flive%3Ftoken%3D1%26x%3D2&user=ann&pass=p%26w&ip=192.0.2.1&agent=VLC%2F3"
            "&referer=http%3A%2F%2Fpage%2F&listeners=3&ClientHeader-x-a=b");
}

TEST(AuthForm, OneThatLeftIsTheSameOneWithHowLongItStayed) {
  EXPECT_EQ(ListenerRemoveForm(ListenerRemoveBegin(kServer, Ann()), milliseconds(61'999), 5'000),
            "action=listener_remove&server=radio.example&port=8000&client=17"
            "&mount=%2Flive%3Ftoken%3D1%26x%3D2&user=ann&pass=p%26w&ip=192.0.2.1&agent=VLC%2F3"
            "&ClientHeader-x-a=b&duration=61&sent=5000");
}

TEST(AuthForm, OneWithoutAnAgentHasADash) {
  Asker asker = Ann();
  asker.agent.clear();
  EXPECT_EQ(http::DecodeForm(ListenerAddForm(kServer, asker, 0)).GetOr("agent"), "-");
}

TEST(AuthForm, AnAdminCallOfASourceSaysSo) {
  const std::string source = StreamAuthForm(kServer, Ann(), /*is_admin=*/false);
  EXPECT_EQ(http::DecodeForm(source).GetOr("action"), "stream_auth");
  EXPECT_EQ(http::DecodeForm(source).Get("admin"), nullptr);
  EXPECT_EQ(http::DecodeForm(StreamAuthForm(kServer, Ann(), true)).GetOr("admin"), "1");
}

TEST(AuthForm, AMountComesAndGoes) {
  EXPECT_EQ(MountForm(kServer, "mount_add", "/live", "192.0.2.7", ""),
            "action=mount_add&mount=%2Flive&server=radio.example&port=8000&ip=192.0.2.7");
}

// What a listener sends cannot become a field of its own.
TEST(AuthForm, NothingThatAListenerSaysEndsItsField) {
  Asker asker = Ann();
  asker.agent = "x&user=root&pass=\r\n\xff";
  const http::Query form = http::DecodeForm(ListenerAddForm(kServer, asker, 0));
  EXPECT_EQ(form.GetOr("agent"), asker.agent);
  EXPECT_EQ(form.GetOr("user"), "ann");
}

TEST(AuthForm, HeadersThatAreNamedArePassedOn) {
  const auto headers = http::HeaderList::Parse("X-Token: a b\r\nx-token: c\r\nCookie: d\r\n",
                                               http::HeaderList::BadLine::kRefuse);
  EXPECT_EQ(PassedOn(*headers, {"X-TOKEN", "absent"}, "ClientHeader-"),
            "&ClientHeader-x-token=a%20b");
  EXPECT_EQ(PassedOn(*headers, {}, "ClientHeader-"), "");
}

}  // namespace
}  // namespace floe::hooks
