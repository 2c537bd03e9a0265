// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/feed.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "audio/icy_blocks.h"
#include "gtest/gtest.h"
#include "mount/registry.h"
#include "tape/arena.h"

namespace floe::session {
namespace {

constexpr uint64_t kArenaBytes = 1 << 20;

// MPEG-1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes that decode to silence.
std::string Frames(int count) {
  std::string frame("\xff\xfb\x90\x00", 4);
  frame.resize(417, '\0');
  std::string frames;
  for (int i = 0; i < count; ++i) frames += frame;
  return frames;
}

std::string Chunked(const std::string& text, size_t chunk_bytes) {
  std::string chunks;
  for (size_t at = 0; at < text.size(); at += chunk_bytes) {
    const std::string chunk = text.substr(at, chunk_bytes);
    absl::StrAppend(&chunks, absl::Hex(chunk.size()), "\r\n", chunk, "\r\n");
  }
  return chunks + "0\r\n\r\n";
}

class FeedTest : public testing::Test {
 protected:
  FeedTest() {
    arena_ = tape::Arena::Create(kArenaBytes).value();
    registry_ = std::make_unique<mount::Registry>(*arena_, /*sources_max=*/4);
    mount::SourceInfo info;
    info.content_type = "audio/mpeg";
    writer_ = registry_->Claim("/live", info, config::Mount(), {}, Instant()).value();
    framing_.content_type = info.content_type;
  }

  Feed& Begin() { return *(feed_ = std::make_unique<Feed>(*writer_, framing_)); }
  void Take(const std::string& text, size_t piece_bytes = SIZE_MAX) {
    const auto bytes = std::as_bytes(std::span(text.data(), text.size()));
    for (size_t at = 0; at < bytes.size() && !feed_->is_over();) {
      const size_t piece = std::min(piece_bytes, bytes.size() - at);
      feed_->Take(bytes.subspan(at, piece));
      at += piece;
    }
  }
  std::string Heard() const {
    const tape::Tape& tape = writer_->mount().tape();
    const tape::PageRef page = tape.Page(0);
    return std::string(reinterpret_cast<const char*>(page.data()), tape.published());
  }

  std::unique_ptr<tape::Arena> arena_;
  std::unique_ptr<mount::Registry> registry_;
  std::unique_ptr<mount::Writer> writer_;
  FeedFraming framing_;
  std::unique_ptr<Feed> feed_;
};

TEST_F(FeedTest, ARawBodyIsItsAudio) {
  framing_.body.kind = http::BodyFraming::Kind::kUntilClose;
  Begin();
  Take("ID3 garbage" + Frames(20), 100);
  EXPECT_EQ(Heard(), Frames(20));
  EXPECT_FALSE(feed_->is_over());
}

TEST_F(FeedTest, ChunksComeOffHoweverTheyAreCut) {
  framing_.body.kind = http::BodyFraming::Kind::kChunked;
  Begin();
  Take(Chunked(Frames(20), 100), 33);
  EXPECT_TRUE(feed_->is_over());
  EXPECT_EQ(feed_->error(), "");
  EXPECT_EQ(Heard(), Frames(20));
}

TEST_F(FeedTest, ABrokenChunkEndsTheFeedWithAReason) {
  framing_.body.kind = http::BodyFraming::Kind::kChunked;
  Begin();
  Take("10000000000000000\r\naudio");  // 2^64
  EXPECT_TRUE(feed_->is_over());
  EXPECT_NE(feed_->error(), "");
}

TEST_F(FeedTest, ABodyWithALengthIsOverAtItsEnd) {
  framing_.body.kind = http::BodyFraming::Kind::kLength;
  framing_.body.length_bytes = Frames(10).size();
  Begin();
  Take(Frames(20));
  EXPECT_TRUE(feed_->is_over());
  EXPECT_EQ(Heard(), Frames(10));
}

TEST_F(FeedTest, TitlesBetweenTheAudioAreTakenOutAndPlaced) {
  constexpr uint32_t kMetaint = 4170;  // ten frames
  framing_.metaint_bytes = kMetaint;
  framing_.body.kind = http::BodyFraming::Kind::kUntilClose;
  Begin();
  Take(Frames(10) + audio::RenderIcyBlock("K\xe4se", "") + Frames(10), 50);  // Latin-1
  EXPECT_EQ(Heard(), Frames(20));
  std::vector<mount::TitleMark> marks;
  writer_->mount().CopyTitles(0, &marks);
  ASSERT_EQ(marks.size(), 1u);
  EXPECT_EQ(marks[0].title, "K\xc3\xa4se");
  EXPECT_EQ(marks[0].offset_bytes, kMetaint);
}

TEST_F(FeedTest, AnotherFeedGoesOnAtTheVeryByte) {
  framing_.body.kind = http::BodyFraming::Kind::kChunked;
  Begin();
  for (const char byte : Chunked(Frames(20), 100)) {
    Take(std::string(1, byte));
    feed_ = Feed::Restore(*writer_, feed_->state()).value();
  }
  EXPECT_TRUE(feed_->is_over());
  EXPECT_EQ(feed_->error(), "");
  EXPECT_EQ(Heard(), Frames(20));
  EXPECT_EQ(feed_->stats().frames, 20u);
}

TEST_F(FeedTest, TextThatClaimsToBeAudioIsNeverPublished) {
  framing_.body.kind = http::BodyFraming::Kind::kUntilClose;
  Begin();
  std::string text;
  while (text.size() < 100'000) text += "The quick brown fox jumps over the lazy dog. ";
  Take(text, 1000);
  feed_->End();
  EXPECT_EQ(writer_->mount().tape().published(), 0u);
  EXPECT_EQ(feed_->stats().garbage_bytes, text.size());
}

TEST_F(FeedTest, AnotherConnectionGoesOnInTheMiddleOfAFrame) {
  framing_.metaint_bytes = 1000;
  framing_.body.kind = http::BodyFraming::Kind::kChunked;
  Begin();
  const std::string audio = Frames(20);
  const std::string no_title(1, '\0');
  Take("bb8\r\n" + audio.substr(0, 1000) + no_title + audio.substr(1000, 1000));
  EXPECT_EQ(feed_->audio_bytes(), 2000u);
  framing_.metaint_bytes = 5000;
  framing_.body.kind = http::BodyFraming::Kind::kUntilClose;
  feed_->Rewrap(framing_, /*repeated_bytes=*/200);
  Take(audio.substr(1800, 5000) + no_title + audio.substr(6800), 70);
  EXPECT_EQ(Heard(), audio);
  EXPECT_EQ(feed_->audio_bytes(), audio.size());
  EXPECT_EQ(feed_->stats().garbage_bytes, 0u);
}

TEST_F(FeedTest, ABodyThatBrokeIsNoneOfTheNextConnections) {
  framing_.body.kind = http::BodyFraming::Kind::kChunked;
  Begin();
  Take("no size");
  ASSERT_TRUE(feed_->is_over());
  feed_->Rewrap(framing_, /*repeated_bytes=*/0);
  EXPECT_FALSE(feed_->is_over());
  EXPECT_EQ(feed_->error(), "");
  Take(Chunked(Frames(3), 100));
  EXPECT_EQ(Heard(), Frames(3));
}

}  // namespace
}  // namespace floe::session
