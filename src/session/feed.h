// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "audio/framer.h"
#include "audio/framer_state.h"
#include "audio/icy_blocks.h"
#include "base/clock.h"
#include "http/chunked.h"
#include "http/request.h"
#include "mount/stream_output.h"

namespace floe::session {

// How a source's bytes are wrapped.
struct FeedFraming {
  http::BodyFraming body;
  std::string content_type;
  uint32_t metaint_bytes = 0;  // ICY blocks of the source's own; 0: none
  std::string charset;         // of the titles in them
};

// FeedState is all that a Feed knows between two pieces of what a source sends, as plain values.
struct FeedState {
  http::BodyFraming body;  // of a body with a length: what is left of it
  std::string charset;
  http::ChunkedReader::State chunks;
  audio::IcyReader::State icy;
  audio::FramerState framer;
  uint64_t received_bytes = 0;
  uint64_t reported_bytes = 0;  // of them, when status pages last learned of it
  uint64_t audio_bytes = 0;     // of them, without what wraps it
  uint64_t repeated_bytes = 0;  // of audio that is still to come and was heard already

  bool operator==(const FeedState&) const = default;
};

// Feed takes what a source sends and puts its audio on the tape:
//
//   received -> [chunks off] -> [ICY blocks off] -> framer -> output: a writer -> tape
//
// Lifetime  of one source; End before the writer leaves. The output outlives it.
// Threads   The shard's.
// Failure   is_over() says that no more is wanted; error() why, if the source is to blame.
class Feed : private audio::IcySink {
 public:
  Feed(mount::StreamOutput& output, const FeedFraming& framing);
  // Goes on at the very byte at which `state` was taken; `output` has what was appended until then.
  // InvalidArgument names what is impossible in the state.
  static absl::StatusOr<std::unique_ptr<Feed>> Restore(mount::StreamOutput& output,
                                                       FeedState state);
  ~Feed() override = default;

  void Take(std::span<const std::byte> received);
  // The same stream goes on at its next byte of audio, wrapped anew: another connection took the
  // place of one that broke. Its first `repeated_bytes` of audio were heard already.
  void Rewrap(const FeedFraming& framing, uint64_t repeated_bytes);
  // The source is done or gone: what is torn is discarded.
  void End();

  bool is_over() const { return is_over_; }
  absl::string_view error() const { return error_; }
  const audio::FramerStats& stats() const { return framer_->stats(); }
  // Without what wraps it, from the first byte on.
  uint64_t audio_bytes() const { return audio_bytes_; }
  uint64_t received_bytes() const { return received_bytes_; }
  FeedState state() const;

 private:
  struct Parts {
    std::unique_ptr<audio::Framer> framer;
    audio::IcyReader icy;
    http::ChunkedReader chunks;
  };
  Feed(mount::StreamOutput& output, FeedState state, Parts parts);

  bool is_chunked() const { return body_.kind == http::BodyFraming::Kind::kChunked; }
  bool has_length() const { return body_.kind == http::BodyFraming::Kind::kLength; }
  void TakeBody(std::span<const std::byte> bytes);
  void TakeChunks(std::span<const std::byte> bytes);
  void Report();
  // audio::IcySink
  void Audio(std::span<const std::byte> bytes) override;
  void Title(absl::string_view title, absl::string_view url) override;

  mount::StreamOutput& output_;
  std::string charset_;
  const std::unique_ptr<audio::Framer> framer_;
  audio::IcyReader icy_;
  http::ChunkedReader chunks_;
  http::BodyFraming body_;  // of a body with a length: what is left of it
  uint64_t received_bytes_ = 0;
  uint64_t reported_bytes_ = 0;
  uint64_t audio_bytes_ = 0;
  uint64_t repeated_bytes_ = 0;
  bool is_over_ = false;
  std::string error_;
};

}  // namespace floe::session
