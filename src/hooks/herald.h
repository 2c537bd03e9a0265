// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"
#include "config/config.h"
#include "config/config_ref.h"
#include "events/event_log.h"
#include "store/journal.h"

namespace floe::hooks {

// An entry for the journal.
struct Notice {
  std::string lane, body, extra;

  bool operator==(const Notice&) const = default;
};

// Who is to be told of an event, and what: webhooks that want to hear of it, and the hooks of a
// mount that has a source or has it no more.
std::vector<Notice> NoticesOf(const events::Event& event, uint64_t run,
                              const config::Config& config, uint16_t port);

// Herald puts into the journal what is to be told of each event: a thread that follows the log.
//
// Lifetime  of the process; what it is given outlives it.
// Threads   Start, Stop, Drain: the main thread.
class Herald {
 public:
  Herald(events::EventLog& events, store::Journal& journal, const config::LiveConfig& config,
         const std::atomic<uint16_t>& port)
      : events_(events), journal_(journal), config_(config), port_(port) {}
  ~Herald() { Stop(); }

  // Tells of what happens from now on: what happened before, another process has told.
  void Start();
  // All that has happened by now is in the journal when this returns.
  void Drain();
  // That, and nothing that happens later. Wakes whoever follows the log, for good.
  void Stop();

 private:
  void Work();

  events::EventLog& events_;
  store::Journal& journal_;
  const config::LiveConfig& config_;
  const std::atomic<uint16_t>& port_;
  std::atomic<bool> stopping_{false};
  Mutex mutex_;  // held for the copy of a few events at a time, and their way to the journal
  uint64_t told_ ABSL_GUARDED_BY(mutex_) = 0;  // the number of the last
  std::thread thread_;
};

}  // namespace floe::hooks
