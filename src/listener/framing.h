// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Framing: how a listener's bytes are wrapped. What it is sent is a row of runs,
//
//   [intro] [preamble] audio [block] audio [block] audio ...
//
// (blocks stand within the intro too, as they do within audio)
// // and NextRun says which one comes next, for PlanSend (what the next send consists of) and
// TakeSent (how far the bytes that were taken get the listener) alike: the two mirror each other
// because they walk the same runs. Where a run ends is decided by what does not change between
// order and outcome, so a send may be cut anywhere, inside a block too, and goes on from there.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <vector>

#include "listener/listener.h"
#include "listener/view.h"

namespace floe::listener {

struct SendPlan {
  uint32_t bytes = 0;
  uint32_t piece_count = 0;
  bool is_lapped = false;  // nothing to send: the tape dropped the audio at its position
};

// Appends the pieces of the listener's next send, at most `bytes_max`, and pins what they point
// to. No bytes: it has heard all there is, or was lapped. REQUIRES: nothing of it is in flight.
SendPlan PlanSend(Listener& listener, View& view, uint32_t bytes_max, std::vector<iovec>* pieces);

// Moves the listener past the first `sent_bytes` of what was planned.
void TakeSent(Listener& listener, const View& view, uint32_t sent_bytes);

// The kernel reads the pieces no more: unpins what PlanSend pinned. After TakeSent.
void ReleaseSend(Listener& listener, View& view);

// The listener leaves: lets go of what it keeps between two sends, too. After ReleaseSend.
void ReleaseHeld(Listener& listener, View& view);

}  // namespace floe::listener
