// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/relay_track.h"

#include <utility>

namespace floe::session {
namespace {

constexpr absl::string_view kAssumedType = "audio/mpeg";

FeedFraming FramingOfReply(const http::UpstreamReply& reply, const std::string& charset) {
  return {.body = reply.body,
          .content_type = ContentTypeOf(reply),
          .metaint_bytes = reply.stream.metaint_bytes,
          .charset = charset};
}

absl::string_view TextOf(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const std::byte> BytesOf(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

std::string ContentTypeOf(const http::UpstreamReply& reply) {
  return reply.stream.content_type.empty() ? std::string(kAssumedType) : reply.stream.content_type;
}

// ---- Valve ----

void Valve::Open(ValveOwner& owner) {
  owner_ = &owner;
  if (state_ == State::kClosed) state_ = State::kOpening;
}

void Valve::GoOn(mount::Writer& writer) {
  writer_ = &writer;
  state_ = State::kOpen;
  if (parameters_.codec != audio::Codec::kUnknown) writer.Found(parameters_);
}

void Valve::Append(std::span<const std::byte> bytes) {
  if (state_ != State::kOpen) return;
  if (pending_.has_value())
    pending_->append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  writer_->Append(bytes);
}

void Valve::Discard() {
  if (pending_.has_value()) pending_->clear();
  if (state_ == State::kOpen) writer_->Discard();
}

void Valve::Boundary(microseconds played) {
  if (keeps_pending_) pending_.emplace();
  if (state_ == State::kOpen) writer_->Boundary(played);
}

void Valve::SyncPoint(bool needs_preamble) {
  if (state_ == State::kOpening) Begin(needs_preamble);
  if (state_ == State::kOpen) writer_->SyncPoint(needs_preamble);
}

void Valve::Begin(bool needs_preamble) {
  mount::Writer* writer = owner_->Claim();
  if (writer == nullptr) return Close();
  GoOn(*writer);
  if (title_.has_value()) writer_->SetTitleHere(title_->title, title_->url);
  if (needs_preamble && !preamble_.empty()) {
    // Who listens already has to hear the headers as well, in the stream itself.
    writer_->Append(BytesOf(preamble_));
    writer_->Boundary(microseconds(0));
    writer_->BeginLink(BytesOf(preamble_));
  }
  preamble_.clear();
  if (keeps_pending_) pending_.emplace();
}

void Valve::BeginLink(std::span<const std::byte> preamble) {
  if (state_ == State::kOpen) return writer_->BeginLink(preamble);
  preamble_ = std::string(TextOf(preamble));
}

void Valve::Title(absl::string_view title) {
  if (state_ == State::kOpen) return writer_->Title(title);
  title_ = mount::CutTitle(title, {});
}

void Valve::Found(const audio::Parameters& parameters) {
  parameters_ = parameters;
  if (state_ == State::kOpen) writer_->Found(parameters);
}

void Valve::SetTitleHere(absl::string_view title, absl::string_view url) {
  if (state_ == State::kOpen) return writer_->SetTitleHere(title, url);
  title_ = mount::CutTitle(title, url);
}

void Valve::Report(const audio::FramerStats& stats, uint64_t received_bytes) {
  if (state_ == State::kOpen) writer_->Report(stats, received_bytes);
}

// ---- Track ----

Track::Track(const http::UpstreamReply& reply, const std::string& charset)
    : feed_(std::make_unique<Feed>(valve_, FramingOfReply(reply, charset))) {
  begin_ = reply.position;
  if (begin_.has_value()) valve_.KeepPending();
}

absl::StatusOr<std::unique_ptr<Track>> Track::Restore(mount::Writer& writer, FeedState feed,
                                                      std::optional<http::StreamPosition> begin) {
  std::unique_ptr<Track> track(new Track);  // the constructor is private
  absl::StatusOr<std::unique_ptr<Feed>> restored = Feed::Restore(track->valve_, std::move(feed));
  if (!restored.ok()) return restored.status();
  track->feed_ = *std::move(restored);
  track->begin_ = std::move(begin);
  if (track->begin_.has_value()) track->valve_.KeepPending();
  track->valve_.Know(writer.mount().Snap().parameters);
  track->valve_.GoOn(writer);
  return track;
}

std::optional<http::StreamPosition> Track::position() const {
  if (!begin_.has_value() || feed_->audio_bytes() < begin_->preamble_bytes) return std::nullopt;
  http::StreamPosition here;
  here.stream = begin_->stream;
  here.offset_bytes = begin_->offset_bytes + (feed_->audio_bytes() - begin_->preamble_bytes);
  return here;
}

bool Track::GoesOnWith(const http::UpstreamReply& reply) const {
  const std::optional<http::StreamPosition> here = position();
  return here.has_value() && reply.position.has_value() && here->stream == reply.position->stream &&
         here->offset_bytes == reply.position->offset_bytes;
}

void Track::GoOn(const http::UpstreamReply& reply, const std::string& charset) {
  feed_->Rewrap(FramingOfReply(reply, charset), reply.position->preamble_bytes);
}

}  // namespace floe::session
