// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/track.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "audio/crc.h"
#include "audio/flac_header.h"
#include "audio/mpeg_info.h"
#include "audio/ogg_page.h"
#include "unit/audio/recorder.h"
#include "unit/audio/samples.h"

namespace floe::audio {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

Track TrackOf(const char* file, absl::string_view content_type) {
  absl::StatusOr<Track> track = MakeTrack(content_type, AsBytes(ReadSample(file)));
  EXPECT_TRUE(track.ok()) << track.status();
  return track.ok() ? *std::move(track) : Track{};
}

// What a mount's writer is told of so many passes.
struct Passes {
  Recorder heard;
  FramerStats stats;
  TrackPlace place;
};
Passes Play(const std::vector<Track>& tracks) {
  Passes passes;
  TrackFeed feed;
  const std::unique_ptr<Framer> framer = MakeFramer(tracks.front().content_type, &Clock::now);
  for (const Track& track : tracks) {
    do {
      feed.Step(track, *framer, passes.heard, &passes.place);
    } while (passes.place.at_bytes != 0);
  }
  framer->End(passes.heard);
  passes.stats = framer->stats();
  return passes;
}

std::vector<OggPage> PagesOf(const std::string& bytes) {
  std::vector<OggPage> pages;
  for (Bytes rest = AsBytes(bytes); !rest.empty();) {
    const OggSight sight = LookForPage(rest, [](const OggPage&) { return true; });
    EXPECT_EQ(sight.kind, OggSight::Kind::kPage);
    if (sight.kind != OggSight::Kind::kPage) break;
    pages.push_back(sight.page);
    rest = rest.subspan(sight.bytes);
  }
  return pages;
}

TEST(Track, WhatDescribesAnMp3IsNoPartOfIt) {
  for (const char* file : {"constant.mp3", "variable.mp3", "mpeg2.mp3", "mpeg25.mp3"}) {
    const std::string raw = ReadSample(file);
    ASSERT_TRUE(absl::StrContains(raw, "Info") || absl::StrContains(raw, "Xing")) << file;
    const Track track = TrackOf(file, "audio/mpeg");
    EXPECT_FALSE(absl::StrContains(track.bytes, "Info")) << file;
    EXPECT_FALSE(absl::StrContains(track.bytes, "Xing")) << file;
    EXPECT_EQ(track.title, "Ice - Floe") << file;
    const Outcome whole = FeedAll("audio/mpeg", raw);
    EXPECT_EQ(FeedAll("audio/mpeg", track.bytes).stats.frames, whole.stats.frames - 1) << file;
  }
}

TEST(Track, OfTheFrameThatDescribesOnlyTheFirstIsLeftOut) {
  EXPECT_TRUE(
      IsMpegInfoFrame(AsBytes(absl::StrCat("\xff\xfb\x90\xc4", std::string(17, '\0'), "Xing"))));
  EXPECT_TRUE(
      IsMpegInfoFrame(AsBytes(absl::StrCat("\xff\xfb\x90\x44", std::string(32, '\0'), "Info"))));
  EXPECT_TRUE(
      IsMpegInfoFrame(AsBytes(absl::StrCat("\xff\xfb\x90\x44", std::string(32, '\0'), "VBRI"))));
  EXPECT_FALSE(
      IsMpegInfoFrame(AsBytes(absl::StrCat("\xff\xfb\x90\x44", std::string(31, '\0'), "Info"))));
  EXPECT_FALSE(IsMpegInfoFrame(AsBytes("\xff\xfb")));
}

TEST(Track, TagsOfAllKindsAndGarbageAreLeftOut) {
  const Track plain = TrackOf("plain.aac", "audio/aac");
  const std::string raw = ReadSample("plain.aac");
  const std::string ape =
      absl::StrCat("APETAGEX", std::string("\xd0\x07\0\0\x05\0\0\0", 8),
                   std::string("\0\0\0\0\0\0\0\xa0", 8), std::string(8, '\0'), "12345");
  const std::string id3v1 = absl::StrCat("TAG", std::string(125, ' '));
  const std::string id3v2 = absl::StrCat("ID3", std::string("\3\0\0\0\0\0\4", 7), "text");
  const absl::StatusOr<Track> tagged =
      MakeTrack("audio/aac", AsBytes(absl::StrCat(id3v2, raw, ape, id3v1)));
  ASSERT_TRUE(tagged.ok());
  EXPECT_EQ(tagged->bytes, plain.bytes);
  EXPECT_EQ(tagged->hash, plain.hash);
  EXPECT_EQ(tagged->played, plain.played);
}

TEST(Track, WithoutAudioOfTheTypeThereIsNone) {
  EXPECT_THAT(MakeTrack("audio/mpeg", AsBytes("no audio at all")).status().message(),
              HasSubstr("audio/mpeg"));
  EXPECT_FALSE(MakeTrack("audio/mpeg", {}).ok());
  EXPECT_FALSE(MakeTrack("text/plain", AsBytes("any text")).ok());
  EXPECT_FALSE(MakeTrack("audio/mpeg", AsBytes(ReadSample("vorbis.ogg"))).ok());
}

TEST(TrackFeed, FramesOfTheSecondPassFollowThoseOfTheFirst) {
  for (const char* file : {"constant.mp3", "variable.mp3", "mpeg2.mp3", "layer2.mp2"}) {
    const Track track = TrackOf(file, "audio/mpeg");
    const Passes twice = Play({track, track});
    EXPECT_EQ(twice.heard.published, track.bytes + track.bytes) << file;
    EXPECT_EQ(twice.stats.resyncs, 0u) << file;
    EXPECT_EQ(twice.stats.garbage_bytes, 0u) << file;
    EXPECT_LE(twice.heard.played - 2 * track.played, microseconds(1)) << file;
  }
}

TEST(TrackFeed, TracksOfOtherParametersFollowWithoutALostFrame) {
  const Track first = TrackOf("constant.mp3", "audio/mpeg");
  const Track second = TrackOf("mpeg25.mp3", "audio/mpeg");
  ASSERT_TRUE(MayFollow(first, second));
  const Passes passes = Play({first, second, first});
  EXPECT_EQ(passes.heard.published, first.bytes + second.bytes + first.bytes);
}

TEST(TrackFeed, EachPassOfOggIsALinkOfItsOwnThatBeginsAndEnds) {
  for (const char* file : {"vorbis.ogg", "opus.ogg", "flac.ogg"}) {
    const Track track = TrackOf(file, "application/ogg");
    const Passes thrice = Play({track, track, track});
    EXPECT_EQ(thrice.stats.garbage_bytes, 0u);
    EXPECT_EQ(thrice.heard.titles, std::vector<std::string>(3, "Ice - Floe"));
    const std::vector<OggPage> pages = PagesOf(thrice.heard.published);
    std::set<uint32_t> serials;
    uint32_t begun = 0, ended = 0;
    for (size_t i = 0; i < pages.size(); ++i) {
      begun += pages[i].is_first;
      ended += pages[i].is_last;
      serials.insert(pages[i].serial);
      const bool is_at_end = i + 1 == pages.size() || pages[i + 1].is_first;
      EXPECT_EQ(pages[i].is_last, is_at_end) << file << " " << i;
      EXPECT_EQ(LittleEndian(pages[i].whole, 18, 4), i % (pages.size() / 3)) << file;
    }
    EXPECT_EQ(begun, 3u) << file;
    EXPECT_EQ(ended, 3u) << file;
    EXPECT_THAT(serials, SizeIs(3)) << file;
  }
}

TEST(TrackFeed, AnOggFileThatWasCutEndsLikeAnyOther) {
  const std::string raw = ReadSample("vorbis.ogg");
  const absl::StatusOr<Track> cut =
      MakeTrack("application/ogg", AsBytes(absl::string_view(raw).substr(0, raw.size() / 2)));
  ASSERT_TRUE(cut.ok());
  const Passes once = Play({*cut});
  EXPECT_TRUE(PagesOf(once.heard.published).back().is_last);
}

TEST(TrackFeed, LinksOfOneOggFileStayApart) {
  const std::string raw = ReadSample("vorbis.ogg");
  const absl::StatusOr<Track> chained = MakeTrack("application/ogg", AsBytes(raw + raw));
  ASSERT_TRUE(chained.ok());
  EXPECT_EQ(chained->streams, 2u);
  const Passes twice = Play({*chained, *chained});
  std::set<uint32_t> serials;
  for (const OggPage& page : PagesOf(twice.heard.published)) serials.insert(page.serial);
  EXPECT_THAT(serials, ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(twice.place, (TrackPlace{.at_bytes = 0, .first_serial = 4}));
}

TEST(TrackFeed, FlacSaysItsHeadersWithEachPass) {
  const Track track = TrackOf("reference.flac", "audio/flac");
  EXPECT_TRUE(absl::StartsWith(track.bytes, "fLaC"));
  const Passes twice = Play({track, track});
  EXPECT_EQ(twice.heard.titles, std::vector<std::string>(2, "Ice - Floe"));
  EXPECT_EQ(twice.heard.played, 2 * track.played);
  const FlacStreamInfo info = ReadFlacStreamInfo(AsBytes(track.bytes).subspan(4));
  uint64_t samples = 0;
  size_t frames = 0;
  for (const std::string& frame : twice.heard.Units()) {
    const FlacFrameHeader header = ReadFlacFrameHeader(AsBytes(frame), info);
    ASSERT_EQ(header.kind, FlacFrameHeader::Kind::kFrame);
    EXPECT_EQ(FlacCrc16(0, AsBytes(frame)), 0);
    EXPECT_TRUE(header.is_variable);
    EXPECT_EQ(header.number, samples);
    samples += header.samples;
    ++frames;
  }
  EXPECT_EQ(frames, 2 * (track.frame_ends.size() - 1));
  EXPECT_EQ(samples, 2u * 44'100);
  EXPECT_EQ(twice.place.next_sample, samples);
  EXPECT_EQ(twice.stats.garbage_bytes, 0u);
}

TEST(MayFollow, OnlyTheSameMediaAndOfFlacTheSameParameters) {
  const Track mp3 = TrackOf("constant.mp3", "audio/mpeg");
  const Track flac = TrackOf("reference.flac", "audio/flac");
  const Track other_flac = TrackOf("ffmpeg.flac", "audio/flac");
  EXPECT_FALSE(MayFollow(mp3, flac));
  EXPECT_TRUE(MayFollow(flac, flac));
  EXPECT_FALSE(MayFollow(flac, other_flac));
}

}  // namespace
}  // namespace floe::audio
