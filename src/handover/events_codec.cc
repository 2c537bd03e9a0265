// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/events_codec.h"

#include <utility>

#include "handover/events.pb.h"

namespace floe::handover {
namespace {

void SaveEvent(const events::Event& event, Event* message) {
  message->set_kind(uint32_t(event.kind));
  message->set_mount(event.mount);
  message->set_number(event.number);
  message->set_unix_ns(absl::ToUnixNanos(event.time));
  message->set_origin(uint32_t(event.origin));
  message->set_title(event.title);
  message->set_url(event.url);
  message->set_plays(event.plays);
  message->set_peer(event.peer);
  message->set_agent(event.agent);
  message->set_content_type(event.content_type);
  message->set_subject(event.subject);
  message->set_state(event.state);
  message->set_reason(event.reason);
  message->set_listeners(event.listeners);
  message->set_peak(event.peak);
  message->set_bytes_received(event.bytes);
  message->set_lasted_ns(absl::ToInt64Nanoseconds(event.lasted));
}

events::Event LoadEvent(const Event& message) {
  events::Event event;
  event.kind = events::Kind(message.kind());
  event.mount = message.mount();
  event.number = message.number();
  event.time = absl::FromUnixNanos(message.unix_ns());
  event.origin = events::Origin(message.origin());
  event.title = message.title();
  event.url = message.url();
  event.plays = message.plays();
  event.peer = message.peer();
  event.agent = message.agent();
  event.content_type = message.content_type();
  event.subject = message.subject();
  event.state = message.state();
  event.reason = message.reason();
  event.listeners = message.listeners();
  event.peak = message.peak();
  event.bytes = message.bytes_received();
  event.lasted = absl::Nanoseconds(message.lasted_ns());
  return event;
}

}  // namespace

void SaveEvents(const events::EventLog::State& state, Events* message) {
  message->set_newest(state.newest);
  message->set_torn(state.torn);
  message->set_recorded(state.recorded);
  for (const events::Event& event : state.events) SaveEvent(event, message->add_events());
}

events::EventLog::State LoadEvents(const Events& message) {
  events::EventLog::State state{.newest = message.newest(),
                                .torn = message.torn(),
                                .recorded = message.recorded(),
                                .events = {}};
  for (const Event& event : message.events()) {
    const bool is_known = event.kind() <= uint32_t(events::kLastKind) &&
                          event.origin() <= uint32_t(events::kLastOrigin);
    if (is_known) state.events.push_back(LoadEvent(event));
  }
  return state;
}

}  // namespace floe::handover
