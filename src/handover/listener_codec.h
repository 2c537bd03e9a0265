// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "base/address.h"
#include "hooks/hooked_listeners.h"
#include "listener/state.h"

namespace floe::handover {

// The messages, in handover/state.pb.h.
class HookedListener;
class Peer;
class Position;
class View;

// Plain values to messages and back, as in feed_codec.h.
void SavePosition(const listener::ListenerState& state, Position* message);
listener::ListenerState LoadPosition(const Position& message);

// Without the view's id and mount.
void SaveView(const listener::ViewState& state, View* message);
absl::StatusOr<listener::ViewState> LoadView(const View& message);

void SaveHooked(const hooks::HookedListener& listener, HookedListener* message);
hooks::HookedListener LoadHooked(const HookedListener& message);

void SavePeer(const Address& peer, Peer* message);
Address LoadPeer(const Peer& message);

}  // namespace floe::handover
