// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "dial/http_call.h"

#include <latch>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "shard/call.h"
#include "unit/dial/far_end.h"
#include "unit/shard/shard_on_thread.h"

namespace floe::dial {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

// A shard that asks a web server, while the test is that server.
class HttpCallTest : public testing::Test {
 protected:
  HttpCallTest() { EXPECT_TRUE(pool_.Start(1).ok()); }

  void Begin(const std::string& target, milliseconds time = 20'000ms) {
    call_.url = HttpUrl::Parse(far_end_.Url(target)).value();
    by_ = Clock::now() + time;
    shard::CallOne(shard_.get(), *waker_,
                   [this](shard::Shard& shard) { EXPECT_TRUE(shard.Spawn(Run(*this, shard))); });
  }
  absl::StatusOr<HttpAnswer> End() {
    ended_.wait();
    return answer_;
  }
  // Of a server that says this, and hangs up.
  absl::StatusOr<HttpAnswer> AnswerOf(const std::string& reply) {
    Begin("/auth?key=1");
    far_end_.Answer(reply);
    far_end_.HangUp();
    return End();
  }

  static ring::Task<> Run(HttpCallTest& test, shard::Shard& shard) {
    test.answer_ = co_await CallHttp(shard, test.pool_, test.call_, test.by_, &test.answer_);
    test.ended_.count_down();
  }

  shard::WorkerPool pool_;
  const std::unique_ptr<ring::Waker> waker_ = ring::Waker::Create().value();
  HttpCall call_;
  Instant by_;
  absl::StatusOr<HttpAnswer> answer_;
  std::latch ended_{1};
  FarEnd far_end_;
  shard::ShardOnThread shard_{/*turns=*/true};
};

TEST_F(HttpCallTest, AFormIsPostedAndTheAnswerHeard) {
  call_.authorization = "Basic abc";
  call_.content_type = "application/x-www-form-urlencoded";
  call_.headers = {{"X-Event", "a\r\nb"}};
  Begin("/auth?key=1");
  const std::string head = far_end_.Answer(
      "HTTP/1.1 200 OK\r\nicecast-auth-user: 1\r\nContent-Length: 5\r\n\r\nhello, and more");
  EXPECT_THAT(head, HasSubstr("POST /auth?key=1 HTTP/1.1\r\n"));
  EXPECT_THAT(head, HasSubstr("Authorization: Basic abc\r\n"));
  EXPECT_THAT(head, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(head, HasSubstr("Content-Length: 0\r\n"));
  EXPECT_THAT(head, Not(HasSubstr("\nb")));
  const absl::StatusOr<HttpAnswer> answer = End();
  ASSERT_EQ(answer.status(), absl::OkStatus());
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->headers.Find("Icecast-Auth-User"), "1");
  EXPECT_EQ(answer->body, "hello");
}

TEST(HttpCallText, TheBodyFollowsItsLength) {
  HttpCall call{.url = HttpUrl::Parse("http://a/b").value(), .body = "x=1"};
  EXPECT_THAT(call.ToString(), HasSubstr("Content-Length: 3\r\n"));
  EXPECT_THAT(call.ToString(), EndsWith("\r\n\r\nx=1"));
}

TEST_F(HttpCallTest, ChunksAreTakenOff) {
  const auto answer = AnswerOf(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  ASSERT_EQ(answer.status(), absl::OkStatus());
  EXPECT_EQ(answer->body, "abcde");
}

TEST_F(HttpCallTest, ABodyWithoutLengthEndsWithTheConnection) {
  const auto answer = AnswerOf("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 403 No\r\n\r\nnot you");
  ASSERT_EQ(answer.status(), absl::OkStatus());
  EXPECT_EQ(answer->status, 403);
  EXPECT_EQ(answer->body, "not you");
}

TEST_F(HttpCallTest, OfALongBodyOnlyTheBeginIsRead) {
  const auto answer = AnswerOf("HTTP/1.0 200 OK\r\n\r\n" + std::string(100'000, 'a'));
  ASSERT_EQ(answer.status(), absl::OkStatus());
  EXPECT_EQ(answer->body.size(), kCallBodyBytesMax);
}

TEST_F(HttpCallTest, ARedirectIsAnAnswerThatNobodyFollows) {
  const FarEnd elsewhere(FarEnd::Kind::kRefuses);
  const auto answer = AnswerOf("HTTP/1.1 302 Found\r\nLocation: " + elsewhere.Url("/") +
                               "\r\nContent-Length: 0\r\n\r\n");
  ASSERT_EQ(answer.status(), absl::OkStatus());
  EXPECT_EQ(answer->status, 302);
}

TEST_F(HttpCallTest, HalfAnAnswerIsNone) {
  const auto answer = AnswerOf("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("in the middle"));
  EXPECT_THAT(std::string(answer.status().message()), Not(HasSubstr("key=1")));
}

TEST_F(HttpCallTest, GarbageIsNoAnswer) {
  EXPECT_EQ(AnswerOf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(HttpCallTest, AShoutcastReplyIsNoAnswer) {
  EXPECT_EQ(AnswerOf("ICY 200 OK\r\n\r\n").status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(HttpCallTest, WhoIsSilentIsWaitedForNoLongerThanTheDeadline) {
  Begin("/", 100ms);
  far_end_.Answer("HTTP/1.1 200 OK\r\n");
  const auto answer = End();
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("in time"));
}

}  // namespace
}  // namespace floe::dial
