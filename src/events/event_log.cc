// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "events/event_log.h"

#include <algorithm>
#include <iterator>

#include "absl/time/clock.h"

namespace floe::events {
namespace {

// A later one says all that an earlier one did.
bool IsReplacedByNext(Kind kind) { return kind == Kind::kListeners || kind == Kind::kListenerPeak; }

}  // namespace

uint64_t EventLog::Add(Event event) {
  event.time = absl::Now();
  uint64_t number;
  {
    MutexLock lock(&mutex_);
    if (is_sealed_) return 0;
    number = newest_.load(std::memory_order_relaxed) + 1;
    event.number = number;
    Put(std::move(event));
    newest_.store(number, std::memory_order_release);
  }
  has_news_.NotifyAll();
  return number;
}

void EventLog::Put(Event event) {
  const uint64_t number = event.number;
  if (IsReplacedByNext(event.kind)) {
    uint64_t& newest = newest_of_[{event.kind, event.mount}];
    const auto replaced = events_.find(newest);
    if (replaced != events_.end()) {
      bytes_ -= SizeBytes(replaced->second);
      events_.erase(replaced);
    }
    newest = number;
  }
  bytes_ += SizeBytes(event);
  events_.emplace(number, std::move(event));
  while (events_.size() > kEventsKept || bytes_ > kEventBytesKept) Forget(events_.begin());
}

void EventLog::Forget(std::map<uint64_t, Event>::iterator event) {
  torn_ = event->first;
  bytes_ -= SizeBytes(event->second);
  if (IsReplacedByNext(event->second.kind)) {
    newest_of_.erase({event->second.kind, event->second.mount});
  }
  events_.erase(event);
}

EventLog::Copied EventLog::CopyAfter(uint64_t number, const Filter& filter, size_t count_max,
                                     std::vector<Event>* out) const {
  MutexLock lock(&mutex_);
  const uint64_t newest = newest_.load(std::memory_order_relaxed);
  Copied copied{.up_to = newest, .is_torn = number < torn_ || number > newest};
  if (number > newest) number = torn_;
  size_t count = 0;
  for (auto at = events_.upper_bound(number); at != events_.end(); ++at) {
    if (!filter.Wants(at->second)) continue;
    if (count++ == count_max) {
      copied.up_to = at->first - 1;
      break;
    }
    out->push_back(at->second);
  }
  return copied;
}

EventLog::Copied EventLog::Find(const Position& position) const {
  MutexLock lock(&mutex_);
  const bool is_known = position.run == run_ && torn_ <= position.number &&
                        position.number <= newest_.load(std::memory_order_relaxed);
  return {.up_to = is_known ? position.number : torn_, .is_torn = !is_known};
}

void EventLog::Await(uint64_t number, Instant by) {
  MutexLock lock(&mutex_);
  while (!is_woken_ && newest_.load(std::memory_order_relaxed) <= number && Clock::now() < by) {
    has_news_.WaitUntil(&mutex_, by);
  }
}

void EventLog::Wake() {
  {
    MutexLock lock(&mutex_);
    is_woken_ = true;
  }
  has_news_.NotifyAll();
}

void EventLog::Seal(bool is_sealed) {
  MutexLock lock(&mutex_);
  is_sealed_ = is_sealed;
}

EventLog::State EventLog::state() const {
  MutexLock lock(&mutex_);
  State state{.newest = newest_.load(std::memory_order_relaxed),
              .torn = torn_,
              .recorded = recorded(),
              .events = {}};
  state.events.reserve(events_.size());
  for (const auto& [number, event] : events_) state.events.push_back(event);
  return state;
}

void EventLog::Restore(State state) {
  MutexLock lock(&mutex_);
  torn_ = std::min(state.torn, state.newest);
  uint64_t last = torn_;
  for (Event& event : state.events) {
    if (event.number <= last || event.number > state.newest) continue;
    last = event.number;
    Put(std::move(event));
  }
  Recorded(std::min(state.recorded, state.newest));
  newest_.store(state.newest, std::memory_order_release);
}

}  // namespace floe::events
