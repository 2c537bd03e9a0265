// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// A crowd against a server that makes known mistakes: what it counts is what was done to it.
#include "tools/load/crowd.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "absl/synchronization/notification.h"
#include "unit/tools/scripted_server.h"

namespace floe::tools {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr absl::string_view kOk = "HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n";

class ACrowd : public testing::Test {
 protected:
  ACrowd() {
    options_.check = Check::kFull;
    options_.check_share = 1;
    options_.settle_ns = 0;
    options_.buffer_ns = 0;
  }

  std::string Frames(uint64_t from, uint64_t to) {
    const std::unique_ptr<FrameWriter> writer = *FrameWriter::Make(Format::kMp3, 128);
    std::string bytes;
    for (uint64_t i = from; i < to; ++i) {
      writer->Append({.sequence = i, .sent_ns = uint64_t(NowNs()), .mount = 0, .life = 1}, &bytes);
    }
    return bytes;
  }

  // `count` listeners, until the script is over and all that it closed is noticed.
  Tally Listen(uint32_t count, std::function<void(Peer&, int)> script) {
    return Run(count, int(count), [&](Peer& peer, int number) { script(peer, number); });
  }

  // One listener that comes again after the server closed: by then all was counted.
  Tally ListenAndComeAgain(std::function<void(Peer&)> script) {
    options_.rejoins = true;
    return Run(1, 2, [&](Peer& peer, int number) {
      if (number == 0) script(peer);
    });
  }

  // For a script: until that holds for what is counted so far.
  void AwaitCount(std::function<bool(const Tally&)> is_so) {
    while (!is_so(running_.load()->Snapshot())) std::this_thread::yield();
  }

  // For a script: audio that is received before anything that is sent later.
  void SendAndAwait(Peer& peer, const std::string& audio, uint64_t bytes_in_all) {
    peer.Send(audio);
    AwaitCount([&](const Tally& tally) { return tally.bytes >= bytes_in_all; });
  }

  Tally Run(uint32_t count, int connections, std::function<void(Peer&, int)> script) {
    absl::Notification has_run;
    ScriptedServer server([&](Peer& peer, int number) {
      script(peer, number);
      if (number + 1 < connections) return true;
      running_.load()->Stop();
      has_run.WaitForNotification();  // a close of ours would be counted
      return false;
    });
    options_.server = server.name();
    options_.server_address = *Address::Resolve(server.name());
    Crowd crowd(options_, 0, count, 0);
    running_ = &crowd;  // before anyone connects, so before the server's thread reads it
    const absl::Status run = crowd.Run();
    has_run.Notify();
    EXPECT_TRUE(run.ok()) << run;
    return crowd.Snapshot();
  }

