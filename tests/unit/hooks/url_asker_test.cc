// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "hooks/url_asker.h"

#include <latch>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "shard/call.h"
#include "unit/dial/far_end.h"
#include "unit/shard/shard_on_thread.h"

namespace floe::hooks {
namespace {

using Verdict = AuthAnswer::Verdict;
using testing::HasSubstr;

constexpr char kYes[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nicecast-auth-user: 1\r\n\r\n";

// A shard that asks, while the test is the web server.
class UrlAskerTest : public testing::Test {
 protected:
  UrlAskerTest() {
    EXPECT_TRUE(pool_.Start(1).ok());
    question_.url = HttpUrl::Parse(far_end_.Url("/auth")).value();
    question_.form = "a=b";
    question_.timeout = 20s;
    question_.latency = &latency_;
  }

  void Begin() {
    ended_ = std::make_unique<std::latch>(1);
    shard::CallOne(shard_->get(), *waker_,
                   [this](shard::Shard& shard) { EXPECT_TRUE(shard.Spawn(Run(*this, shard))); });
  }
  absl::StatusOr<AuthAnswer> End() {
    ended_->wait();
    return answer_;
  }
  AuthAnswer AskAndAnswer(const std::string& reply) {
    Begin();
    far_end_.Answer(reply);
    far_end_.HangUp();
    return *End();
  }
  AuthAnswer AskAndHearNothing() {
    Begin();
    return *End();
  }

  static ring::Task<> Run(UrlAskerTest& test, shard::Shard& shard) {
    test.answer_ = co_await UrlAsker::Ask(test.asker_, shard, test.question_, &test.answer_);
    test.ended_->count_down();
  }

  shard::WorkerPool pool_;
  metrics::Counter failed_;
  metrics::Latency latency_;
  UrlAsker asker_{pool_, 1, failed_};
  const std::unique_ptr<ring::Waker> waker_ = ring::Waker::Create().value();
  Question question_;
  absl::StatusOr<AuthAnswer> answer_;
  std::unique_ptr<std::latch> ended_;
  dial::FarEnd far_end_;
  std::unique_ptr<shard::ShardOnThread> shard_ =
      std::make_unique<shard::ShardOnThread>(/*turns=*/true);
};

TEST_F(UrlAskerTest, AServerIsAskedEachTimeAndItsAnswerHolds) {
  EXPECT_EQ(AskAndAnswer(kYes).verdict, Verdict::kAllows);
  EXPECT_EQ(AskAndAnswer("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n").verdict, Verdict::kDenies);
  EXPECT_EQ(asker_.counters().allowed, 1u);
  EXPECT_EQ(asker_.counters().denied, 1u);
}

TEST_F(UrlAskerTest, WhoComesBackSoonIsNotAskedForAgain) {
  question_.keep = 60s;
  question_.key = AnswerCache::KeyOf("ann");
  EXPECT_EQ(AskAndAnswer(kYes).verdict, Verdict::kAllows);
  EXPECT_EQ(AskAndHearNothing().verdict, Verdict::kAllows);
  EXPECT_EQ(asker_.counters().cached, 1u);
  EXPECT_EQ(latency_.histogram().Read().Count(), 1u);
}

TEST_F(UrlAskerTest, AServerInTroubleIsLeftAloneAfterAWhile) {
  for (uint32_t i = 0; i < kBreakerFailuresMax; ++i) {
    EXPECT_EQ(AskAndAnswer("HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n").verdict,
              Verdict::kFails);
  }
  EXPECT_EQ(AskAndHearNothing().verdict, Verdict::kFails);
  EXPECT_EQ(failed_.value(), kBreakerFailuresMax + 1);
  EXPECT_EQ(asker_.counters().skipped, 1u);
  EXPECT_EQ(latency_.histogram().Read().Count(), kBreakerFailuresMax);
}

TEST_F(UrlAskerTest, OneThatIsSilentIsWaitedForNoLongerThanItsTime) {
  question_.timeout = 100ms;
  EXPECT_EQ(AskAndHearNothing().verdict, Verdict::kFails);
}

TEST_F(UrlAskerTest, AStopEndsAQuestion) {
  Begin();
  shard_.reset();
  EXPECT_EQ(End().status().code(), absl::StatusCode::kCancelled);
}

}  // namespace
}  // namespace floe::hooks
