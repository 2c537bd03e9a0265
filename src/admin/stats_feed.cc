// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "admin/stats_feed.h"

#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "admin/answer.h"
#include "http/reply.h"
#include "http/status.h"
#include "mount/mount.h"
#include "session/long_reply.h"

namespace floe::admin {

using session::Exchange;

namespace {

constexpr absl::string_view kGlobal = "global";
constexpr absl::string_view kHead = "HTTP/1.0 200 OK\r\n\r\n";

// Of the whole process.
std::atomic<uint32_t> followers{0};

// A place among those who follow.
class Follower {
 public:
  Follower() : has_place_(followers.fetch_add(1) < kStatsFollowersMax) {}
  ~Follower() { followers.fetch_sub(1); }
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  bool has_place() const { return has_place_; }

 private:
  const bool has_place_;
};

AllStats StatsNow(const Exchange& exchange) {
  AllStats all;
  all[std::string(kGlobal)] = GlobalStats(exchange.services);
  const std::string base_url = BaseUrlOf(exchange);
  for (const mount::MountRef& mount : LiveMounts(*exchange.services.registry)) {
    all[mount->name()] = SourceStats(exchange.services, *mount, base_url);
  }
  return all;
}

void AppendLine(std::string* lines, absl::string_view mount, absl::string_view name,
                absl::string_view value) {
  absl::StrAppend(lines, "EVENT ", mount, " ", name, " ", value, "\n");
}

// Icecast says the server's first.
void AppendChanges(const AllStats& before, const std::string& mount, const Stats& now,
                   std::string* lines) {
  const auto found = before.find(mount);
  const Stats none;
  const Stats& known = found == before.end() ? none : found->second;
  for (const auto& [name, stat] : now) {
    const auto old = known.find(name);
    if (old != known.end() && old->second == stat) continue;
    AppendLine(lines, mount, name, http::HeaderSafe(stat.value));
  }
  for (const auto& [name, stat] : known) {
    if (!now.contains(name)) AppendLine(lines, mount, name, "null");
  }
}

ring::Task<> Tell(Exchange& exchange, uint64_t* said_bytes) {
  AllStats known;
  std::string text(kHead);
  const session::Waiting waiting(exchange);
  for (;;) {
    AllStats now = StatsNow(exchange);
    absl::StrAppend(&text, StatsLines(known, now));
    known = std::move(now);
    if (!text.empty()) {
      const absl::Status said = co_await session::Say(exchange, text);
      if (!said.ok()) co_return;
      *said_bytes += text.size();
      text.clear();
    }
    const absl::Status stands =
        co_await session::StandBy(exchange, exchange.shard.now() + kStatsPeriod);
    if (!stands.ok()) co_return;
  }
}

}  // namespace

uint32_t StatsFollowers() { return followers.load(std::memory_order_relaxed); }

std::string StatsLines(const AllStats& before, const AllStats& now) {
  std::string lines;
  const std::string global(kGlobal);
  const auto found = now.find(global);
  if (found != now.end()) AppendChanges(before, global, found->second, &lines);
  for (const auto& [mount, stats] : now) {
    if (mount != global) AppendChanges(before, mount, stats, &lines);
  }
  for (const auto& [mount, stats] : before) {
    if (!now.contains(mount)) AppendLine(&lines, mount, "null", "null");
  }
  return lines;
}

ring::Task<> FollowStats(Exchange& exchange) {
  const Follower follower;
  if (!follower.has_place()) {
    co_await session::Refuse(
        exchange, http::Refusal(503, "the statistics have as many followers as they may have"));
    co_return;
  }
  exchange.services.instruments->stats_clients.Add();
  exchange.is_answered = true;
  exchange.Enter(session::Parking::Stage::kAnswering);
  uint64_t said_bytes = 0;
  co_await Tell(exchange, &said_bytes);
  session::LogRequest(exchange, 200, said_bytes);
}

}  // namespace floe::admin
