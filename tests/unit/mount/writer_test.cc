// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "mount/writer.h"

#include <vector>

#include "gtest/gtest.h"
#include "unit/mount/station.h"

namespace floe::mount {
namespace {

TEST(Writer, AFrameIsHeardAtItsBoundary) {
  Station station;
  const auto writer = station.Connect("/live");
  const tape::Tape& tape = writer->mount().tape();
  writer->Append(Bytes("half "));
  writer->Append(Bytes("frame"));
  EXPECT_EQ(tape.published(), 0u);
  writer->Boundary(kFrame);
  EXPECT_EQ(tape.published(), 10u);
  EXPECT_EQ(tape.played(), kFrame);
  EXPECT_EQ(Heard(writer->mount(), 0, 10), Bytes("half frame"));
}

TEST(Writer, ATornFrameIsForgotten) {
  Station station;
  const auto writer = station.Connect("/live");
  PlayFrames(*writer, 1);
  writer->Append(Bytes("torn"));
  writer->Discard();
  PlayFrames(*writer, 1);
  EXPECT_EQ(writer->mount().tape().published(), 2 * kFrameBytes);
}

TEST(Writer, PlayedTimeGoesOnFromOneSourceToTheNext) {
  Station station;
  auto writer = station.Connect("/live");
  PlayFrames(*writer, 10);
  writer->Leave(station.now);
  writer = station.Connect("/live");
  PlayFrames(*writer, 10);
  const tape::Tape& tape = writer->mount().tape();
  EXPECT_EQ(tape.played(), 20 * kFrame);
  EXPECT_EQ(tape.SyncBack(15 * kFrame, UINT64_MAX)->offset_bytes, 5 * kFrameBytes);
}

TEST(Writer, AJoinerFindsThePreambleOfTheLinkItBeginsIn) {
  Station station;
  const auto writer = station.Connect("/live", "application/ogg");
  const Mount& mount = writer->mount();
  writer->BeginLink(Bytes("first"));
  PlayFrames(*writer, 10);
  writer->BeginLink(Bytes("second"));
  PlayFrames(*writer, 10);
  const auto before = mount.tape().SyncBack(15 * kFrame, UINT64_MAX);
  const auto after = mount.tape().NewestSync();
  EXPECT_EQ(mount.PreambleOf(before->link).bytes().size(), 5u);
  EXPECT_EQ(mount.PreambleOf(after->link).bytes().size(), 6u);
  EXPECT_TRUE(after->needs_preamble);
}

TEST(Writer, OnlyTheNewestPreamblesAreKept) {
  Station station;
  const auto writer = station.Connect("/live", "application/ogg");
  const Mount& mount = writer->mount();
  std::vector<uint32_t> links;
  for (uint32_t i = 0; i < kLinksKept + 2; ++i) {
    writer->BeginLink(Bytes("preamble"));
    PlayFrame(*writer);
    links.push_back(mount.tape().NewestSync()->link);
  }
  EXPECT_FALSE(mount.PreambleOf(links[0]));
  EXPECT_FALSE(mount.PreambleOf(links[1]));
  for (uint32_t i = 2; i < links.size(); ++i) EXPECT_TRUE(mount.PreambleOf(links[i]));
  EXPECT_FALSE(mount.PreambleOf(links.back() + 1)) << "no link of the future";
  EXPECT_FALSE(mount.PreambleOf(0));
}

TEST(Writer, AReaderKeepsAPreambleThatTheMountForgot) {
  Station station;
  const auto writer = station.Connect("/live", "application/ogg");
  writer->BeginLink(Bytes("kept"));
  PlayFrame(*writer);
  const PreambleRef held =
      writer->mount().PreambleOf(writer->mount().tape().NewestSync()->link).Share();
  for (uint32_t i = 0; i < 2 * kLinksKept; ++i) writer->BeginLink(Bytes("other"));
  ASSERT_TRUE(held);
  EXPECT_EQ(std::memcmp(held->bytes().data(), "kept", 4), 0);
}

TEST(Writer, KeepsAsManySecondsAsTheMountSays) {
  Station station;
  station.settings.history = 30s;
  station.settings.burst = 4s;
  const auto writer = station.Connect("/live");
  PlayFrames(*writer, 3000);                                      // five minutes
  const uint64_t wanted = uint64_t{30} * 10 * kFrameBytes;        // 480,000 bytes
  EXPECT_GE(HistoryBytes(writer->mount()), wanted - kPageBytes);  // trimmed before a page opens
  EXPECT_LE(HistoryBytes(writer->mount()), wanted + 2 * kPageBytes);
  EXPECT_LE(station.arena().pages_in_use(), wanted / kPageBytes + 3);
}

TEST(Writer, KeepsTwoBurstsEvenWhenTheHistoryIsShorter) {
  Station station;
  station.settings.history = 0s;
  station.settings.burst = 20s;
  const auto writer = station.Connect("/live");
  PlayFrames(*writer, 3000);
  EXPECT_GE(HistoryBytes(writer->mount()), uint64_t{40} * 10 * kFrameBytes - kPageBytes);
}

TEST(Writer, KeepsAFewPagesOfTheSlowestStream) {
  Station station;
  station.settings.history = 1s;
  station.settings.burst = 0s;
  const auto writer = station.Connect("/live");
  PlayFrames(*writer, 1000);
  EXPECT_GE(HistoryBytes(writer->mount()), 2 * kPageBytes);
  // Those two, the one they begin in and the one under way.
  EXPECT_LE(HistoryBytes(writer->mount()), 4 * kPageBytes);
}

TEST(Writer, WhenTheArenaIsFullTheLongestHistoryIsShortened) {
  Station station(/*arena_pages=*/20);
  station.settings.history = 3600s;
  const auto rich = station.Connect("/rich");
  PlayFrames(*rich, 700);  // 17 pages and a bit
  ASSERT_EQ(station.arena().pages_in_use(), 18u);
  const auto poor = station.Connect("/poor");
  PlayFrames(*poor, 300);
  EXPECT_EQ(poor->mount().tape().published(), 300 * kFrameBytes) << "nothing of it was lost";
  EXPECT_EQ(poor->mount().Snap().dropped_bytes, 0u);
  EXPECT_EQ(poor->mount().tape().oldest(), 0u) << "and it did not pay for it";
  EXPECT_GT(rich->mount().tape().oldest(), 0u);
  PlayFrames(*rich, 300);
  EXPECT_EQ(rich->mount().tape().published(), 1000 * kFrameBytes);
}

TEST(Writer, AMountWhoseSourceLeftIsShortenedToo) {
  Station station(/*arena_pages=*/20);
  station.settings.history = 3600s;
  const auto gone = station.Connect("/gone");
  PlayFrames(*gone, 700);
  gone->Leave(station.now);
  const auto writer = station.Connect("/live");
  PlayFrames(*writer, 300);
  EXPECT_EQ(writer->mount().tape().published(), 300 * kFrameBytes);
}

TEST(Writer, WhenNobodyHasPagesToSpareWholeFramesAreDroppedAndCounted) {
  Station station(/*arena_pages=*/4);
  const auto writer = station.Connect("/live");
  PlayFrames(*writer, 100);
  const Mount& mount = writer->mount();
  // A listener's shard holds every page there is.
  std::vector<tape::PageRef> held;
  for (int i = 0; i < 1000 && mount.Snap().dropped_bytes == 0; ++i) {
    for (uint64_t n = mount.tape().oldest() / kPageBytes; mount.tape().Page(n); ++n) {
      held.push_back(mount.tape().Page(n));
    }
    PlayFrame(*writer);
  }
  const uint64_t published = mount.tape().published();
  EXPECT_EQ(published % kFrameBytes, 0u);
  EXPECT_EQ(mount.Snap().dropped_bytes, kFrameBytes);
  PlayFrames(*writer, 9);
  EXPECT_EQ(mount.tape().published(), published);
  EXPECT_EQ(mount.Snap().dropped_bytes, 10 * kFrameBytes);
  EXPECT_EQ(mount.tape().played(), int(published / kFrameBytes) * kFrame)
      << "what was not heard was not played";

  held.clear();
  PlayFrames(*writer, 100);
  EXPECT_GT(mount.tape().published(), published) << "it recovers";
  EXPECT_EQ(mount.tape().published() % kFrameBytes, 0u);
}

TEST(Writer, OfATornFrameNothingIsHeardThoughItsEndWouldFit) {
  Station station(/*arena_pages=*/2);
  const auto writer = station.Connect("/live");
  writer->Append(std::vector<std::byte>(3 * kPageBytes));
  writer->Append(std::vector<std::byte>(10));
  writer->Boundary(kFrame);
  EXPECT_EQ(writer->mount().tape().published(), 0u);
  EXPECT_EQ(writer->mount().Snap().dropped_bytes, 3 * kPageBytes + 10);
  PlayFrame(*writer);
  EXPECT_EQ(writer->mount().tape().published(), kFrameBytes);
}

TEST(Writer, ASourceThatNeverReachesABoundaryDoesNotEatTheArena) {
  Station station(/*arena_pages=*/512);
  const auto writer = station.Connect("/live");
  for (int i = 0; i < 400; ++i) writer->Append(std::vector<std::byte>(kPageBytes));
  EXPECT_LE(station.arena().pages_in_use(), kUnpublishedBytesMax / kPageBytes);
  EXPECT_EQ(writer->mount().Snap().dropped_bytes, 400 * uint64_t{kPageBytes});
  writer->Boundary(kFrame);
  PlayFrame(*writer);
  EXPECT_EQ(writer->mount().tape().published(), kFrameBytes);
}

// A writer that takes the mount over with what the one before knew, as in another process.
std::unique_ptr<Writer> HandOver(Station& station, const Writer& writer) {
  auto next = station.Connect(writer.mount().name(), "audio/mpeg", {.takeover = true});
  EXPECT_TRUE(next->Restore(writer.state()).ok());
  EXPECT_EQ(next->state(), writer.state());
  return next;
}

TEST(Writer, ATitleThatIsDueIsPlacedByTheWriterThatGoesOn) {
  Station station;
  const auto writer = station.Connect("/live");
  PlayFrames(*writer, 2);
  writer->SetTitleHere("due", "http://floe/");
  const auto next = HandOver(station, *writer);
  PlayFrame(*next);
  std::vector<TitleMark> marks;
  next->mount().CopyTitles(0, &marks);
  ASSERT_EQ(marks.size(), 1u);
  EXPECT_EQ(marks[0].title, "due");
  EXPECT_EQ(marks[0].offset_bytes, 2 * kFrameBytes);
}

TEST(Writer, OfATornFrameNothingIsHeardFromTheWriterThatGoesOn) {
  Station station(/*arena_pages=*/2);
  const auto writer = station.Connect("/live");
  writer->Append(std::vector<std::byte>(3 * kPageBytes));
  const auto next = HandOver(station, *writer);
  next->Append(std::vector<std::byte>(10));
  next->Boundary(kFrame);
  EXPECT_EQ(next->mount().tape().published(), 0u);
  PlayFrame(*next);
  EXPECT_EQ(next->mount().tape().published(), kFrameBytes);
}

TEST(Writer, AStateThatCannotBeIsRefusedAndChangesNothing) {
  Station station;
  const auto writer = station.Connect("/live");
  PlayFrames(*writer, 1);
  const Writer::State before = writer->state();
  Writer::State state = before;
  state.played = microseconds(-1);
  EXPECT_FALSE(writer->Restore(state).ok());
  state = before;
  state.due_title = {.offset_bytes = kFrameBytes + 1, .title = {.title = "of the future"}};
  EXPECT_FALSE(writer->Restore(state).ok());
  state.due_title = {.offset_bytes = 0, .title = {.title = std::string(kTitleBytesMax + 1, 'x')}};
  EXPECT_FALSE(writer->Restore(state).ok());
  EXPECT_EQ(writer->state(), before);
}

}  // namespace
}  // namespace floe::mount
