// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/feed_codec.h"

#include <utility>

#include "handover/feed.pb.h"
#include "handover/framer_codec.h"
#include "handover/narrow.h"

namespace floe::handover {
namespace {

using http::BodyFraming;
using http::ChunkedReader;

// The next binary knows enumerators by these numbers: new ones come behind the last.
static_assert(static_cast<int>(BodyFraming::Kind::kLength) == 1);
static_assert(static_cast<int>(BodyFraming::Kind::kUntilClose) == 3);
static_assert(static_cast<int>(ChunkedReader::Step::kData) == 3);
static_assert(static_cast<int>(ChunkedReader::Step::kBroken) == 10);
static_assert(static_cast<int>(ChunkedReader::Error::kLongTrailer) == 5);

}  // namespace

void SaveFeed(const session::FeedState& state, FeedState* message) {
  message->set_body_kind(static_cast<uint32_t>(state.body.kind));
  message->set_body_left_bytes(state.body.length_bytes);
  message->set_charset(state.charset);
  SaveChunked(state.chunks, message->mutable_chunks());
  SaveIcy(state.icy, message->mutable_icy());
  SaveFramer(state.framer, message->mutable_framer());
  message->set_received_bytes(state.received_bytes);
  message->set_reported_bytes(state.reported_bytes);
  message->set_audio_bytes(state.audio_bytes);
  message->set_repeated_bytes(state.repeated_bytes);
}

absl::StatusOr<session::FeedState> LoadFeed(const FeedState& message) {
  absl::StatusOr<ChunkedReader::State> chunks = LoadChunked(message.chunks());
  if (!chunks.ok()) return chunks.status();
  absl::StatusOr<audio::FramerState> framer = LoadFramer(message.framer());
  if (!framer.ok()) return framer.status();
  Narrow narrow;
  session::FeedState state;
  state.body = {.kind = narrow.To<BodyFraming::Kind>("a body's kind", message.body_kind()),
                .length_bytes = message.body_left_bytes()};
  state.charset = message.charset();
  state.chunks = *chunks;
  state.icy = LoadIcy(message.icy());
  state.framer = *std::move(framer);
  state.received_bytes = message.received_bytes();
  state.reported_bytes = message.reported_bytes();
  state.audio_bytes = message.audio_bytes();
  state.repeated_bytes = message.repeated_bytes();
  if (!narrow.status().ok()) return narrow.status();
  return state;
}

void SaveChunked(const ChunkedReader::State& state, ChunkedState* message) {
  message->set_step(static_cast<uint32_t>(state.step));
  message->set_error(static_cast<uint32_t>(state.error));
  message->set_has_digit(state.has_digit);
  message->set_line_bytes(state.line_bytes);
  message->set_left_bytes(state.left_bytes);
}

absl::StatusOr<ChunkedReader::State> LoadChunked(const ChunkedState& message) {
  Narrow narrow;
  const ChunkedReader::State state = {
      .step = narrow.To<ChunkedReader::Step>("a step in a chunked body", message.step()),
      .error = narrow.To<ChunkedReader::Error>("the error of a chunked body", message.error()),
      .has_digit = message.has_digit(),
      .line_bytes = message.line_bytes(),
      .left_bytes = message.left_bytes()};
  if (!narrow.status().ok()) return narrow.status();
  return state;
}

void SaveIcy(const audio::IcyReader::State& state, IcyState* message) {
  message->set_metaint_bytes(state.metaint_bytes);
  message->set_audio_left_bytes(state.audio_left_bytes);
  message->set_block_left_bytes(state.block_left_bytes);
  message->set_block(state.block);
  message->set_malformed_blocks(state.malformed_blocks);
}

audio::IcyReader::State LoadIcy(const IcyState& message) {
  return {.metaint_bytes = message.metaint_bytes(),
          .audio_left_bytes = message.audio_left_bytes(),
          .block_left_bytes = message.block_left_bytes(),
          .block = message.block(),
          .malformed_blocks = message.malformed_blocks()};
}

void SaveWriter(const mount::Writer::State& state, WriterState* message) {
  message->set_is_torn(state.is_torn);
  message->set_lost_bytes(state.lost_bytes);
  message->set_asks_again_at_bytes(state.asks_again_at_bytes);
  if (state.due_title.has_value()) {
    WriterState::DueTitle& due = *message->mutable_due_title();
    due.set_offset_bytes(state.due_title->offset_bytes);
    due.set_title(state.due_title->title.title);
    due.set_url(state.due_title->title.url);
  }
  message->set_published_bytes(state.published_bytes);
  message->set_played_us(state.played.count());
}

mount::Writer::State LoadWriter(const WriterState& message) {
  mount::Writer::State state{.is_torn = message.is_torn(),
                             .lost_bytes = message.lost_bytes(),
                             .asks_again_at_bytes = message.asks_again_at_bytes(),
                             .published_bytes = message.published_bytes(),
                             .played = microseconds(message.played_us())};
  if (message.has_due_title()) {
    const WriterState::DueTitle& due = message.due_title();
    state.due_title = {.offset_bytes = due.offset_bytes(),
                       .title = {.title = due.title(), .url = due.url()}};
  }
  return state;
}

}  // namespace floe::handover
