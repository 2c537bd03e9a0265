// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/metrics_mounts.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "absl/strings/str_replace.h"
#include "listener/listener.h"
#include "metrics/instruments.h"
#include "session/metrics_text.h"

namespace floe::session {
namespace {

using listener::Leaving;
using metrics::Label;
using metrics::TextWriter;
using metrics::Type;

static_assert(metrics::kLeaveCausesMax == mount::kLeaveCausesMax);

constexpr const char* kOther = "other";  // no mount has a name without a '/' or a ':'

// The sums of that mount; of all that have no place of their own together.
template <typename Sums>
Sums& SumsOf(const std::string& mount, std::vector<Sums>* all) {
  if (all->size() <= kMetricsMountsMax) {
    const bool is_last = all->size() == kMetricsMountsMax;
    all->emplace_back().mount = is_last ? kOther : mount;
  }
  return all->back();
}

struct MountSums {
  std::string mount;
  uint64_t sources = 0;
  uint64_t listeners = 0, peak = 0, joins = 0;
  std::array<uint64_t, mount::kLeaveCausesMax> leaves{};
  uint64_t received = 0, audio = 0, dropped = 0;
  uint64_t sent = 0, skips = 0;
  uint64_t titles = 0;

  void Add(const mount::Mount& one);
};

void MountSums::Add(const mount::Mount& one) {
  const mount::Snapshot snap = one.Snap();
  sources += snap.live;
  listeners += one.listeners.load(std::memory_order_relaxed);
  peak = std::max<uint64_t>(peak, one.listener_peak.load(std::memory_order_relaxed));
  joins += one.listener_connections.load(std::memory_order_relaxed);
  for (size_t cause = 0; cause < leaves.size(); ++cause) {
    leaves[cause] += one.leaves[cause].load(std::memory_order_relaxed);
  }
  received += snap.received_before_bytes + snap.received_bytes;
  audio += one.tape().published();
  dropped += snap.dropped_bytes;
  sent += one.sent_bytes.load(std::memory_order_relaxed);
  skips += one.skips.load(std::memory_order_relaxed);
  titles += one.newest_title();
}

struct MountFamily {
  Type type;
  const char* name;
  const char* text;
  uint64_t MountSums::*value;
};

constexpr std::array kMountFamilies = {
    MountFamily{Type::kGauge, "floe_mount_source_connected",
                "Whether the mount has a source: an encoder, a relay or a file.",
                &MountSums::sources},
    MountFamily{Type::kGauge, "floe_mount_listeners", "Who listens to it, whatever they hear.",
                &MountSums::listeners},
    MountFamily{Type::kGauge, "floe_mount_listener_peak", "The most that ever did.",
                &MountSums::peak},
    MountFamily{Type::kCounter, "floe_mount_listener_joins_total", "Listeners that came.",
                &MountSums::joins},
    MountFamily{Type::kCounter, "floe_mount_received_bytes_total", "Bytes from its sources.",
                &MountSums::received},
    MountFamily{Type::kCounter, "floe_mount_audio_bytes_total",
                "Of those: bytes that listeners can hear.", &MountSums::audio},
    MountFamily{Type::kCounter, "floe_mount_dropped_bytes_total",
                "Bytes that were dropped for want of pages.", &MountSums::dropped},
    MountFamily{Type::kCounter, "floe_mount_sent_bytes_total", "Bytes sent to its listeners.",
                &MountSums::sent},
    MountFamily{Type::kCounter, "floe_mount_skips_total",
                "Times that one of its listeners lost audio and went on.", &MountSums::skips},
    MountFamily{Type::kCounter, "floe_mount_titles_total", "Changes of its title.",
                &MountSums::titles},
};

struct RelaySums {
  std::string mount;
  uint64_t up = 0, attempts = 0, bytes = 0, failures = 0;
  double lag_s = 0;

