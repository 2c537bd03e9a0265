// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/event_stream.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "events/event_json.h"
#include "http/status.h"
#include "session/long_reply.h"

namespace floe::session {
namespace {

constexpr absl::string_view kType = "text/event-stream; charset=utf-8";

// Follower is a place among those who follow.
class Follower {
 public:
  explicit Follower(EventFollowers& all) : all_(all), has_place_(all.Came()) {}
  ~Follower() {
    if (has_place_) all_.Left();
  }
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  bool has_place() const { return has_place_; }

 private:
  EventFollowers& all_;
  const bool has_place_;
};

void WriteEvent(const events::Event& event, uint64_t run, std::string* out) {
  absl::StrAppend(out, "id: ", events::ToText({.run = run, .number = event.number}),
                  "\nevent: ", events::NameOf(event.kind), "\ndata: ", events::JsonOf(event, run),
                  "\n\n");
}

void WriteReset(const events::Position& from, std::string* out) {
  const std::string id = events::ToText(from);
  absl::StrAppend(out, "id: ", id, "\nevent: reset\ndata: {\"id\":\"", id,
                  "\",\"type\":\"reset\",\"reason\":\"some events are not kept any more\"}\n\n");
}

// What one follower is told.
//
// Lifetime  in the frame of Tell. Threads  the shard's.
class Telling {
 public:
  Telling(const events::EventLog& log, const EventWish& wish) : log_(log), wish_(wish) {}

  // What comes behind the head.
  void Begin(std::string* text) {
    absl::StrAppend(text, "retry: ", kEventRetry.count(), "\n\n");
    switch (wish_.from) {
      case EventWish::From::kNow: at_ = log_.newest(); break;
      case EventWish::From::kOldest: at_ = log_.Find({}).up_to; break;
      case EventWish::From::kPosition: {
        const events::EventLog::Copied found = log_.Find(wish_.position);
        at_ = found.up_to;
        if (found.is_torn) wish_.write_reset(position(), text);
      }
    }
    AppendPlace(text);
  }

  // Appends what came since, a bounded piece of it; nothing when there is nothing.
  void AppendNews(std::string* text) {
    if (log_.newest() == at_) return;
    std::vector<events::Event> events;
    const events::EventLog::Copied copied =
        log_.CopyAfter(at_, wish_.filter, kEventsPerSay, &events);
    if (copied.is_torn) {
      const uint64_t first = events.empty() ? copied.up_to : events.front().number - 1;
      wish_.write_reset({.run = log_.run(), .number = first}, text);
    }
    for (const events::Event& event : events) wish_.write(event, log_.run(), text);
    at_ = copied.up_to;
  }

  // Says that the line still stands, and where it is: events that are not wished for go by, and
  // who comes again behind them has missed nothing.
  void AppendPlace(std::string* text) const {
    absl::StrAppend(text, ": ",
                    absl::FormatTime(absl::RFC3339_sec, absl::Now(), absl::UTCTimeZone()),
                    "\nid: ", events::ToText(position()), "\n\n");
  }

 private:
  events::Position position() const { return {.run = log_.run(), .number = at_}; }

  const events::EventLog& log_;
  const EventWish& wish_;
  uint64_t at_ = 0;
};

// Adds up how much was said.
ring::Task<> Tell(Exchange& exchange, const EventWish& wish, uint64_t* said_bytes) {
  Telling telling(*exchange.services.events, wish);
  std::string text = LongReplyHead(exchange, kType);
  telling.Begin(&text);
  Instant beat = exchange.shard.now() + kEventHeartbeat;
  const Waiting waiting(exchange);
  for (;;) {
    telling.AppendNews(&text);
    if (exchange.shard.now() >= beat) telling.AppendPlace(&text);
    if (!text.empty()) {
      // Who does not take it in time is let go: nothing is kept for it here.
      const absl::Status said = co_await Say(exchange, text);
      if (!said.ok()) co_return;
      *said_bytes += text.size();
      text.clear();
      beat = exchange.shard.now() + kEventHeartbeat;
    }
    const absl::Status goes_on = co_await StandBy(exchange, exchange.shard.now() + kEventPoll);
    if (!goes_on.ok()) co_return;
  }
}

absl::StatusOr<events::Kinds> ReadKinds(absl::string_view text) {
  if (text.empty()) return events::kAllKinds;
  events::Kinds kinds = 0;
  for (const absl::string_view name : absl::StrSplit(text, ',')) {
    const std::optional<events::Kind> kind = events::KindOf(name);
    if (!kind.has_value()) {
      return http::Refusal(400, absl::StrCat("types: there are no events called ", name));
    }
    kinds |= events::Only(*kind);
  }
  return kinds;
}

}  // namespace

EventWish::EventWish() : write(&WriteEvent), write_reset(&WriteReset) {}

absl::StatusOr<EventWish> ReadEventWish(const http::Query& fields,
                                        absl::string_view last_event_id_header) {
  EventWish wish;
  const absl::StatusOr<events::Kinds> kinds = ReadKinds(fields.GetOr("types"));
  if (!kinds.ok()) return kinds.status();
  wish.filter.kinds = *kinds;
  wish.filter.mount = std::string(fields.GetOr("mount"));
  const absl::string_view last =
      last_event_id_header.empty() ? fields.GetOr("last_event_id") : last_event_id_header;
  if (last.empty()) return wish;
  if (last == "0") {
    wish.from = EventWish::From::kOldest;
    return wish;
  }
  // What is no id of ours is none that is known: all that is kept, and that something is lost.
  wish.from = EventWish::From::kPosition;
  wish.position = events::ParsePosition(last).value_or(events::Position{});
  return wish;
}

ring::Task<> FollowEvents(Exchange& exchange, EventWish wish) {
  const Follower follower(*exchange.services.event_followers);
  if (!follower.has_place()) {
    co_await Refuse(exchange, http::Refusal(503, "as many follow the events as may"));
    co_return;
  }
  exchange.is_answered = true;
  exchange.Enter(Parking::Stage::kAnswering);
  uint64_t said_bytes = 0;
  if (exchange.request.method == http::Method::kHead) {
    const std::string head = LongReplyHead(exchange, kType);
    (void)co_await Say(exchange, head);
  } else {
    co_await Tell(exchange, wish, &said_bytes);
  }
  LogRequest(exchange, 200, said_bytes);
}

ring::Task<> SendEvents(Exchange& exchange) {
  absl::StatusOr<EventWish> wish =
      ReadEventWish(exchange.fields, exchange.HeaderOr("Last-Event-ID"));
  if (!wish.ok()) {
    co_await Refuse(exchange, wish.status());
    co_return;
  }
  co_await FollowEvents(exchange, *std::move(wish));
}

}  // namespace floe::session
