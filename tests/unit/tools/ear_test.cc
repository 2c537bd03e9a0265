// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/load/ear.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"

namespace floe::tools {
namespace {

constexpr uint32_t kMetaint = 417 * 4;
constexpr int64_t kMs = 1'000'000;

class Listening : public testing::Test {
 protected:
  static constexpr Ear::Terms kTerms{
      .kind = Kind::kSteady, .mount = 0, .knows_mount = true, .settled_at_ns = 0};

  std::string Frames(uint64_t from, uint64_t to, uint32_t mount = 0, uint32_t life = 1) {
    std::string bytes;
    for (uint64_t i = from; i < to; ++i) {
      writer_->Append({.sequence = i, .sent_ns = i * kMs, .mount = mount, .life = life}, &bytes);
    }
    return bytes;
  }

  const Flaws& flaws() const { return tally_.flaws[size_t(Kind::kSteady)]; }

  std::unique_ptr<FrameWriter> writer_ = *FrameWriter::Make(Format::kMp3, 128);
  Ear ear_{Format::kMp3, 0, kTerms};
  Tally tally_;
};

TEST_F(Listening, UnbrokenAudioHasNoFlawsAndIsMeasuredInSound) {
  const int64_t sound_ns = ear_.Hear(Frames(0, 100), 200 * kMs, &tally_);
  EXPECT_NEAR(double(sound_ns) / 1e9, 100 * 1152 / 44100.0, 1e-6);
  EXPECT_EQ(tally_.frames, 100u);
  EXPECT_EQ(flaws().breaks(), 0u);
  EXPECT_EQ(flaws().ragged_starts, 0u);
}

TEST_F(Listening, GapsRepeatsAndTearsAreToldApart) {
  ear_.Hear(absl::StrCat(Frames(0, 5), Frames(7, 9), Frames(8, 9), Frames(9, 10).substr(0, 90),
                         Frames(10, 12)),
            0, &tally_);
  EXPECT_EQ(flaws().gaps, 2u);  // 5 and 6; and 9, which was torn
  EXPECT_EQ(flaws().missing_frames, 3u);
  EXPECT_EQ(flaws().repeats, 1u);
  EXPECT_EQ(flaws().torn, 1u);
}

TEST_F(Listening, ToldIsWhereItWentFromOneLifeToAnotherAndWhen) {
  ear_.Hear(Frames(0, 5), 0, &tally_);
  ear_.Hear(Frames(70, 73, 1, 2), 10 * kMs, &tally_);
  Ear other(Format::kMp3, 0, kTerms);
  other.Hear(Frames(2, 4), 0, &tally_);
  Tally of_another_ring;
  other.Hear(Frames(71, 73, 1, 2), 30 * kMs, &of_another_ring);
  tally_.Merge(of_another_ring);

  const Changes own = tally_.changes.at(1), next = tally_.changes.at(2);
  EXPECT_EQ((std::array{own.went, own.went_at_min, own.went_at_max}), (std::array{2ul, 3ul, 4ul}));
  EXPECT_EQ(own.came, 0u);
  EXPECT_EQ(next.came, 2u);
  EXPECT_EQ((std::array{next.came_first_ns, next.came_last_ns}), (std::array{10 * kMs, 30 * kMs}));
  EXPECT_EQ(flaws().breaks(), 0u);
}

TEST_F(Listening, OfMoreLivesThanAreKeptTheFirstAreTold) {
  for (uint32_t life = 0; life < 2 * kLivesMax; ++life) {
    ear_.Hear(Frames(0, 1, 0, life), 0, &tally_);
  }
  EXPECT_EQ(tally_.changes.size(), kLivesMax);
  EXPECT_EQ(tally_.new_lives, 2 * kLivesMax - 1);
}

TEST_F(Listening, LatencyIsTheAgeOfEveryFrameAndOfTheFreshestInEachRead) {
  ear_.Hear(Frames(0, 11), 15 * kMs, &tally_);
  EXPECT_EQ(tally_.latency.count(), 11u);
  EXPECT_EQ(tally_.latency.max_us(), 15'000u);
  EXPECT_EQ(tally_.freshest.count(), 1u);
  EXPECT_EQ(tally_.freshest.max_us(), 5'000u);
}

TEST_F(Listening, TheBurstDoesNotCountAsLatency) {
  ear_.SetSettledAt(100 * kMs);
  ear_.Hear(Frames(0, 50), 99 * kMs, &tally_);
  EXPECT_EQ(tally_.latency.count(), 0u);
}

TEST_F(Listening, TheWrongMountIsNoticedAtOnce) {
  ear_.Hear(Frames(0, 1, /*mount=*/4), 0, &tally_);
  EXPECT_EQ(tally_.wrong_mounts, 1u);
}

TEST_F(Listening, ATitleIsPlacedByTheFrameItSpeaksOf) {
  Ear ear(Format::kMp3, kMetaint, kTerms);
  const auto block = [](absl::string_view title) {
    const std::string text = absl::StrCat("StreamTitle='", title, "';");
    std::string bytes(1 + (text.size() + 15) / 16 * 16, '\0');
    bytes[0] = char(bytes.size() / 16);
    return bytes.replace(1, text.size(), text);
  };
  const std::string audio = Frames(0, 40);
  ear.Hear(absl::StrCat(audio.substr(0, kMetaint), block("Title 1 at frame 0"),
                        audio.substr(kMetaint, kMetaint), block("Title 2 at frame 6"),
                        audio.substr(2 * kMetaint, kMetaint), block("Title 5 at frame 30")),
           0, &tally_);
  EXPECT_EQ(tally_.titles, 3u);
  EXPECT_EQ(tally_.titles_missed, 2u);      // 3 and 4
  EXPECT_EQ(tally_.titles_early, 1u);       // frame 30 was not yet heard
  EXPECT_EQ(tally_.title_lag.count(), 1u);  // title 2, one whole frame (7) after frame 6
  EXPECT_EQ(tally_.title_lag.max_us() / 1000, 26u);
}

TEST(Histogram, QuantilesAreWithinThreePercent) {
  Histogram histogram;
  for (uint64_t us = 1; us <= 100'000; ++us) histogram.Add(us);
  EXPECT_NEAR(double(histogram.QuantileUs(0.5)), 50'000, 1'600);
  EXPECT_NEAR(double(histogram.QuantileUs(0.99)), 99'000, 3'100);
  EXPECT_EQ(histogram.QuantileUs(1), 100'000u);
  EXPECT_EQ(Histogram().QuantileUs(0.5), 0u);
}

TEST(Histogram, MergingLosesNothing) {
  Histogram a, b;
  for (uint64_t us : {5u, 70u, 3'000'000u}) a.Add(us), b.Add(us * 3);
  a.Merge(b);
  EXPECT_EQ(a.count(), 6u);
  EXPECT_EQ(a.max_us(), 9'000'000u);
}

}  // namespace
}  // namespace floe::tools
