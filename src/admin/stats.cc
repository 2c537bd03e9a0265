// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "admin/stats.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "admin/stats_feed.h"
#include "audio/framer.h"
#include "base/local_zone.h"
#include "config/internal_mounts.h"
#include "http/escape.h"
#include "http/reply.h"
#include "http/source_headers.h"
#include "listener/listener.h"
#include "mount/mount.h"

namespace floe::admin {
namespace {

constexpr absl::string_view kUnnamed = "Unspecified name";
constexpr absl::string_view kUndescribed = "Unspecified description";
constexpr absl::string_view kNoGenre = "various";

constexpr std::array kPublicNames = {"admin",
                                     "content-type",
                                     "display-title",
                                     "genre",
                                     "host",
                                     "listeners",
                                     "listenurl",
                                     "location",
                                     "server_id",
                                     "server_description",
                                     "server_name",
                                     "server_start_iso8601",
                                     "stream_start_iso8601",
                                     "subtype"};

void Put(Stats* stats, absl::string_view name, absl::string_view value) {
  (*stats)[std::string(name)] = {.value = std::string(value)};
}
void PutNumber(Stats* stats, absl::string_view name, uint64_t value) {
  (*stats)[std::string(name)] = {.value = absl::StrCat(value), .is_number = true};
}
void PutOr(Stats* stats, absl::string_view name, const std::string& value,
           absl::string_view otherwise) {
  Put(stats, name, value.empty() ? otherwise : absl::string_view(value));
}

// A number that stands for one instance of something, as a UUID of the kind whose bits are the
// maker's own (RFC 9562, version 8).
std::string Uuid(uint64_t number, uint64_t more) {
  // Spreads both over all bits (SplitMix64's last step).
  const auto spread = [](uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
  };
  const uint64_t high = spread(number + more), low = spread(number ^ ~more);
  return absl::StrFormat("%08x-%04x-8%03x-%04x-%012x", high >> 32, (high >> 16) & 0xffff,
                         high & 0xfff, 0x8000 | ((low >> 48) & 0x3fff), low & 0xffffffffffff);
}

// Whether it can be an element's name; a source may have written anything.
bool IsName(absl::string_view text) {
  const auto is_of_name = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
  };
  return !text.empty() && absl::ascii_isalpha(static_cast<unsigned char>(text[0])) &&
         std::all_of(text.begin(), text.end(), is_of_name);
}

void PutAudio(const mount::Snapshot& snap, Stats* stats) {
  const mount::SourceInfo& info = snap.source;
  if (!info.audio_info.empty()) Put(stats, "audio_info", info.audio_info);
  if (info.bitrate_kbps != 0) PutNumber(stats, "bitrate", info.bitrate_kbps);
  for (const http::AudioInfoField& field : http::ParseAudioInfo(info.audio_info)) {
    int64_t number = 0;
    const bool is_number =
        absl::SimpleAtoi(field.value, &number) && absl::StrCat(number) == field.value;
    if (IsName(field.key)) (*stats)[field.key] = {.value = field.value, .is_number = is_number};
  }
  const audio::Parameters& audio = snap.parameters;
  if (audio.bitrate_bps != 0) PutNumber(stats, "audio_bitrate", audio.bitrate_bps);
  if (audio.channels != 0) PutNumber(stats, "audio_channels", audio.channels);
  if (audio.sample_rate_hz != 0) PutNumber(stats, "audio_samplerate", audio.sample_rate_hz);
  if (audio.codec != audio::Codec::kUnknown) Put(stats, "subtype", audio::CodecName(audio.codec));
}

}  // namespace

std::string IcecastTime(absl::Time time) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S %z", time, LocalZone());
}
std::string Iso8601(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%S%z", time, LocalZone());
}
uint64_t SecondsSince(absl::Time since) {
  return uint64_t(std::max<int64_t>(0, absl::ToInt64Seconds(absl::Now() - since)));
}

bool IsPublic(absl::string_view name) {
  return std::find(kPublicNames.begin(), kPublicNames.end(), name) != kPublicNames.end();
}

std::vector<mount::MountRef> LiveMounts(const mount::Registry& registry) {
  std::vector<mount::MountRef> live;
  for (mount::MountRef& mount : registry.List()) {
    const bool is_live = mount->phase() == mount::Phase::kLive;
    if (is_live && !config::IsInternalMount(mount->name())) live.push_back(std::move(mount));
  }
  return live;
}

