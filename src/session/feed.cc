// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/feed.h"

#include <algorithm>
#include <utility>

#include "base/state_check.h"
#include "http/charset.h"

namespace floe::session {
namespace {

// Status pages learn of a source's progress this often.
constexpr uint64_t kReportEveryBytes = 16 * 1024;

}  // namespace

Feed::Feed(mount::StreamOutput& output, const FeedFraming& framing)
    : output_(output),
      charset_(framing.charset),
      framer_(audio::MakeFramer(framing.content_type, &Clock::now)),
      icy_(framing.metaint_bytes),
      body_(framing.body) {}

Feed::Feed(mount::StreamOutput& output, FeedState state, Parts parts)
    : output_(output),
      charset_(std::move(state.charset)),
      framer_(std::move(parts.framer)),
      icy_(std::move(parts.icy)),
      chunks_(parts.chunks),
      body_(state.body),
      received_bytes_(state.received_bytes),
      reported_bytes_(state.reported_bytes),
      audio_bytes_(state.audio_bytes),
      repeated_bytes_(state.repeated_bytes),
      is_over_((has_length() && body_.length_bytes == 0) ||
               (is_chunked() && (chunks_.ended() || !chunks_.error().empty()))),
      error_(chunks_.error()) {}

absl::StatusOr<std::unique_ptr<Feed>> Feed::Restore(mount::StreamOutput& output, FeedState state) {
  StateCheck check("feed of a source");
  check.Known("its body's kind", state.body.kind, http::BodyFraming::Kind::kUntilClose);
  check.AtMost("what was reported", state.reported_bytes, state.received_bytes);
  check.AtMost("its audio", state.audio_bytes, state.received_bytes);
  if (absl::Status possible = std::move(check).status(); !possible.ok()) return possible;
  auto framer = audio::RestoreFramer(std::move(state.framer), &Clock::now);
  if (!framer.ok()) return framer.status();
  auto icy = audio::IcyReader::Restore(std::move(state.icy));
  if (!icy.ok()) return icy.status();
  const auto chunks = http::ChunkedReader::Restore(state.chunks);
  if (!chunks.ok()) return chunks.status();
  Parts parts{.framer = *std::move(framer), .icy = *std::move(icy), .chunks = *chunks};
  std::unique_ptr<Feed> feed(new Feed(output, std::move(state), std::move(parts)));
  return feed;
}

FeedState Feed::state() const {
  return {.body = body_,
          .charset = charset_,
          .chunks = chunks_.state(),
          .icy = icy_.state(),
          .framer = framer_->state(),
          .received_bytes = received_bytes_,
          .reported_bytes = reported_bytes_,
          .audio_bytes = audio_bytes_,
          .repeated_bytes = repeated_bytes_};
}

void Feed::Rewrap(const FeedFraming& framing, uint64_t repeated_bytes) {
  charset_ = framing.charset;
  icy_ = audio::IcyReader(framing.metaint_bytes);
  chunks_ = http::ChunkedReader();
  body_ = framing.body;
  repeated_bytes_ = repeated_bytes;
  is_over_ = false;
  error_.clear();
}

void Feed::Take(std::span<const std::byte> received) {
  received_bytes_ += received.size();
  if (is_chunked()) {
    TakeChunks(received);
  } else {
    TakeBody(received);
  }
  if (received_bytes_ - reported_bytes_ >= kReportEveryBytes) Report();
}

void Feed::TakeChunks(std::span<const std::byte> bytes) {
  for (;;) {
    const http::ChunkedReader::Piece piece = chunks_.Feed(&bytes);
    switch (piece.kind) {
      case http::ChunkedReader::Kind::kPayload: icy_.Feed(piece.payload, *this); continue;
      case http::ChunkedReader::Kind::kNeedMore: return;
      case http::ChunkedReader::Kind::kEnd: is_over_ = true; return;
      case http::ChunkedReader::Kind::kBroken:
        is_over_ = true;
        error_ = std::string(chunks_.error());
        return;
    }
  }
}

void Feed::TakeBody(std::span<const std::byte> bytes) {
  if (has_length()) {
    bytes = bytes.first(std::min<uint64_t>(bytes.size(), body_.length_bytes));
    body_.length_bytes -= bytes.size();
    is_over_ = body_.length_bytes == 0;
  }
  icy_.Feed(bytes, *this);
}

void Feed::Audio(std::span<const std::byte> bytes) {
  const size_t repeated = std::min<uint64_t>(repeated_bytes_, bytes.size());
  repeated_bytes_ -= repeated;
  bytes = bytes.subspan(repeated);
  audio_bytes_ += bytes.size();
  framer_->Feed(bytes, output_);
}

void Feed::Title(absl::string_view title, absl::string_view url) {
  output_.SetTitleHere(http::ToUtf8(title, charset_), http::ToUtf8(url, charset_));
}

void Feed::End() {
  framer_->End(output_);
  Report();
}

void Feed::Report() {
  reported_bytes_ = received_bytes_;
  output_.Report(framer_->stats(), received_bytes_);
}

}  // namespace floe::session
