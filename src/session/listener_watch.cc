// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/listener_watch.h"

#include <utility>

#include "config/internal_mounts.h"

namespace floe::session {

void ListenerWatch::Tell(events::Kind kind, const std::string& mount, const Told& told) {
  events::Event event;
  event.kind = kind;
  event.mount = mount;
  event.listeners = told.listeners;
  event.peak = told.peak;
  events_.Add(std::move(event));
}

void ListenerWatch::KnowPeaks(const mount::Registry& registry) {
  for (const mount::MountRef& mount : registry.List()) {
    told_[mount->name()].peak = mount->listener_peak.load(std::memory_order_relaxed);
  }
}

void ListenerWatch::Look(const mount::Registry& registry, Instant now) {
  if (now - looked_ < kEvery) return;
  looked_ = now;
  ++round_;
  for (const mount::MountRef& mount : registry.List()) {
    if (config::IsInternalMount(mount->name())) continue;
    Told& told = told_[mount->name()];
    const Told before = told;
    told.listeners = mount->listeners.load(std::memory_order_relaxed);
    told.peak = mount->listener_peak.load(std::memory_order_relaxed);
    told.round = round_;
    if (told.listeners != before.listeners) Tell(events::Kind::kListeners, mount->name(), told);
    if (told.peak > before.peak) Tell(events::Kind::kListenerPeak, mount->name(), told);
  }
  for (auto it = told_.begin(); it != told_.end();) {
    if (it->second.round == round_) {
      ++it;
      continue;
    }
    // The mount is forgotten, which it is when nobody listens.
    if (std::exchange(it->second.listeners, 0) != 0) {
      Tell(events::Kind::kListeners, it->first, it->second);
    }
    it = told_.erase(it);
  }
}

}  // namespace floe::session
