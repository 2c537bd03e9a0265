// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/session_codec.h"

#include <string>

#include "audio/framer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "handover/state.pb.h"

namespace floe::handover {
namespace {

using testing::HasSubstr;

const std::string kNoUtf8("K\xe4se\0\xff", 6);

// A message of this kind, out of the bytes that one process tells the next.
template <typename Message>
Message Parsed(const Message& saved) {
  Message parsed;
  EXPECT_TRUE(parsed.ParseFromString(saved.SerializeAsString()));
  return parsed;
}

Address Somebody() {
  Address peer;
  peer.bytes[15] = 1;
  peer.port = 50'000;
  return peer;
}

mount::Writer::State FullWriter() {
  return {.is_torn = true,
          .lost_bytes = 1,
          .asks_again_at_bytes = 2,
          .due_title = mount::Writer::DueTitle{.offset_bytes = 3, .title = {kNoUtf8, "u"}},
          .published_bytes = 4,
          .played = 5s};
}

// No field of these has its default.
session::HeadState FullHead() {
  return {.peer = Somebody(), .begun = Instant(99s), .heard = kNoUtf8, .is_told = true};
}

session::SourceState FullSource() {
  session::SourceState state;
  state.peer = Somebody();
  state.begun = Instant(123456789012345ns);
  state.is_shoutcast = true;
  state.head = kNoUtf8;
  state.user = kNoUtf8;
  state.mount = "/" + kNoUtf8;
  state.pen = uint64_t{1} << 63;
  state.writer = FullWriter();
  state.feed.body = {.kind = http::BodyFraming::Kind::kLength, .length_bytes = 700};
  state.feed.charset = "latin1";
  state.feed.framer = audio::MakeFramer("audio/aac", &Clock::now)->state();
  state.feed.received_bytes = 9;
  state.feed.reported_bytes = 8;
  state.feed.audio_bytes = 7;
  state.feed.repeated_bytes = 6;
  return state;
}

session::LoopState FullLoop() {
  session::LoopState state;
  state.mount = "/" + kNoUtf8;
  state.pen = 7;
  state.file_hash = UINT64_MAX;
  state.path = "/srv/loop.ogg";
  state.rotation = {.seed = UINT64_MAX, .round = 13, .index = 14};
  state.progress = {.place = {.at_bytes = 10,
                              .first_serial = UINT32_MAX,
                              .first_sample = UINT64_MAX,
                              .next_sample = 15},
                    .given_bytes = 11,
                    .begun = Instant(12s)};
  state.writer = FullWriter();
  state.framer = audio::MakeFramer("audio/ogg", &Clock::now)->state();
  return state;
}

session::RelayState FullRelay() {
  session::RelayState state;
  state.mount = "/" + kNoUtf8;
  state.urls = {"http://a/", "http://b/"};
  upstream::HealthState health;
  health.phase = upstream::Phase::kUp;
  health.since = Instant(5s);
  health.retry_at = Instant(6s);
  health.heard_since = Instant(7s);
  health.failures = 8;
  health.attempts = 9;
  health.bytes = 10;
  health.error = "refused";
  health.lag = 11ms;
  state.choice.upstreams = {health, {}};
  state.choice.played = 1;
  state.choice.probed = 0;
  state.choice.is_wanted = true;
  state.choice.dice.state = UINT64_MAX;
  state.pen = 12;
  state.writer = FullWriter();
  session::RelayState::Heard& heard = state.heard.emplace();
  heard.peer = Somebody();
  heard.feed = FullSource().feed;
  heard.begin = http::StreamPosition{.stream = "ab-1", .offset_bytes = 13, .preamble_bytes = 14};
  return state;
}

template <typename Message, typename State>
Message Saved(void (*save)(const State&, Message*), const State& state) {
  Message message;
  save(state, &message);
  return Parsed(message);
}

TEST(SessionCodec, EveryFieldOfARequestGoesOver) {
  EXPECT_TRUE(LoadHead(Saved(&SaveHead, FullHead())).value() == FullHead());
}

TEST(SessionCodec, EveryFieldOfASourceGoesOver) {
  EXPECT_TRUE(LoadSource(Saved(&SaveSource, FullSource())).value() == FullSource());
}

TEST(SessionCodec, EveryFieldOfALoopGoesOver) {
  EXPECT_TRUE(LoadLoop(Saved(&SaveLoop, FullLoop())).value() == FullLoop());
}

TEST(SessionCodec, EveryFieldOfARelayGoesOver) {
  EXPECT_TRUE(LoadRelay(Saved(&SaveRelay, FullRelay())).value() == FullRelay());
  session::RelayState silent = FullRelay();
  silent.heard.reset();
  silent.choice.played.reset();
  EXPECT_TRUE(LoadRelay(Saved(&SaveRelay, silent)).value() == silent);
}

TEST(SessionCodec, ARequestOfWhichNothingWasHeardIsHeardFromItsBeginning) {
  EXPECT_TRUE(LoadHead(Head()).value() == session::HeadState());
}

TEST(SessionCodec, ASourceOrALoopOfWhichTheFormatIsNotSaidIsRefused) {
  Source source = Saved(&SaveSource, FullSource());
  source.clear_feed();
  EXPECT_THAT(LoadSource(source).status().message(), HasSubstr("format"));
  Loop loop = Saved(&SaveLoop, FullLoop());
  loop.mutable_framer()->clear_format();
  EXPECT_THAT(LoadLoop(loop).status().message(), HasSubstr("format"));
  Relay relay = Saved(&SaveRelay, FullRelay());
  relay.mutable_heard()->clear_feed();
  EXPECT_THAT(LoadRelay(relay).status().message(), HasSubstr("format"));
}

// Reckoned with, they overflowed.
TEST(SessionCodec, BeginningsThatNoClockHasAreRefused) {
  Head head = Saved(&SaveHead, FullHead());
  Source source = Saved(&SaveSource, FullSource());
  Loop loop = Saved(&SaveLoop, FullLoop());
  for (const int64_t ns : {int64_t{-1}, INT64_MIN, INT64_MAX}) {
    head.set_begun_ns(ns);
    source.set_begun_ns(ns);
    loop.set_begun_ns(ns);
    EXPECT_THAT(LoadHead(head).status().message(), HasSubstr("of a request")) << ns;
    EXPECT_THAT(LoadSource(source).status().message(), HasSubstr("of a source")) << ns;
    EXPECT_THAT(LoadLoop(loop).status().message(), HasSubstr("of a loop")) << ns;
    Relay relay = Saved(&SaveRelay, FullRelay());
    relay.mutable_upstreams(0)->set_retry_at_ns(ns);
    EXPECT_THAT(LoadRelay(relay).status().message(), HasSubstr("next try")) << ns;
  }
}

}  // namespace
}  // namespace floe::handover
