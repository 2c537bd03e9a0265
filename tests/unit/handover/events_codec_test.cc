// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/events_codec.h"

#include <string>

#include "gtest/gtest.h"
#include "handover/events.pb.h"

namespace floe::handover {
namespace {

const std::string kNoUtf8("K\xe4se\0\xff", 6);

// The state, after it went from one process to the next.
events::EventLog::State Told(const events::EventLog::State& state) {
  Events saved;
  SaveEvents(state, &saved);
  Events parsed;
  EXPECT_TRUE(parsed.ParseFromString(saved.SerializeAsString()));
  return LoadEvents(parsed);
}

events::Event FullEvent(uint64_t number) {
  events::Event event;
  event.kind = events::kLastKind;
  event.mount = "/live";
  event.number = number;
  event.time = absl::FromUnixNanos(1'700'000'000'123'456'789);
  event.origin = events::kLastOrigin;
  event.title = kNoUtf8;
  event.url = "url";
  event.plays = "/backup";
  event.peer = "192.0.2.1";
  event.agent = kNoUtf8;
  event.content_type = "audio/mpeg";
  event.subject = "subject";
  event.state = "state";
  event.reason = "reason";
  event.listeners = 1;
  event.peak = 2;
  event.bytes = 3;
  event.lasted = absl::Milliseconds(4);
  return event;
}

TEST(EventsCodec, AllOfEveryEventComesThrough) {
  const events::EventLog::State state{
      .newest = 9, .torn = 3, .recorded = 5, .events = {FullEvent(4), FullEvent(9)}};
  EXPECT_EQ(Told(state), state);
}

TEST(EventsCodec, NoEventsAreAStateAsWell) {
  EXPECT_EQ(Told({}), events::EventLog::State{});
  EXPECT_EQ(LoadEvents(Events()), events::EventLog::State{});
}

TEST(EventsCodec, AnEventOfAKindThatIsNotKnownYetIsLeftOut) {
  events::EventLog::State state{.newest = 2, .torn = 0, .recorded = 0, .events = {FullEvent(1)}};
  state.events.push_back(FullEvent(2));
  state.events.back().kind = events::Kind(events::kKinds);
  const events::EventLog::State told = Told(state);
  ASSERT_EQ(told.events.size(), 1u);
  EXPECT_EQ(told.events[0].number, 1u);
  EXPECT_EQ(told.newest, 2u);
}

}  // namespace
}  // namespace floe::handover
