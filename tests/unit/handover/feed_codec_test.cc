// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/feed_codec.h"

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "audio/icy_blocks.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "handover/feed.pb.h"
#include "mount/registry.h"
#include "session/feed.h"
#include "tape/arena.h"

namespace floe::handover {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kArenaBytes = 1 << 20;
constexpr uint32_t kMetaint = 1000;

// A message of this kind, out of the bytes that one process tells the next.
template <typename Message>
Message Parsed(const Message& saved) {
  Message parsed;
  EXPECT_TRUE(parsed.ParseFromString(saved.SerializeAsString()));
  return parsed;
}

session::FeedState ThroughBytes(const session::FeedState& state) {
  FeedState saved;
  SaveFeed(state, &saved);
  const absl::StatusOr<session::FeedState> loaded = LoadFeed(Parsed(saved));
  EXPECT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_TRUE(*loaded == state) << "a field was lost";
  return *loaded;
}

// Frames of MPEG-1 layer III of 417 bytes, with a title after each kMetaint bytes.
std::string SourceWithTitles(int frames) {
  std::string audio, stream;
  for (int i = 0; i < frames; ++i) {
    audio += std::string("\xff\xfb\x90\x00", 4) + std::string(413, static_cast<char>(i));
  }
  for (size_t at = 0; at < audio.size(); at += kMetaint) {
    stream += audio.substr(at, kMetaint);
    const std::string title = absl::StrCat("K\xe4se ", at);  // Latin-1
    if (at + kMetaint <= audio.size()) stream += audio::RenderIcyBlock(title, "http://floe/");
  }
  return stream;
}

std::string Chunked(const std::string& text) {
  std::string chunks;
  for (size_t at = 0; at < text.size(); at += 700) {
    const std::string chunk = text.substr(at, 700);
    absl::StrAppend(&chunks, absl::Hex(chunk.size()), ";x=y\r\n", chunk, "\r\n");
  }
  return chunks + "0\r\nTrailer: t\r\n\r\n";
}

// A mount with one source, which may be handed over to another feed between two pieces.
class Source {
 public:
  explicit Source(const session::FeedFraming& framing) {
    arena_ = tape::Arena::Create(kArenaBytes).value();
    registry_ = std::make_unique<mount::Registry>(*arena_, /*sources_max=*/1);
    mount::SourceInfo info;
    info.content_type = framing.content_type;
    writer_ = registry_->Claim("/live", info, config::Mount(), {}, Instant()).value();
    feed_ = std::make_unique<session::Feed>(*writer_, framing);
  }

  void Send(absl::string_view text) {
    feed_->Take(std::as_bytes(std::span(text.data(), text.size())));
  }
  void HandOver() {
    auto restored = session::Feed::Restore(*writer_, ThroughBytes(feed_->state()));
    ASSERT_TRUE(restored.ok()) << restored.status();
    feed_ = *std::move(restored);
  }
  session::Feed& feed() { return *feed_; }

  std::string Heard() const {
    const tape::Tape& tape = writer_->mount().tape();
    const tape::PageRef page = tape.Page(0);
    return std::string(reinterpret_cast<const char*>(page.data()), tape.published());
  }
  std::string Titles() const {
    std::vector<mount::TitleMark> marks;
    writer_->mount().CopyTitles(0, &marks);
    std::string titles;
    for (const mount::TitleMark& mark : marks) {
      absl::StrAppend(&titles, mark.offset_bytes, " ", mark.title, " ", mark.url, "\n");
    }
    return titles;
  }
  mount::Snapshot Snap() const { return writer_->mount().Snap(); }

 private:
  std::unique_ptr<tape::Arena> arena_;
  std::unique_ptr<mount::Registry> registry_;
  std::unique_ptr<mount::Writer> writer_;
  std::unique_ptr<session::Feed> feed_;
};

class FeedCodec : public testing::Test {
 protected:
  // Sends `body` whole to one source, and in pieces, between which feeds take over, to another.
  void ExpectSame(const session::FeedFraming& framing, const std::string& body,
                  size_t piece_bytes_max) {
    Source whole(framing), handed_over(framing);
    whole.Send(body);
    whole.feed().End();
    std::minstd_rand random(7);
    for (size_t at = 0; at < body.size() && !handed_over.feed().is_over();) {
      const size_t piece = std::min(1 + random() % piece_bytes_max, body.size() - at);
      handed_over.Send(absl::string_view(body).substr(at, piece));
      at += piece;
      ASSERT_NO_FATAL_FAILURE(handed_over.HandOver());
    }
    handed_over.feed().End();
    EXPECT_NE(whole.Heard(), "");
    EXPECT_EQ(handed_over.Heard(), whole.Heard());
    EXPECT_EQ(handed_over.Titles(), whole.Titles());
    EXPECT_EQ(handed_over.feed().is_over(), whole.feed().is_over());
    EXPECT_EQ(handed_over.feed().error(), whole.feed().error());
    EXPECT_EQ(handed_over.feed().stats(), whole.feed().stats());
    EXPECT_EQ(handed_over.Snap().received_bytes, whole.Snap().received_bytes);
  }

