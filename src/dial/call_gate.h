// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "ring/io.h"
#include "ring/task.h"

namespace floe::dial {

// So many calls to one place are under way at once; one that takes longer than this is not waited
// for by the others.
inline constexpr size_t kCallsAtOnce = 2;
inline constexpr milliseconds kCallGivesWayAfter{250};

// CallGate lets calls to one place begin a few at a time, in their order. When an origin comes
// back all its relays call it at once, and the queue of an Icecast's socket holds five: a call that
// is dropped there is a wait of seconds.
//
// Lifetime  outlives all who enter.
// Threads   The shard's.
class CallGate {
 public:
  // Waits until the caller may call `place`; it has to Leave then. Error: Cancelled when `owner`
  // was interrupted, or all stops. An owner is in here once at a time.
  ring::Task<absl::Status> Enter(ring::Io& io, std::string place, const void* owner);
  // The call came to its end, or does not matter any more.
  void Leave(ring::Io& io, const void* owner);

 private:
  struct Call {
    std::string place;
    const void* owner;
    bool waits = true;
    Instant until{};  // of one that does not wait: counted
  };

  Call& Of(const void* owner);
  // When `call` may begin, as things are; now or earlier: at once.
  Instant BeginOf(const Call& call, Instant now) const;
  void WakeNext(ring::Io& io, absl::string_view place);

  std::vector<Call> calls_;  // in the order in which they came
};

}  // namespace floe::dial
