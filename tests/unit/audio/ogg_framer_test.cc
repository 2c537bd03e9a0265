// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/ogg_framer.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "unit/audio/ogg_pages.h"
#include "unit/audio/recorder.h"
#include "unit/audio/samples.h"

namespace floe::audio {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kType[] = "application/ogg";

Outcome Feed(absl::string_view bytes) { return FeedAndHandOver(kType, bytes); }

std::vector<std::string> LinksOf(const Recorder& heard) {
  std::vector<std::string> preambles;
  for (const Event& event : heard.events) {
    if (event.kind == Event::Kind::kLink) preambles.push_back(event.bytes);
  }
  return preambles;
}

TEST(OggFramer, EveryPageIsABoundary) {
  const std::vector<std::string> link = OpusLink(7, 5);
  const Outcome heard = Feed(JoinAll(link));
  EXPECT_EQ(Difference(heard.heard.Units(), link), "none");
  EXPECT_THAT(LinksOf(heard.heard), ElementsAre(link[0] + link[1]));
  EXPECT_EQ(heard.heard.played, milliseconds(5 * 200));
  EXPECT_EQ(heard.stats.frames, 7u);
}

TEST(OggFramer, AListenerMayBeginAtTheLinkAndAtEachPageThatBeginsAPacket) {
  const std::string pages[] = {
      Page({1, kBos}, {OpusHead()}),
      Page({1}, {OpusTags({})}),
      Page({1, 0, 960}, {OpusPacket()}),
      Page({1, 0, -1, true}, {OpusPacket(255 * 2)}),
      Page({1, kContinued, 2880}, {"end", OpusPacket()}),
      Page({1, 0, 3840}, {OpusPacket()}),
      Page({1, kEos, 4800}, {OpusPacket()}),
  };
  std::string stream;
  std::vector<size_t> offsets;
  for (const std::string& page : pages) {
    offsets.push_back(stream.size());
    stream += page;
  }
  const Outcome heard = Feed(stream);
  ASSERT_THAT(heard.heard.joins, SizeIs(4));
  EXPECT_FALSE(heard.heard.joins[0].needs_preamble);
  EXPECT_EQ(heard.heard.joins[0].offset_bytes, 0u);
  const size_t expected[] = {2, 3, 5};
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(heard.heard.joins[i + 1].needs_preamble);
    EXPECT_EQ(heard.heard.joins[i + 1].offset_bytes, offsets[expected[i]]);
    EXPECT_EQ(heard.heard.joins[i + 1].preamble, pages[0] + pages[1]);
  }
}

TEST(OggFramer, ATitleIsOfTheLinkThatSaysIt) {
  const std::string stream = JoinAll(OpusLink(1, 2, {"ARTIST=Ice", "TITLE=Floe"})) +
                             JoinAll(OpusLink(2, 2, {"title=Only"})) + JoinAll(OpusLink(3, 2)) +
                             JoinAll(OpusLink(4, 2)) +
                             JoinAll(OpusLink(5, 2, {"Artist=a", "ArTiSt=b", "TITLE=t"}));
  const Outcome heard = Feed(stream);
  EXPECT_THAT(heard.heard.titles, ElementsAre("Ice - Floe", "Only", "", "a - t"));
  EXPECT_THAT(LinksOf(heard.heard), SizeIs(5));
  EXPECT_EQ(heard.heard.published, stream);
}

TEST(OggFramer, ATitleIsTamedAndCut) {
  const std::string stream =
      JoinAll(OpusLink(1, 1, {"TITLE=two\r\nlines"})) +
      JoinAll(OpusLink(2, 1, {"TITLE=Bj\xf6rk"})) +
      JoinAll(OpusLink(3, 1, {"TITLE=" + std::string(kTitleBytesMax - 1, 'x') + "\u00e9"}));
  EXPECT_THAT(Feed(stream).heard.titles,
              ElementsAre("two  lines", "Bj\u00f6rk", std::string(kTitleBytesMax - 1, 'x')));
}

TEST(OggFramer, BrokenCommentsHaveNoTitleButDoNotCostTheLink) {
  const std::string tags[] = {
      "OpusTags", "OpusTags" + Little(UINT32_MAX, 4),
      "OpusTags" + Little(0, 4) + Little(UINT32_MAX, 4) + Little(9, 4) + "TITLE",
      "OpusTags" + Comments({"TITLE", "=x", "", "TITLEX=y", "TITLE="})};
  for (const std::string& tag : tags) {
    std::vector<std::string> link = OpusLink(1, 2);
    link[1] = Page({1}, {tag});
    const Outcome heard = Feed(JoinAll(link));
    EXPECT_THAT(heard.heard.titles, IsEmpty());
    EXPECT_THAT(LinksOf(heard.heard), SizeIs(1));
  }
}

