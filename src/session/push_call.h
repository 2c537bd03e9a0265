// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Coming to another server as a source, up to the first byte of audio.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/http_url.h"
#include "dial/dial.h"
#include "http/push_request.h"
#include "ring/task.h"
#include "shard/shard.h"
#include "shard/worker_pool.h"

namespace floe::session {

// How long a server may take to be connected to and to answer; and to answer PUT, before it is
// taken for one that does not know it.
inline constexpr milliseconds kPushCallTimeMax{10'000};
inline constexpr milliseconds kPutAnswerTimeMax{5'000};

// Asks with PUT; and with SOURCE, on another connection, who does not know that, does not answer in
// time or hangs up. `request` stays until it ends. The line is one on which audio is wanted now.
// Errors, sentences without a full stop that name the address or the URL:
//   Unavailable         nobody answers, or with a server's trouble
//   FailedPrecondition  it is refused: 401, 403, 409
//   Cancelled           `owner`, which has to be the call's own, was interrupted
ring::Task<absl::StatusOr<dial::Dialled>> CallPush(shard::Shard& shard,
                                                   shard::WorkerPool& resolvers,
                                                   const http::PushRequest& request,
                                                   const void* owner);

// Sends a request of which nothing matters but that it is answered with 200. `url` and `head` stay
// until it ends. Errors as above.
ring::Task<absl::Status> TellPush(shard::Shard& shard, shard::WorkerPool& resolvers,
                                  const HttpUrl& url, const std::string& head, const void* owner);

}  // namespace floe::session
