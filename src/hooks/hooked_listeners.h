// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/clock.h"

namespace floe::hooks {

// What is kept of a listener whose leaving is to be told of.
struct HookedListener {
  std::string lane;           // of the journal
  std::string authorization;  // its own; empty: it said none, or Floe logs in itself
  std::string begin;          // of the form: ListenerRemoveBegin
  int64_t joined_s = 0;       // wall clock, since 1970

  bool operator==(const HookedListener&) const = default;
};

// HookedListeners has those of one shard, by number. Who listens to a mount without hooks is not in
// it, and costs nothing.
//
// Lifetime  of the process.
// Threads   The shard's; once that has ended, the main thread's.
class HookedListeners {
 public:
  void Put(uint64_t number, HookedListener listener) { listeners_[number] = std::move(listener); }
  // Null: it is none of them. Good until the next Put or Take.
  const HookedListener* Find(uint64_t number) const {
    const auto found = listeners_.find(number);
    return found == listeners_.end() ? nullptr : &found->second;
  }
  // Takes one out; its lane is empty if it is none of them.
  HookedListener Take(uint64_t number) {
    const auto found = listeners_.find(number);
    if (found == listeners_.end()) return {};
    HookedListener taken = std::move(found->second);
    listeners_.erase(found);
    return taken;
  }
  // Takes out all there are.
  std::vector<HookedListener> TakeAll() {
    std::vector<HookedListener> all;
    for (auto& [number, listener] : listeners_) all.push_back(std::move(listener));
    listeners_.clear();
    return all;
  }
  bool empty() const { return listeners_.empty(); }

 private:
  absl::flat_hash_map<uint64_t, HookedListener> listeners_;
};

}  // namespace floe::hooks
