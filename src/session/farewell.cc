// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/farewell.h"

#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "hooks/hooks.h"
#include "mount/mount.h"
#include "shard/access_line.h"
#include "store/sessions.h"

namespace floe::session {
namespace {

// For the hours that were listened, and the list of who did.
void Keep(store::SessionQueue& sessions, shard::Shard& shard,
          const listener::Departure& departure) {
  const shard::ListenerDetails::Entry& details = shard.details()[departure.listener];
  store::Session session;
  session.mount = shard.fan_out().MountOf(departure.listener).name();
  session.ended_ms = absl::ToUnixMillis(absl::Now());
  session.lasted_ms = departure.listened.count();
  session.bytes = departure.sent_bytes;
  session.address = details.peer.Host();
  session.agent = std::string(shard.details().Text(details.agent));
  session.user = std::string(shard.details().Text(details.user));
  session.cause = listener::LeavingName(departure.leaving);
  sessions.Add(std::move(session));
}

}  // namespace

void Farewell(const Services& services, shard::Shard& shard, const listener::Departure& departure) {
  services.seating->Left(shard, departure.listener);
  services.instruments->leaves[size_t(departure.leaving)].Add();
  const shard::ListenerDetails& all = shard.details();
  const shard::ListenerDetails::Entry& details = all[departure.listener];
  services.hooks->Left(shard.index(), details.id, departure.listened, departure.sent_bytes);
  shard::LogAccess({.peer = details.peer,
                    .user = all.Text(details.user),
                    .request = all.Text(details.request),
                    .status = details.status,
                    .bytes = departure.sent_bytes,
                    .referer = all.Text(details.referer),
                    .agent = all.Text(details.agent),
                    .lasted = absl::FromChrono(departure.listened)});
  if (services.sessions != nullptr) Keep(*services.sessions, shard, departure);
}

}  // namespace floe::session
