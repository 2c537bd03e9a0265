// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Events as they happen, over a reply that does not end (server-sent events, HTML 9.2): each has an
// id, and who comes again says the last one it had.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "events/event_log.h"
#include "http/url.h"
#include "ring/task.h"
#include "session/exchange.h"

namespace floe::session {

inline constexpr milliseconds kEventPoll{200};  // how often a follower looks for news
inline constexpr milliseconds kEventHeartbeat{15'000};
inline constexpr milliseconds kEventRetry{
    1'000};                                  // how soon a follower that was cut off comes again
inline constexpr size_t kEventsPerSay = 64;  // said at once; the next when those are taken

// What somebody wants to follow.
struct EventWish {
  events::Filter filter;
  enum class From : uint8_t { kNow, kOldest, kPosition } from = From::kNow;
  events::Position position;  // the last one that is known, of From::kPosition
  // Appends an event, or one that says that others are lost: `reset` is null then. Both forms here
  // are of /api/v1/events; another page may have its own.
  void (*write)(const events::Event& event, uint64_t run, std::string* out);
  void (*write_reset)(const events::Position& from, std::string* out);

  EventWish();
};

// Of ?types=title,source_up &mount=/live &last_event_id=ID; the header goes before the field, as a
// browser sends it by itself. "0" asks for all that is kept. Refusal: 400, names what is wrong.
absl::StatusOr<EventWish> ReadEventWish(const http::Query& fields,
                                        absl::string_view last_event_id_header);

// Says what is wished for until the other side leaves, does not take it, or the process hands over
// or stops; 503 when there are too many who follow.
ring::Task<> FollowEvents(Exchange& exchange, EventWish wish);

// /api/v1/events.
ring::Task<> SendEvents(Exchange& exchange);

}  // namespace floe::session
