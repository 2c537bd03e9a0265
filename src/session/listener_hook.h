// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Listeners and sources of mounts that another server decides about.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "config/config.h"
#include "hooks/hooked_listeners.h"
#include "http/auth.h"
#include "ring/task.h"
#include "session/exchange.h"

namespace floe::session {

// ListenerPass is what a listener was let in with. That it came was told; so if it does not get its
// seat after all, it is told that it left.
//
// Lifetime  of the exchange's coroutine, until Seated.
// Threads   The shard's.
class ListenerPass {
 public:
  explicit ListenerPass(const Services& services) : services_(services) {}
  ~ListenerPass();
  ListenerPass(const ListenerPass&) = delete;
  ListenerPass& operator=(const ListenerPass&) = delete;

  // It listens, under this number, which is the one it was told of with.
  void Seated(uint32_t shard);

  uint64_t number = 0;            // 0: any
  milliseconds time_limit{0};     // 0: none
  std::string mount;              // that it hears instead; empty: the one it asked for
  hooks::HookedListener to_tell;  // of its leaving; without a lane: nobody

 private:
  const Services& services_;
};

// Asks whether this exchange may listen to `mount`, if the mount has such a hook. Errors: it may
// not, and was answered; or another process goes on with it, or all stops.
ring::Task<absl::Status> AskToListen(Exchange& exchange, std::string mount, ListenerPass& pass);

// What another server says of a source.
struct SourceAnswer {
  SourceAnswer() = default;
  // Not explicit: what a task answers is made of what kept it from running.
  SourceAnswer(absl::Status why_unanswered) : refusal(std::move(why_unanswered)) {}

  enum class Kind : uint8_t { kUnanswered, kAllowed, kDenied } kind = Kind::kUnanswered;
  // Of who is denied, as that server words it. Unanswered: OK where the password that is configured
  // decides, 503 where nothing else may, Cancelled where another process goes on or all stops.
  absl::Status refusal;

  bool IsDecided() const { return kind != Kind::kUnanswered || !refusal.ok(); }
};

// Asks whether these credentials are a source's of `mount`, which has such a hook; `is_admin`: for
// a call of its own, such as a title's.
ring::Task<SourceAnswer> AskToFeed(Exchange& exchange, http::Credentials credentials,
                                   std::string mount, bool is_admin);

}  // namespace floe::session
