// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/clock.h"
#include "config/config_ref.h"
#include "events/event_log.h"
#include "hooks/courier.h"
#include "hooks/herald.h"
#include "hooks/hooked_listeners.h"
#include "hooks/url_asker.h"
#include "metrics/instruments.h"
#include "shard/shard.h"
#include "shard/worker_pool.h"
#include "store/journal.h"

namespace floe::hooks {

// Hooks is all that asks other servers about listeners and sources, and tells them what happened.
//
//   a request   --> asker: is answered before it goes on
//   a listener that left, an event --> journal --> courier: told in order, sooner or later
//
// Lifetime  of the process: outlives the shards; what it is given outlives it.
// Threads   asker: any shard's. Of a shard's listeners: that shard. The rest: the main thread.
class Hooks {
 public:
  struct Options {
    store::Journal* journal = nullptr;
    shard::WorkerPool* workers = nullptr;
    shard::WorkerPool* resolvers = nullptr;
    const config::LiveConfig* config = nullptr;
    events::EventLog* events = nullptr;
    const std::atomic<uint16_t>* port = nullptr;
    metrics::Instruments* instruments = nullptr;  // where calls and failures are counted
    uint32_t shards = 0;
    std::function<bool()> is_in_charge, is_given_up;  // see Courier
  };
  explicit Hooks(const Options& options);

  UrlAsker& asker() { return asker_; }
  Courier& courier() { return courier_; }
  Herald& herald() { return herald_; }
  const store::Journal& journal() const { return journal_; }
  HookedListeners& ListenersOf(uint32_t shard) { return listeners_[shard]; }

  // A listener that was let in is no more, or did not become one after all.
  void TellLeft(HookedListener listener, milliseconds listened, uint64_t sent_bytes);
  // Of this number on this shard, if it is to be told of.
  void Left(uint32_t shard, uint64_t number, milliseconds listened, uint64_t sent_bytes);

  // The last there is to say, once the shards have ended: of listeners whose shard did not see them
  // leave. With `are_handed_over` they listen on, and another process tells when they leave.
  void End(bool are_handed_over);

 private:
  store::Journal& journal_;
  UrlAsker asker_;
  Courier courier_;
  Herald herald_;
  std::vector<HookedListeners> listeners_;  // by shard
};

}  // namespace floe::hooks
