// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/stream_list.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "http/reply.h"
#include "http/status.h"
#include "session/live_mounts.h"
#include "session/long_reply.h"
#include "session/paths.h"

namespace floe::session {
namespace {

constexpr absl::string_view kType = "text/plain; charset=utf-8";
constexpr absl::string_view kUpToDate = "=\r\n";

// Follower is a place among those who follow.
class Follower {
 public:
  explicit Follower(LiveMounts& mounts) : mounts_(mounts), has_place_(mounts.Came()) {}
  ~Follower() {
    if (has_place_) mounts_.Left();
  }
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  bool has_place() const { return has_place_; }

 private:
  LiveMounts& mounts_;
  const bool has_place_;
};

// Until the other side is gone, or this one is to end. Adds up how much was said.
ring::Task<> Tell(Exchange& exchange, uint64_t* said_bytes) {
  const Services& services = exchange.services;
  LiveMounts::Known known;
  std::string text = LongReplyHead(exchange, kType);
  absl::StrAppend(&text,
                  services.live_mounts->Renew(*services.registry, exchange.shard.now(), &known),
                  kUpToDate);
  Instant beat = exchange.shard.now() + kListHeartbeat;
  const Waiting waiting(exchange);
  for (;;) {
    if (!text.empty()) {
      const absl::Status said = co_await Say(exchange, text);
      if (!said.ok()) co_return;
      *said_bytes += text.size();
    }
    const absl::Status goes_on = co_await StandBy(exchange, exchange.shard.now() + kLiveMountsAge);
    if (!goes_on.ok()) co_return;
    text = services.live_mounts->Renew(*services.registry, exchange.shard.now(), &known);
    if (exchange.shard.now() < beat) continue;
    beat = exchange.shard.now() + kListHeartbeat;
    absl::StrAppend(&text, kUpToDate);
  }
}

ring::Task<> Follow(Exchange& exchange) {
  const Follower follower(*exchange.services.live_mounts);
  if (!follower.has_place()) {
    co_await Refuse(exchange, http::Refusal(503, "the list has as many followers as it may have"));
    co_return;
  }
  exchange.is_answered = true;
  exchange.Enter(Parking::Stage::kAnswering);
  uint64_t said_bytes = 0;
  co_await Tell(exchange, &said_bytes);
  LogRequest(exchange, 200, said_bytes);
}

}  // namespace

ring::Task<> SendStreamList(Exchange& exchange) {
  const bool is_followed = exchange.request.path == kStreamListPath &&
                           exchange.fields.GetOr("follow") == "1" &&
                           exchange.request.method == http::Method::kGet;
  if (is_followed) {
    co_await Follow(exchange);
    co_return;
  }
  std::string body;
  for (const std::string& name : LiveMountsOf(*exchange.services.registry, exchange.shard.now())) {
    absl::StrAppend(&body, name, "\r\n");
  }
  std::string reply = http::Reply(exchange.To(), 200, kType, body);
  co_await Answer(exchange, std::move(reply), 200);
}

}  // namespace floe::session
