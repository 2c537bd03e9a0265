// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/push_reader.h"

#include <algorithm>
#include <memory>
#include <span>
#include <string>

#include "gtest/gtest.h"
#include "unit/mount/station.h"

namespace floe::session {
namespace {

class PushReaderTest : public testing::Test {
 protected:
  PushReader Reader() { return PushReader(station_.registry().Find("/live")); }

  // All that is there to be sent, at most `piece_bytes` at a time.
  static std::string ReadAll(PushReader& reader, size_t piece_bytes = SIZE_MAX) {
    std::string all;
    for (;;) {
      const std::span<const std::byte> bytes = reader.Next();
      if (bytes.empty()) return all;
      const size_t taken = std::min(bytes.size(), piece_bytes);
      all.append(reinterpret_cast<const char*>(bytes.data()), taken);
      reader.Took(taken);
    }
  }
  void Play(char fill, int count = 1, size_t bytes = mount::kFrameBytes) {
    for (int i = 0; i < count; ++i) mount::PlayFrame(*writer_, bytes, std::byte(fill));
  }
  static std::string Frames(char fill, size_t count = 1) {
    return std::string(count * mount::kFrameBytes, fill);
  }

  mount::Station station_;
  std::unique_ptr<mount::Writer> writer_ = station_.Connect("/live");
};

TEST_F(PushReaderTest, BeginsAtTheNewestPlaceAndMissesNothingAfterIt) {
  Play('a', 10);
  PushReader reader = Reader();
  EXPECT_EQ(ReadAll(reader), Frames('a'));
  Play('b', 100);
  EXPECT_EQ(ReadAll(reader, 1000), Frames('b', 100)) << "across pages, in pieces of any size";
  EXPECT_EQ(ReadAll(reader), "");
}

TEST_F(PushReaderTest, HasNothingBeforeItsSourceIsHeard) {
  PushReader reader = Reader();
  EXPECT_EQ(ReadAll(reader), "");
  EXPECT_FALSE(reader.IsOver(station_.now));
  Play('a');
  EXPECT_EQ(ReadAll(reader), Frames('a'));
}

TEST_F(PushReaderTest, SendsTheHeadersOfALinkOnce) {
  writer_->BeginLink(mount::Bytes("headers"));
  Play('a', 3);
  PushReader reader = Reader();
  EXPECT_EQ(ReadAll(reader, 5), "headers" + Frames('a'));
  Play('b', 2);
  EXPECT_EQ(ReadAll(reader), Frames('b', 2));
}

TEST_F(PushReaderTest, WhoWasLappedGoesOnAtTheNewestPlaceWithoutHeadersItHasSent) {
  writer_->BeginLink(mount::Bytes("headers"));
  Play('a');
  PushReader reader = Reader();
  EXPECT_EQ(ReadAll(reader), "headers" + Frames('a'));
  station_.settings.burst = milliseconds(0);
  station_.settings.history = milliseconds(0);
  station_.registry().Find("/live")->Configure(station_.settings);
  Play('b', 200);
  Play('c');
  ASSERT_GT(station_.registry().Find("/live")->tape().oldest(), uint64_t{mount::kFrameBytes});
  EXPECT_EQ(ReadAll(reader), Frames('c'));
}

TEST_F(PushReaderTest, WhatWasSaidToBeReadStaysAsLongAsItMayBeUnderWay) {
  Play('a');
  PushReader reader = Reader();
  const std::span<const std::byte> bytes = reader.Next();
  station_.settings.burst = milliseconds(0);
  station_.settings.history = milliseconds(0);
  station_.registry().Find("/live")->Configure(station_.settings);
  Play('b', 300);  // the arena's pages have all been used since
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()), Frames('a'));
}

TEST_F(PushReaderTest, IsOverWithAnotherKindOfAudio) {
  Play('a');
  PushReader reader = Reader();
  EXPECT_EQ(reader.snapshot().source.content_type, "audio/mpeg");
  writer_->Leave(station_.now);
  EXPECT_FALSE(reader.IsOver(station_.now)) << "its source may come back";
  writer_ = station_.Connect("/live", "audio/aac");
  Play('b');
  EXPECT_TRUE(reader.IsOver(station_.now));
  ReadAll(reader);
  EXPECT_EQ(ReadAll(reader), "");
}

TEST_F(PushReaderTest, GoesOnWithASourceThatComesBackAndIsOverWhenItsLingerIs) {
  Play('a');
  PushReader reader = Reader();
  EXPECT_EQ(ReadAll(reader), Frames('a'));
  writer_->Leave(station_.now);
  writer_ = station_.Connect("/live");
  Play('b');
  EXPECT_EQ(ReadAll(reader), Frames('b'));
  writer_->Leave(station_.now);
  EXPECT_TRUE(reader.IsOver(station_.now + station_.settings.linger));
}

TEST_F(PushReaderTest, SaysATitleOnceWhereItHolds) {
  writer_->SetTitleHere("One", {});
  Play('a');
  PushReader reader = Reader();
  ReadAll(reader);
  EXPECT_EQ(reader.NewTitle(), "One");
  EXPECT_EQ(reader.NewTitle(), std::nullopt);
  Play('b');
  writer_->SetTitleHere("Two", {});
  Play('c');
  EXPECT_EQ(reader.NewTitle(), std::nullopt) << "it has not come so far";
  ReadAll(reader);
  EXPECT_EQ(reader.NewTitle(), "Two");
}

}  // namespace
}  // namespace floe::session
