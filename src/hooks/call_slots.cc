// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "hooks/call_slots.h"

#include <algorithm>
#include <utility>

namespace floe::hooks {

ring::Task<absl::Status> CallSlots::Enter(ring::Io& io, std::string url, Instant by,
                                          const void* owner) {
  Place& place = places_[std::move(url)];
  if (place.under_way < kHookCallsAtOnce) {
    ++place.under_way;
    co_return absl::OkStatus();
  }
  place.waiting.push_back(owner);
  bool is_interrupted = false;
  for (;;) {
    is_interrupted = !co_await io.Sleep(by, owner);
    const auto here = std::find(place.waiting.begin(), place.waiting.end(), owner);
    const bool has_turn = here == place.waiting.end();  // who left gave it away
    if (has_turn && !is_interrupted) co_return absl::OkStatus();
    if (has_turn) break;
    if (!is_interrupted && Clock::now() < by) continue;
    place.waiting.erase(here);
    co_return is_interrupted ? absl::CancelledError("interrupted")
                             : absl::DeadlineExceededError("too many ask at once");
  }
  if (place.waiting.empty()) {
    --place.under_way;
  } else {
    io.Wake(place.waiting.front());
    place.waiting.pop_front();
  }
  co_return absl::CancelledError("interrupted");
}

void CallSlots::Leave(ring::Io& io, const std::string& url) {
  Place& place = places_[url];
  if (place.waiting.empty()) {
    --place.under_way;
    return;
  }
  const void* next = place.waiting.front();
  place.waiting.pop_front();
  io.Wake(next);
}

}  // namespace floe::hooks
