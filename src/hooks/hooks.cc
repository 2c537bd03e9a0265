// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "hooks/hooks.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "hooks/auth_form.h"

namespace floe::hooks {

Hooks::Hooks(const Options& options)
    : journal_(*options.journal),
      asker_(*options.resolvers, options.shards, options.instruments->hooks_failed),
      courier_({.journal = options.journal,
                .workers = options.workers,
                .resolvers = options.resolvers,
                .config = options.config,
                .instruments = options.instruments,
                .is_in_charge = options.is_in_charge,
                .is_given_up = options.is_given_up}),
      herald_(*options.events, *options.journal, *options.config, *options.port),
      listeners_(options.shards) {}

void Hooks::TellLeft(HookedListener listener, milliseconds listened, uint64_t sent_bytes) {
  std::string form = ListenerRemoveForm(listener.begin, listened, sent_bytes);
  // What is refused is counted and logged there.
  (void)journal_.Append(std::move(listener.lane), std::move(form),
                        std::move(listener.authorization));
}

void Hooks::Left(uint32_t shard, uint64_t number, milliseconds listened, uint64_t sent_bytes) {
  HookedListeners& listeners = listeners_[shard];
  if (listeners.empty()) return;
  HookedListener listener = listeners.Take(number);
  if (!listener.lane.empty()) TellLeft(std::move(listener), listened, sent_bytes);
}

void Hooks::End(bool are_handed_over) {
  herald_.Stop();
  const int64_t now_s = absl::ToUnixSeconds(absl::Now());
  for (HookedListeners& listeners : listeners_) {
    for (HookedListener& listener : listeners.TakeAll()) {
      if (are_handed_over) continue;
      const int64_t listened_s = std::max<int64_t>(0, now_s - listener.joined_s);
      TellLeft(std::move(listener), std::chrono::seconds(listened_s), /*sent_bytes=*/0);
    }
  }
}

}  // namespace floe::hooks
