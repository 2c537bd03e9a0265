// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "hooks/auth_answer.h"

#include <string>

#include "gtest/gtest.h"

namespace floe::hooks {
namespace {

using Verdict = AuthAnswer::Verdict;

AuthAnswer Read(int http_status, const std::string& headers, const std::string& body = "",
                const AuthHeaders& wanted = {}) {
  return ReadAuthAnswer(http_status,
                        *http::HeaderList::Parse(headers, http::HeaderList::BadLine::kIgnore), body,
                        wanted);
}

TEST(AuthAnswer, TheOldHeaderLetsAListenerIn) {
  EXPECT_EQ(Read(200, "icecast-auth-user: 1\r\n").verdict, Verdict::kAllows);
  EXPECT_EQ(Read(200, "ICECAST-AUTH-USER:1\r\n").verdict, Verdict::kAllows);
  for (const char* of_kh : {"withintro", "hijack"}) {
    EXPECT_EQ(Read(200, std::string("icecast-auth-user: ") + of_kh + "\r\n").verdict,
              Verdict::kAllows);
  }
}

TEST(AuthAnswer, WithoutItNobodyIsLetIn) {
  for (const char* headers : {"", "icecast-auth-user: 0\r\n", "icecast-auth: 1\r\n",
                              "x-icecast-auth-result: no match\r\n",
                              "x-icecast-auth-result: failed\r\nicecast-auth-user: 1\r\n"}) {
    const AuthAnswer answer = Read(200, headers);
    EXPECT_EQ(answer.verdict, Verdict::kDenies) << headers;
    EXPECT_EQ(answer.http_status, 401) << headers;
  }
}

TEST(AuthAnswer, TheNewHeaderHasAWordForEach) {
  EXPECT_EQ(Read(204, "x-icecast-auth-result: ok\r\n").verdict, Verdict::kAllows);
  const AuthAnswer forbidden = Read(200, "x-icecast-auth-result: forbidden\r\n");
  EXPECT_EQ(forbidden.verdict, Verdict::kDenies);
  EXPECT_EQ(forbidden.http_status, 403);
}

TEST(AuthAnswer, AnotherHeaderMayBeConfigured) {
  const AuthHeaders wanted{.allows = "X-Pass: yes", .time_limit = "X-Seconds:"};
  const AuthAnswer answer = Read(200, "x-pass: YES, please\r\nx-seconds: 60\r\n", "", wanted);
  EXPECT_EQ(answer.verdict, Verdict::kAllows);
  EXPECT_EQ(answer.time_limit_s, 60u);
  EXPECT_EQ(Read(200, "icecast-auth-user: 1\r\n", "", wanted).verdict, Verdict::kDenies);
}

TEST(AuthAnswer, ATimeLimitIsANumberOfSeconds) {
  const auto limit = [](const std::string& headers) {
    return Read(200, "icecast-auth-user: 1\r\n" + headers).time_limit_s;
  };
  EXPECT_EQ(limit("icecast-auth-timelimit: 3600\r\n"), 3600u);
  EXPECT_EQ(limit("x-icecast-auth-timelimit: 5\r\nicecast-auth-timelimit: 3600\r\n"), 5u);
  EXPECT_EQ(limit("icecast-auth-timelimit: -1\r\n"), 0u);
  EXPECT_EQ(limit("icecast-auth-timelimit: 99999999999\r\n"), kTimeLimitSecondsMax);
}

TEST(AuthAnswer, WhoIsTurnedAwayIsToldWhy) {
  EXPECT_EQ(Read(200, "icecast-auth-message: pay first\r\n").message, "pay first");
  const AuthAnswer forbidden = Read(403, "Content-Type: text/plain\r\n", "not in your country\n2");
  EXPECT_EQ(forbidden.verdict, Verdict::kDenies);
  EXPECT_EQ(forbidden.http_status, 403);
  EXPECT_EQ(forbidden.message, "not in your country");
  EXPECT_EQ(Read(403, "Content-Type: text/html\r\n", "<html>").message, "");
  EXPECT_EQ(Read(401, "", "caf\xe9\x01").message, "caf\xc3\xa9");
}

TEST(AuthAnswer, AListenerIsSentElsewhere) {
  for (const auto& [action, status] : {std::pair("redirect", 302),
                                       {"redirect_see_other", 303},
                                       {"redirect_temporary", 307},
                                       {"redirect_permanent", 301}}) {
    const AuthAnswer answer =
        Read(200, std::string("x-icecast-auth-result: ok\r\nx-icecast-auth-alter-action: ") +
                      action + "\r\nx-icecast-auth-alter-argument: https://b.example/live\r\n");
    EXPECT_EQ(answer.verdict, Verdict::kRedirects) << action;
    EXPECT_EQ(answer.http_status, status);
    EXPECT_EQ(answer.location, "https://b.example/live");
  }
  const AuthAnswer of_kh = Read(200, "icecast-auth-user: 1\r\nLocation: http://b/\r\n");
  EXPECT_EQ(of_kh.verdict, Verdict::kRedirects);
  EXPECT_EQ(of_kh.http_status, 302);
  EXPECT_EQ(Read(307, "Location: /other\r\n").location, "/other");
}

TEST(AuthAnswer, NobodyIsSentToWhatIsNoPlace) {
  for (const char* to : {"", "javascript:alert(1)", "//evil", "http://a b", "ftp://a"}) {
    EXPECT_EQ(Read(302, std::string("Location: ") + to + "\r\n").verdict, Verdict::kFails) << to;
  }
}

TEST(AuthAnswer, AnotherMountMayBeHeardInstead) {
  EXPECT_EQ(Read(200, "icecast-auth-user: 1\r\nMountpoint: /paid\r\n").mount, "/paid");
  const AuthAnswer answer = Read(200,
                                 "x-icecast-auth-result: ok\r\n"
                                 "x-icecast-auth-alter-action: rewrite\r\n"
                                 "x-icecast-auth-alter-argument: /paid%20one\r\n");
  EXPECT_EQ(answer.verdict, Verdict::kAllows);
  EXPECT_EQ(answer.mount, "/paid one");
  EXPECT_EQ(Read(200, "icecast-auth-user: 1\r\nMountpoint: ../x\r\n").verdict, Verdict::kFails);
}

TEST(AuthAnswer, AnErrorMayBeAskedFor) {
  const std::string allowed = "x-icecast-auth-result: ok\r\nx-icecast-auth-alter-action: ";
  const AuthAnswer answer =
      Read(200, allowed + "send_error\r\nx-icecast-auth-alter-argument: 451\r\n");
  EXPECT_EQ(answer.verdict, Verdict::kDenies);
  EXPECT_EQ(answer.http_status, 451);
  EXPECT_EQ(Read(200, allowed + "send_error\r\n").verdict, Verdict::kFails);
  EXPECT_EQ(Read(200, allowed + "explode\r\n").verdict, Verdict::kFails);
  EXPECT_EQ(Read(200, allowed + "noop\r\n").verdict, Verdict::kAllows);
}

TEST(AuthAnswer, AListenerMayBeGivenAName) {
  EXPECT_EQ(Read(200, "icecast-auth-user: 1\r\nice-username: ann\r\n").user, "ann");
}

TEST(AuthAnswer, ABrokenServerSaysNothingOfAnybody) {
  for (const int status : {500, 502, 503, 404, 400, 204 + 100}) {
    EXPECT_EQ(Read(status, "icecast-auth-user: 1\r\n").verdict, Verdict::kFails) << status;
  }
}

}  // namespace
}  // namespace floe::hooks
