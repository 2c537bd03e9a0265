// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/listener_codec.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "handover/state.pb.h"

namespace floe::handover {
namespace {

using testing::HasSubstr;

// A message of this kind, out of the bytes that one process tells the next.
template <typename Message>
Message Parsed(const Message& saved) {
  Message parsed;
  EXPECT_TRUE(parsed.ParseFromString(saved.SerializeAsString()));
  return parsed;
}

// No field of it has its default.
listener::ListenerState FullListener() {
  return {.position_bytes = uint64_t{1} << 56,
          .sent_bytes = UINT64_MAX,
          .metaint_bytes = 16'000,
          .metadata_due_bytes = 15'999,
          .block_title = 7,
          .block_sent_bytes = 4'080,
          .title_sent = 6,
          .link = 0xffffffff,
          .preamble_sent_bytes = 1'000'000,
          .skips = 3,
          .intro = 0x80000000,
          .intro_left_bytes = 1'048'576,
          .intro_ms = 65'536,
          .is_in_preamble = true,
          .awaits_sync = true,
          .is_stalled = true,
          .keeps_position = true,
          .listened = 24h,
          .stalled = 29s,
          .due_in = 990ms};
}

listener::ViewState FullView() {
  const std::vector<std::byte> bytes = {std::byte{0xff}, std::byte{0}, std::byte{0x80}};
  return {.ending = listener::Leaving::kTypeChanged,
          .published_bytes = uint64_t{1} << 56,
          .ended = 4'999ms,
          .bytes_per_second = 16'000,
          .silent = 1'234ms,
          .titles = {{.sequence = 3, .holders = 0, .offset_bytes = 5, .block = bytes},
                     {.sequence = 4, .holders = 0, .offset_bytes = 6, .block = {}}},
          .preambles = {{.link = 8, .bytes = bytes}, {.link = 9, .bytes = {}}}};
}

View Saved(const listener::ViewState& state) {
  View message;
  SaveView(state, &message);
  return Parsed(message);
}

TEST(ListenerCodec, EveryFieldOfAPositionGoesOver) {
  Position message;
  SavePosition(FullListener(), &message);
  EXPECT_EQ(LoadPosition(Parsed(message)), FullListener());
}

TEST(ListenerCodec, EachFlagIsItsOwn) {
  for (bool listener::ListenerState::*flag :
       {&listener::ListenerState::is_in_preamble, &listener::ListenerState::awaits_sync,
        &listener::ListenerState::is_stalled}) {
    listener::ListenerState state;
    state.*flag = true;
    Position message;
    SavePosition(state, &message);
    EXPECT_EQ(LoadPosition(Parsed(message)), state);
  }
}

TEST(ListenerCodec, APositionOfWhichNothingIsSaidIsThatOfANewListener) {
  EXPECT_EQ(LoadPosition(Position()), listener::ListenerState());
}

TEST(ListenerCodec, EveryFieldOfAViewGoesOver) {
  EXPECT_TRUE(LoadView(Saved(FullView())).value() == FullView());
}

TEST(ListenerCodec, AViewOfWhichNothingIsSaidGoesOn) {
  EXPECT_TRUE(LoadView(View()).value() == listener::ViewState());
}

// A process that knows of no fallbacks takes it for one that goes on.
TEST(ListenerCodec, AViewThatIsMovedIsKnownByWhereItsListenersGo) {
  listener::ViewState state = FullView();
  state.ending = listener::Leaving::kMoved;
  View message = Saved(state);
  EXPECT_EQ(message.ending(), 0u);
  message.set_next_home("/live");
  EXPECT_TRUE(LoadView(message).value() == state);
}

// How many here hold a title is found out anew.
TEST(ListenerCodec, WhoHoldsATitleDoesNotGoOver) {
  listener::ViewState state = FullView();
  for (auto& title : state.titles) title.holders = 5;
  EXPECT_TRUE(LoadView(Saved(state)).value() == FullView());
}

TEST(ListenerCodec, AViewThatEndsForAReasonOfALaterVersionIsRefused) {
  View message = Saved(FullView());
  message.set_ending(uint32_t(listener::Leaving::kHandedOver) + 1);
  EXPECT_THAT(LoadView(message).status().message(), HasSubstr("not known here"));
  message.set_ending(256);  // cut to eight bits it would go on
  EXPECT_THAT(LoadView(message).status().message(), HasSubstr("a view's ending"));
}

TEST(ListenerCodec, AViewThatEndedInTheFutureOrACenturyAgoIsRefused) {
  View message = Saved(FullView());
  for (const int64_t ms : {int64_t{-1}, INT64_MIN, INT64_MAX}) {
    message.set_ended_ms(ms);
    EXPECT_THAT(LoadView(message).status().message(), HasSubstr("since a view ended")) << ms;
  }
}

TEST(ListenerCodec, APeerKeepsItsAddressAndPort) {
  Address peer;
  for (size_t i = 0; i < peer.bytes.size(); ++i) peer.bytes[i] = uint8_t(0xf8 + i);
  peer.port = 65'535;
  Peer message;
  SavePeer(peer, &message);
  EXPECT_EQ(LoadPeer(Parsed(message)), peer);
}

TEST(ListenerCodec, AnAddressOfAnotherLengthIsCutOrFilledUp) {
  Peer message;
  message.set_address("\xff");
  Address one;
  one.bytes[0] = 0xff;
  EXPECT_EQ(LoadPeer(message), one);
  message.set_address(std::string(1'000, '\0'));
  EXPECT_EQ(LoadPeer(message), Address());
}

}  // namespace
}  // namespace floe::handover
