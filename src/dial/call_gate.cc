// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "dial/call_gate.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace floe::dial {

CallGate::Call& CallGate::Of(const void* owner) {
  const auto found = std::find_if(calls_.begin(), calls_.end(),
                                  [owner](const Call& call) { return call.owner == owner; });
  FLOE_CHECK(found != calls_.end());
  return *found;
}

Instant CallGate::BeginOf(const Call& call, Instant now) const {
  size_t under_way = 0;
  Instant first_end = Instant::max();
  for (const Call& other : calls_) {
    if (other.place != call.place) continue;
    if (&other == &call) break;
    if (other.waits) return Instant::max();  // it comes first, and wakes the next
    if (other.until <= now) continue;
    ++under_way;
    first_end = std::min(first_end, other.until);
  }
  return under_way < kCallsAtOnce ? now : first_end;
}

void CallGate::WakeNext(ring::Io& io, absl::string_view place) {
  for (const Call& call : calls_) {
    if (call.waits && call.place == place) return io.Wake(call.owner);
  }
}

ring::Task<absl::Status> CallGate::Enter(ring::Io& io, std::string place, const void* owner) {
  Call mine{.place = std::move(place), .owner = owner};
  calls_.push_back(std::move(mine));
  for (;;) {
    const Instant now = Clock::now();
    const Instant begin = BeginOf(Of(owner), now);
    if (begin <= now) break;
    if (co_await io.Sleep(begin, owner)) continue;
    Leave(io, owner);
    co_return absl::CancelledError("interrupted");
  }
  Call& call = Of(owner);
  call.waits = false;
  call.until = Clock::now() + kCallGivesWayAfter;
  WakeNext(io, call.place);
  co_return absl::OkStatus();
}

void CallGate::Leave(ring::Io& io, const void* owner) {
  const std::string place = Of(owner).place;
  std::erase_if(calls_, [owner](const Call& call) { return call.owner == owner; });
  WakeNext(io, place);
}

}  // namespace floe::dial
