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
}

absl::StatusOr<session::HeadState> LoadHead(const Head& message) {
  Narrow narrow;
  session::HeadState state;
  state.peer = LoadPeer(message.peer());
  state.begun = narrow.ToInstant("the beginning of a request", message.begun_ns());
  state.heard = message.heard();
  state.is_told = message.is_told();
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

}  // namespace floe::handover