Stats GlobalStats(const session::Services& services) {
  const config::ConfigRef config = services.config.Get();
  const session::Totals totals = services.Sum();
  const metrics::Instruments& counted = *services.instruments;
  uint64_t requests = 0;
  for (const shard::Shard* shard : services.shards) requests += shard->gauges().requests;
  Stats stats;
  Put(&stats, "admin", config->server.admin_contact);
  PutNumber(&stats, "client_connections", counted.clients.value());
  PutNumber(&stats, "clients", requests + services.Listeners());
  PutNumber(&stats, "connections", counted.connections.value());
  PutNumber(&stats, "file_connections", 0);  // no file is served as such
  Put(&stats, "host", config->server.hostname);
  Put(&stats, "instance_uuid", Uuid(services.instance, 0));
  PutNumber(&stats, "listener_connections", totals.joins);
  PutNumber(&stats, "listeners", services.Listeners());
  Put(&stats, "location", config->server.location);
  Put(&stats, "server_id", http::ServerName());
  Put(&stats, "server_start", IcecastTime(services.started));
  Put(&stats, "server_start_iso8601", Iso8601(services.started));
  PutNumber(&stats, "source_client_connections", counted.source_clients.value());
  PutNumber(&stats, "source_relay_connections", counted.source_relays.value());
  PutNumber(&stats, "source_total_connections",
            counted.source_clients.value() + counted.source_relays.value());
  PutNumber(&stats, "sources", LiveMounts(*services.registry).size());
  PutNumber(&stats, "stats", StatsFollowers());
  PutNumber(&stats, "stats_connections", counted.stats_clients.value());
  return stats;
}

Stats SourceStats(const session::Services& services, const mount::Mount& mount,
                  absl::string_view base_url) {
  const mount::Snapshot snap = mount.Snap();
  const mount::SourceInfo& info = snap.source;
  Stats stats;
  PutAudio(snap, &stats);
  PutOr(&stats, "genre", info.genre, kNoGenre);
  Put(&stats, "instance_uuid",
      Uuid(services.instance ^ uint64_t(absl::ToUnixNanos(info.connected)), mount.tape().id() + 1));
  PutNumber(&stats, "listener_connections", mount.listener_connections.load());
  PutNumber(&stats, "listener_peak", mount.listener_peak.load());
  PutNumber(&stats, "listeners", mount.listeners.load());
  Put(&stats, "listenurl", absl::StrCat(base_url, http::UrlEncodePath(mount.name())));
  const uint32_t max_listeners = mount.max_listeners();
  stats["max_listeners"] = {max_listeners == 0 ? "unlimited" : absl::StrCat(max_listeners),
                            max_listeners != 0};
  const std::optional<session::RelayStatus> relay = services.relay_board->StatusOf(mount.name());
  if (relay.has_value() && relay->is_on_demand) PutNumber(&stats, "on_demand", 1);
  PutNumber(&stats, "public", info.is_public && !mount.is_hidden() ? 1 : 0);
  PutOr(&stats, "server_description", info.description, kUndescribed);
  PutOr(&stats, "server_name", info.name, kUnnamed);
  Put(&stats, "server_type", info.content_type);
  if (!info.url.empty()) Put(&stats, "server_url", info.url);
  if (!info.peer.empty()) Put(&stats, "source_ip", info.peer);
  const auto left_for = [&mount](listener::Leaving cause) {
    return mount.leaves[size_t(cause)].load(std::memory_order_relaxed);
  };
  PutNumber(&stats, "slow_listeners",
            left_for(listener::Leaving::kStalled) + left_for(listener::Leaving::kLagged));
  Put(&stats, "stream_start", IcecastTime(info.connected));
  Put(&stats, "stream_start_iso8601", Iso8601(info.connected));
  if (!snap.title.empty()) {
    Put(&stats, "title", snap.title);
    Put(&stats, "display-title", snap.title);
  }
  PutNumber(&stats, "total_bytes_read", snap.received_bytes);
  PutNumber(&stats, "total_bytes_sent", mount.sent_bytes.load());
  if (!info.user_agent.empty()) Put(&stats, "user_agent", info.user_agent);
  return stats;
}

void PutAll(const Stats& stats, Node* node) {
  for (const auto& [name, stat] : stats) {
    node->Put(name, absl::string_view(stat.value));
    node->children.back().is_number = stat.is_number;
  }
}

}  // namespace floe::admin
