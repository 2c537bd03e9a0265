// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Asking another server for a stream, up to the first byte of it.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "base/address.h"
#include "base/clock.h"
#include "base/http_url.h"
#include "http/upstream_reply.h"
#include "ring/direct_fd.h"
#include "ring/task.h"
#include "shard/shard.h"
#include "shard/worker_pool.h"

namespace floe::session {

// How long each server on the way may take to be connected to, and to answer.
inline constexpr milliseconds kCallTimeMax{10'000};

struct UpstreamCall {
  HttpUrl url;
  std::string authorization;  // goes to the URL's host and port alone, wherever redirects lead
  std::string hops;           // Floe-Hops
  std::string position;       // Floe-Position
};

// A stream that was asked for and is coming.
struct UpstreamStream {
  ring::DirectFd socket;
  Address peer;
  HttpUrl url;  // behind all redirects
  http::UpstreamReply reply;
  std::string early;  // what has come of it with the head
};

// Asks for a stream and follows redirects; `call` stays until it ends. Errors, sentences without a
// full stop that name the address or the URL:
//   Unavailable         nobody answers, or not in time, or a server's trouble (5xx, 429)
//   FailedPrecondition  a reply that is none, one that leads nowhere, or 4xx
//   Cancelled           `owner`, which has to be the call's own, was interrupted
ring::Task<absl::StatusOr<UpstreamStream>> CallUpstream(shard::Shard& shard,
                                                        shard::WorkerPool& resolvers,
                                                        const UpstreamCall& call,
                                                        const void* owner);

}  // namespace floe::session
