// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/upstream_call.h"

#include <latch>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "shard/call.h"
#include "unit/dial/far_end.h"
#include "unit/shard/shard_on_thread.h"

namespace floe::session {
namespace {

using testing::HasSubstr;

// A shard that calls an upstream, while the test is the upstream.
class UpstreamCallTest : public testing::Test {
 protected:
  struct Outcome {
    absl::Status status;
    std::string early, url;
    http::UpstreamReply reply;
  };

  UpstreamCallTest() { EXPECT_TRUE(pool_.Start(1).ok()); }

  void Begin(const std::string& url) {
    call_.url = HttpUrl::Parse(url).value();
    shard::CallOne(shard_.get(), *waker_,
                   [this](shard::Shard& shard) { EXPECT_TRUE(shard.Spawn(Run(*this, shard))); });
  }
  Outcome End() {
    ended_.wait();
    return outcome_;
  }

  static ring::Task<> Run(UpstreamCallTest& test, shard::Shard& shard) {
    Outcome& outcome = test.outcome_;
    absl::StatusOr<UpstreamStream> stream =
        co_await CallUpstream(shard, test.pool_, test.call_, &outcome);
    outcome.status = stream.status();
    if (stream.ok()) {
      outcome.early = stream->early;
      outcome.url = stream->url.ToString();
      outcome.reply = stream->reply;
    }
    test.ended_.count_down();
  }

  shard::WorkerPool pool_;
  const std::unique_ptr<ring::Waker> waker_ = ring::Waker::Create().value();
  UpstreamCall call_;
  Outcome outcome_;
  std::latch ended_{1};
  dial::FarEnd far_end_;
  shard::ShardOnThread shard_{/*turns=*/true};
};

std::string RedirectTo(const std::string& location) {
  return "HTTP/1.1 307 Temporary Redirect\r\nLocation: " + location + "\r\n\r\n";
}

TEST_F(UpstreamCallTest, AStreamComesWithWhatFollowsItsHead) {
  call_.authorization = "Basic abc";
  call_.hops = "0a";
  call_.position = "ask";
  Begin(far_end_.Url("/live?x=1"));
  const std::string head = far_end_.Answer(
      "ICY 200 OK\r\nicy-name:Jazz\r\nicy-metaint:8192\r\ncontent-type:audio/mpeg\r\n\r\naudio");
  EXPECT_THAT(head, HasSubstr("GET /live?x=1 HTTP/1.1\r\n"));
  EXPECT_THAT(head, HasSubstr("Authorization: Basic abc\r\n"));
  EXPECT_THAT(head, HasSubstr("Floe-Hops: 0a\r\nFloe-Position: ask\r\n"));
  const Outcome outcome = End();
  ASSERT_EQ(outcome.status, absl::OkStatus());
  EXPECT_EQ(outcome.early, "audio");
  EXPECT_EQ(outcome.reply.stream.name, "Jazz");
  EXPECT_EQ(outcome.reply.stream.metaint_bytes, 8192u);
}

TEST_F(UpstreamCallTest, AnInterimReplyIsPassedOver) {
  Begin(far_end_.Url("/live"));
  far_end_.Answer("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(End().status, absl::OkStatus());
}

TEST_F(UpstreamCallTest, ARedirectIsFollowedButNoLoginGoesToAnotherHost) {
  dial::FarEnd elsewhere;
  call_.authorization = "Basic abc";
  Begin(far_end_.Url("/live"));
  EXPECT_THAT(far_end_.Answer(RedirectTo("/moved")), HasSubstr("Authorization"));
  EXPECT_THAT(far_end_.Answer(RedirectTo(elsewhere.Url("/there"))), HasSubstr("Authorization"));
  EXPECT_THAT(elsewhere.Answer("HTTP/1.0 200 OK\r\n\r\n"), Not(HasSubstr("Authorization")));
  const Outcome outcome = End();
  ASSERT_EQ(outcome.status, absl::OkStatus());
  EXPECT_EQ(outcome.url, elsewhere.Url("/there"));
}

TEST_F(UpstreamCallTest, ACircleOfRedirectsIsNoticed) {
  Begin(far_end_.Url("/a"));
  far_end_.Answer(RedirectTo("/b"));
  far_end_.Answer(RedirectTo("/a"));
  const Outcome outcome = End();
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("leads back"));
}

TEST_F(UpstreamCallTest, ARefusalSaysWhatWasAnsweredAndWhenToComeBack) {
  Begin(far_end_.Url("/live"));
  far_end_.Answer("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\n\r\nfull");
  const Outcome outcome = End();
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(outcome.status.message()),
              HasSubstr("/live answers 503 Service Unavailable, to be asked again in 7 s"));
}

TEST_F(UpstreamCallTest, AStreamThatIsNotThereIsAMistakeRatherThanTrouble) {
  Begin(far_end_.Url("/nothing"));
  far_end_.Answer("HTTP/1.1 404 Not Found\r\n\r\n");
  EXPECT_EQ(End().status.code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(UpstreamCallTest, GarbageIsSaidToBeNone) {
  Begin(far_end_.Url("/live"));
  far_end_.Answer("SSH-2.0-OpenSSH_9.2\r\n");
  EXPECT_THAT(std::string(End().status.message()), HasSubstr("neither HTTP nor ICY"));
}

TEST_F(UpstreamCallTest, OneWhoHangsUpHasNotAnswered) {
  Begin(far_end_.Url("/live"));
  far_end_.Answer("HTTP/1.1 200 OK\r\nContent-");
  far_end_.HangUp();
  const Outcome outcome = End();
  EXPECT_EQ(outcome.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(outcome.status.message()), HasSubstr("hung up"));
}

TEST_F(UpstreamCallTest, AnInterruptionEndsTheWaitForAnAnswer) {
  Begin(far_end_.Url("/live"));
  far_end_.Answer("HTTP/1.1 200 OK\r\n");
  shard::CallOne(shard_.get(), *waker_,
                 [this](shard::Shard& shard) { shard.io().Interrupt(&outcome_); });
  EXPECT_EQ(End().status.code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace floe::session
