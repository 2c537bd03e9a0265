// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "mount/tidings.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "base/log.h"
#include "config/internal_mounts.h"
#include "mount/mount.h"

namespace floe::mount {
namespace {

using events::Event;
using events::Kind;
using events::Origin;

Event Of(const Mount& mount, Kind kind) {
  Event event;
  event.kind = kind;
  event.mount = mount.name();
  event.listeners = mount.listeners.load(std::memory_order_relaxed);
  return event;
}

Origin OriginOf(const ClaimRules& rules) {
  if (rules.is_fetched) return Origin::kRelay;
  return rules.yields ? Origin::kFile : Origin::kSource;
}

}  // namespace

bool Tidings::IsToldOf(const Mount& mount) const {
  return events_ != nullptr && !config::IsInternalMount(mount.name());
}

void Tidings::Came(const Mount& mount, const ClaimRules& rules) const {
  if (!IsToldOf(mount)) return;
  Event event = Of(mount, rules.is_fetched ? Kind::kRelayUp : Kind::kSourceUp);
  SourceInfo source = mount.Snap().source;
  event.origin = OriginOf(rules);
  event.peer = std::move(source.peer);
  event.agent = std::move(source.user_agent);
  event.content_type = std::move(source.content_type);
  events_->Add(std::move(event));
}

void Tidings::Left(const Mount& mount, const ClaimRules& rules, absl::Time connected,
                   uint64_t received_bytes, absl::string_view reason) const {
  if (!IsToldOf(mount)) return;
  Event event = Of(mount, rules.is_fetched ? Kind::kRelayDown : Kind::kSourceDown);
  event.origin = OriginOf(rules);
  event.reason = std::string(reason);
  event.lasted = absl::Now() - connected;
  event.bytes = received_bytes;
  events_->Add(std::move(event));
}

void Tidings::Titled(const Mount& mount, uint32_t newest_title_before) const {
  if (!IsToldOf(mount)) return;
  std::vector<TitleMark> marks;
  mount.CopyTitles(newest_title_before, &marks);
  for (TitleMark& mark : marks) {
    Event event = Of(mount, Kind::kTitle);
    event.title = std::move(mark.title);
    event.url = std::move(mark.url);
    if (!event.title.empty()) {
      log::Playlist({.mount = mount.name(), .listeners = event.listeners, .metadata = event.title});
    }
    events_->Add(std::move(event));
  }
}

void Tidings::Plays(const Mount& mount, absl::string_view plays) const {
  if (!IsToldOf(mount)) return;
  Event event = Of(mount, Kind::kFallback);
  event.plays = std::string(plays);
  events_->Add(std::move(event));
}

}  // namespace floe::mount
