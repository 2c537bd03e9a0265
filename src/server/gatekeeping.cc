// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/gatekeeping.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/address.h"
#include "base/log.h"
#include "config/text_file.h"
#include "mount/registry.h"
#include "shard/call.h"

namespace floe::server {
namespace {

constexpr absl::string_view kBansFile = "bans.json";

}  // namespace

void SetGate(const session::Services& services, const config::Config& config,
             const ListenSockets& sockets) {
  std::vector<int> proxied_fds;
  for (const config::Listen& listen : config.listen) {
    if (!listen.proxy_protocol) continue;
    const std::vector<int>& fds = sockets.Of(listen.address);
    proxied_fds.insert(proxied_fds.end(), fds.begin(), fds.end());
  }
  services.gate->SetRules(config, std::move(proxied_fds));
}

void Gatekeeping::Begin(const session::Services& services) {
  LoadBans(services);
  ReadBanFile(services);
  bans_seen_ = services.gate->bans_made();
}

void Gatekeeping::LoadBans(const session::Services& services) {
  const std::string path = absl::StrCat(services.config.Get()->server.state_dir, "/", kBansFile);
  const absl::Status loaded = services.gate->bans().Load(path);
  if (!loaded.ok()) log::Warn(absl::StrCat("nobody is banned: ", loaded.message()));
}

void Gatekeeping::SaveBans(const session::Services& services) {
  const absl::Status saved = services.gate->bans().Save();
  if (!saved.ok() && !has_told_) {
    log::Warn(absl::StrCat("bans are not kept for the next start: ", saved.message()));
  }
  has_told_ = !saved.ok();
}

void Gatekeeping::ReadBanFile(const session::Services& services) {
  const std::string path = services.config.Get()->access.ban_file;
  if (!watch_.HasChanged(path)) return;
  if (path.empty()) {
    of_file_ = {};
    return services.gate->SetBanFile({});
  }
  const absl::StatusOr<config::TextFile> file =
      config::ReadTextFile(path, access::kBanFileBytesMax);
  if (!file.ok() || file->is_cut) {
    // What it said before still holds.
    const absl::string_view why = file.ok() ? "it is too long" : file.status().message();
    return log::Warn(absl::StrCat("the ban file is not read: ", why));
  }
  access::BanFile banned = access::ParseBanFile(file->text);
  for (const std::string& problem : banned.problems) {
    log::Warn(absl::StrCat("ban file \"", path, "\": ", problem));
  }
  of_file_ = banned.cidrs;
  services.gate->SetBanFile(std::move(banned.cidrs));
}

void Gatekeeping::KickBanned(const session::Services& services, ring::Waker& waker) const {
  access::CidrSet banned = of_file_;
  for (const access::Ban& ban : services.gate->bans().List()) banned.Add(ban.cidr);
  // A stream that is fetched comes from who the configuration trusts.
  std::vector<mount::MountRef> fed;
  for (mount::MountRef& mount : services.registry->List()) {
    if (!mount->HasCountedSource()) continue;
    const std::optional<Address> source = Address::Parse(mount->Snap().source.peer);
    if (source.has_value() && banned.Contains(*source)) fed.push_back(std::move(mount));
  }
  shard::CallEach(services.shards, waker, [&](shard::Shard& shard) {
    std::vector<ListenerSlot> here;
    shard.fan_out().ForEach([&](ListenerSlot slot, const listener::Listener&) {
      if (banned.Contains(shard.details()[slot].peer)) here.push_back(slot);
    });
    for (const ListenerSlot slot : here) shard.Kick(slot);
    for (const mount::MountRef& mount : fed) shard.EndSource(mount.get());
  });
}

void Gatekeeping::Keep(const session::Services& services, ring::Waker& waker) {
  SaveBans(services);
  ReadBanFile(services);
  const uint64_t bans_made = services.gate->bans_made();
  if (std::exchange(bans_seen_, bans_made) != bans_made) KickBanned(services, waker);
  for (shard::Shard* shard : services.shards) {
    if (!services.seating->IsDue(*shard, Clock::now())) continue;
    shard::CallOne(*shard, waker, [&](shard::Shard& here) { services.seating->EndOver(here); });
  }
}

}  // namespace floe::server