TEST(OggFramer, ChainedLinksOfDifferentCodecsFollowEachOther) {
  const std::string stream = ReadSample("vorbis.ogg") + ReadSample("opus.ogg") +
                             ReadSample("theora.ogg") + ReadSample("flac.ogg") +
                             ReadSample("speex.ogg");
  const Outcome heard = Feed(stream);
  EXPECT_EQ(heard.heard.published, stream);
  EXPECT_EQ(heard.stats.garbage_bytes, 0u);
  EXPECT_THAT(LinksOf(heard.heard), SizeIs(5));
  EXPECT_NEAR(static_cast<double>(heard.heard.played.count()), 15e6, 50e3);
  for (size_t i = 0; i < heard.heard.joins.size(); ++i) {
    EXPECT_EQ(Feed(heard.heard.JoinedAt(i)).stats.garbage_bytes, 0u);
  }
}

TEST(OggFramer, ASourceThatRestartsWithoutAnEndBeginsANewLink) {
  std::vector<std::string> first = OpusLink(1, 5, {}, /*ends=*/false);
  const std::string torn = first.back().substr(0, 300);
  first.pop_back();
  const std::vector<std::string> second = OpusLink(1, 3);  // even of the same serial
  const Outcome heard = Feed(JoinAll(first) + torn + JoinAll(second));
  EXPECT_EQ(heard.heard.published, JoinAll(first) + JoinAll(second));
  EXPECT_EQ(heard.stats.garbage_bytes, torn.size());
  EXPECT_THAT(LinksOf(heard.heard), ElementsAre(first[0] + first[1], second[0] + second[1]));
}

TEST(OggFramer, FirstPagesOfAllStreamsStandFirstInThePreamble) {
  const std::string theora = ReadSample("theora.ogg");
  const auto pages = PagesOf(theora);
  const Outcome heard = Feed(theora);
  ASSERT_THAT(LinksOf(heard.heard), SizeIs(1));
  const std::string preamble = LinksOf(heard.heard)[0];
  const auto headers = PagesOf(preamble);
  ASSERT_GE(headers.size(), 4u);
  EXPECT_TRUE(headers[0].first.is_first);
  EXPECT_TRUE(headers[1].first.is_first);
  for (size_t i = 2; i < headers.size(); ++i) EXPECT_FALSE(headers[i].first.is_first);
  for (size_t i = 0; i < headers.size(); ++i) EXPECT_EQ(headers[i].second, pages[i].second);
}

TEST(OggFramer, PicturesAreJoinedWhereAKeyframeBegins) {
  const Outcome heard = Feed(ReadSample("theora.ogg"));
  ASSERT_GT(heard.heard.joins.size(), 3u);
  for (size_t i = 1; i < heard.heard.joins.size(); ++i) {
    const std::string rest = heard.heard.published.substr(heard.heard.joins[i].offset_bytes);
    const auto pages = PagesOf(rest);
    ASSERT_FALSE(pages.empty());
    OggPiece first;
    OggPieces(pages[0].first).Next(&first);
    EXPECT_TRUE(IsTheoraKeyframe(first.bytes));
  }
}

TEST(OggFramer, APageOfWrongChecksumIsGarbageAndItsNeighboursAreNot) {
  std::vector<std::string> link = OpusLink(1, 6);
  std::string expected;
  for (size_t i = 0; i < link.size(); ++i) {
    if (i == 4) continue;
    expected += link[i];
  }
  link[4][100] ^= 1;
  const Outcome heard = Feed(JoinAll(link));
  EXPECT_EQ(heard.heard.published, expected);
  EXPECT_EQ(heard.stats.garbage_bytes, link[4].size());
  EXPECT_EQ(heard.stats.resyncs, 1u);
  EXPECT_EQ(heard.heard.played, milliseconds(5 * 200));
}

TEST(OggFramer, GarbageBetweenPagesIsDroppedAndCounted) {
  const std::vector<std::string> link = OpusLink(1, 6);
  const std::string garbage[] = {"x",    "OggOggO",
                                 "OggS", std::string("OggS\0\0", 6) + std::string(100, '\xff'),
                                 "Ogg",  std::string(5000, 'O')};
  std::string stream;
  size_t garbage_bytes = 0;
  for (size_t i = 0; i < link.size(); ++i) {
    stream += link[i];
    if (i >= std::size(garbage)) continue;
    stream += garbage[i];
    garbage_bytes += garbage[i].size();
  }
  const Outcome heard = Feed(stream);
  EXPECT_EQ(Difference(heard.heard.Units(), link), "none");
  EXPECT_EQ(heard.stats.garbage_bytes, garbage_bytes);
  const Outcome slow = FeedAll(kType, stream, {Arrival::Way::kByteByByte});
  EXPECT_EQ(slow.heard.events, heard.heard.events);
}

