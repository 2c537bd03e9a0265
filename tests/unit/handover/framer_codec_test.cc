// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/framer_codec.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "handover/feed.pb.h"
#include "unit/audio/recorder.h"
#include "unit/audio/samples.h"

namespace floe::handover {
namespace {

using audio::Arrival;
using audio::FeedAll;
using audio::Outcome;
using audio::Sample;
using Way = Arrival::Way;

// As it goes from one process to the next: a message, bytes, a message.
audio::FramerState ThroughBytes(const audio::FramerState& state) {
  FramerState saved, parsed;
  SaveFramer(state, &saved);
  EXPECT_TRUE(parsed.ParseFromString(saved.SerializeAsString()));
  const absl::StatusOr<audio::FramerState> loaded = LoadFramer(parsed);
  EXPECT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_TRUE(*loaded == state) << "a field was lost";
  return *loaded;
}

class EverySample : public testing::TestWithParam<Sample> {
 protected:
  Outcome Feed(absl::string_view bytes, Arrival arrival = {}) {
    return FeedAll(GetParam().content_type, bytes, arrival);
  }

  const std::string bytes_ = audio::ReadSample(GetParam().file);
};

TEST_P(EverySample, GoesOnInTheNextProcessWhereverItIsCut) {
  const std::string stream =
      absl::StrCat(bytes_, bytes_.substr(0, bytes_.size() / 2 + 3), "no audio", bytes_);
  const Outcome whole = Feed(stream);
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    const Arrival arrival{Way::kRandomPieces, seed, 300 * seed * seed, ThroughBytes};
    const Outcome handed_over = Feed(stream, arrival);
    EXPECT_EQ(handed_over.heard.events, whole.heard.events) << "seed " << seed;
    EXPECT_EQ(handed_over.stats, whole.stats) << "seed " << seed;
  }
}

TEST_P(EverySample, GoesOnInTheNextProcessAtEveryByteOfItsBeginning) {
  const std::string beginning = bytes_.substr(0, 4000);
  const Outcome whole = Feed(beginning);
  const Outcome handed_over = Feed(beginning, {.way = Way::kByteByByte, .hand_over = ThroughBytes});
  EXPECT_EQ(handed_over.heard.events, whole.heard.events);
  EXPECT_EQ(handed_over.stats, whole.stats);
}

INSTANTIATE_TEST_SUITE_P(Handover, EverySample, testing::ValuesIn(audio::kSamples),
                         [](const testing::TestParamInfo<Sample>& sample) {
                           std::string name = sample.param.file;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

Instant g_now;

TEST(FramerCodec, AnOpaqueStreamsTimeGoesOnFromOneProcessToTheNext) {
  const auto clock = [] { return g_now; };
  g_now = Instant() + seconds(100);
  const auto framer = audio::MakeFramer("a/b", clock);
  audio::Recorder heard;
  framer->Feed(audio::AsBytes("one"), heard);
  g_now += milliseconds(300);
  const auto next = audio::RestoreFramer(ThroughBytes(framer->state()), clock).value();
  next->Feed(audio::AsBytes("two"), heard);
  EXPECT_EQ(heard.played, milliseconds(300));
  EXPECT_EQ(next->stats().frames, 2u);
  EXPECT_EQ(next->stats().audio_bytes, 6u);
}

}  // namespace
}  // namespace floe::handover
