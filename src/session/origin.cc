// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/origin.h"

#include <utility>

#include "base/limits.h"
#include "http/hops.h"
#include "http/stream_position.h"
#include "mount/preamble.h"

namespace floe::session {
namespace {

// Begins at any byte, for one who has heard all there was before.
Start StartWithin(uint64_t offset_bytes, uint32_t epoch, const std::string& stream) {
  tape::SyncPoint at{};
  at.offset_bytes = offset_bytes;
  at.link = listener::kNoLink;
  return {{epoch, at}, http::PositionToSay({stream, offset_bytes, 0})};
}

// Begins after the preamble of its link, as any listener does; empty when that is not kept.
std::optional<Start> StartAt(const tape::SyncPoint& sync, const mount::Mount& mount, uint32_t epoch,
                             std::string stream) {
  http::StreamPosition said = {std::move(stream), sync.offset_bytes, 0};
  if (sync.needs_preamble) {
    const mount::PreambleRef preamble = mount.PreambleOf(sync.link);
    if (!preamble) return std::nullopt;
    said.preamble_bytes = uint32_t(preamble.bytes().size());
  }
  return Start{{epoch, sync}, http::PositionToSay(said)};
}

}  // namespace

std::optional<Start> FindStart(const Exchange& exchange, const mount::Mount& mount,
                               const mount::Snapshot& snap) {
  const std::optional<absl::string_view> header = exchange.request.Header(http::kPositionHeader);
  if (!header.has_value()) return std::nullopt;
  const tape::Tape& tape = mount.tape();
  const std::string stream = http::StreamId(exchange.services.instance, tape.id(), snap.epoch);
  const std::optional<http::StreamPosition> asked = http::ReadAskedPosition(*header);
  const uint64_t published = tape.published();
  if (asked.has_value() && asked->stream == stream && asked->offset_bytes >= tape.oldest() &&
      asked->offset_bytes <= published) {
    return StartWithin(asked->offset_bytes, snap.epoch, stream);
  }
  for (const microseconds back : {microseconds(mount.burst()), microseconds(0)}) {
    const std::optional<tape::SyncPoint> sync = tape.SyncBack(back, kBurstBytesMax);
    // There is no audio yet, and whatever comes begins with its own headers.
    if (!sync.has_value()) return StartWithin(published, snap.epoch, stream);
    std::optional<Start> start = StartAt(*sync, mount, snap.epoch, stream);
    if (start.has_value()) return start;
  }
  return std::nullopt;
}

absl::Status CheckTakers(const Exchange& exchange) {
  const absl::StatusOr<http::Hops> takers = http::ReadHops(exchange.HeaderOr(http::kHopsHeader));
  if (!takers.ok()) return takers.status();
  return http::CheckHops(exchange.services.instance, {}, *takers);
}

absl::StatusOr<std::string> HopsOfReply(const Exchange& exchange, const mount::Snapshot& snap) {
  const std::optional<absl::string_view> header = exchange.request.Header(http::kHopsHeader);
  if (!header.has_value()) return std::string();
  const absl::StatusOr<http::Hops> takers = http::ReadHops(*header);
  if (!takers.ok()) return takers.status();
  const uint64_t self = exchange.services.instance;
  const absl::Status passes = http::CheckHops(self, snap.source.hops, *takers);
  if (!passes.ok()) return passes;
  http::Hops givers = {self};
  givers.insert(givers.end(), snap.source.hops.begin(), snap.source.hops.end());
  return http::WriteHops(givers);
}

}  // namespace floe::session
