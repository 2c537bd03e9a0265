// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/mount_codec.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "handover/state.pb.h"

namespace floe::handover {
namespace {

using testing::HasSubstr;

const char kNoUtf8[] = "K\xe4se \xff";

std::vector<std::byte> Bytes(absl::string_view text) {
  const std::span<const std::byte> bytes = std::as_bytes(std::span(text.data(), text.size()));
  return {bytes.begin(), bytes.end()};
}

// Out of the bytes that one process tells the next.
Mount Parsed(const Mount& saved) {
  Mount parsed;
  EXPECT_TRUE(parsed.ParseFromString(saved.SerializeAsString()));
  return parsed;
}

Mount Saved(const mount::MountState& state) {
  Mount message;
  SaveMount(state, &message);
  return Parsed(message);
}

tape::TapeState FullTape() {
  return {.id = 0xffffff,
          .appended_bytes = (uint64_t{1} << 56) - 1,
          .published_bytes = (uint64_t{1} << 56) - 2,
          .first_page = (uint64_t{1} << 40) - 2,
          .pages = {PageSlot(7), PageSlot(3), PageSlot(0xfffffff)},
          .played = 26h,
          .published_played = 25h,
          .sync_points = {{.offset_bytes = 1, .played = 1us, .link = 2, .needs_preamble = true},
                          {.offset_bytes = 9, .played = 2h, .link = 3, .needs_preamble = false}}};
}

// No field of it has its default.
mount::MountState Full() {
  mount::MountState state;
  state.name = std::string("/") + kNoUtf8;
  state.tape = FullTape();
  state.phase = mount::Phase::kLingering;
  state.epoch = 3;
  state.lingering_since = Instant(123456789012345ns);
  state.pen = 11;
  state.last_pen = uint64_t{1} << 63;
  state.rules = {.takeover = true, .yields = true, .is_fetched = true};
  state.link = 0xffffffff;
  state.stay_began_bytes = 76;
  state.has_yet_to_sound = true;
  state.silence = "silence:audio/mpeg:44100:2:128000";
  state.titles = {{.sequence = 1, .offset_bytes = 5, .title = kNoUtf8, .url = "http://floe/"},
                  {.sequence = 2, .offset_bytes = 6, .title = "", .url = kNoUtf8}};
  state.asked_title = mount::Title{.title = kNoUtf8, .url = "u"};
  state.links = {{.link = 4, .began_bytes = 77, .preamble = Bytes(kNoUtf8)},
                 {.link = 5, .began_bytes = 78, .preamble = {}}};
  state.source = {.content_type = "audio/mpeg",
                  .name = kNoUtf8,
                  .description = kNoUtf8,
                  .url = kNoUtf8,
                  .genre = kNoUtf8,
                  .bitrate_kbps = 128,
                  .is_public = true,
                  .audio_info = "ice-bitrate=128",
                  .user_agent = kNoUtf8,
                  .peer = "[::1]:5",
                  .hops = {0xfedcba9876543210, 1},
                  .connected = absl::FromUnixNanos(1'700'000'000'123'456'789)};
  state.parameters = {.codec = audio::Codec::kOpaque,
                      .bitrate_bps = 128'000,
                      .sample_rate_hz = 44'100,
                      .channels = 2};
  state.framer = {
      .frames = 7, .garbage_bytes = 51, .resyncs = 1, .played = 3s, .audio_bytes = 24'000};
  state.received_bytes = 1'000;
  state.dropped_bytes = 2'000;
  state.sent_bytes = 3'000;
  state.listener_connections = 4'000;
  state.listener_peak = 5'000;
  state.received_before_bytes = 6'000;
  state.skips = 7'000;
  state.leaves = {0, 8, 0, 9};
  return state;
}

TEST(MountCodec, EveryFieldGoesOverWhateverBytesItsTextsAre) {
  EXPECT_TRUE(LoadMount(Saved(Full())).value() == Full());
}

TEST(MountCodec, WhatIsAbsentIsAsInANewMount) {
  EXPECT_TRUE(LoadMount(Mount()).value() == mount::MountState());
}

// An asked title of no text ends the title before; none leaves it.
TEST(MountCodec, AnEmptyTitleThatIsAskedForIsNotNone) {
  mount::MountState state;
  state.asked_title = mount::Title{};
  EXPECT_TRUE(LoadMount(Saved(state))->asked_title.has_value());
  state.asked_title.reset();
  EXPECT_FALSE(LoadMount(Saved(state))->asked_title.has_value());
}

// It is only shown.
TEST(MountCodec, ACodecOfALaterVersionIsAnUnknownOne) {
  Mount message = Saved(Full());
  for (const uint32_t codec : {uint32_t(audio::Codec::kOpaque) + 1, 256u + 3, 0xffffffffu}) {
    message.mutable_parameters()->set_codec(codec);
    EXPECT_EQ(LoadMount(message)->parameters.codec, audio::Codec::kUnknown) << codec;
  }
}

// Cut to eight bits it would be another.
TEST(MountCodec, APhaseOfALaterVersionIsRefused) {
  Mount message = Saved(Full());
  message.set_phase(256 + uint32_t(mount::Phase::kLive));
  EXPECT_THAT(LoadMount(message).status().message(), HasSubstr("a mount's phase"));
}

TEST(MountCodec, ATimeThatNoClockHasIsRefused) {
  Mount message = Saved(Full());
  for (const int64_t ns : {int64_t{-1}, INT64_MIN, INT64_MAX}) {
    message.set_lingering_since_ns(ns);
    EXPECT_THAT(LoadMount(message).status().message(), HasSubstr("source left")) << ns;
  }
}

TEST(MountCodec, FieldsOfALaterVersionArePassedOver) {
  const std::string unknown("\xc0\x3e\x2a\xca\x3e\x03new", 9);  // of the numbers 1000 and 1001
  Mount message = Saved(Full());
  ASSERT_TRUE(message.mutable_tape()->MergeFromString(unknown));
  ASSERT_TRUE(message.MergeFromString(unknown));
  EXPECT_TRUE(LoadMount(Parsed(message)).value() == Full());
}

}  // namespace
}  // namespace floe::handover
