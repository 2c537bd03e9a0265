// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/slot.h"
#include "http/upstream_reply.h"
#include "ring/task.h"
#include "shard/shard.h"

namespace floe::dial {

// Receives more of what another server sends into `received`. Errors: Unavailable, Cancelled as
// below; OutOfRange when it is done.
ring::Task<absl::Status> HearMore(shard::Shard& shard, FdSlot socket, std::string& received,
                                  Instant by, const void* owner);

// Hears the next reply head that another server sends on `socket`, an interim one (1xx) too. What
// was received beyond it stays in `received`, which may hold some of it before, and is the caller's
// for as long as this takes. Errors, sentences that lack their subject:
//   Unavailable         it answers nothing until `by`, or hangs up
//   FailedPrecondition  what it answers is no reply
//   Cancelled           `owner` was interrupted
ring::Task<absl::StatusOr<http::UpstreamReply>> HearReplyHead(shard::Shard& shard, FdSlot socket,
                                                              std::string& received, Instant by,
                                                              const void* owner);
// The same, as its text.
ring::Task<absl::StatusOr<std::string>> HearReplyText(shard::Shard& shard, FdSlot socket,
                                                      std::string& received, Instant by,
                                                      const void* owner);

}  // namespace floe::dial
