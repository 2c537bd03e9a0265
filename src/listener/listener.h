// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "base/slab.h"
#include "base/slot.h"

namespace floe::listener {

// Why a listener is no longer one. An outcome: it goes to the access log, never to the error log.
enum class Leaving : uint8_t {
  kStaying,
  kGone,         // the peer closed or reset; Departure::error says how the send failed
  kStalled,      // took nothing for client_timeout
  kLagged,       // fell behind what the tape keeps, on a mount that drops such listeners
  kSourceEnded,  // heard the last of it, and the source did not return within linger
  kTypeChanged,  // the mount goes on with another content type
  kKicked,       // an operator said so
  kStopping,     // the process ends
  kHandedOver,   // goes on in another process
  kMoved,        // of a view: its listeners go on with what another mount plays; of a listener
                 // that keeps its position: it asks again
};
inline constexpr Leaving kLastLeaving = Leaving::kMoved;
const char* LeavingName(Leaving leaving);  // "gone", "stalled", ...

// Where a listener is: in exactly one list, linked through `next` and `previous`.
enum class Place : uint8_t {
  kNowhere,    // not a listener: the slot is free
  kReady,      // FanOut's list of those to be served in the next turn
  kScheduled,  // a bucket of the wheel
  kWaiting,    // its view's list of those who have heard all there is
  kSending,    // FanOut's list of sends in flight, the oldest first
  kDeparted,   // reported in departures(); the slot is freed when that is consumed
};

// Listener::flags.
inline constexpr uint8_t kIsIcy = 1 << 0;          // the second line's framing state counts
inline constexpr uint8_t kInPreamble = 1 << 1;     // an intro or a preamble goes before more audio
inline constexpr uint8_t kAwaitsSync = 1 << 2;     // has no position yet: begins at the next sync
inline constexpr uint8_t kAwaitsResult = 1 << 3;   // of the send in flight
inline constexpr uint8_t kAwaitsRelease = 1 << 4;  // of the memory that send points to
inline constexpr uint8_t kIsCancelled = 1 << 5;    // the send in flight was asked to end
inline constexpr uint8_t kHoldsPreamble = 1 << 6;  // of `link`: to come, under way or in flight
inline constexpr uint8_t kIsStalled = 1 << 7;      // the last send took nothing

// Listener::link of one that has heard nothing yet.
inline constexpr uint32_t kNoLink = 0;

// Listener::intro of one that has none.
inline constexpr uint32_t kNoIntro = 0;

// Listener is one connected player: what it is sent next and how far it got. It lives in a slab,
// is touched by its shard only, and its slot is reused once nothing of it is in flight. Slots, not
// pointers: a stale index is checkable. Ticks count FanOutOptions::tick of the clock
// (32 bits of 10 ms: 497 days, and only differences are used).
//
// The first cache line is all that a plain listener's send touches.
struct alignas(64) Listener {
  uint64_t position_bytes;      // on the tape: the next audio byte to be taken
  uint64_t sent_bytes;          // taken by the kernel since it joined: audio, blocks, preambles
  ListenerSlot next, previous;  // in the list that `place` names
  FdSlot fd;
  MountSlot mount;        // the view it is on: whose listener it is, and whose audio it hears
  uint32_t generation;    // of this life of the slot
  uint32_t unsent_bytes;  // of the send in flight; once its result is in, what it left
  uint32_t pinned_page;   // the first page in flight, counted from the mount's start
  uint32_t ordered_tick;  // when the send in flight was ordered
  uint32_t stalled_tick;  // since when nothing was taken of what was ordered
  uint16_t bucket;        // of the wheel, while scheduled
  uint16_t pinned_pages;  // in flight
  Place place;
  uint8_t flags;
  Leaving leaving;           // set while a send must still end
  uint8_t finds_phase;       // 1: restored, and not scheduled by this fan-out yet
  uint32_t full_send_bytes;  // with so much to send or more, the next one is due at once

  // ---- ICY, preambles, and what is cold ----
  uint32_t metaint_bytes;       // audio between two blocks; 0: plain
  uint32_t metadata_due_bytes;  // audio left before the next block; 0: the block is next
  uint32_t block_title;         // title whose block is in flight or under way, held; 0: none
  uint32_t block_sent_bytes;    // of that block
  uint32_t title_sent;          // sequence of the title it last heard of; 0: none
  uint32_t link;                // of the sync point where it began or went on; kNoLink
  uint32_t preamble_sent_bytes;
  uint32_t joined_tick;
  ListenerSlot view_next, view_previous;  // all listeners of the view
  uint32_t skips;                         // times it lost audio
  int32_t error;                          // errno of the send that failed; 0
  uint32_t intro;                         // to come, under way or still in flight, held; kNoIntro
  uint32_t intro_left_bytes;              // of it, before any preamble
  uint32_t intro_ms;        // how long it plays: the burst behind it is shorter by that
  uint32_t keeps_position;  // 1: was told its position and counts from there: never put elsewhere
};
static_assert(sizeof(Listener) == 128, "two cache lines: the whole of the budget");
static_assert(offsetof(Listener, metaint_bytes) == 64, "plain listeners stay within one line");
static_assert(std::is_trivially_copyable_v<Listener>, "slots are reused, not destroyed");
static_assert(std::has_unique_object_representations_v<Listener>, "no hidden padding");

using Listeners = Slab<Listener, ListenerSlot>;

}  // namespace floe::listener
