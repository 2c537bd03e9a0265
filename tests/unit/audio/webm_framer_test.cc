// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/webm_framer.h"

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "unit/audio/ebml_elements.h"
#include "unit/audio/recorder.h"
#include "unit/audio/samples.h"

namespace floe::audio {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kType[] = "video/webm";

Outcome Feed(absl::string_view bytes) { return FeedAndHandOver(kType, bytes); }

std::vector<std::string> LinksOf(const Recorder& heard) {
  std::vector<std::string> preambles;
  for (const Event& event : heard.events) {
    if (event.kind == Event::Kind::kLink) preambles.push_back(event.bytes);
  }
  return preambles;
}

// A second of sound, a block each 20 ms, from `time`.
std::vector<std::string> SecondOfSound() {
  std::vector<std::string> blocks;
  for (int16_t time = 0; time < 1000; time += 20) blocks.push_back(SimpleBlock(kSoundTrack, time));
  return blocks;
}

// The same stream with no Cluster saying its size, as browsers and GStreamer write them.
std::string WithEndlessClusters(absl::string_view sample) {
  std::string endless;
  size_t at = 0;
  while (at < sample.size()) {
    const Bytes rest = AsBytes(sample.substr(at));
    const ElementHeader header = ReadElementHeader(rest);
    EXPECT_EQ(header.kind, ElementHeader::Kind::kElement);
    const bool is_cluster = header.id == ElementId::kCluster;
    const bool is_master = is_cluster || header.id == ElementId::kSegment;
    if (is_cluster) {
      endless += Endless(ElementId::kCluster);
    } else {
      absl::StrAppend(&endless, AsText(rest.first(header.header_bytes)));
    }
    at += header.header_bytes;
    if (is_master) continue;
    absl::StrAppend(&endless, sample.substr(at, header.body_bytes));
    at += header.body_bytes;
  }
  return endless;
}

TEST(WebmFramer, ThePreambleIsAllBeforeTheFirstClusterThatAPlayerNeeds) {
  const std::string segment_of_a_file = IdBytes(ElementId::kSegment) + SizeBytes(123456);
  const std::string endless_segment = IdBytes(ElementId::kSegment) + SizeBytes((1ull << 56) - 1);
  const std::string tags = Element(ElementId::kTags, Tag("TITLE", "Floe") + Tag("ARTIST", "Ice"));
  const std::string head = EbmlHead() + segment_of_a_file + Element(ElementId::kSeekHead, "seek") +
                           Element(ElementId::kVoid, "void") + Info() + Tracks(false) + tags +
                           Element(ElementId::kCues, "cues");
  const std::string cluster = Cluster(0, SecondOfSound());
  const Outcome heard = Feed(head + cluster + cluster);
  EXPECT_THAT(LinksOf(heard.heard),
              ElementsAre(EbmlHead() + endless_segment + Info() + Tracks(false) + tags));
  // Who listens from the beginning hears what the source sent.
  EXPECT_EQ(heard.heard.published, head + cluster + cluster);
  EXPECT_THAT(heard.heard.titles, ElementsAre("Ice - Floe"));
  EXPECT_EQ(heard.heard.found, (Parameters{Codec::kWebm, 0, 48000, 2}));
}

TEST(WebmFramer, AListenerToSoundMayBeginAtEachCluster) {
  for (const bool is_endless : {false, true}) {
    std::string stream = Head();
    std::vector<size_t> offsets = {0};
    for (uint64_t time = 0; time < 5000; time += 1000) {
      offsets.push_back(stream.size());
      stream += is_endless ? EndlessCluster(time, SecondOfSound()) : Cluster(time, SecondOfSound());
    }
    const Outcome heard = Feed(stream);
    ASSERT_THAT(heard.heard.joins, SizeIs(offsets.size()));
    for (size_t i = 0; i < offsets.size(); ++i) {
      EXPECT_EQ(heard.heard.joins[i].offset_bytes, offsets[i]);
      EXPECT_EQ(heard.heard.joins[i].needs_preamble, i > 0);
    }
    EXPECT_EQ(heard.heard.published, stream);
    EXPECT_EQ(heard.heard.played, milliseconds(4980));
    EXPECT_EQ(heard.stats.frames, 250u);
  }
}

TEST(WebmFramer, AClusterThatSaysItsSizeIsPublishedWhole) {
  const std::string cluster = Cluster(0, SecondOfSound());
  const Outcome torn = Feed(Head() + cluster + cluster.substr(0, cluster.size() - 1));
  EXPECT_EQ(torn.heard.published, Head() + cluster);
  EXPECT_EQ(torn.stats.garbage_bytes, cluster.size() - 1);
  EXPECT_EQ(torn.stats.frames, 50u);
}

TEST(WebmFramer, AClusterWithoutASizeIsPublishedBlockByBlock) {
  std::vector<std::string> blocks = SecondOfSound();
  const std::string cluster = EndlessCluster(0, blocks);
  const Outcome torn = Feed(Head() + cluster.substr(0, cluster.size() - 1));
  EXPECT_EQ(torn.heard.published, Head() + cluster.substr(0, cluster.size() - blocks[0].size()));
  EXPECT_EQ(torn.stats.frames, 49u);
}

TEST(WebmFramer, AVeryLargeClusterIsPublishedBlockByBlockAllTheSame) {
  std::vector<std::string> blocks(5, SimpleBlock(kSoundTrack, 0, true, std::string(1 << 20, 'x')));
  const std::string cluster = Cluster(0, blocks);
  const Outcome torn = Feed(Head() + cluster.substr(0, cluster.size() - 1));
  EXPECT_EQ(torn.heard.published, Head() + cluster.substr(0, cluster.size() - blocks[0].size()));
}

TEST(WebmFramer, EncodersSamplesAreTheSameWithoutClusterSizes) {
  for (const char* file : {"sound.webm", "pictures.webm"}) {
    const std::string sized_bytes = ReadSample(file);
    const std::string endless_bytes = WithEndlessClusters(sized_bytes);
    const Outcome sized = Feed(sized_bytes), endless = Feed(endless_bytes);
    EXPECT_EQ(sized.heard.published, sized_bytes);
    EXPECT_TRUE(endless.heard.published == endless_bytes);
    EXPECT_EQ(endless.stats.garbage_bytes, 0u);
    EXPECT_EQ(endless.heard.joins.size(), sized.heard.joins.size());
    EXPECT_EQ(endless.heard.played, sized.heard.played);
    EXPECT_EQ(endless.stats.frames, sized.stats.frames);
    EXPECT_TRUE(LinksOf(endless.heard) == LinksOf(sized.heard));
    const Outcome slow = FeedAll(kType, endless_bytes, {Arrival::Way::kByteByByte});
    EXPECT_TRUE(slow.heard.events == endless.heard.events);
    for (size_t i = 0; i < endless.heard.joins.size(); ++i) {
      EXPECT_EQ(Feed(endless.heard.JoinedAt(i)).stats.garbage_bytes, 0u);
    }
  }
}

TEST(WebmFramer, PicturesAreJoinedWhereTheFirstIsAKeyframe) {
  const std::string sound = SimpleBlock(kSoundTrack, 0);
  const std::string key = SimpleBlock(kVideoTrack, 0, true);
  const std::string inter = SimpleBlock(kVideoTrack, 40, false);
  const std::string key_group = BlockGroup(kVideoTrack, 0, true);
  const std::string inter_group = BlockGroup(kVideoTrack, 40, false);
  const std::string sound_group = BlockGroup(kSoundTrack, 0, true);
  const std::string far = SimpleBlock(kSoundTrack, 0, true, std::string(300'000, 's'));
  struct Case {
    std::vector<std::string> blocks;
    bool is_sync;
  };
  const Case cases[] = {
      {{key, inter}, true},
      {{sound, sound, key, inter}, true},
      {{inter, key}, false},
      {{sound, inter}, false},
      {{key_group, inter_group}, true},
      {{sound_group, inter_group, key_group}, false},
      {{sound_group, key_group}, true},
      {{sound, sound_group}, false},
      {{}, false},
      {{far, key}, false},
      {std::vector<std::string>(100, sound), false},
  };
  for (const bool is_endless : {false, true}) {
    for (const Case& c : cases) {
      const std::string cluster = is_endless ? EndlessCluster(0, c.blocks) : Cluster(0, c.blocks);
      const std::string stream = Head(true) + cluster + Cluster(1000, {key});
      const Outcome heard = Feed(stream);
      EXPECT_EQ(heard.heard.joins.size(), c.is_sync ? 3u : 2u) << &c - cases << is_endless;
      EXPECT_EQ(heard.heard.published, stream);
      const Outcome slow = FeedAll(kType, stream, {Arrival::Way::kRandomPieces, 1, 50});
      EXPECT_EQ(slow.heard.events, heard.heard.events);
    }
  }
}

TEST(WebmFramer, TheLastClusterIsHeardThoughItHasNoPicture) {
  const std::string stream = Head(true) + EndlessCluster(0, {SimpleBlock(kVideoTrack, 0)}) +
                             EndlessCluster(100, {SimpleBlock(kSoundTrack, 0)});
  EXPECT_EQ(Feed(stream).heard.published, stream);
  const std::string torn = stream + SimpleBlock(kSoundTrack, 20).substr(0, 12);
  EXPECT_EQ(Feed(torn).heard.published, stream);
  EXPECT_EQ(Feed(torn).stats.garbage_bytes, 12u);
}

TEST(WebmFramer, ASourceThatRestartsBeginsANewLink) {
  const std::string first = Head() + EndlessCluster(0, SecondOfSound());
  const std::string second = EbmlHead() + Endless(ElementId::kSegment) + Info("second") +
                             Tracks(true) + Cluster(0, {SimpleBlock(kVideoTrack, 0)});
  const Outcome heard = Feed(first + second + first);
  EXPECT_EQ(heard.heard.published, first + second + first);
  EXPECT_THAT(LinksOf(heard.heard), SizeIs(3));
  EXPECT_THAT(heard.heard.titles, ElementsAre("second", ""));
  EXPECT_EQ(heard.heard.played, milliseconds(2 * 980));
}

TEST(WebmFramer, ARestartInAClusterThatSaidItsSizeTearsOnlyThatCluster) {
  const std::string cluster = Cluster(0, SecondOfSound());
  // Torn between two blocks, so that the next header stands where a block is due.
  const std::string torn = cluster.substr(0, cluster.size() - SecondOfSound()[0].size());
  const std::string second = Head() + Cluster(0, SecondOfSound());
  const Outcome heard = Feed(Head() + cluster + torn + second);
  EXPECT_EQ(heard.heard.published, Head() + cluster + second);
  EXPECT_EQ(heard.stats.garbage_bytes, torn.size());
  EXPECT_EQ(heard.stats.resyncs, 1u);
}

TEST(WebmFramer, GarbageEndsAtTheNextCluster) {
  const std::string cluster = Cluster(0, SecondOfSound()), next = Cluster(1000, SecondOfSound());
  const std::string endless = EndlessCluster(2000, SecondOfSound());
  const std::string garbage[] = {
      "\xff\xff\xff what is this",
      std::string(300, '\0'),
      IdBytes(ElementId::kCluster) + "\x81x",                // no child of a Cluster
      IdBytes(ElementId::kCluster) + SizeBytes(1ull << 40),  // an absurd size
      IdBytes(ElementId::kEbml) + SizeBytes(1 << 20),
      IdBytes(ElementId::kTags) + SizeBytes(1ull << 50),
      Endless(ElementId::kCues),
      std::string("\x1f\x43\xb6"),
  };
  for (const std::string& g : garbage) {
    const std::string stream = Head() + cluster + g + next + g + endless + g + next;
    const Outcome heard = Feed(stream);
    EXPECT_EQ(heard.heard.published, Head() + cluster + next + endless + next);
    EXPECT_EQ(heard.stats.garbage_bytes, 3 * g.size());
    EXPECT_EQ(heard.stats.resyncs, 3u);
    EXPECT_THAT(heard.heard.joins, SizeIs(5));
    const Outcome slow = FeedAll(kType, stream, {Arrival::Way::kByteByByte});
    EXPECT_EQ(slow.heard.events, heard.heard.events);
  }
}

// Found by fuzzing: the Cluster's header stayed on the tape without anything in it.
TEST(WebmFramer, AClusterWhoseFirstElementIsBrokenLeavesNothing) {
  const std::string broken_time = Element(ElementId::kTimestamp, "fifteen bytes..");
  const std::string broken = Endless(ElementId::kCluster) + broken_time;
  const std::string next = EndlessCluster(0, SecondOfSound());
  const Outcome heard = Feed(Head() + broken + next);
  EXPECT_EQ(heard.heard.published, Head() + next);
  EXPECT_EQ(heard.stats.garbage_bytes, broken.size());
}

TEST(WebmFramer, ClustersWithoutHeadersAreGarbage) {
  const std::string cluster = Cluster(0, SecondOfSound());
  EXPECT_THAT(Feed(cluster + cluster).heard.events, IsEmpty());
  const std::string no_tracks = EbmlHead() + Endless(ElementId::kSegment) + Info();
  const Outcome heard = Feed(no_tracks + cluster + Head() + cluster);
  EXPECT_THAT(LinksOf(heard.heard), SizeIs(1));
  EXPECT_EQ(heard.stats.garbage_bytes, cluster.size());
}

TEST(WebmFramer, HeadersHaveABound) {
  const std::string huge = Element(ElementId::kTracks, std::string(kPreambleBytesMax, 'x'));
  const std::string tags = Element(ElementId::kTags, std::string(kPreambleBytesMax, 'x'));
  const std::string cluster = Cluster(0, SecondOfSound());
  const std::string refused = EbmlHead() + Endless(ElementId::kSegment) + huge + cluster;
  EXPECT_THAT(LinksOf(Feed(refused).heard), IsEmpty());
  // Tags are not needed, so a picture in them costs nobody the stream.
  const Outcome heard = Feed(Head() + tags + cluster);
  ASSERT_THAT(LinksOf(heard.heard), SizeIs(1));
  EXPECT_LT(LinksOf(heard.heard)[0].size(), 1000u);
  EXPECT_EQ(heard.heard.published, Head() + tags + cluster);
}

TEST(WebmFramer, WhatNoPlayerNeedsIsDroppedWhenItIsLong) {
  const std::string cluster = Cluster(0, SecondOfSound());
  const std::string picture =
      Element(ElementId::kAttachments, std::string(kWebmElementBytesMax + 1, 'p'));
  const std::string head = EbmlHead() + Endless(ElementId::kSegment) + Info() + Tracks(false);
  const Outcome heard = Feed(head + picture + cluster + picture + cluster);
  EXPECT_TRUE(heard.heard.published == head + cluster + cluster);
  EXPECT_EQ(heard.stats.garbage_bytes, 2 * picture.size());
  EXPECT_EQ(heard.stats.resyncs, 0u);
}

TEST(WebmFramer, TagsBetweenClustersSayANewTitle) {
  const std::string cluster = Cluster(0, SecondOfSound());
  const std::string tags = Element(ElementId::kTags, Tag("title", "two"));
  const Outcome heard = Feed(EbmlHead() + Endless(ElementId::kSegment) + Info("one") +
                             Tracks(false) + cluster + tags + cluster);
  EXPECT_THAT(heard.heard.titles, ElementsAre("one", "two"));
  EXPECT_EQ(heard.stats.garbage_bytes, 0u);
}

// ---- time ----

microseconds PlayedOf(absl::string_view head, const std::vector<uint64_t>& cluster_times) {
  std::string stream(head);
  for (const uint64_t time : cluster_times) {
    stream += Cluster(time, {SimpleBlock(kSoundTrack, 0)});
  }
  return Feed(stream).heard.played;
}

TEST(WebmFramer, TimeIsThatOfTheBlocks) {
  EXPECT_EQ(PlayedOf(Head(), {0, 1000, 2000}), seconds(2));
  EXPECT_EQ(PlayedOf(Head(), {500'000, 501'000}), seconds(1));  // it may begin anywhere
  const std::string nanoseconds_scale =
      EbmlHead() + Endless(ElementId::kSegment) +
      Element(ElementId::kInfo, Unsigned(ElementId::kTimestampScale, 1000)) + Tracks(false);
  EXPECT_EQ(PlayedOf(nanoseconds_scale, {0, 1000, 2000}), milliseconds(2));
}

TEST(WebmFramer, BlocksOutOfOrderAreCountedOnce) {
  const std::string blocks = Cluster(
      0, {SimpleBlock(kSoundTrack, 0), SimpleBlock(kSoundTrack, 60), SimpleBlock(kSoundTrack, 40),
          BlockGroup(kSoundTrack, 80, true), SimpleBlock(kSoundTrack, -20)});
  EXPECT_EQ(Feed(Head() + blocks).heard.played, milliseconds(80));
}

TEST(WebmFramer, AJumpOfTheSourcesClockIsNotHeard) {
  EXPECT_EQ(PlayedOf(Head(), {0, 1000, 1'000'000, 1'001'000, 5, 1005}), seconds(3));
  EXPECT_EQ(PlayedOf(Head(), {0, UINT64_MAX, INT64_MAX, 1000}), seconds(1));
}

TEST(WebmFramer, APreambleThatLeavesNoRoomForItsSegmentIsNoLink) {
  const size_t room = kPreambleBytesMax - EbmlHead().size() - kElementHeaderBytesMax;
  const std::string info = Element(ElementId::kInfo, std::string(room, '\0'));
  const Outcome heard = Feed(EbmlHead() + info + Endless(ElementId::kSegment) + Tracks(false) +
                             EndlessCluster(0, SecondOfSound()));
  EXPECT_THAT(LinksOf(heard.heard), IsEmpty());
  EXPECT_EQ(heard.stats.resyncs, 1u);
}

}  // namespace
}  // namespace floe::audio
