// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/metrics_text.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "base/heap.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/process_use.h"
#include "listener/listener.h"
#include "metrics/text_writer.h"
#include "session/metrics_mounts.h"

namespace floe::session {
namespace {

using metrics::Counter;
using metrics::TextWriter;
using metrics::Type;

constexpr double kNanosecondsPerSecond = 1e9;

double Seconds(nanoseconds time) { return double(time.count()) / kNanosecondsPerSecond; }
double UnixSeconds(absl::Time time) { return absl::ToDoubleSeconds(time - absl::UnixEpoch()); }

// ---- the server as a whole ----

void WriteServer(const Services& services, TextWriter* to) {
  to->Family(Type::kGauge, "floe_build_info", "Always 1; the labels say what runs.");
  to->Sample({{"version", FLOE_VERSION}}, 1);
  to->One(Type::kGauge, "floe_start_time_seconds",
          "When the first of all processes that handed over to each other began.",
          UnixSeconds(services.started));
  to->One(Type::kGauge, "floe_listeners", "Who listens now.", services.Listeners());
  to->One(Type::kGauge, "floe_sources", "Encoders that are connected.",
          services.registry->sources());
  to->One(Type::kGauge, "floe_mounts", "Mounts, with a source or without.",
          services.registry->mounts());
  const Totals sum = services.Sum();
  to->One(Type::kCounter, "floe_listener_joins_total", "Listeners that came.", sum.joins);
  to->Family(Type::kCounter, "floe_listener_leaves_total", "Listeners that left, by cause.");
  WriteLeaves(
      {}, [&](size_t cause) { return services.instruments->leaves[cause].value(); }, to);
  to->One(Type::kCounter, "floe_sends_total", "Sends to listeners.", sum.sends);
  to->One(Type::kCounter, "floe_sent_bytes_total", "Bytes sent to listeners.", sum.sent_bytes);
  metrics::Distribution sizes = services.instruments->sends_before.Read();
  for (const shard::Shard* shard : services.shards) sizes.Add(shard->gauges().send_bytes.Read());
  to->Family(Type::kHistogram, "floe_send_size_bytes", "How large those sends were to be.");
  to->Sample({}, sizes, 1);
}

struct LabelledCounter {
  const char* label;
  const Counter& counter;
};

void WriteCounters(const char* name, const char* text, const char* label,
                   std::initializer_list<LabelledCounter> counters, TextWriter* to) {
  to->Family(Type::kCounter, name, text);
  for (const LabelledCounter& each : counters) {
    to->Sample({{label, each.label}}, each.counter.value());
  }
}

void WriteRequests(const metrics::Instruments& all, TextWriter* to) {
  WriteCounters("floe_requests_total", "Requests that were answered, without listeners'.", "status",
                {{"2xx", all.requests_2xx},
                 {"3xx", all.requests_3xx},
                 {"4xx", all.requests_4xx},
                 {"5xx", all.requests_5xx}},
                to);
  WriteCounters("floe_newcomers_refused_total", "Listeners that were not let in, by reason.",
                "reason",
                {{"late", all.refused_late},
                 {"server_full", all.refused_full},
                 {"mount_full", all.refused_mount_full}},
                to);
  to->One(Type::kCounter, "floe_requests_rate_limited_total", "Requests refused for their rate.",
          all.rate_limited.value());
  WriteCounters("floe_logins_total", "Logins, by what came of them.", "outcome",
                {{"granted", all.logins_granted},
                 {"refused", all.logins_refused},
                 {"locked_out", all.logins_locked_out}},
                to);
  to->Family(Type::kHistogram, "floe_password_check_duration_seconds",
             "How long a password took to be checked, with the wait for a worker.");
  to->Sample({}, all.password_check.histogram().Read(), kNanosecondsPerSecond);
}

void WriteHooks(const metrics::Instruments& all, TextWriter* to) {
  to->Family(Type::kHistogram, "floe_hook_duration_seconds",
             "How long URL hooks and webhooks took, to their answer or their failure.");
  const auto of = [to](const char* hook, const metrics::Latency& latency) {
    to->Sample({{"hook", hook}}, latency.histogram().Read(), kNanosecondsPerSecond);
  };
  of("listener_add", all.hook_listener_add);
  of("listener_remove", all.hook_listener_remove);
  of("stream_auth", all.hook_stream_auth);
  of("mount", all.hook_mount);
  of("webhook", all.webhook);
  to->One(Type::kCounter, "floe_hook_failures_total", "URL hooks that gave no answer.",
          all.hooks_failed.value());
  to->One(Type::kCounter, "floe_webhook_failures_total", "Webhooks that have to be tried again.",
          all.webhooks_failed.value());
  to->One(Type::kCounter, "floe_webhooks_dropped_total",
          "What webhooks and URL hooks were to be told, and never will be.",
          all.webhooks_dropped.value());
}

void WriteProcess(const Services& services, TextWriter* to) {
  const metrics::Instruments& all = *services.instruments;
  to->One(Type::kCounter, "floe_swaps_total", "Processes that handed over to the next.",
          all.swaps.value());
  WriteCounters("floe_config_reloads_total", "Reloads of the configuration.", "result",
                {{"done", all.reloads_done}, {"failed", all.reloads_failed}}, to);
  to->One(Type::kCounter, "floe_log_lines_lost_total",
          "Lines of logs that no disk took, or that gave way to others.",
          all.log_lines_lost_before.value() + log::LostLines());
  to->One(Type::kCounter, "floe_store_dropped_total", "Records that the store had no room for.",
          all.store_dropped.value());
  const ProcessUse use = ReadProcessUse();
  to->One(Type::kCounter, "process_cpu_seconds_total", "CPU time of all threads.",
          Seconds(use.cpu));
  to->One(Type::kGauge, "process_start_time_seconds", "When this process began.",
          UnixSeconds(use.started));
  to->One(Type::kGauge, "process_resident_memory_bytes", "Memory that is resident.",
          use.resident_bytes);
  to->One(Type::kGauge, "process_virtual_memory_bytes", "Memory that is mapped.",
          use.virtual_bytes);
  to->One(Type::kGauge, "process_threads", "Threads.", use.threads);
  to->One(Type::kGauge, "process_open_fds", "Descriptors, without those of the rings' tables.",
          use.files);
  to->One(Type::kGauge, "process_max_fds", "How many there may be.", use.files_max);
}

void WriteMemory(const tape::Arena& arena, TextWriter* to) {
  to->One(Type::kGauge, "floe_arena_pages", "Pages for audio.", arena.pages());
  to->One(Type::kGauge, "floe_arena_pages_in_use", "Pages that hold audio.", arena.pages_in_use());
  to->One(Type::kGauge, "floe_page_bytes", "The size of a page.", kPageBytes);
  const std::optional<HeapUse> heap = ReadHeapUse();
  if (!heap.has_value()) return;
  to->One(Type::kGauge, "floe_heap_allocated_bytes", "What was asked of the heap.",
          heap->allocated_bytes);
  to->One(Type::kGauge, "floe_heap_resident_bytes", "What the heap holds for it.",
          heap->resident_bytes);
}

// ---- shards ----

// What a shard says of itself; so much of it is one of the base unit.
struct ShardFamily {
  Type type;
  const char* name;
  const char* text;
  uint64_t (*read)(const shard::Shard& shard);
  double per_unit = 1;
};

constexpr double kMillisecondsPerSecond = 1e3;
constexpr double kPermillePerOne = 1e3;

constexpr std::array kShardFamilies = {
    ShardFamily{Type::kGauge, "floe_shard_listeners", "Who listens there.",
                [](const shard::Shard& shard) -> uint64_t { return shard.gauges().listeners; }},
    ShardFamily{Type::kGauge, "floe_shard_requests",
                "Who asks or feeds there, and files that play.",
                [](const shard::Shard& shard) -> uint64_t { return shard.gauges().requests; }},
    ShardFamily{Type::kGauge, "floe_shard_interval_seconds", "Between two sends to a listener.",
                [](const shard::Shard& shard) -> uint64_t { return shard.gauges().interval_ms; },
                kMillisecondsPerSecond},
    ShardFamily{Type::kGauge, "floe_shard_busy_ratio",
                "The share of a core that sends took in the last second.",
                [](const shard::Shard& shard) -> uint64_t { return shard.gauges().busy_permille; },
                kPermillePerOne},
    ShardFamily{Type::kGauge, "floe_shard_lag_seconds",
                "How late the latest listener was served in the last second.",
                [](const shard::Shard& shard) -> uint64_t { return shard.gauges().lag_ms; },
                kMillisecondsPerSecond},
    ShardFamily{Type::kGauge, "floe_shard_descriptors", "Sockets in the ring's table.",
                [](const shard::Shard& shard) -> uint64_t { return shard.gauges().descriptors; }},
    ShardFamily{Type::kGauge, "floe_shard_descriptor_limit", "Places in that table.",
                [](const shard::Shard& shard) -> uint64_t { return shard.descriptors_max(); }},
    ShardFamily{Type::kCounter, "floe_shard_joins_total",
                "Listeners that came there, to this process. So are all counters of shards.",
                [](const shard::Shard& shard) -> uint64_t { return shard.gauges().joins; }},
    ShardFamily{Type::kCounter, "floe_shard_moves_total",
                "Listeners that went on with another mount's audio.",
                [](const shard::Shard& shard) -> uint64_t { return shard.gauges().moves; }},
    ShardFamily{Type::kCounter, "floe_shard_skips_total",
                "Times that a listener lost audio and went on.",
                [](const shard::Shard& shard) -> uint64_t { return shard.gauges().skips; }},
    ShardFamily{Type::kCounter, "floe_shard_sends_total", "Sends to listeners.",
                [](const shard::Shard& shard) -> uint64_t { return shard.gauges().sends; }},
    ShardFamily{Type::kCounter, "floe_shard_sent_bytes_total", "Bytes sent to listeners.",
                [](const shard::Shard& shard) -> uint64_t { return shard.gauges().sent_bytes; }},
    ShardFamily{Type::kCounter, "floe_shard_short_sends_total",
                "Sends of which the socket took a part, or nothing.",
                [](const shard::Shard& shard) -> uint64_t { return shard.gauges().short_sends; }},
    ShardFamily{Type::kCounter, "floe_shard_failed_sends_total",
                "Sends that the kernel had no memory for; they are made again.",
                [](const shard::Shard& shard) -> uint64_t { return shard.gauges().failed_sends; }},
    ShardFamily{
        Type::kCounter, "floe_shard_zero_copy_sends_total", "Sends without a copy.",
        [](const shard::Shard& shard) -> uint64_t { return shard.gauges().zero_copy_sends; }},
    ShardFamily{
        Type::kCounter, "floe_shard_zero_copy_copied_total",
        "Of those: the kernel copied all the same.",
        [](const shard::Shard& shard) -> uint64_t { return shard.gauges().zero_copy_copied; }},
    ShardFamily{Type::kCounter, "floe_shard_turns_cut_total",
                "Turns that had more to send than one may.",
                [](const shard::Shard& shard) -> uint64_t { return shard.gauges().turns_cut; }},
    ShardFamily{
        Type::kCounter, "floe_shard_ring_overflows_total", "Completions that came late.",
        [](const shard::Shard& shard) -> uint64_t { return shard.gauges().ring_overflows; }},
};

void WriteShards(const Services& services, TextWriter* to) {
  for (const ShardFamily& family : kShardFamilies) {
    to->Family(family.type, family.name, family.text);
    for (const shard::Shard* shard : services.shards) {
      const uint64_t value = family.read(*shard);
      const std::string index = std::to_string(shard->index());
      if (family.per_unit == 1) {
        to->Sample({{"shard", index}}, value);
      } else {
        to->Sample({{"shard", index}}, double(value) / family.per_unit);
      }
    }
  }
}

void WriteMaster(const MasterBoard& board, TextWriter* to) {
  const std::optional<MasterStatus> master = board.Status();
  if (!master.has_value()) return;
  to->One(Type::kGauge, "floe_master_up", "Whether the master's last answer was its list.",
          int(master->phase == MasterStatus::Phase::kUp));
  to->One(Type::kGauge, "floe_master_mounts", "Mounts that it has.", master->listed);
  to->One(Type::kGauge, "floe_master_mounts_fetched", "Mounts that are fetched because of it.",
          board.Fetched());
  to->One(Type::kCounter, "floe_master_attempts_total", "How often this process asked.",
          master->attempts);
}

}  // namespace

std::string MetricsText(const Services& services) {
  TextWriter text;
  WriteServer(services, &text);
  WriteRequests(*services.instruments, &text);
  WriteHooks(*services.instruments, &text);
  WriteMounts(*services.registry, &text);
  WriteRelays(*services.relay_board, &text);
  WritePushes(*services.push_board, &text);
  WriteMaster(*services.master_board, &text);
  WriteShards(services, &text);
  WriteMemory(services.registry->arena(), &text);
  WriteProcess(services, &text);
  return std::move(text).Take();
}

}  // namespace floe::session
