// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "metrics/histogram.h"

namespace floe::metrics {

// Counter only grows. Threads: any.
class Counter {
 public:
  void Add(uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// What was counted, by name: how it goes over to the next process, which passes over what it does
// not know.
struct Figure {
  std::string name;
  std::vector<uint64_t> values;  // one; of a histogram its bounds, its counts and its sum

  bool operator==(const Figure&) const = default;
};

// Causes that a listener may leave for, fewer than this; listener::Leaving has their numbers.
inline constexpr size_t kLeaveCausesMax = 16;

// Instruments is what the server as a whole has counted that is not on the way of the audio, since
// the start of the first of all processes that handed over to each other.
//
// Lifetime  of the process.
// Threads   Any.
struct Instruments {
  Instruments();

  // ---- how long it took ----
  Latency password_check;     // hashing on a worker, and waiting for one
  Latency hook_listener_add;  // URL hooks, to their answer or failure
  Latency hook_listener_remove;
  Latency hook_stream_auth;
  Latency hook_mount;  // up and down
  Latency webhook;     // one delivery

  // ---- what came of it ----
  Counter logins_granted;
  Counter logins_refused;
  Counter logins_locked_out;  // refused unheard, after too many that were wrong
  Counter hooks_failed;       // no answer, or none that can be understood
  Counter webhooks_failed;    // tries that are made again
  Counter webhooks_dropped;   // given up, or there was no room to wait
  Counter store_dropped;      // what the store's queue had no room for
  Counter requests_2xx, requests_3xx, requests_4xx, requests_5xx;  // answered, streams too
  Counter rate_limited;  // requests refused for their rate

  // ---- who came, as Icecast's statistics count them ----
  Counter connections;     // sockets that were accepted
  Counter clients;         // requests that are no source's
  Counter source_clients;  // encoders that got their mount
  Counter source_relays;   // streams of other servers that did
  Counter stats_clients;   // followers of the statistics

  // ---- who left, by cause ----
  std::array<Counter, kLeaveCausesMax> leaves;

  // ---- who was not let in as a listener ----
  Counter refused_late;  // the shard serves those it has too late
  Counter refused_full;  // limits of the server, or of descriptors
  Counter refused_mount_full;

  // ---- the process ----
  Counter swaps;  // processes before this one
  Counter reloads_done, reloads_failed;
  Counter log_lines_lost_before;  // by those processes

  // Of sends of the processes before; shards count their own.
  Histogram sends_before;

  // Calls visit(name, Counter&), or that of a Histogram or an array of counters, for each.
  template <typename Self, typename Visit>
  static void ForEach(Self& self, Visit&& visit);

  // All that was counted, and the same added to a new process's.
  std::vector<Figure> Save() const;
  void Add(const std::vector<Figure>& figures);
};

template <typename Self, typename Visit>
void Instruments::ForEach(Self& self, Visit&& visit) {
  visit("password_check", self.password_check.histogram());
  visit("hook_listener_add", self.hook_listener_add.histogram());
  visit("hook_listener_remove", self.hook_listener_remove.histogram());
  visit("hook_stream_auth", self.hook_stream_auth.histogram());
  visit("hook_mount", self.hook_mount.histogram());
  visit("webhook", self.webhook.histogram());
  visit("logins_granted", self.logins_granted);
  visit("logins_refused", self.logins_refused);
  visit("logins_locked_out", self.logins_locked_out);
  visit("hooks_failed", self.hooks_failed);
  visit("webhooks_failed", self.webhooks_failed);
  visit("webhooks_dropped", self.webhooks_dropped);
  visit("store_dropped", self.store_dropped);
  visit("requests_2xx", self.requests_2xx);
  visit("requests_3xx", self.requests_3xx);
  visit("requests_4xx", self.requests_4xx);
  visit("requests_5xx", self.requests_5xx);
  visit("rate_limited", self.rate_limited);
  visit("connections", self.connections);
  visit("clients", self.clients);
  visit("source_clients", self.source_clients);
  visit("source_relays", self.source_relays);
  visit("stats_clients", self.stats_clients);
  visit("leaves", self.leaves);
  visit("refused_late", self.refused_late);
  visit("refused_full", self.refused_full);
  visit("refused_mount_full", self.refused_mount_full);
  visit("swaps", self.swaps);
  visit("reloads_done", self.reloads_done);
  visit("reloads_failed", self.reloads_failed);
  visit("log_lines_lost", self.log_lines_lost_before);
  visit("sends", self.sends_before);
}

}  // namespace floe::metrics
