// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "audio/icy_blocks.h"
#include "http/chunked.h"
#include "mount/writer.h"
#include "session/feed.h"

namespace floe::handover {

// The messages, in handover/feed.pb.h.
class ChunkedState;
class FeedState;
class IcyState;
class WriterState;

// Plain values to messages and back. What is saved is the whole value; a field that is absent is
// loaded as its default.
// REQUIRES: the message that is saved to is empty.
// Failure: InvalidArgument names a number that its plain field cannot hold, or what kind of state
// is missing. Whether a state is possible is asked by the Restore of its class.
void SaveFeed(const session::FeedState& state, FeedState* message);
absl::StatusOr<session::FeedState> LoadFeed(const FeedState& message);

void SaveChunked(const http::ChunkedReader::State& state, ChunkedState* message);
absl::StatusOr<http::ChunkedReader::State> LoadChunked(const ChunkedState& message);

void SaveIcy(const audio::IcyReader::State& state, IcyState* message);
audio::IcyReader::State LoadIcy(const IcyState& message);

void SaveWriter(const mount::Writer::State& state, WriterState* message);
mount::Writer::State LoadWriter(const WriterState& message);

}  // namespace floe::handover
