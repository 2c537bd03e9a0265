// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/guests.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/local_zone.h"
#include "nlohmann/json.hpp"
#include "shard/call.h"

namespace floe::server {
namespace {

using control::Json;

// What is copied of a listener on its shard.
struct Seen {
  uint64_t id;
  std::string mount, user, agent;
  Address peer;
  int64_t connected_s;
  uint64_t sent_bytes;
};

// Of one shard.
struct SeenHere {
  std::vector<Seen> listeners;
  uint64_t left_off = 0;
};

bool IsOf(const std::string& mount, const shard::Shard& shard, ListenerSlot slot) {
  return mount.empty() || shard.fan_out().MountOf(slot).name() == mount;
}

// Calls visit(slot) for each that is not on its way out.
template <typename Visit>
void ForEachStaying(const shard::Shard& shard, Visit&& visit) {
  shard.fan_out().ForEach([&](ListenerSlot slot, const listener::Listener& listener) {
    if (listener.leaving == listener::Leaving::kStaying) visit(slot);
  });
}

SeenHere Look(const shard::Shard& shard, const std::string& mount) {
  SeenHere seen;
  ForEachStaying(shard, [&](ListenerSlot slot) {
    if (!IsOf(mount, shard, slot)) return;
    if (seen.listeners.size() == control::kListedMax) {
      ++seen.left_off;
      return;
    }
    const shard::ListenerDetails::Entry& details = shard.details()[slot];
    seen.listeners.push_back({.id = details.id,
                              .mount = shard.fan_out().MountOf(slot).name(),
                              .user = std::string(shard.details().Text(details.user)),
                              .agent = std::string(shard.details().Text(details.agent)),
                              .peer = details.peer,
                              .connected_s = details.connected_s,
                              .sent_bytes = shard.fan_out().at(slot).sent_bytes});
  });
  return seen;
}

// Ends those that `is_meant`; answers their numbers.
template <typename IsMeant>
std::vector<uint64_t> Kick(shard::Shard& shard, IsMeant&& is_meant) {
  std::vector<ListenerSlot> slots;  // first all, then none: who leaves is moved between lists
  ForEachStaying(shard, [&](ListenerSlot slot) {
    if (is_meant(slot)) slots.push_back(slot);
  });
  std::vector<uint64_t> kicked;
  for (const ListenerSlot slot : slots) {
    const uint64_t id = shard.details()[slot].id;
    if (shard.Kick(slot)) kicked.push_back(id);
  }
  return kicked;
}

Json JsonOf(const Seen& seen, absl::Time now) {
  const absl::Time connected = absl::FromUnixSeconds(seen.connected_s);
  return {{"id", seen.id},
          {"mount", seen.mount},
          {"address", seen.peer.HostAndPort()},
          {"user", seen.user},
          {"agent", seen.agent},
          {"connected", absl::FormatTime("%Y-%m-%dT%H:%M:%S%z", connected, LocalZone())},
          {"seconds", uint64_t(std::max<int64_t>(0, absl::ToInt64Seconds(now - connected)))},
          {"sent_bytes", seen.sent_bytes}};
}

}  // namespace

void AddListeners(Shards shards, ring::Waker& waker, const std::string& mount, absl::Time now,
                  Json* status) {
  std::vector<SeenHere> by_shard(shards.size());
  shard::CallEach(shards, waker,
                  [&](shard::Shard& shard) { by_shard[shard.index()] = Look(shard, mount); });
  std::vector<Seen> all;
  uint64_t left_off = 0;
  for (SeenHere& seen : by_shard) {
    std::move(seen.listeners.begin(), seen.listeners.end(), std::back_inserter(all));
    left_off += seen.left_off;
  }
  std::sort(all.begin(), all.end(), [](const Seen& a, const Seen& b) { return a.id < b.id; });
  if (all.size() > control::kListedMax) {
    left_off += all.size() - control::kListedMax;
    all.erase(all.begin() + control::kListedMax, all.end());
  }
  Json listeners = Json::array();
  for (const Seen& seen : all) listeners.push_back(JsonOf(seen, now));
  (*status)["listeners"] = std::move(listeners);
  (*status)["listeners_left_off"] = left_off;
}

std::vector<uint64_t> KickListeners(Shards shards, ring::Waker& waker, std::vector<uint64_t> ids) {
  std::sort(ids.begin(), ids.end());
  std::vector<std::vector<uint64_t>> by_shard(shards.size());
  shard::CallEach(shards, waker, [&](shard::Shard& shard) {
    by_shard[shard.index()] = Kick(shard, [&](ListenerSlot slot) {
      return std::binary_search(ids.begin(), ids.end(), shard.details()[slot].id);
    });
  });
  std::vector<uint64_t> kicked;
  for (const std::vector<uint64_t>& here : by_shard) {
    kicked.insert(kicked.end(), here.begin(), here.end());
  }
  std::sort(kicked.begin(), kicked.end());
  return kicked;
}

uint64_t KickMount(Shards shards, ring::Waker& waker, const std::string& mount) {
  std::vector<uint64_t> by_shard(shards.size());
  shard::CallEach(shards, waker, [&](shard::Shard& shard) {
    by_shard[shard.index()] =
        Kick(shard, [&](ListenerSlot slot) { return IsOf(mount, shard, slot); }).size();
  });
  uint64_t kicked = 0;
  for (const uint64_t here : by_shard) kicked += here;
  return kicked;
}

void KickSource(Shards shards, ring::Waker& waker, const mount::Mount* mount) {
  shard::CallEach(shards, waker, [mount](shard::Shard& shard) { shard.EndSource(mount); });
}

}  // namespace floe::server
