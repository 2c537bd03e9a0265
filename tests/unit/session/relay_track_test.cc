// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/relay_track.h"

#include <memory>
#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "mount/registry.h"
#include "tape/arena.h"

namespace floe::session {
namespace {

constexpr uint64_t kArenaBytes = 1 << 20;

std::span<const std::byte> Bytes(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

// MPEG-1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes that decode to silence.
std::string Frames(int count) {
  std::string frame("\xff\xfb\x90\x00", 4);
  frame.resize(417, '\0');
  std::string frames;
  for (int i = 0; i < count; ++i) frames += frame;
  return frames;
}

// A mount that whoever opens a valve may have.
class RelayTrackTest : public testing::Test, public ValveOwner {
 protected:
  RelayTrackTest() {
    arena_ = tape::Arena::Create(kArenaBytes).value();
    registry_ = std::make_unique<mount::Registry>(*arena_, /*sources_max=*/4);
    reply_.stream.content_type = "audio/mpeg";
    reply_.body.kind = http::BodyFraming::Kind::kUntilClose;
  }

  mount::Writer* Claim() override {
    ++claims_;
    if (is_refused_) return nullptr;
    mount::SourceInfo info;
    info.content_type = "audio/mpeg";
    writer_ =
        registry_->Claim("/live", info, config::Mount(), {.takeover = true}, Instant()).value();
    return writer_.get();
  }
  std::string Heard() const {
    const mount::MountRef mount = registry_->Find("/live");
    if (!mount) return "";
    const tape::PageRef page = mount->tape().Page(0);
    if (!page) return "";
    return std::string(reinterpret_cast<const char*>(page.data()), mount->tape().published());
  }
  void At(uint64_t offset_bytes, uint32_t preamble_bytes = 0) {
    reply_.position = http::StreamPosition{
        .stream = "ab", .offset_bytes = offset_bytes, .preamble_bytes = preamble_bytes};
  }

  std::unique_ptr<tape::Arena> arena_;
  std::unique_ptr<mount::Registry> registry_;
  std::unique_ptr<mount::Writer> writer_;
  http::UpstreamReply reply_;
  int claims_ = 0;
  bool is_refused_ = false;
};

TEST_F(RelayTrackTest, NothingIsHeardOfATrackThatIsClosed) {
  Track track(reply_, "");
  track.feed().Take(Bytes(Frames(10)));
  EXPECT_EQ(claims_, 0);
  EXPECT_FALSE(track.is_open());
  EXPECT_EQ(track.feed().stats().frames, 10u) << "but it is listened to";
}

TEST_F(RelayTrackTest, ItOpensBetweenTwoFrames) {
  Track track(reply_, "");
  track.feed().Take(Bytes(Frames(10).substr(0, 4000)));
  track.valve().Open(*this);
  EXPECT_EQ(claims_, 0) << "not in the middle of one";
  track.feed().Take(Bytes(Frames(20).substr(4000)));
  EXPECT_TRUE(track.is_open());
  EXPECT_EQ(claims_, 1);
  EXPECT_EQ(Heard(), Frames(10));
}

TEST_F(RelayTrackTest, AMountThatIsNotToBeHadLeavesItClosed) {
  is_refused_ = true;
  Track track(reply_, "");
  track.valve().Open(*this);
  track.feed().Take(Bytes(Frames(10)));
  EXPECT_FALSE(track.is_open());
  EXPECT_EQ(claims_, 1);
  EXPECT_EQ(Heard(), "");
}

TEST_F(RelayTrackTest, TheTitleThatHoldsIsKnownWhenItOpens) {
  reply_.stream.metaint_bytes = 417 * 4;
  Track track(reply_, "");
  track.feed().Take(Bytes(Frames(4) + audio::RenderIcyBlock("So What", "") + Frames(2)));
  track.valve().Open(*this);
  track.feed().Take(Bytes(Frames(2)));
  ASSERT_TRUE(track.is_open());
  EXPECT_EQ(writer_->mount().Snap().title, "So What");
}

TEST_F(RelayTrackTest, WhoOpensWithinALinkSaysItsHeadersFirst) {
  Valve valve;
  valve.BeginLink(Bytes("headers"));
  valve.Append(Bytes("passed"));
  valve.Boundary(1s);
  valve.Open(*this);
  valve.SyncPoint(/*needs_preamble=*/true);
  valve.Append(Bytes("audio"));
  valve.Boundary(1s);
  EXPECT_EQ(Heard(), "headersaudio");
  const std::optional<tape::SyncPoint> sync = writer_->mount().tape().NewestSync();
  ASSERT_TRUE(sync.has_value());
  EXPECT_TRUE(sync->needs_preamble);
  EXPECT_EQ(sync->offset_bytes, 7u);
  EXPECT_TRUE(writer_->mount().PreambleOf(sync->link));
}

TEST_F(RelayTrackTest, WhereALinkBeginsItsOwnHeadersFollow) {
  Valve valve;
  valve.BeginLink(Bytes("old headers"));
  valve.Open(*this);
  valve.SyncPoint(/*needs_preamble=*/false);
  valve.Append(Bytes("new headers"));
  valve.Boundary(1s);
  EXPECT_EQ(Heard(), "new headers");
}

TEST_F(RelayTrackTest, APositionCountsAudioBehindThePreamble) {
  At(1000, 417);
  Track track(reply_, "");
  EXPECT_FALSE(track.position().has_value());
  track.feed().Take(Bytes(Frames(1).substr(0, 400)));
  EXPECT_FALSE(track.position().has_value()) << "within the preamble";
  track.feed().Take(Bytes(Frames(3).substr(400)));
  EXPECT_EQ(track.position()->offset_bytes, 1000u + 2 * 417);
  EXPECT_EQ(http::PositionToAsk(*track.position()), "ab:1834");
}

TEST_F(RelayTrackTest, AServerThatSaysNoPositionHasNone) {
  Track track(reply_, "");
  track.feed().Take(Bytes(Frames(3)));
  EXPECT_FALSE(track.position().has_value());
  EXPECT_FALSE(track.GoesOnWith(reply_));
}

TEST_F(RelayTrackTest, ItGoesOnAtTheVeryByteWithItsPreambleHeardAlready) {
  At(0);
  Track track(reply_, "");
  track.valve().Open(*this);
  const std::string audio = Frames(10);
  track.feed().Take(Bytes(audio.substr(0, 1000)));
  At(999);
  EXPECT_FALSE(track.GoesOnWith(reply_));
  At(1000, /*preamble_bytes=*/5);
  ASSERT_TRUE(track.GoesOnWith(reply_));
  track.GoOn(reply_, "");
  track.feed().Take(Bytes("12345" + audio.substr(1000)));
  EXPECT_EQ(Heard(), audio);
  EXPECT_EQ(track.feed().stats().garbage_bytes, 0u);
}

TEST_F(RelayTrackTest, WhatHadNotReachedABoundaryWhenTheMountWasLeftIsKept) {
  At(0);
  Track track(reply_, "");
  track.valve().Open(*this);
  const std::string audio = Frames(10);
  track.feed().Take(Bytes(audio.substr(0, 1000)));
  track.valve().Close();
  writer_->Leave(Instant());
  ASSERT_TRUE(track.valve().pending().has_value());
  const std::string pending = *track.valve().pending();
  EXPECT_EQ(Heard() + pending, audio.substr(0, Heard().size() + pending.size()));

  mount::Writer* again = Claim();
  again->Append(Bytes(pending));
  track.valve().GoOn(*again);
  track.feed().Take(Bytes(audio.substr(1000)));
  EXPECT_EQ(Heard(), audio);
}

TEST_F(RelayTrackTest, InAnotherProcessItStillKnowsWhatItsFramerWillNotFindAnew) {
  At(0);
  Track before(reply_, "");
  before.valve().Open(*this);
  before.feed().Take(Bytes(Frames(10)));
  const audio::Parameters found = registry_->Find("/live")->Snap().parameters;
  ASSERT_EQ(found.sample_rate_hz, 44'100u);
  const absl::StatusOr<std::unique_ptr<Track>> after =
      Track::Restore(*writer_, before.feed().state(), before.begin());
  ASSERT_TRUE(after.ok());
  (*after)->valve().Close();
  (*after)->valve().GoOn(*Claim());
  EXPECT_EQ(registry_->Find("/live")->Snap().parameters, found);
}

}  // namespace
}  // namespace floe::session
