// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/framer_state.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "unit/audio/ebml_elements.h"
#include "unit/audio/ogg_pages.h"
#include "unit/audio/recorder.h"
#include "unit/audio/samples.h"

namespace floe::audio {
namespace {

using ::testing::HasSubstr;

// What a framer knows after the beginning of a stream.
FramerState StateAfter(absl::string_view content_type, absl::string_view bytes) {
  const std::unique_ptr<Framer> framer = MakeFramer(content_type, NoClock);
  Recorder heard;
  framer->Feed(AsBytes(bytes), heard);
  return framer->state();
}
FramerState StateAfter(absl::string_view content_type, const char* file, size_t bytes) {
  return StateAfter(content_type, absl::string_view(ReadSample(file)).substr(0, bytes));
}

// What is said of a state that cannot be; empty if it can.
std::string Objection(const FramerState& state) {
  const absl::Status status = RestoreFramer(state, NoClock).status();
  if (status.ok()) return "";
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(RestoreFramer, GoesOnWithTheStateThatItWasGiven) {
  const FramerState states[] = {
      StateAfter("a/b", "anything"),
      StateAfter("audio/mpeg", "constant.mp3", 2000),
      StateAfter("audio/aac", "plain.aac", 2000),
      StateAfter("audio/ogg", "vorbis.ogg", 3000),
      StateAfter("audio/webm", "sound.webm", 3000),
      StateAfter("audio/flac", "reference.flac", 20000),
  };
  for (const FramerState& state : states) {
    const auto restored = RestoreFramer(state, NoClock);
    ASSERT_TRUE(restored.ok()) << restored.status();
    EXPECT_EQ((*restored)->state(), state) << "format " << state.format.index();
    EXPECT_EQ((*restored)->stats(), state.stats);
  }
}

TEST(RestoreFramer, GoesOnWithAFramerThatWasNeverFed) {
  for (const char* type :
       {"a/b", "audio/mpeg", "audio/aac", "audio/ogg", "audio/webm", "audio/flac"}) {
    EXPECT_EQ(Objection(MakeFramer(type, NoClock)->state()), "") << type;
  }
}

TEST(RestoreFramer, RefusesTimeThatOverflows) {
  FramerState state = StateAfter("audio/mpeg", "constant.mp3", 2000);
  state.stats.played = microseconds::max();
  EXPECT_THAT(Objection(state), HasSubstr("for a century"));
  state.stats.played = microseconds(-1);
  EXPECT_THAT(Objection(state), HasSubstr("less than nothing"));
}

TEST(RestoreFramer, RefusesACarryThatNoStepAskedFor) {
  FramerState state = StateAfter("audio/ogg", "vorbis.ogg", 50);
  ASSERT_FALSE(state.carry.bytes.empty());
  FramerState more = state;
  more.carry.want_bytes = kCarryBytesMax + 1;
  EXPECT_THAT(Objection(more), HasSubstr("262145; at most 262144"));
  state.carry.want_bytes = state.carry.bytes.size();
  EXPECT_THAT(Objection(state), HasSubstr("as many as are wanted"));
}

TEST(RestoreFramer, RefusesAnOpaqueStreamOfTheFuture) {
  FramerState state = StateAfter("a/b", "anything");
  std::get<OpaqueFramer::State>(state.format).last_fed = NoClock() + nanoseconds(1);
  EXPECT_THAT(Objection(state), HasSubstr("has not come yet"));
  std::get<OpaqueFramer::State>(state.format).last_fed = Instant::min();
  EXPECT_THAT(Objection(state), HasSubstr("has not come yet"));
}

TEST(RestoreFramer, RefusesFramesThatNoHeaderSays) {
  const FramerState good = StateAfter("audio/mpeg", "constant.mp3", 2000);
  ASSERT_EQ(std::get<MpegFramer::State>(good.format).frames.step, HeaderFramer::Step::kInFrame);
  const auto objection = [&good](auto change) {
    FramerState state = good;
    change(std::get<MpegFramer::State>(state.format));
    return Objection(state);
  };
  using State = MpegFramer::State;
  using Step = HeaderFramer::Step;
  EXPECT_EQ(objection([](State&) {}), "");
  EXPECT_THAT(objection([](State& s) { s.frames.step = Step(4); }), HasSubstr("step is 4"));
  EXPECT_THAT(objection([](State& s) { s.frames.after_tag = Step::kInTag; }), HasSubstr("tag"));
  EXPECT_THAT(objection([](State& s) { s.frames.left_bytes = 0; }), HasSubstr("nothing is left"));
  EXPECT_THAT(objection([](State& s) { s.frames.left_bytes = 99999; }), HasSubstr("99999"));
  EXPECT_THAT(objection([](State& s) { s.frames.frame.frame_bytes = 8192; }), HasSubstr("8192"));
  EXPECT_THAT(objection([](State& s) { s.frames.found.codec = Codec(200); }), HasSubstr("200"));
  EXPECT_THAT(objection([](State& s) { s.frames.clock.rest_parts = 44100; }), HasSubstr("micro"));
  EXPECT_THAT(objection([](State& s) { s.free_bytes = 4097; }), HasSubstr("4097"));
  EXPECT_THAT(objection([](State& s) {
                s.frames.step = Step::kInTag;
                s.frames.left_bytes = kTagBytesMax + 1;
              }),
              HasSubstr("of a tag"));
}

TEST(RestoreFramer, RefusesOggThatCannotBe) {
  const FramerState good = StateAfter("audio/ogg", "vorbis.ogg", 8000);
  const auto objection = [&good](auto change) {
    FramerState state = good;
    change(std::get<OggFramer::State>(state.format));
    return Objection(state);
  };
  using State = OggFramer::State;
  EXPECT_EQ(objection([](State&) {}), "");
  EXPECT_THAT(objection([](State& s) { s.section = OggFramer::Section(5); }), HasSubstr("section"));
  EXPECT_THAT(objection([](State& s) { s.streams.resize(17); }), HasSubstr("17; at most 16"));
  EXPECT_THAT(objection([](State& s) { s.timed = 1; }), HasSubstr("none of its streams"));
  EXPECT_THAT(objection([](State& s) { s.streams[0].codec.granule_shift = 64; }), HasSubstr("64"));
  EXPECT_THAT(objection([](State& s) { s.streams[0].codec.parameters.codec = Codec(12); }),
              HasSubstr("codec"));
  EXPECT_THAT(objection([](State& s) { s.preamble.resize(kPreambleBytesMax + 1); }),
              HasSubstr("preamble"));
  EXPECT_THAT(objection([](State& s) { s.title.resize(kTitleBytesMax + 1); }), HasSubstr("title"));
}

TEST(RestoreFramer, RefusesWebmThatCannotBe) {
  const std::string block = SimpleBlock(kSoundTrack, 0, /*is_key=*/true, "a block of sound");
  const std::string cluster = EndlessCluster(0, {block});
  const FramerState good = StateAfter("audio/webm", Head() + cluster.substr(0, cluster.size() - 2));
  ASSERT_EQ(std::get<WebmFramer::State>(good.format).step, WebmFramer::Step::kElement);
  const auto objection = [&good](auto change) {
    FramerState state = good;
    change(std::get<WebmFramer::State>(state.format));
    return Objection(state);
  };
  using State = WebmFramer::State;
  EXPECT_EQ(objection([](State&) {}), "");
  EXPECT_THAT(objection([](State& s) { s.step = WebmFramer::Step(4); }), HasSubstr("step"));
  EXPECT_THAT(objection([](State& s) { s.link.has_segment = false; }), HasSubstr("Segment"));
  EXPECT_THAT(objection([](State& s) { s.link.header.has_tracks = false; }), HasSubstr("Tracks"));
  EXPECT_THAT(objection([](State& s) { s.link.header.timestamp_scale_ns = 0; }), HasSubstr("none"));
  EXPECT_THAT(objection([](State& s) { s.link.header.video_tracks.resize(9); }), HasSubstr("9"));
  EXPECT_THAT(objection([](State& s) { s.link.newest_us = INT64_MIN; }), HasSubstr("overflows"));
  EXPECT_THAT(objection([](State& s) { s.element.left_bytes = 0; }), HasSubstr("nothing is left"));
  EXPECT_THAT(objection([](State& s) { s.element.left_bytes = 1000; }), HasSubstr("1000"));
  EXPECT_THAT(objection([](State& s) { s.element.bytes = UINT64_MAX; }), HasSubstr("an element"));
  EXPECT_THAT(objection([](State& s) { s.cluster.has_size = true; }), HasSubstr("its Cluster"));
  EXPECT_THAT(objection([](State& s) {
                s.in_cluster = false;
                s.step = WebmFramer::Step::kCluster;
              }),
              HasSubstr("and is not"));
  EXPECT_THAT(objection([](State& s) { s.pending.bytes = uint64_t{1} << 30; }),
              HasSubstr("not published"));
  EXPECT_THAT(objection([](State& s) { s.pending.played = microseconds::min(); }),
              HasSubstr("less than nothing"));
}

TEST(RestoreFramer, RefusesAnElementOfWebmThatIsNotTheOneItKept) {
  const std::string head = Head();
  FramerState state = StateAfter("audio/webm", head.substr(0, head.size() - 5));
  auto& element = std::get<WebmFramer::State>(state.format).element;
  ASSERT_EQ(element.fate, WebmFramer::Fate::kPassedAndRead);
  ASSERT_EQ(Objection(state), "");
  element.kept.resize(3);
  EXPECT_THAT(Objection(state), HasSubstr("not that element"));
}

TEST(RestoreFramer, RefusesFlacThatCannotBe) {
  const FramerState good = StateAfter("audio/flac", "reference.flac", 20000);
  ASSERT_EQ(std::get<FlacFramer::State>(good.format).step, FlacFramer::Step::kFrame);
  const auto objection = [&good](auto change) {
    FramerState state = good;
    change(std::get<FlacFramer::State>(state.format));
    return Objection(state);
  };
  using State = FlacFramer::State;
  using Step = FlacFramer::Step;
  EXPECT_EQ(objection([](State&) {}), "");
  EXPECT_THAT(objection([](State& s) { s.step = Step(5); }), HasSubstr("step"));
  EXPECT_THAT(objection([](State& s) { s.link.info = {}; }), HasSubstr("without a STREAMINFO"));
  EXPECT_THAT(objection([](State& s) { s.frame.bytes_max = s.frame.bytes.size() - 1; }),
              HasSubstr("length of a frame"));
  EXPECT_THAT(objection([](State& s) { s.frame.bytes_max = kFlacFrameBytesMax + 1; }),
              HasSubstr("longest length"));
  EXPECT_THAT(objection([](State& s) { s.step = Step::kBlock; }), HasSubstr("nothing is left"));
  EXPECT_THAT(objection([](State& s) { s.link.comments.resize(3); }), HasSubstr("torn"));
  EXPECT_THAT(objection([](State& s) { s.link.stream_info.resize(39); }), HasSubstr("STREAMINFO"));
  EXPECT_THAT(objection([](State& s) {
                s.step = Step::kBlock;
                s.block = {FlacFramer::Kept::kComments, true, 2};
                s.link.comments.clear();
              }),
              HasSubstr("without their header"));
}

}  // namespace
}  // namespace floe::audio
