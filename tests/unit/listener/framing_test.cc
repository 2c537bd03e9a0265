// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "listener/framing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "audio/icy_blocks.h"
#include "unit/listener/mounted.h"

namespace floe::listener {
namespace {

std::string Noise(std::mt19937& dice, size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = char(dice());
  return bytes;
}

std::string BytesOf(const std::vector<iovec>& pieces) {
  std::string bytes;
  for (const iovec& piece : pieces) {
    bytes.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  }
  return bytes;
}

Listener Icy(uint32_t metaint_bytes) {
  Listener listener{};
  listener.flags = kIsIcy;
  listener.metaint_bytes = listener.metadata_due_bytes = metaint_bytes;
  return listener;
}

// A whole send: planned, taken as far as `sent_bytes`, released. Answers what was taken.
std::string Send(Listener& listener, View& view, uint32_t bytes_max, uint32_t sent_bytes) {
  std::vector<iovec> pieces;
  const SendPlan plan = PlanSend(listener, view, bytes_max, &pieces);
  EXPECT_EQ(plan.piece_count, pieces.size());
  EXPECT_LE(plan.bytes, bytes_max);
  const std::string bytes = BytesOf(pieces);
  EXPECT_EQ(plan.bytes, bytes.size());
  const uint32_t taken = std::min(sent_bytes, plan.bytes);
  TakeSent(listener, view, taken);
  ReleaseSend(listener, view);
  return bytes.substr(0, taken);
}

TEST(Framing, AudioInNeighbouringPagesIsOnePiece) {
  Mounted mounted;
  mounted.Publish(std::string(kPageBytes + 5'000, 'a'));
  View view({mounted.ref(), mounted.ref()}, Instant());
  Listener listener{};
  listener.position_bytes = kPageBytes - 1'000;
  std::vector<iovec> pieces;
  EXPECT_EQ(PlanSend(listener, view, 3'000, &pieces).piece_count, 1u);
  EXPECT_EQ(pieces[0].iov_len, 3'000u);
  EXPECT_EQ(listener.pinned_pages, 2);
  ReleaseSend(listener, view);
}

TEST(Framing, AudioOfOnePageIsPinnedOnceAndLetGoOnce) {
  Mounted mounted;
  mounted.Publish(std::string(5'000, 'a'));
  View view({mounted.ref(), mounted.ref()}, Instant());
  Listener listener{};
  std::vector<iovec> pieces;
  PlanSend(listener, view, 3'000, &pieces);
  EXPECT_TRUE(view.pages().IsPinnedBefore(1));
  TakeSent(listener, view, 100);
  EXPECT_TRUE(view.pages().IsPinnedBefore(1));
  ReleaseSend(listener, view);
  EXPECT_FALSE(view.pages().IsPinnedBefore(1));
}

TEST(Framing, ABlockWaitsForAudioBehindIt) {
  Mounted mounted;
  mounted.Publish(std::string(100, 'a'));
  View view({mounted.ref(), mounted.ref()}, Instant());
  Listener listener = Icy(100);
  EXPECT_EQ(Send(listener, view, 1'000, 1'000), std::string(100, 'a'));
  EXPECT_EQ(Send(listener, view, 1'000, 1'000), "");

  mounted.Title("Blue");
  mounted.Publish("b");
  view.Poll(Instant());
  EXPECT_EQ(Send(listener, view, 1'000, 1'000), audio::RenderIcyBlock("Blue", "") + "b");
}

// A listener that has an intro before it, and is to begin at the tape's first byte.
Listener WithIntro(Listener listener, View& view, const mount::PreambleRef& intro) {
  listener.flags |= kInPreamble;
  listener.intro = view.preambles().HoldIntro(intro);
  listener.intro_left_bytes = uint32_t(intro.bytes().size());
  return listener;
}
mount::PreambleRef IntroOf(absl::string_view text) {
  return mount::Preamble::Copy(std::as_bytes(std::span(text.data(), text.size())));
}

TEST(Framing, AnIntroGoesBeforeTheAudioWhereverSendsAreCut) {
  Mounted mounted;
  mounted.Publish(std::string(100, 'a'));
  View view({mounted.ref(), mounted.ref()}, Instant());
  const mount::PreambleRef intro = IntroOf("welcome ");
  for (uint32_t piece = 1; piece < 120; ++piece) {
    Listener listener = WithIntro(Listener{}, view, intro);
    std::string heard;
    while (heard.size() < 108) heard += Send(listener, view, 1'000, piece);
    EXPECT_EQ(heard, "welcome " + std::string(100, 'a'));
    EXPECT_EQ(listener.intro, kNoIntro);
    EXPECT_EQ(listener.flags, 0);
  }
  EXPECT_THAT(view.preambles().HeldLinks(), testing::IsEmpty());
}

TEST(Framing, BlocksAreCountedThroughAnIntroIntoTheAudio) {
  Mounted mounted;
  mounted.Title("Blue");
  mounted.Publish(std::string(100, 'a'));
  View view({mounted.ref(), mounted.ref()}, Instant());
  const mount::PreambleRef intro = IntroOf("0123456789abcdefghijklmno");
  const std::string said = audio::RenderIcyBlock("Blue", ""), same(1, '\0');
  const std::string whole =
      "0123456789" + said + "abcdefghij" + same + "klmnoaaaaa" + same + "aaaaaaaaaa" + same + "a";
  for (uint32_t piece = 1; piece < whole.size(); ++piece) {
    Listener listener = WithIntro(Icy(10), view, intro);
    std::string heard;
    while (heard.size() < whole.size()) heard += Send(listener, view, 1'000, piece);
    EXPECT_EQ(heard.substr(0, whole.size()), whole) << piece;
  }
}

TEST(Framing, ALinksPreambleStandsBehindTheIntro) {
  Mounted mounted;
  const absl::string_view headers = "headers ";
  mounted.writer().BeginLink(std::as_bytes(std::span(headers.data(), headers.size())));
  mounted.Publish("audio", /*needs_preamble=*/true);
  View view({mounted.ref(), mounted.ref()}, Instant());
  const mount::PreambleRef intro = IntroOf("welcome ");
  const uint32_t link = view.NewestSync()->link;
  for (uint32_t piece = 1; piece < 20; ++piece) {
    Listener listener = WithIntro(Listener{}, view, intro);
    ASSERT_TRUE(view.preambles().TryHold(view.mount(), link));
    listener.flags |= kHoldsPreamble;
    listener.link = link;
    std::string heard;
    while (heard.size() < 21) heard += Send(listener, view, 1'000, piece);
    EXPECT_EQ(heard, "welcome headers audio") << piece;
  }
  EXPECT_THAT(view.preambles().HeldLinks(), testing::IsEmpty());
}

TEST(Framing, WhoLeavesWithinAnIntroLetsGoOfIt) {
  Mounted mounted;
  mounted.Publish("a");
  View view({mounted.ref(), mounted.ref()}, Instant());
  const mount::PreambleRef intro = IntroOf("welcome ");
  Listener first = WithIntro(Listener{}, view, intro), second = WithIntro(Listener{}, view, intro);
  EXPECT_EQ(first.intro, second.intro);
  EXPECT_NE(WithIntro(Listener{}, view, IntroOf("another")).intro, first.intro);
  Send(first, view, 1'000, 3);
  ReleaseHeld(first, view);
  EXPECT_EQ(Send(second, view, 1'000, 8), "welcome ");
}

TEST(Framing, WhoWasLappedInTheMiddleOfABlockIsSentTheRestOfItFirst) {
  Mounted mounted({.burst = 0ms, .history = 0ms});
  mounted.Title("Blue in Green");
  mounted.Publish(std::string(1'000, 'a'));
  View view({mounted.ref(), mounted.ref()}, Instant());
  Listener listener = Icy(10);
  const std::string block = audio::RenderIcyBlock("Blue in Green", "");
  Send(listener, view, 1'000, 10 + 5);
  for (int i = 0; i < 100; ++i) mounted.Publish(std::string(10'000, 'b'));
  view.Poll(Instant());
  ASSERT_GT(view.oldest(), listener.position_bytes);

  EXPECT_EQ(Send(listener, view, 1'000, 1'000), block.substr(5));
  std::vector<iovec> pieces;
  EXPECT_TRUE(PlanSend(listener, view, 1'000, &pieces).is_lapped);
  EXPECT_EQ(listener.metadata_due_bytes, 10u);
}

TEST(Framing, WhoWasLappedJustBeforeABlockHearsItWithTheAudioBehindTheGap) {
  Mounted mounted({.burst = 0ms, .history = 0ms});
  mounted.Publish(std::string(1'000, 'a'));
  View view({mounted.ref(), mounted.ref()}, Instant());
  Listener listener = Icy(10);
  Send(listener, view, 1'000, 10);
  for (int i = 0; i < 100; ++i) mounted.Publish(std::string(10'000, 'b'));
  view.Poll(Instant());
  std::vector<iovec> pieces;
  EXPECT_TRUE(PlanSend(listener, view, 1'000, &pieces).is_lapped);
  EXPECT_EQ(listener.metadata_due_bytes, 0u);
}

TEST(Framing, TheBlockOfATitleStaysWhileAListenerIsWithinIt) {
  Mounted mounted;
  mounted.Title("the first of many");
  mounted.Publish(std::string(100, 'a'));
  View view({mounted.ref(), mounted.ref()}, Instant());
  Listener listener = Icy(10);
  const std::string block = audio::RenderIcyBlock("the first of many", "");
  Send(listener, view, 1'000, 10 + 7);
  for (uint32_t i = 0; i < 3 * kTitlesKept; ++i) {
    mounted.Title(absl::StrCat("another ", i));
    mounted.Publish("b");
    view.Poll(Instant());
  }
  EXPECT_TRUE(absl::StartsWith(Send(listener, view, 1'000, 1'000), block.substr(7)));
}

TEST(Framing, APreambleStaysWhileAListenerIsWithinIt) {
  Mounted mounted;
  const std::string headers(3'000, 'h');
  mounted.writer().BeginLink(std::as_bytes(std::span(headers)));
  mounted.Publish("a", /*needs_preamble=*/true);
  View view({mounted.ref(), mounted.ref()}, Instant());
  Listener listener{};
  listener.link = view.NewestSync()->link;
  ASSERT_TRUE(view.preambles().TryHold(view.mount(), listener.link));
  listener.flags = kInPreamble | kHoldsPreamble;
  EXPECT_EQ(Send(listener, view, 1'000, 1'000), std::string(1'000, 'h'));

  for (uint32_t i = 0; i < 3 * kLinksKept; ++i) {  // others join later links meanwhile
    mounted.writer().BeginLink(std::as_bytes(std::span("other headers")));
    mounted.Publish("b", /*needs_preamble=*/true);
    view.Poll(Instant());
    const uint32_t link = view.NewestSync()->link;
    ASSERT_TRUE(view.preambles().TryHold(view.mount(), link));
    view.preambles().Release(link);
  }
  EXPECT_TRUE(absl::StartsWith(Send(listener, view, 9'000, 2'001), std::string(2'000, 'h') + "a"));
  EXPECT_EQ(listener.flags & (kInPreamble | kHoldsPreamble), 0);
}

// A stream as it has to be, made the simple way: all at once, from the first byte.
std::string Model(const std::string& audio, uint64_t begin, uint32_t metaint_bytes,
                  const std::vector<std::pair<uint64_t, std::string>>& titles) {
  std::string stream;
  std::string said;
  for (uint64_t at = begin; at < audio.size(); ++at) {
    if (at > begin && (at - begin) % metaint_bytes == 0) {
      std::string holds;
      for (const auto& [offset, title] : titles) {
        if (offset <= at) holds = title;
      }
      stream += holds == said ? std::string(1, '\0') : audio::RenderIcyBlock(holds, "");
      said = holds;
    }
    stream += audio[at];
  }
  return stream;
}

// Plan and Take mirror each other: however a stream is published, ordered and cut, what is taken
// is the stream made at once.
TEST(Framing, HoweverSendsAreCutTheStreamIsTheSame) {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    std::mt19937 dice(seed);
    Mounted mounted;
    std::string audio;
    std::vector<std::pair<uint64_t, std::string>> titles;
    const auto publish = [&] {
      if (dice() % 3 == 0) {
        titles.emplace_back(audio.size(), absl::StrCat("Title ", titles.size()));
        mounted.Title(titles.back().second);
      }
      const std::string frame = Noise(dice, 1 + dice() % 4'000);
      mounted.Publish(frame);
      audio += frame;
    };
    publish();
    const uint64_t begin = dice() % audio.size();
    View view({mounted.ref(), mounted.ref()}, Instant());
    Listener listener = Icy(1 + dice() % (seed % 2 == 0 ? 20 : 5'000));
    listener.position_bytes = begin;

    std::string heard;
    for (int i = 0; i < 300; ++i) {
      if (i < 60) publish();
      view.Poll(Instant());
      const uint32_t bytes_max = 1 + dice() % 20'000;
      heard += Send(listener, view, bytes_max, dice() % 2 == 0 ? bytes_max : dice() % bytes_max);
    }
    const std::string model = Model(audio, begin, listener.metaint_bytes, titles);
    ASSERT_TRUE(absl::StartsWith(model, heard)) << "seed " << seed;
    EXPECT_EQ(listener.sent_bytes, heard.size());
    EXPECT_FALSE(view.pages().IsPinnedBefore(UINT32_MAX));
    ReleaseHeld(listener, view);
    EXPECT_EQ(listener.block_title, 0u);
  }
}

}  // namespace
}  // namespace floe::listener