  session::FeedFraming framing_{.body = {.kind = http::BodyFraming::Kind::kUntilClose},
                                .content_type = "audio/mpeg"};
};

TEST_F(FeedCodec, AChunkedBodyWithTitlesGoesOnAtEveryByte) {
  framing_.body.kind = http::BodyFraming::Kind::kChunked;
  framing_.metaint_bytes = kMetaint;
  framing_.charset = "latin1";
  ExpectSame(framing_, Chunked(SourceWithTitles(12)), 1);
}

TEST_F(FeedCodec, AChunkedBodyWithTitlesGoesOnWhereverItIsCut) {
  framing_.body.kind = http::BodyFraming::Kind::kChunked;
  framing_.metaint_bytes = kMetaint;
  ExpectSame(framing_, Chunked(SourceWithTitles(100)), 900);
}

TEST_F(FeedCodec, ABrokenChunkIsOneInTheNextProcessToo) {
  framing_.body.kind = http::BodyFraming::Kind::kChunked;
  ExpectSame(framing_, Chunked(SourceWithTitles(12)).substr(0, 4000) + "\r\nno size\r\n", 50);
}

TEST_F(FeedCodec, ABodyWithALengthEndsWhereItWould) {
  const std::string body = SourceWithTitles(20).substr(0, 4000);
  framing_.body = {.kind = http::BodyFraming::Kind::kLength, .length_bytes = body.size()};
  framing_.metaint_bytes = kMetaint;
  ExpectSame(framing_, body, 100);
}

TEST_F(FeedCodec, AFeedThatCannotBeIsRefusedByName) {
  Source source(framing_);
  const session::FeedState good = source.feed().state();
  const auto objection = [&good](auto change) {
    session::FeedFraming framing;
    Source next(framing);
    session::FeedState state = good;
    change(state);
    auto arena = tape::Arena::Create(kArenaBytes).value();
    mount::Registry registry(*arena, /*sources_max=*/1);
    const auto writer = registry.Claim("/live", {}, config::Mount(), {}, Instant()).value();
    return std::string(session::Feed::Restore(*writer, std::move(state)).status().message());
  };
  using State = session::FeedState;
  EXPECT_EQ(objection([](State&) {}), "");
  EXPECT_THAT(objection([](State& s) { s.body.kind = http::BodyFraming::Kind(4); }),
              HasSubstr("body's kind is 4"));
  EXPECT_THAT(objection([](State& s) { s.reported_bytes = 1; }), HasSubstr("reported"));
  EXPECT_THAT(objection([](State& s) { s.audio_bytes = 1; }), HasSubstr("audio"));
  EXPECT_THAT(objection([](State& s) { s.icy.audio_left_bytes = 1; }), HasSubstr("ICY"));
  EXPECT_THAT(objection([](State& s) { s.chunks.left_bytes = uint64_t{1} << 41; }),
              HasSubstr("chunk"));
  EXPECT_THAT(objection([](State& s) { s.framer.carry.want_bytes = 0; }), HasSubstr("carried"));
}

TEST(WriterCodec, SaysAllThatASourceKnowsOfItsMount) {
  const mount::Writer::State states[] = {
      {},
      {.is_torn = true,
       .lost_bytes = 1,
       .asks_again_at_bytes = uint64_t{1} << 40,
       .due_title = mount::Writer::DueTitle{.offset_bytes = 3, .title = {"K\xc3\xa4se", "\xff"}},
       .published_bytes = 5,
       .played = microseconds(6)},
  };
  for (const mount::Writer::State& state : states) {
    WriterState saved;
    SaveWriter(state, &saved);
    EXPECT_TRUE(LoadWriter(Parsed(saved)) == state);
  }
}

TEST(IcyCodec, ABlockGoesOnInItsMiddle) {
  const audio::IcyReader::State state{.metaint_bytes = 16000,
                                      .audio_left_bytes = 16000,
                                      .block_left_bytes = 20,
                                      .block = "StreamTitle='K\xe4",
                                      .malformed_blocks = 2};
  IcyState saved;
  SaveIcy(state, &saved);
  EXPECT_EQ(LoadIcy(Parsed(saved)), state);
}

}  // namespace
}  // namespace floe::handover
