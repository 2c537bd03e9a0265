// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "http/upstream_reply.h"
#include "mount/source_info.h"
#include "mount/stream_output.h"
#include "mount/writer.h"
#include "session/feed.h"

namespace floe::session {

// Who has the mount that a Valve opens to.
class ValveOwner {
 public:
  virtual ~ValveOwner() = default;
  // Claims the mount for what comes through that valve from now on, and ends what came before it;
  // null: it is not to be had.
  virtual mount::Writer* Claim() = 0;
};

// Valve is what an upstream's audio goes through. Closed, it only listens along: it remembers what
// a listener would have to know who joins now. It opens where one may join, at a sync point, so
// that what is heard goes over from one upstream to another between two frames.
//
//   kClosed --Open--> kOpening --sync point, and the mount is to be had--> kOpen --Close--> kClosed
//
// Lifetime  of its Track. The writer that it was given outlives its being open.
class Valve final : public mount::StreamOutput {
 public:
  enum class State : uint8_t { kClosed, kOpening, kOpen };

  State state() const { return state_; }
  void Open(ValveOwner& owner);
  void Close() { state_ = State::kClosed; }
  // Open at once, where the writer is: of a stream that goes on.
  void GoOn(mount::Writer& writer);
  // What was appended since the last boundary, if it is known: to be appended again when the mount
  // was left meanwhile.
  const std::optional<std::string>& pending() const { return pending_; }
  void KeepPending() { keeps_pending_ = true; }
  // What a framer that goes on does not find anew.
  void Know(const audio::Parameters& parameters) { parameters_ = parameters; }

  // ---- mount::StreamOutput ----
  void Append(std::span<const std::byte> bytes) override;
  void Discard() override;
  void Boundary(microseconds played) override;
  void SyncPoint(bool needs_preamble) override;
  void BeginLink(std::span<const std::byte> preamble) override;
  void Title(absl::string_view title) override;
  void Found(const audio::Parameters& parameters) override;
  void SetTitleHere(absl::string_view title, absl::string_view url) override;
  void Report(const audio::FramerStats& stats, uint64_t received_bytes) override;

 private:
  void Begin(bool needs_preamble);

  State state_ = State::kClosed;
  ValveOwner* owner_ = nullptr;      // of kOpening
  mount::Writer* writer_ = nullptr;  // of kOpen
  bool keeps_pending_ = false;
  std::optional<std::string> pending_;  // empty until the first boundary
  // What holds at the end of what came while it was closed.
  std::string preamble_;
  std::optional<mount::Title> title_;
  audio::Parameters parameters_;
};

// Track is a stream that is being fetched, over one connection, or several when it could go on
// where it broke off.
class Track {
 public:
  // `reply` is what the upstream answered, `charset` the mount's.
  Track(const http::UpstreamReply& reply, const std::string& charset);
  // Goes on, open, where another process stood.
  static absl::StatusOr<std::unique_ptr<Track>> Restore(mount::Writer& writer, FeedState feed,
                                                        std::optional<http::StreamPosition> begin);

  Valve& valve() { return valve_; }
  Feed& feed() { return *feed_; }
  const Feed& feed() const { return *feed_; }
  bool is_open() const { return valve_.state() == Valve::State::kOpen; }

  // Where the next byte of audio is in the upstream's stream; nothing if the upstream does not say.
  std::optional<http::StreamPosition> position() const;
  // Whether the reply to who asked for position() begins there.
  bool GoesOnWith(const http::UpstreamReply& reply) const;
  // REQUIRES: it does.
  void GoOn(const http::UpstreamReply& reply, const std::string& charset);

  // To be handed over.
  const std::optional<http::StreamPosition>& begin() const { return begin_; }

 private:
  Track() = default;

  Valve valve_;
  std::unique_ptr<Feed> feed_;
  std::optional<http::StreamPosition> begin_;  // of the first connection's reply
};

// The Content-Type of a reply, or what is meant when there is none.
std::string ContentTypeOf(const http::UpstreamReply& reply);

}  // namespace floe::session