  void Add(const RelayStatus& relay);
};

void RelaySums::Add(const RelayStatus& relay) {
  for (const RelayStatus::Upstream& upstream : relay.upstreams) {
    attempts += upstream.health.attempts;
    bytes += upstream.health.bytes;
    failures += upstream.health.failures;
  }
  if (!relay.played.has_value() || *relay.played >= relay.upstreams.size()) return;
  const upstream::HealthState& played = relay.upstreams[*relay.played].health;
  up += played.phase == upstream::Phase::kUp;
  if (!played.lag.has_value()) return;
  lag_s = std::max(lag_s, std::chrono::duration<double>(*played.lag).count());
}

// Writes one family with a value of each.
template <typename Sums, typename Read>
void WriteEach(Type type, const char* name, const char* text, const std::vector<Sums>& all,
               Read read, TextWriter* to) {
  to->Family(type, name, text);
  for (const Sums& sums : all) to->Sample({{"mount", sums.mount}}, read(sums));
}

}  // namespace

void WriteLeaves(std::initializer_list<Label> labels,
                 const std::function<uint64_t(size_t cause)>& read, TextWriter* to) {
  for (size_t cause = 1; cause <= size_t(listener::kLastLeaving); ++cause) {
    if (Leaving(cause) == Leaving::kHandedOver) continue;  // they go on
    const std::string name =
        absl::StrReplaceAll(listener::LeavingName(Leaving(cause)), {{" ", "_"}});
    std::vector<Label> all(labels);
    all.push_back({"cause", name});
    to->Sample(all, read(cause));
  }
}

void WriteMounts(const mount::Registry& registry, TextWriter* to) {
  std::vector<MountSums> all;
  for (const mount::MountRef& mount : registry.List()) SumsOf(mount->name(), &all).Add(*mount);
  for (const MountFamily& family : kMountFamilies) {
    const auto value = [&family](const MountSums& sums) { return sums.*family.value; };
    WriteEach(family.type, family.name, family.text, all, value, to);
  }
  to->Family(Type::kCounter, "floe_mount_listener_leaves_total", "Listeners that left, by cause.");
  for (const MountSums& sums : all) {
    WriteLeaves(
        {{"mount", sums.mount}}, [&sums](size_t cause) { return sums.leaves[cause]; }, to);
  }
}

void WriteRelays(const RelayBoard& board, TextWriter* to) {
  std::vector<RelaySums> all;
  for (const RelayStatus& relay : board.List()) SumsOf(relay.mount, &all).Add(relay);
  WriteEach(
      Type::kGauge, "floe_relay_up", "Whether audio comes from the upstream that is played.", all,
      [](const RelaySums& sums) { return sums.up; }, to);
  WriteEach(
      Type::kCounter, "floe_relay_attempts_total", "Connections to its upstreams that were tried.",
      all, [](const RelaySums& sums) { return sums.attempts; }, to);
  WriteEach(
      Type::kGauge, "floe_relay_failures", "Failures in a row, of all its upstreams.", all,
      [](const RelaySums& sums) { return sums.failures; }, to);
  WriteEach(
      Type::kCounter, "floe_relay_received_bytes_total", "Bytes of audio from its upstreams.", all,
      [](const RelaySums& sums) { return sums.bytes; }, to);
  WriteEach(
      Type::kGauge, "floe_relay_lag_seconds",
      "How much later than at best its audio comes; 0 where that is not known.", all,
      [](const RelaySums& sums) { return sums.lag_s; }, to);
}

void WritePushes(const PushBoard& board, TextWriter* to) {
  struct PushSums {
    std::string mount;
    uint64_t up = 0, attempts = 0, failures = 0, bytes = 0;
  };
  std::vector<PushSums> all;
  for (const PushStatus& push : board.List()) {
    PushSums& sums = SumsOf(push.mount, &all);
    sums.up += push.health.phase == upstream::Phase::kUp;
    sums.attempts += push.health.attempts;
    sums.failures += push.health.failures;
    sums.bytes += push.health.bytes;
  }
  WriteEach(
      Type::kGauge, "floe_push_up", "Whether the other server takes the mount.", all,
      [](const PushSums& sums) { return sums.up; }, to);
  WriteEach(
      Type::kCounter, "floe_push_attempts_total",
      "Connections to that server that this process tried.", all,
      [](const PushSums& sums) { return sums.attempts; }, to);
  WriteEach(
      Type::kGauge, "floe_push_failures", "Failures in a row.", all,
      [](const PushSums& sums) { return sums.failures; }, to);
  WriteEach(
      Type::kCounter, "floe_push_sent_bytes_total", "Bytes of audio that this process sent there.",
      all, [](const PushSums& sums) { return sums.bytes; }, to);
}

}  // namespace floe::session