// Found by fuzzing: arriving byte by byte, the last bytes were never judged.
TEST(OggFramer, TheLastBytesAreGarbageHoweverTheyArrive) {
  const std::string stream = Page({1, kBos}, {OpusHead()}) + "OOggS" + std::string(9, '\0');
  const Outcome whole = Feed(stream);
  const Outcome slow = FeedAll(kType, stream, {Arrival::Way::kByteByByte});
  EXPECT_EQ(whole.stats.resyncs, 1u);
  EXPECT_EQ(slow.stats.resyncs, 1u);
  EXPECT_EQ(whole.stats.garbage_bytes, 14u);
  EXPECT_EQ(slow.stats.garbage_bytes, 14u);
}

TEST(OggFramer, PagesWithoutHeadersAreGarbage) {
  const std::vector<std::string> link = OpusLink(1, 6);
  const std::string headless = JoinAll({link[3], link[4], link[5]});
  const std::string stray = OpusLink(2, 1)[2];
  const Outcome heard = Feed(headless + link[0] + link[1] + link[2] + stray + link[3]);
  EXPECT_EQ(heard.heard.published, link[0] + link[1] + link[2] + link[3]);
  EXPECT_EQ(heard.stats.garbage_bytes, headless.size() + stray.size());
}

TEST(OggFramer, AnUnknownCodecIsPassedOnBehindItsFirstPage) {
  const std::vector<std::string> pages = {Page({5, kBos}, {"something new"}),
                                          Page({5, 0, 10}, {"data"}), Page({5, 0, 20}, {"more"})};
  const Outcome heard = Feed(JoinAll(pages));
  EXPECT_EQ(Difference(heard.heard.Units(), pages), "none");
  EXPECT_THAT(LinksOf(heard.heard), ElementsAre(pages[0]));
  EXPECT_THAT(heard.heard.joins, SizeIs(3));
  EXPECT_EQ(heard.heard.played, microseconds(0));
}

TEST(OggFramer, HeadersOfAnUnknownCodecBesideAKnownOneAreKept) {
  const std::string kate = Page({2, kBos}, {"\x80kate"}), kate_more = Page({2}, {"\x81kate"});
  const std::vector<std::string> opus = OpusLink(1, 3);
  const Outcome heard =
      Feed(opus[0] + kate + kate_more + opus[1] + opus[2] + Page({2, 0, 5}, {"text"}) + opus[3]);
  EXPECT_THAT(LinksOf(heard.heard), ElementsAre(opus[0] + kate + kate_more + opus[1]));
  EXPECT_EQ(heard.stats.garbage_bytes, 0u);
  EXPECT_EQ(heard.heard.found.codec, Codec::kOpus);
}

TEST(OggFramer, ALinkHasABoundedNumberOfStreams) {
  std::string stream;
  for (uint32_t serial = 1; serial <= kOggStreamsMax; ++serial) {
    stream += Page({serial, kBos}, {OpusHead()});
  }
  const std::string one_more = Page({99, kBos}, {OpusHead()}) + Page({99}, {OpusTags({})});
  const Outcome heard = Feed(stream + one_more);
  EXPECT_EQ(heard.heard.published, stream);
  EXPECT_EQ(heard.stats.garbage_bytes, one_more.size());
}

TEST(OggFramer, ALinkWhoseHeadersAreTooLargeIsHeardButNotJoined) {
  std::vector<std::string> link = {Page({1, kBos}, {OpusHead(0)})};
  // A picture of more than a megabyte in the comments.
  link.push_back(Page({1, 0, -1, true}, {"OpusTags" + std::string(255 * 200 - 8, 'p')}));
  for (int i = 0; i < 30; ++i) {
    link.push_back(Page({1, kContinued, -1, true}, {std::string(255 * 200, 'p')}));
  }
  link.push_back(Page({1, kContinued, 0}, {"end"}));
  const std::vector<std::string> rest = OpusLink(1, 4);
  link.insert(link.end(), rest.begin() + 2, rest.end());
  const Outcome heard = Feed(JoinAll(link) + JoinAll(OpusLink(2, 2)));
  EXPECT_EQ(heard.heard.published, JoinAll(link) + JoinAll(OpusLink(2, 2)));
  EXPECT_THAT(LinksOf(heard.heard), SizeIs(1));
  EXPECT_EQ(heard.heard.joins[0].offset_bytes, 0u);
  EXPECT_EQ(heard.heard.joins[1].offset_bytes, JoinAll(link).size());
  EXPECT_EQ(heard.heard.played, milliseconds(6 * 200));
}

