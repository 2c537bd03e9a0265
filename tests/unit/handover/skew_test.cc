// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Two binaries that are not of the same age: one says what the other does not know, or does not
// say what the other knows.
#include <string>

#include "absl/strings/str_cat.h"
#include "audio/framer_state.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "handover/feed.pb.h"
#include "handover/feed_codec.h"
#include "handover/framer_codec.h"
#include "unit/audio/recorder.h"

namespace floe::handover {
namespace {

using ::testing::HasSubstr;

audio::FramerState Ogg() {
  audio::FramerState state = audio::MakeFramer("audio/ogg", audio::NoClock)->state();
  state.stats.frames = 7;
  auto& ogg = std::get<audio::OggFramer::State>(state.format);
  ogg.streams.resize(1);
  ogg.streams[0].serial = 5;
  ogg.title = "Ice - Floe";
  return state;
}

// Fields of the numbers 1000 and 1001: a number, and a run of bytes.
const char kUnknownFields[] = "\xc0\x3e\x2a\xca\x3e\x03new";

TEST(Skew, WhatANewerBinarySaysBesidesIsPassedOver) {
  FramerState message;
  SaveFramer(Ogg(), &message);
  const std::string unknown(kUnknownFields, sizeof(kUnknownFields) - 1);
  // Within a stream, within the format, and in the message itself.
  ASSERT_TRUE(message.mutable_ogg()->mutable_streams(0)->MergeFromString(unknown));
  ASSERT_TRUE(message.mutable_ogg()->MergeFromString(unknown));
  FramerState parsed;
  ASSERT_TRUE(parsed.ParseFromString(absl::StrCat(message.SerializeAsString(), unknown)));
  EXPECT_EQ(LoadFramer(parsed).value(), Ogg());
}

TEST(Skew, AnUnknownFormatIsRefused) {
  FramerState message;
  message.mutable_stats()->set_frames(7);
  ASSERT_TRUE(message.MergeFromString(std::string("\x9a\x06\x02hi", 5)));  // 99, of a new oneof
  EXPECT_THAT(LoadFramer(message).status().message(), HasSubstr("format"));
}

TEST(Skew, WhatAnOlderBinaryDoesNotSayIsAsInAFreshFramer) {
  FramerState message;
  for (const char* type :
       {"a/b", "audio/mpeg", "audio/aac", "audio/ogg", "audio/webm", "audio/flac"}) {
    message.Clear();
    const audio::FramerState fresh = audio::MakeFramer(type, audio::NoClock)->state();
    SaveFramer(fresh, &message);
    // Nothing but which format it is.
    switch (message.format_case()) {
      case FramerState::kOpaque: message.mutable_opaque()->Clear(); break;
      case FramerState::kMpeg: message.mutable_mpeg()->Clear(); break;
      case FramerState::kAdts: message.mutable_adts()->Clear(); break;
      case FramerState::kOgg: message.mutable_ogg()->Clear(); break;
      case FramerState::kWebm: message.mutable_webm()->Clear(); break;
      case FramerState::kFlac: message.mutable_flac()->Clear(); break;
      case FramerState::FORMAT_NOT_SET: FAIL() << type;
    }
    message.clear_stats();
    message.clear_carry();
    EXPECT_EQ(LoadFramer(message).value(), fresh) << type;
  }
}

TEST(Skew, AStreamOfOggWithoutItsNewestFieldsHasTheirDefaults) {
  FramerState message;
  SaveFramer(Ogg(), &message);
  message.mutable_ogg()->mutable_streams(0)->clear_codec();
  const audio::FramerState loaded = LoadFramer(message).value();
  const auto& ogg = std::get<audio::OggFramer::State>(loaded.format);
  EXPECT_EQ(ogg.streams[0].codec, audio::OggCodec());
  EXPECT_EQ(ogg.streams[0].codec.per, 1u);
  EXPECT_EQ(ogg.timed, audio::OggFramer::kNoStream);
}

TEST(Skew, ANumberIsRefusedRatherThanCutShort) {
  FramerState message;
  SaveFramer(Ogg(), &message);
  message.mutable_ogg()->set_section(256);  // would be 0
  EXPECT_THAT(LoadFramer(message).status().message(), HasSubstr("section of the message is 256"));
  ChunkedState chunks;
  chunks.set_step(0x103);
  EXPECT_THAT(LoadChunked(chunks).status().message(), HasSubstr("259"));
}

TEST(Skew, AnEnumeratorOfTheFutureIsRefused) {
  FramerState message;
  SaveFramer(Ogg(), &message);
  message.mutable_ogg()->set_section(5);
  const absl::StatusOr<audio::FramerState> loaded = LoadFramer(message);
  ASSERT_TRUE(loaded.ok());
  EXPECT_THAT(audio::RestoreFramer(*loaded, audio::NoClock).status().message(),
              HasSubstr("section is 5; at most 4"));
}

TEST(Skew, AFeedThatSaysOnlyItsFormatIsOneThatHasJustBegun) {
  FeedState message;
  message.mutable_framer()->mutable_mpeg();
  const session::FeedState loaded = LoadFeed(message).value();
  session::FeedState fresh;
  fresh.framer = audio::MakeFramer("audio/mpeg", audio::NoClock)->state();
  EXPECT_EQ(loaded, fresh);
  EXPECT_FALSE(LoadFeed(FeedState()).ok()) << "no format at all";
}

}  // namespace
}  // namespace floe::handover
