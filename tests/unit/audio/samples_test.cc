// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What holds for every format, told of what real encoders wrote.
#include "unit/audio/samples.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "unit/audio/recorder.h"

namespace floe::audio {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using Way = Arrival::Way;

// A stream whose frames have no checksum is known by so many of them at most.
constexpr size_t kFramesToLock = 4;

class EverySample : public testing::TestWithParam<Sample> {
 protected:
  Outcome Feed(absl::string_view bytes, Arrival arrival = {}) {
    return FeedAll(GetParam().content_type, bytes, arrival);
  }

  const std::string bytes_ = ReadSample(GetParam().file);
};

TEST_P(EverySample, IsHeardTheSameHoweverItArrives) {
  const Outcome whole = Feed(bytes_);
  ASSERT_THAT(whole.heard.events, Not(IsEmpty()));
  EXPECT_EQ(Feed(bytes_, {.way = Way::kByteByByte}).heard.events, whole.heard.events);
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    const size_t piece_bytes_max = seed == 1 ? 5 : 3000 * seed;
    const Arrival arrival{Way::kRandomPieces, seed, piece_bytes_max};
    EXPECT_EQ(Feed(bytes_, arrival).heard.events, whole.heard.events) << "seed " << seed;
  }
}

TEST_P(EverySample, IsHeardTheSameThoughOtherProcessesGoOnWithIt) {
  // Whole, cut off in the middle of something, behind garbage, and with its first bytes again.
  const std::string stream = absl::StrCat(bytes_, bytes_.substr(0, bytes_.size() / 2 + 3),
                                          "no audio", bytes_, bytes_.substr(0, 1000));
  const Outcome whole = Feed(stream);
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    const Arrival arrival{Way::kRandomPieces, seed, 200 * seed * seed, AsItIs};
    const Outcome handed_over = Feed(stream, arrival);
    EXPECT_EQ(handed_over.heard.events, whole.heard.events) << "seed " << seed;
    EXPECT_EQ(handed_over.stats, whole.stats) << "seed " << seed;
  }
}

TEST_P(EverySample, MayBeHandedOverAtEveryByteOfItsBeginning) {
  const std::string beginning = bytes_.substr(0, 6000);
  const Outcome whole = Feed(beginning);
  const Outcome handed_over = Feed(beginning, {.way = Way::kByteByByte, .hand_over = AsItIs});
  EXPECT_EQ(handed_over.heard.events, whole.heard.events);
  EXPECT_EQ(handed_over.stats, whole.stats);
}

TEST_P(EverySample, LosesNothingButItsTags) {
  const Outcome whole = Feed(bytes_);
  EXPECT_EQ(whole.stats.garbage_bytes, GetParam().tag_bytes);
  EXPECT_EQ(whole.stats.resyncs, 0u);
  if (GetParam().is_passed_on) {
    EXPECT_EQ(whole.heard.published, bytes_.substr(GetParam().tag_bytes));
  } else {
    EXPECT_TRUE(absl::EndsWith(bytes_, whole.heard.published));
  }
}

TEST_P(EverySample, PlaysAsLongAsItIs) {
  const Outcome whole = Feed(bytes_);
  const double heard_s = std::chrono::duration<double>(whole.heard.played).count();
  EXPECT_NEAR(heard_s, GetParam().duration_s, GetParam().frame_s);
  EXPECT_EQ(whole.stats.played, whole.heard.played);
  const double audio_bps = static_cast<double>(whole.stats.audio_bytes) * 8 / heard_s;
  EXPECT_NEAR(whole.stats.bitrate_bps(), audio_bps, 1);
}

TEST_P(EverySample, SaysWhatItIs) {
  const Outcome whole = Feed(bytes_);
  EXPECT_EQ(whole.heard.found, GetParam().parameters);
  if (GetParam().title == nullptr) {
    EXPECT_THAT(whole.heard.titles, IsEmpty());
  } else {
    EXPECT_THAT(whole.heard.titles, ElementsAre(GetParam().title));
  }
}

TEST_P(EverySample, MayBeJoinedAtEverySyncPoint) {
  const Outcome whole = Feed(bytes_);
  const size_t joins = whole.heard.joins.size();
  const size_t unlocked = AllowsIcy(GetParam().content_type) ? kFramesToLock - 1 : 0;
  ASSERT_GT(joins, unlocked + 1);
  for (size_t i = 0; i + unlocked < joins; ++i) {
    const std::string joined = whole.heard.JoinedAt(i);
    const Outcome late = Feed(joined);
    ASSERT_EQ(late.stats.garbage_bytes, 0u) << "sync point " << i;
    ASSERT_TRUE(absl::EndsWith(joined, late.heard.published)) << "sync point " << i;
    if (GetParam().is_passed_on) {
      ASSERT_EQ(late.heard.published, joined) << "sync point " << i;
    }
    ASSERT_EQ(late.heard.joins[0].offset_bytes, 0u);
    ASSERT_EQ(late.heard.found.codec, GetParam().parameters.codec);
  }
}

TEST_P(EverySample, TornAnywhereEndsAtTheLastBoundaryBeforeTheTear) {
  const std::vector<Event> events = Feed(bytes_).heard.events;
  for (size_t torn_at = 0; torn_at < bytes_.size(); torn_at += 1 + bytes_.size() / 400) {
    const Recorder torn = Feed(bytes_.substr(0, torn_at)).heard;
    ASSERT_FALSE(torn.has_open_bytes()) << "torn at " << torn_at;
    std::vector<Event> before = torn.events;
    // A frame may have begun that never ended.
    while (!before.empty() && before.back().kind != Event::Kind::kBoundary) before.pop_back();
    ASSERT_LE(before.size(), events.size());
    ASSERT_TRUE(std::equal(before.begin(), before.end(), events.begin())) << "torn at " << torn_at;
  }
}

TEST_P(EverySample, AfterItComesTheNextSourceOfItsKind) {
  const Outcome twice = Feed(bytes_ + bytes_);
  const Outcome once = Feed(bytes_);
  EXPECT_EQ(twice.heard.published, once.heard.published + once.heard.published);
  EXPECT_EQ(twice.stats.garbage_bytes, 2 * once.stats.garbage_bytes);
  EXPECT_EQ(twice.stats.resyncs, 0u);
  EXPECT_EQ(twice.heard.joins.size(), 2 * once.heard.joins.size());
}

INSTANTIATE_TEST_SUITE_P(Audio, EverySample, testing::ValuesIn(kSamples),
                         [](const testing::TestParamInfo<Sample>& sample) {
                           std::string name = sample.param.file;
                           std::replace(name.begin(), name.end(), '.', '_');
                           return name;
                         });

}  // namespace
}  // namespace floe::audio