// ---- time ----

microseconds PlayedOf(const std::vector<std::pair<int64_t, int>>& granules_and_packets,
                      uint16_t pre_skip = 0) {
  std::string stream = Page({1, kBos}, {OpusHead(pre_skip)}) + Page({1}, {OpusTags({})});
  for (const auto& [granule, packets] : granules_and_packets) {
    stream += Page({1, 0, granule}, std::vector<std::string>(packets, OpusPacket()));
  }
  return Feed(stream).heard.played;
}

TEST(OggFramer, TimeIsWhatTheGranulesSay) {
  EXPECT_EQ(PlayedOf({{9600, 10}, {19200, 10}}), milliseconds(400));
  EXPECT_EQ(PlayedOf({{9600, 10}, {19200 - 480, 10}}), milliseconds(390));  // its end is cut
}

TEST(OggFramer, WhatADecoderSkipsAtTheBeginningIsNotPlayed) {
  EXPECT_EQ(PlayedOf({{9600, 10}, {19200, 10}}, 4800), milliseconds(300));
  EXPECT_EQ(PlayedOf({{960, 1}, {1920, 1}, {2880, 1}}, 1000), milliseconds(40));
}

TEST(OggFramer, AStreamThatBeginsAnywherePlaysOnlyItsPackets) {
  EXPECT_EQ(PlayedOf({{int64_t{1} << 40, 10}, {(int64_t{1} << 40) + 9600, 10}}), milliseconds(400));
}

TEST(OggFramer, NoJumpOfTheGranulesPlaysMoreThanThePackets) {
  EXPECT_EQ(PlayedOf({{9600, 10}, {int64_t{1} << 62, 10}, {9600, 10}, {19200, 10}}),
            milliseconds(800));
  EXPECT_EQ(PlayedOf({{9600, 10}, {INT64_MIN, 10}, {INT64_MAX, 10}}), milliseconds(600));
  EXPECT_EQ(PlayedOf({{9600, 10}, {9600, 10}}), milliseconds(200));
}

TEST(OggFramer, APageOnWhichNoPacketEndsPlaysLater) {
  EXPECT_EQ(PlayedOf({{9600, 10}, {-1, 10}, {28800, 10}}), milliseconds(600));
}

TEST(OggFramer, OpusPacketsOfEveryKindHaveTheirTime) {
  const OggCodec codec = IdentifyOggCodec(AsBytes(OpusHead()));
  const auto units = [&codec](std::string packet) { return UnitsOfPacket(codec, AsBytes(packet)); };
  EXPECT_EQ(units({'\x00'}), 480u);                            // SILK, 10 ms
  EXPECT_EQ(units({'\x18'}), 2880u);                           // SILK, 60 ms
  EXPECT_EQ(units({'\x60'}), 480u);                            // both, 10 ms
  EXPECT_EQ(units({'\x68'}), 960u);                            // both, 20 ms
  EXPECT_EQ(units({static_cast<char>(0x80)}), 120u);           // CELT, 2.5 ms
  EXPECT_EQ(units({static_cast<char>(0xf9)}), 1920u);          // CELT, two of 20 ms
  EXPECT_EQ(units({static_cast<char>(0x83), '\x07'}), 840u);   // CELT, seven of 2.5 ms
  EXPECT_EQ(units({static_cast<char>(0xfb), '\x3f'}), 5760u);  // never above 120 ms
  EXPECT_EQ(units({static_cast<char>(0xfb)}), 0u);
  EXPECT_EQ(units(""), 0u);
}

TEST(OggFramer, VorbisSaysWhatItIs) {
  const std::string comment = "\x03vorbis" + Comments({"TITLE=v"}) + "\x01";
  const Outcome heard =
      Feed(Page({1, kBos}, {VorbisHead()}) + Page({1}, {comment, "\x05vorbis and books"}) +
           Page({1, 0, 44100}, std::vector<std::string>(50, "data")));
  EXPECT_EQ(heard.heard.found, (Parameters{Codec::kVorbis, 96000, 44100, 2}));
  EXPECT_THAT(heard.heard.titles, ElementsAre("v"));
  EXPECT_EQ(heard.heard.played, seconds(1));
}

