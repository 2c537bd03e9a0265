// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "absl/status/status.h"
#include "base/clock.h"
#include "ring/waker.h"
#include "session/services.h"
#include "shard/shard.h"

namespace floe::handover {

// Standstill brings all shards to rest, in two steps, and lets them go on.
//
//   QuietArrivals: nobody is accepted; who is being heard stands still, who was heard becomes a
//                  listener, a source, or is answered. The audio goes on.
//   Freeze:        sources and loops stand still; no send is in flight.
//
// Lifetime  of one hand-over.
// Threads   The main thread's, while the shards turn.
class Standstill {
 public:
  Standstill(const session::Services& services, ring::Waker& waker)
      : services_(services), waker_(waker) {}

  // Errors: DeadlineExceeded says what did not come to rest by then.
  absl::Status QuietArrivals(Instant by);
  absl::Status Freeze(Instant by);
  // All is again as if nothing had been.
  void GoOn();
  // All that stands still is another process's from now on, and ends here without a word whenever
  // it is woken; LetGo does that. Requests that are being answered go on.
  void GiveUp();
  void LetGo();
  // Whether nothing is left to be finished here.
  bool IsEmpty();

 private:
  template <typename Question>
  bool AreAll(Question question);

  const session::Services& services_;
  ring::Waker& waker_;
};

}  // namespace floe::handover
