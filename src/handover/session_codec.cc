// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/session_codec.h"

#include <utility>

#include "handover/feed_codec.h"
#include "handover/framer_codec.h"
#include "handover/listener_codec.h"
#include "handover/narrow.h"
#include "handover/state.pb.h"

namespace floe::handover {
namespace {

int64_t NsOf(Instant instant) { return nanoseconds(instant.time_since_epoch()).count(); }

}  // namespace

void SaveHead(const session::HeadState& state, Head* message) {
  SavePeer(state.peer, message->mutable_peer());
  message->set_begun_ns(NsOf(state.begun));
  message->set_heard(state.heard);
  message->set_is_told(state.is_told);
  message->set_expects_proxy(state.expects_proxy);
}

absl::StatusOr<session::HeadState> LoadHead(const Head& message) {
  Narrow narrow;
  session::HeadState state;
  state.peer = LoadPeer(message.peer());
  state.begun = narrow.ToInstant("the beginning of a request", message.begun_ns());
  state.heard = message.heard();
  state.is_told = message.is_told();
  state.expects_proxy = message.expects_proxy();
  if (!narrow.status().ok()) return narrow.status();
  return state;
}

void SaveSource(const session::SourceState& state, Source* message) {
  SavePeer(state.peer, message->mutable_peer());
  message->set_begun_ns(NsOf(state.begun));
  message->set_is_shoutcast(state.is_shoutcast);
  message->set_head(state.head);
  message->set_user(state.user);
  message->set_mount(state.mount);
  message->set_pen(state.pen);
  SaveWriter(state.writer, message->mutable_writer());
  SaveFeed(state.feed, message->mutable_feed());
}

absl::StatusOr<session::SourceState> LoadSource(const Source& message) {
  absl::StatusOr<session::FeedState> feed = LoadFeed(message.feed());
  if (!feed.ok()) return feed.status();
  Narrow narrow;
  session::SourceState state;
  state.peer = LoadPeer(message.peer());
  state.begun = narrow.ToInstant("the beginning of a source", message.begun_ns());
  state.is_shoutcast = message.is_shoutcast();
  state.head = message.head();
  state.user = message.user();
  state.mount = message.mount();
  state.pen = message.pen();
  state.writer = LoadWriter(message.writer());
  state.feed = *std::move(feed);
  if (!narrow.status().ok()) return narrow.status();
  return state;
}

void SaveLoop(const session::LoopState& state, Loop* message) {
  message->set_mount(state.mount);
  message->set_pen(state.pen);
  message->set_file_hash(state.file_hash);
  message->set_at_bytes(state.progress.place.at_bytes);
  message->set_first_serial(state.progress.place.first_serial);
  message->set_first_sample(state.progress.place.first_sample);
  message->set_next_sample(state.progress.place.next_sample);
  message->set_given_bytes(state.progress.given_bytes);
  message->set_begun_ns(NsOf(state.progress.begun));
  SaveWriter(state.writer, message->mutable_writer());
  SaveFramer(state.framer, message->mutable_framer());
  message->set_path(state.path);
  message->set_order_seed(state.rotation.seed);
  message->set_order_round(state.rotation.round);
  message->set_order_index(state.rotation.index);
}

absl::StatusOr<session::LoopState> LoadLoop(const Loop& message) {
  absl::StatusOr<audio::FramerState> framer = LoadFramer(message.framer());
  if (!framer.ok()) return framer.status();
  Narrow narrow;
  session::LoopState state;
  state.mount = message.mount();
  state.pen = message.pen();
  state.file_hash = message.file_hash();
  state.path = message.path();
  state.rotation = {
      .seed = message.order_seed(), .round = message.order_round(), .index = message.order_index()};
  state.progress = {.place = {.at_bytes = message.at_bytes(),
                              .first_serial = message.first_serial(),
                              .first_sample = message.first_sample(),
                              .next_sample = message.next_sample()},
                    .given_bytes = message.given_bytes(),
                    .begun = narrow.ToInstant("the beginning of a loop", message.begun_ns())};
  state.writer = LoadWriter(message.writer());
  state.framer = *std::move(framer);
  if (!narrow.status().ok()) return narrow.status();
  return state;
}

namespace {

void SaveUpstream(const std::string& url, const upstream::HealthState& state, Upstream* message) {
  message->set_url(url);
  message->set_phase(uint32_t(state.phase));
  message->set_since_ns(NsOf(state.since));
  message->set_retry_at_ns(NsOf(state.retry_at));
  message->set_heard_since_ns(NsOf(state.heard_since));
  message->set_failures(state.failures);
  message->set_attempts(state.attempts);
  message->set_received_bytes(state.bytes);
  message->set_error(state.error);
  if (state.lag.has_value()) message->set_lag_ms(state.lag->count());
}

upstream::HealthState LoadHealth(const Upstream& message, Narrow& narrow) {
  upstream::HealthState state;
  state.phase = narrow.To<upstream::Phase>("an upstream's phase", message.phase());
  state.since = narrow.ToInstant("the time of an upstream's phase", message.since_ns());
  state.retry_at = narrow.ToInstant("the time of an upstream's next try", message.retry_at_ns());
  state.heard_since =
      narrow.ToInstant("the time of an upstream's first audio", message.heard_since_ns());
  state.failures = message.failures();
  state.attempts = message.attempts();
  state.bytes = message.received_bytes();
  state.error = message.error();
  if (message.has_lag_ms()) {
    state.lag = narrow.ToSpan<milliseconds>("an upstream's lag", message.lag_ms());
  }
  return state;
}

absl::StatusOr<session::RelayState::Heard> LoadHeard(const Relay::Heard& message, Narrow& narrow) {
  absl::StatusOr<session::FeedState> feed = LoadFeed(message.feed());
  if (!feed.ok()) return feed.status();
  session::RelayState::Heard heard{.peer = LoadPeer(message.peer()), .feed = *std::move(feed)};
  if (!message.has_begin()) return heard;
  http::StreamPosition& begin = heard.begin.emplace();
  begin.stream = message.begin().stream_id();
  begin.offset_bytes = message.begin().offset_bytes();
  begin.preamble_bytes =
      narrow.To<uint32_t>("the length of a preamble", message.begin().preamble_bytes());
  return heard;
}

}  // namespace

void SaveRelay(const session::RelayState& state, Relay* message) {
  message->set_mount(state.mount);
  for (size_t i = 0; i < state.choice.upstreams.size(); ++i) {
    SaveUpstream(state.urls[i], state.choice.upstreams[i], message->add_upstreams());
  }
  if (state.choice.played.has_value()) message->set_played(*state.choice.played);
  if (state.choice.probed.has_value()) message->set_probed(*state.choice.probed);
  message->set_is_wanted(state.choice.is_wanted);
  message->set_dice(state.choice.dice.state);
  message->set_pen(state.pen);
  SaveWriter(state.writer, message->mutable_writer());
  if (!state.heard.has_value()) return;
  Relay::Heard* heard = message->mutable_heard();
  SavePeer(state.heard->peer, heard->mutable_peer());
  SaveFeed(state.heard->feed, heard->mutable_feed());
  if (!state.heard->begin.has_value()) return;
  heard->mutable_begin()->set_stream_id(state.heard->begin->stream);
  heard->mutable_begin()->set_offset_bytes(state.heard->begin->offset_bytes);
  heard->mutable_begin()->set_preamble_bytes(state.heard->begin->preamble_bytes);
}

absl::StatusOr<session::RelayState> LoadRelay(const Relay& message) {
  Narrow narrow;
  session::RelayState state;
  state.mount = message.mount();
  for (const Upstream& saved : message.upstreams()) {
    state.urls.push_back(saved.url());
    state.choice.upstreams.push_back(LoadHealth(saved, narrow));
  }
  if (message.has_played()) state.choice.played = message.played();
  if (message.has_probed()) state.choice.probed = message.probed();
  state.choice.is_wanted = message.is_wanted();
  state.choice.dice.state = message.dice();
  state.pen = message.pen();
  state.writer = LoadWriter(message.writer());
  if (!narrow.status().ok()) return narrow.status();
  if (!message.has_heard()) return state;
  absl::StatusOr<session::RelayState::Heard> heard = LoadHeard(message.heard(), narrow);
  if (!heard.ok()) return heard.status();
  if (!narrow.status().ok()) return narrow.status();
  state.heard = *std::move(heard);
  return state;
}

}  // namespace floe::handover
