// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// That it is decoded to zeros is tests/e2e/test_files.py's.
#include "audio/silence.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/audio/recorder.h"

namespace floe::audio {
namespace {

Parameters Of(Codec codec, uint32_t rate, uint32_t channels, uint32_t bitrate = 0) {
  return {.codec = codec, .bitrate_bps = bitrate, .sample_rate_hz = rate, .channels = channels};
}

// Whether the framer of the type finds a second of such a stream, and nothing else.
void ExpectSilence(const char* type, const Parameters& asked, uint32_t bitrate) {
  const absl::StatusOr<SilenceKind> kind = SilenceFor(type, asked);
  ASSERT_TRUE(kind.ok()) << kind.status();
  EXPECT_EQ(kind->parameters.bitrate_bps, bitrate);
  const absl::StatusOr<Track> track = MakeSilence(*kind);
  ASSERT_TRUE(track.ok()) << kind->Name() << " " << track.status();
  const Outcome outcome = FeedAll(type, track->bytes);
  EXPECT_EQ(outcome.heard.found, kind->parameters) << kind->Name();
  EXPECT_EQ(outcome.stats.garbage_bytes, 0u) << kind->Name();
  EXPECT_GE(outcome.stats.played, microseconds(1'000'000)) << kind->Name();
  EXPECT_LE(outcome.stats.played, microseconds(1'150'000)) << kind->Name();
  EXPECT_EQ(SilenceKind::Parse(kind->Name()), *kind);
}

TEST(Silence, Mp3HasItAtEveryRateAndBitrate) {
  for (const uint32_t channels : {1, 2}) {
    for (const uint32_t rate : {32000, 44100, 48000}) {
      for (const uint32_t bitrate : {32000, 128000, 320000}) {
        ExpectSilence("audio/mpeg", Of(Codec::kMp3, rate, channels, bitrate), bitrate);
      }
    }
    for (const uint32_t rate : {8000, 11025, 12000, 16000, 22050, 24000}) {
      for (const uint32_t bitrate : {8000, 64000, 160000}) {
        ExpectSilence("audio/mpeg", Of(Codec::kMp3, rate, channels, bitrate), bitrate);
      }
    }
  }
}

TEST(Silence, ABitrateThatFramesDoNotHaveBecomesTheNearest) {
  ExpectSilence("audio/mpeg", Of(Codec::kMp3, 44100, 2, 70'000), 64'000);
  ExpectSilence("audio/mpeg", Of(Codec::kMp3, 24000, 2, 1'000'000), 160'000);
  ExpectSilence("audio/mpeg", Of(Codec::kMp3, 44100, 1, 0), 32'000);
}

TEST(Silence, AacHasItInMonoAndStereo) {
  for (const uint32_t rate : {7350, 8000, 22050, 24000, 44100, 48000, 96000}) {
    for (const uint32_t channels : {1, 2}) {
      ExpectSilence("audio/aac", Of(Codec::kAac, rate, channels, 0), 0);
    }
  }
}

TEST(Silence, OfOtherStreamsThereIsNone) {
  EXPECT_FALSE(SilenceFor("audio/aac", Of(Codec::kAac, 44100, 6)).ok());
  EXPECT_FALSE(SilenceFor("audio/aac", Of(Codec::kAac, 44000, 2)).ok());
  EXPECT_FALSE(SilenceFor("audio/mpeg", Of(Codec::kMp3, 0, 2, 128'000)).ok());
  EXPECT_FALSE(SilenceFor("audio/mpeg", Of(Codec::kMp2, 44100, 2, 128'000)).ok());
  EXPECT_FALSE(SilenceFor("audio/ogg", Of(Codec::kVorbis, 44100, 2, 128'000)).ok());
}

TEST(Silence, OnlyNamesThatItGivesAreRead) {
  for (const char* name :
       {"", "silence:", "silence:audio/mpeg", "silence:audio/mpeg:44100:2:127000",
        "silence:audio/mpeg:44100:3:128000", "silence:audio/mpeg:044100:2:128000",
        "file:audio/mpeg:44100:2:128000", "silence:audio/mpeg:44100:2:128000:1"}) {
    EXPECT_FALSE(SilenceKind::Parse(name).has_value()) << name;
  }
  EXPECT_TRUE(SilenceKind::Parse("silence:audio/mpeg:44100:2:128000").has_value());
  EXPECT_TRUE(SilenceKind::Parse("silence:audio/aacp:44100:2:0").has_value());
}

}  // namespace
}  // namespace floe::audio