// A picture of Theora that lasts for 136 years, of which a page has 255.
TEST(OggFramer, NoPageLastsForLongerThanADay) {
  std::string head = "\x80theora\x03\x02\x01" + std::string(32, '\0');
  head.replace(22, 8, Big(1, 4) + Big(UINT32_MAX, 4));
  std::string stream = Page({1, kBos}, {head}) + Page({1}, {"\x81theora", "\x82theora"});
  constexpr int kPages = 20;
  for (int i = 1; i <= kPages; ++i) {
    stream += Page({1, 0, i * 255}, std::vector<std::string>(255, "p"));
  }
  EXPECT_EQ(Feed(stream).heard.played, kPages * SampleClock::kAdvanceMax);
}

TEST(OggFramer, AVorbisHeaderMaySpanPages) {
  const std::string comment = "\x03vorbis" + Comments({"TITLE=" + std::string(500, 'v')}) + "\x01";
  const std::vector<std::string> pages = {
      Page({1, kBos}, {VorbisHead()}),
      Page({1, 0, -1, true}, {comment.substr(0, 255)}),
      Page({1, kContinued, -1, true}, {comment.substr(255), std::string(510, 'b')}),
      Page({1, kContinued, 0}, {"books"}),
      Page({1, 0, 1000}, {"data"}),
  };
  const Outcome heard = Feed(JoinAll(pages));
  EXPECT_THAT(heard.heard.titles, ElementsAre(std::string(500, 'v')));
  EXPECT_THAT(LinksOf(heard.heard), ElementsAre(JoinAll({pages[0], pages[1], pages[2], pages[3]})));
}

std::string FlacHead(uint16_t more_headers, char block_kind) {
  const uint64_t packed = uint64_t{44100} << 44 | uint64_t{1} << 41 | uint64_t{15} << 36;
  return "\x7f"
         "FLAC"
         "\x01" +
         std::string(1, '\0') + Big(more_headers, 2) + "fLaC" + block_kind + Big(34, 3) +
         Big(4096, 2) + Big(4096, 2) + Big(0, 6) + Big(packed, 8) + std::string(16, '\0');
}

TEST(OggFramer, FlacCountsItsHeadersOrMarksTheLast) {
  const std::string comment = Comments({"TITLE=f"});
  const std::string tags = '\x04' + Big(comment.size(), 3) + comment;
  const std::string last_tags = '\x84' + tags.substr(1), padding = "\x01" + Big(4, 3) + "pads";
  const std::string data = Page({1, 0, 4096}, {"\xff\xf8 frame"});
  const std::string counted =
      Page({1, kBos}, {FlacHead(2, 0)}) + Page({1}, {tags}) + Page({1}, {padding});
  const std::string marked =
      Page({1, kBos}, {FlacHead(0, 0)}) + Page({1}, {padding}) + Page({1}, {last_tags});
  const std::string alone = Page({1, kBos}, {FlacHead(0, '\x80')});
  for (const std::string& headers : {counted, marked, alone}) {
    const Outcome heard = Feed(headers + data + data);
    EXPECT_THAT(LinksOf(heard.heard), ElementsAre(headers));
    EXPECT_EQ(heard.heard.found, (Parameters{Codec::kFlac, 0, 44100, 2}));
    EXPECT_EQ(heard.heard.joins.size(), 3u);
    EXPECT_EQ(heard.heard.titles.size(), headers == alone ? 0u : 1u);
  }
}

TEST(OggFramer, SpeexMayHaveExtraHeaders) {
  std::string head = "Speex   " + std::string(20, '1') + Little(1, 4) + Little(80, 4) +
                     Little(16000, 4) + Little(1, 4) + Little(4, 4) + Little(1, 4) +
                     Little(27800, 4) + Little(320, 4) + Little(0, 4) + Little(1, 4) +
                     Little(2, 4) + Little(0, 8);
  const std::string headers = Page({1, kBos}, {head}) + Page({1}, {Comments({"TITLE=s"})}) +
                              Page({1}, {"extra"}) + Page({1}, {"extra"});
  const Outcome heard = Feed(headers + Page({1, 0, 16000}, std::vector<std::string>(50, "data")));
  EXPECT_THAT(LinksOf(heard.heard), ElementsAre(headers));
  EXPECT_THAT(heard.heard.titles, ElementsAre("s"));
  EXPECT_EQ(heard.heard.played, seconds(1));
}

}  // namespace
}  // namespace floe::audio
