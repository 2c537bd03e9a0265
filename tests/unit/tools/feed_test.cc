// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// A feed against a server that agrees, refuses or goes away. Time is the test's own.
#include "tools/source/feed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "tools/signal/frame_finder.h"
#include "tools/source/title_call.h"
#include "unit/tools/scripted_server.h"

namespace floe::tools {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr int64_t kStepNs = 10 * kNsPerMs;
constexpr absl::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

class AFeed : public testing::Test {
 protected:
  AFeed() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}
  ~AFeed() override { close(epoll_); }

  // Feeds until the script of the server says it has seen enough.
  void FeedTo(std::function<bool(Peer&, int)> script) {
    std::atomic<bool> is_over{false};
    ScriptedServer server([&](Peer& peer, int number) {
      if (script(peer, number)) return true;
      is_over = true;
      return false;
    });
    options_.server = server.name();
    const Address address = *Address::Resolve(server.name());
    feed_ = std::make_unique<Feed>(options_, address, epoll_, 0,
                                   *FrameWriter::Make(options_.format, options_.kbps));
    int64_t now_ns = kNsPerSecond;
    while (!is_over && feed_->state() != Feed::State::kGivenUp) {
      const int64_t due_ns = feed_->Turn(now_ns);
      epoll_event event{};
      // Only an answer of the server is waited for: between frames the clock is put forward.
      const bool is_asking =
          feed_->state() == Feed::State::kConnecting || feed_->state() == Feed::State::kAsking;
      if (epoll_wait(epoll_, &event, 1, is_asking ? 100 : 0) == 1) {
        feed_->OnReady(event.events, now_ns);
      } else if (!is_asking) {
        now_ns = std::max(now_ns + kStepNs, std::min(due_ns, now_ns + kNsPerSecond));
      }
    }
    tally_ = feed_->tally();
    state_ = feed_->state();
    feed_.reset();
  }

  static std::vector<uint64_t> SequencesIn(absl::string_view bytes) {
    std::vector<uint64_t> sequences;
    FrameFinder finder(Format::kMp3);
    finder.Feed(bytes, [&](const Heard& heard) { sequences.push_back(heard.stamp.sequence); });
    EXPECT_EQ(finder.tears(), 0u);
    return sequences;
  }

  const int epoll_;
  SourceOptions options_;
  std::unique_ptr<Feed> feed_;
  Feed::Tally tally_;
  Feed::State state_ = Feed::State::kWaiting;
};

TEST_F(AFeed, AsksWaitsForAgreementAndSendsEveryFrame) {
  std::string head, audio;
  FeedTo([&](Peer& peer, int) {
    head = peer.ReadUntil("\r\n\r\n");
    peer.Send(kContinue);
    audio = peer.ReadBytes(417 * 50);
    return false;
  });
  EXPECT_THAT(head, AllOf(HasSubstr("PUT /live HTTP/1.1\r\n"), HasSubstr("Expect: 100-continue"),
                          HasSubstr("Authorization: Basic c291cmNlOmhhY2ttZQ==\r\n"),
                          testing::EndsWith("\r\n\r\n")));
  const std::vector<uint64_t> sequences = SequencesIn(audio);
  ASSERT_GE(sequences.size(), 49u);
  for (size_t i = 0; i < sequences.size(); ++i) EXPECT_EQ(sequences[i], i);
}

TEST_F(AFeed, SpeaksTheOldMethodToo) {
  options_.method = "SOURCE";
  std::string head;
  FeedTo([&](Peer& peer, int) {
    head = peer.ReadUntil("\r\n\r\n");
    peer.Send("HTTP/1.0 200 OK\r\n\r\n");
    peer.ReadBytes(417);
    return false;
  });
  EXPECT_THAT(head, AllOf(HasSubstr("SOURCE /live ICE/1.0\r\n"), Not(HasSubstr("Expect"))));
}

TEST_F(AFeed, AChunkedBodyIsMadeOfChunks) {
  options_.is_chunked = true;
  std::string head, body;
  FeedTo([&](Peer& peer, int) {
    head = peer.ReadUntil("\r\n\r\n");
    peer.Send(kContinue);
    body = peer.ReadBytes(2 * 417);
    return false;
  });
  EXPECT_THAT(head, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_EQ(body.substr(0, 5), "1a1\r\n");  // 417 bytes
  EXPECT_EQ(body.substr(5 + 417, 2), "\r\n");
}

TEST_F(AFeed, ComesBackAfterALossAndGoesOnCounting) {
  std::string before, after;
  FeedTo([&](Peer& peer, int number) {
    peer.ReadUntil("\r\n\r\n");
    peer.Send(kContinue);
    (number == 0 ? before : after) = peer.ReadBytes(417 * 20);
    return number == 0;
  });
  EXPECT_GE(tally_.losses, 1u);
  ASSERT_FALSE(SequencesIn(after).empty());
  EXPECT_GT(SequencesIn(after).front(), SequencesIn(before).back());
}

TEST_F(AFeed, TriesAgainWhenRefusedForNowAndGivesUpOnABadPassword) {
  FeedTo([&](Peer& peer, int number) {
    peer.ReadUntil("\r\n\r\n");
    peer.Send(number < 2 ? "HTTP/1.1 409 Conflict\r\n\r\n" : "HTTP/1.1 401 No\r\n\r\n");
    peer.AwaitEnd();
    return number < 2;
  });
  EXPECT_EQ(tally_.refusals, 3u);
  EXPECT_EQ(tally_.last_status, 401u);
  EXPECT_EQ(state_, Feed::State::kGivenUp);
}

TEST(TitleCall, AsksAsEncodersDo) {
  std::string request;
  ScriptedServer server([&](Peer& peer, int) {
    request = peer.ReadUntil("\r\n\r\n");
    peer.Send("HTTP/1.0 200 OK\r\n\r\n");
    return false;
  });
  SourceOptions options;
  const Address address = *Address::Resolve(server.name());
  TitleCall call;
  call.Begin(options, address, "/live", "Caf\xC3\xA9 & more", 1);
  TitleCall::State state = TitleCall::State::kCalling;
  while (state == TitleCall::State::kCalling) state = call.Turn(1);
  EXPECT_EQ(state, TitleCall::State::kDone);
  EXPECT_THAT(request, HasSubstr("GET /admin/metadata?mode=updinfo&mount=%2Flive&song="
                                 "Caf%C3%A9%20%26%20more&charset=UTF-8 HTTP/1.0\r\n"));
}

}  // namespace
}  // namespace floe::tools
