// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/feed.h"

#include <algorithm>

#include "http/charset.h"

namespace floe::session {
namespace {

// Status pages learn of a source's progress this often.
constexpr uint64_t kReportEveryBytes = 16 * 1024;

}  // namespace

Feed::Feed(mount::Writer& writer, const FeedFraming& framing)
    : writer_(writer),
      charset_(framing.charset),
      framer_(audio::MakeFramer(framing.content_type, &Clock::now)),
      icy_(framing.metaint_bytes),
      is_chunked_(framing.body.kind == http::BodyFraming::Kind::kChunked) {
  if (framing.body.kind == http::BodyFraming::Kind::kLength) {
    left_bytes_ = framing.body.length_bytes;
  }
}

void Feed::Take(std::span<const std::byte> received) {
  received_bytes_ += received.size();
  if (is_chunked_) {
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
  if (left_bytes_.has_value()) {
    bytes = bytes.first(std::min<uint64_t>(bytes.size(), *left_bytes_));
    *left_bytes_ -= bytes.size();
    is_over_ = *left_bytes_ == 0;
  }
  icy_.Feed(bytes, *this);
}

void Feed::Title(absl::string_view title, absl::string_view url) {
  writer_.SetTitleHere(http::ToUtf8(title, charset_), http::ToUtf8(url, charset_));
}

void Feed::End() {
  framer_->End(writer_);
  Report();
}

void Feed::Report() {
  reported_bytes_ = received_bytes_;
  writer_.Report(framer_->stats(), received_bytes_);
}

}  // namespace floe::session