  LoadOptions options_;
  std::atomic<Crowd*> running_{nullptr};
};

TEST_F(ACrowd, HearsUnbrokenAudioAsUnbroken) {
  const Tally tally = Listen(3, [&](Peer& peer, int) {
    EXPECT_THAT(peer.ReadUntil("\r\n\r\n"), HasSubstr("GET /live HTTP/1.1\r\n"));
    peer.Send(absl::StrCat(kOk, Frames(100, 150)));
    peer.EndSending();
    peer.AwaitEnd();
  });
  EXPECT_EQ(tally.frames, 150u);
  EXPECT_EQ(tally.counted().breaks(), 0u);
  EXPECT_EQ(tally.counted().ragged_starts, 0u);
  EXPECT_EQ(tally.counted().closed_by_end, 3u);
  EXPECT_EQ(tally.first_audio.count(), 3u);
  EXPECT_EQ(tally.latency.count(), 150u);
  EXPECT_EQ(tally.statuses.at(200), 3u);
}

TEST_F(ACrowd, FindsTheGapTheRepeatAndTheTear) {
  const Tally tally = Listen(1, [&](Peer& peer, int) {
    peer.ReadUntil("\r\n\r\n");
    peer.Send(absl::StrCat(kOk, Frames(0, 5), Frames(8, 10), Frames(9, 11),
                           Frames(11, 12).substr(0, 99), Frames(12, 13)));
    peer.EndSending();
    peer.AwaitEnd();
  });
  EXPECT_EQ(tally.counted().gaps, 2u);  // before 8; and 11, which was torn
  EXPECT_EQ(tally.counted().missing_frames, 4u);
  EXPECT_EQ(tally.counted().repeats, 1u);
  EXPECT_EQ(tally.counted().torn, 1u);
}

TEST_F(ACrowd, CountsRefusalsByTheirStatus) {
  const Tally tally = Listen(2, [&](Peer& peer, int number) {
    peer.ReadUntil("\r\n\r\n");
    peer.Send(number == 0 ? "HTTP/1.1 404 Not Found\r\n\r\n" : "HTTP/1.1 503 Full\r\n\r\n");
    peer.AwaitEnd();
  });
  EXPECT_EQ(tally.refused, 2u);
  EXPECT_EQ(tally.statuses.at(404), 1u);
  EXPECT_EQ(tally.statuses.at(503), 1u);
  EXPECT_EQ(tally.hearing, 0u);
}

TEST_F(ACrowd, ComesAgainWhenToldTo) {
  const Tally tally = ListenAndComeAgain([&](Peer& peer) {
    peer.ReadUntil("\r\n\r\n");
    peer.Send(absl::StrCat(kOk, Frames(0, 1)));
  });
  EXPECT_EQ(tally.joins, 2u);
  EXPECT_EQ(tally.frames, 1u);
}

TEST_F(ACrowd, AllHaveHeardWhenTheLastHeardForItsFirstTime) {
  options_.rejoins = true;
  int64_t first_ended_ns = 0;
  const Tally tally = Run(1, 3, [&](Peer& peer, int number) {
    if (number == 2) return;
    peer.ReadUntil("\r\n\r\n");
    peer.Send(absl::StrCat(kOk, Frames(0, 1)));
    peer.EndSending();
    peer.AwaitEnd();
    if (number == 0) first_ended_ns = NowNs();
  });
  EXPECT_EQ(tally.first_audio.count(), 2u);
  EXPECT_GT(tally.last_first_audio_ns, 0);
  EXPECT_LT(tally.last_first_audio_ns, first_ended_ns);
}

TEST_F(ACrowd, AReplyInPiecesIsUnderstood) {
  const Tally tally = Listen(1, [&](Peer& peer, int) {
    peer.ReadUntil("\r\n\r\n");
    for (const char c : kOk) peer.Send(absl::string_view(&c, 1));
    peer.Send(Frames(0, 3));
    peer.EndSending();
    peer.AwaitEnd();
  });
  EXPECT_EQ(tally.frames, 3u);
}

TEST_F(ACrowd, WithoutCheckingTheBytesAreCountedAllTheSame) {
  options_.check = Check::kLight;
  options_.check_share = 0;
  options_.read_every_ns = 0;
  const std::string audio = Frames(0, 500);
  const Tally tally = Listen(1, [&](Peer& peer, int) {
    peer.ReadUntil("\r\n\r\n");
    peer.Send(absl::StrCat(kOk, audio));
    peer.EndSending();
    peer.AwaitEnd();
  });
  EXPECT_EQ(tally.bytes, audio.size());
  EXPECT_EQ(tally.frames, 0u);
  EXPECT_EQ(tally.counted().closed_by_end, 1u);
}

TEST_F(ACrowd, TheLongestWaitIsMeasuredOfWhoIsReadAsDataComes) {
  for (const double check_share : {0.0, 1.0}) {  // counted only, and checked in full
    options_.check = Check::kLight;
    options_.check_share = check_share;
    options_.read_every_ns = 0;
    const std::string audio = Frames(0, 3);
    int64_t most_ns = 0;
    const Tally tally = Listen(1, [&](Peer& peer, int) {
      peer.ReadUntil("\r\n\r\n");
      const int64_t began_ns = NowNs();
      SendAndAwait(peer, absl::StrCat(kOk, audio), audio.size());
      SendAndAwait(peer, audio, 2 * audio.size());
      most_ns = NowNs() - began_ns;
    });
    EXPECT_EQ(tally.longest_wait.count(), 1u);
    EXPECT_GT(tally.longest_wait.max_us(), 0u);
    EXPECT_LE(int64_t(tally.longest_wait.max_us()) * 1000, most_ns);
  }
}

TEST_F(ACrowd, WhoIsReadAtItsTurnOrHasNotSettledHasNoLongestWait) {
  const std::string audio = Frames(0, 3);
  const auto in_two = [&](Peer& peer, int) {
    peer.ReadUntil("\r\n\r\n");
    SendAndAwait(peer, absl::StrCat(kOk, audio), audio.size());
    SendAndAwait(peer, audio, 2 * audio.size());
  };
  options_.settle_ns = 3600 * kNsPerSecond;
  EXPECT_EQ(Listen(1, in_two).longest_wait.count(), 0u);
  options_.settle_ns = 0;
  options_.check = Check::kLight;
  options_.check_share = 0;
  options_.read_every_ns = 20 * kNsPerMs;
  EXPECT_EQ(Listen(1, in_two).longest_wait.count(), 0u);
}

TEST_F(ACrowd, AWindowKnowsNoWaitOfTheOneBefore) {
  const std::string audio = Frames(0, 3);
  uint64_t before = 0;
  const Tally tally = Listen(1, [&](Peer& peer, int) {
    peer.ReadUntil("\r\n\r\n");
    SendAndAwait(peer, absl::StrCat(kOk, audio), audio.size());
    SendAndAwait(peer, audio, 2 * audio.size());
    before = running_.load()->Snapshot().longest_wait.count();
    running_.load()->BeginWindow(1);
    AwaitCount([](const Tally& counted) { return counted.window == 1; });
  });
  EXPECT_EQ(before, 1u);
  EXPECT_EQ(tally.longest_wait.count(), 0u);
  EXPECT_EQ(tally.bytes, 2 * audio.size());
}

TEST_F(ACrowd, OnlyTheShareThatWantsTitlesAsksForThem) {
  options_.icy_share = 0.5;
  int asked = 0;
  Listen(40, [&](Peer& peer, int) {
    asked += peer.ReadUntil("\r\n\r\n").find("Icy-MetaData: 1") != std::string::npos ? 1 : 0;
    peer.Send("HTTP/1.1 404 Not Found\r\n\r\n");
    peer.AwaitEnd();
  });
  EXPECT_NEAR(asked, 20, 2);
}

TEST_F(ACrowd, WhoNeverReadsNoticesThatTheServerGaveUpAndBreaksNoBound) {
  options_.never_share = 1;
  const Tally tally = ListenAndComeAgain([&](Peer& peer) {
    peer.ReadUntil("\r\n\r\n");
    peer.Send(absl::StrCat(kOk, Frames(0, 10)));
  });
  EXPECT_EQ(tally.never_closed_after.count(), 1u);
  EXPECT_EQ(tally.bytes, 0u);
  EXPECT_EQ(tally.counted().closes(), 0u);
  EXPECT_EQ(tally.flaws[size_t(Kind::kNever)].closes(), 1u);
}

TEST_F(ACrowd, WhoChurnsLeavesByItselfAndComesAgain) {
  options_.churn_share = 1;
  options_.churn_every_ns = kNsPerMs;
  bool was_left = false;
  const Tally tally = Run(1, 2, [&](Peer& peer, int number) {
    if (number == 1) return;
    peer.ReadUntil("\r\n\r\n");
    peer.Send(absl::StrCat(kOk, Frames(0, 10)));
    peer.AwaitEnd();
    was_left = true;
  });
  EXPECT_TRUE(was_left);
  EXPECT_EQ(tally.leaves, 1u);
  EXPECT_EQ(tally.joins, 2u);
  EXPECT_EQ(tally.counted().closes(), 0u);
}

TEST_F(ACrowd, WhoHalfClosesStillListens) {
  options_.half_close_share = 1;
  const Tally tally = ListenAndComeAgain([&](Peer& peer) {
    peer.ReadUntil("\r\n\r\n");
    peer.AwaitEnd();  // of its sending side
    peer.Send(absl::StrCat(kOk, Frames(0, 10)));
  });
  EXPECT_EQ(tally.frames, 10u);
  EXPECT_EQ(tally.listeners_of[size_t(Kind::kHalfClose)], 1u);
  EXPECT_EQ(tally.counted().closed_by_end, 1u);
}

}  // namespace
}  // namespace floe::tools
