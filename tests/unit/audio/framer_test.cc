// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/framer.h"

#include "audio/sample_clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "unit/audio/recorder.h"
#include "unit/audio/samples.h"

namespace floe::audio {
namespace {

using ::testing::ElementsAre;

// Whether a stream of this type is told by what `file` holds.
bool Understands(absl::string_view content_type, const char* file) {
  const Outcome outcome = FeedAll(content_type, ReadSample(file));
  return outcome.stats.frames > 1 && outcome.stats.resyncs == 0;
}

TEST(MakeFramer, KnowsWhatEncodersCallTheirStreams) {
  for (const char* type :
       {"audio/mpeg", "audio/mp3", "audio/x-mpeg", "audio/MPEG; rate=44100", " Audio/Mpeg ;x"}) {
    EXPECT_TRUE(Understands(type, "constant.mp3")) << type;
  }
  for (const char* type : {"audio/aac", "audio/aacp", "audio/x-aac", "AUDIO/AACP"}) {
    EXPECT_TRUE(Understands(type, "plain.aac")) << type;
  }
  for (const char* type : {"application/ogg", "audio/ogg", "video/ogg", "audio/opus",
                           "audio/vorbis", "application/x-ogg", "audio/ogg; codecs=opus"}) {
    EXPECT_TRUE(Understands(type, "opus.ogg")) << type;
  }
  for (const char* type : {"audio/webm", "video/webm", "audio/x-matroska", "video/x-matroska",
                           "audio/webm;codecs=\"opus\""}) {
    EXPECT_TRUE(Understands(type, "sound.webm")) << type;
  }
  for (const char* type : {"audio/flac", "audio/x-flac"}) {
    EXPECT_TRUE(Understands(type, "ffmpeg.flac")) << type;
  }
}

TEST(MakeFramer, PassesOnWhatItDoesNotKnow) {
  for (const char* type : {"", ";", "text/plain", "audio/mpegurl", "audio/x-mpegurl", "video/mp2t",
                           "application/octet-stream", "audio/mpegx"}) {
    const Outcome outcome = FeedAll(type, "anything at all");
    EXPECT_EQ(outcome.heard.published, "anything at all") << type;
    EXPECT_EQ(outcome.heard.found.codec, Codec::kOpaque) << type;
  }
}

TEST(AllowsIcy, OnlyWhereBytesBetweenFramesBreakNothing) {
  for (const char* type : {"audio/mpeg", "audio/aacp; x=1", "text/plain", "video/mp2t"}) {
    EXPECT_TRUE(AllowsIcy(type)) << type;
  }
  for (const char* type : {"application/ogg", "audio/ogg; codecs=flac", "audio/webm",
                           "video/x-matroska", "audio/flac", "Audio/Opus"}) {
    EXPECT_FALSE(AllowsIcy(type)) << type;
  }
}

TEST(CodecName, SaysWhatListenersKnowItAs) {
  EXPECT_STREQ(CodecName(Codec::kMp3), "MP3");
  EXPECT_STREQ(CodecName(Codec::kAac), "AAC");
  EXPECT_STREQ(CodecName(Codec::kVorbis), "Vorbis");
  EXPECT_STREQ(CodecName(Codec::kUnknown), "unknown");
}

TEST(FramerStats, KnowNoBitrateBeforeASecondWasHeard) {
  FramerStats stats{.played = milliseconds(999), .audio_bytes = 16000};
  EXPECT_EQ(stats.bitrate_bps(), 0u);
  stats.played = seconds(2);
  EXPECT_EQ(stats.bitrate_bps(), 64000u);
}

TEST(SampleClock, LosesNothingHoweverTheSamplesCome) {
  SampleClock clock;
  microseconds sum{0};
  for (int i = 0; i < 44100; ++i) sum += clock.Advance(1, 44100);
  EXPECT_EQ(sum, seconds(1));
  EXPECT_EQ(clock.Advance(30, 30000, 1001), milliseconds(1001));
  EXPECT_EQ(clock.Advance(5, 0), microseconds(0));
}

TEST(SampleClock, TakesNoFrameForLongerThanADay) {
  SampleClock clock;
  EXPECT_EQ(clock.Advance(1u << 31, 1u << 31, 86'400), SampleClock::kAdvanceMax);
  EXPECT_EQ(clock.Advance(1u << 31, 1u << 31, UINT32_MAX), SampleClock::kAdvanceMax);
  EXPECT_EQ(clock.Advance(UINT64_MAX, 1, UINT32_MAX), SampleClock::kAdvanceMax);
}

Instant g_now;

TEST(OpaqueFramer, EveryPieceIsABoundaryAndLastsAsLongAsItTookToCome) {
  g_now = Instant() + seconds(100);
  const std::unique_ptr<Framer> framer = MakeFramer("x/y", [] { return g_now; });
  Recorder heard;
  framer->Feed(AsBytes("one"), heard);
  g_now += milliseconds(300);
  framer->Feed(AsBytes("two"), heard);
  framer->Feed({}, heard);
  g_now += nanoseconds(1500);
  framer->Feed(AsBytes("three"), heard);
  g_now += nanoseconds(1500);
  framer->Feed(AsBytes("four"), heard);
  g_now -= seconds(5);
  framer->Feed(AsBytes("five"), heard);
  framer->End(heard);
  EXPECT_THAT(heard.Units(), ElementsAre("one", "two", "three", "four", "five"));
  EXPECT_EQ(heard.joins.size(), 5u);
  EXPECT_EQ(heard.played, microseconds(300'003));
  EXPECT_EQ(framer->stats().frames, 5u);
  EXPECT_EQ(framer->stats().audio_bytes, 19u);
}

}  // namespace
}  // namespace floe::audio
