// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <vector>

#include "handover/events.pb.h"
#include "handover/state.pb.h"
#include "handover/successor.h"

namespace floe::handover {

// All that came from the predecessor and was not made yet.
struct Successor::State {
  std::vector<uint32_t> taken;  // sockets, by shard
  std::vector<Mount> mounts;
  std::vector<View> views;
  std::vector<Loop> loops;
  std::vector<std::pair<Head, Envelope>> heads;
  std::vector<std::pair<Source, Envelope>> sources;
  std::vector<std::pair<Relay, Envelope>> relays;
  Events events;
  End end;
};

}  // namespace floe::handover
