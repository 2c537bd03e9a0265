// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Replies that are long, and those that go on for as long as somebody follows what changes here.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "ring/task.h"
#include "session/exchange.h"

namespace floe::session {

// Its head: 200, of a length that nobody knows yet, to be kept nowhere and held back by no proxy.
std::string LongReplyHead(const Exchange& exchange, absl::string_view content_type);

// What the kernel may keep of a long reply that was said and not yet acknowledged.
inline constexpr int kLongReplyBufferBytes = 1 << 20;

// Has the kernel keep more of what is said from now on than of what a listener is sent, whose
// buffer is small: a long reply would wait for one acknowledgement after the other. For replies of
// which there are few at a time.
void WidenSending(Exchange& exchange);

// Has a reply that waits be woken when the server is handed over: who follows is to ask the next
// process.
//
// Lifetime  of the reply. Threads  the shard's.
class Waiting {
 public:
  explicit Waiting(Exchange& exchange) : exchange_(exchange) {
    exchange_.parking.BeginWaiting(&exchange_);
  }
  ~Waiting() { exchange_.parking.EndWaiting(&exchange_); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  Exchange& exchange_;
};

// Waits until then. The other side has nothing to say: what can come of it is its end.
// REQUIRES: a Waiting of this exchange.
// Errors: Unavailable, Cancelled: the reply is to end, since the other side is gone, or the process
// stops or hands over.
ring::Task<absl::Status> StandBy(Exchange& exchange, Instant until);

}  // namespace floe::session
