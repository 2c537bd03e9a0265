// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "listener/fan_out.h"
#include "sim/dice.h"
#include "sim/player.h"

namespace floe::sim {

// How often what goes wrong.
struct Faults {
  double short_send = 0;  // less is taken than there is room for
  double no_buffers = 0;  // ENOBUFS
  double zero_copy = 0;   // the result comes first, the notice later
  milliseconds result_delay_max{0};
  milliseconds notice_delay_max{0};
};

// SimulatedRing does what the kernel does with sends: takes what fits, waits where nothing does,
// and reports later. It reads the bytes as late as it may: when it reports that the memory is
// free again. So a page that was let go of too early is heard by the player.
class SimulatedRing {
 public:
  SimulatedRing(const Faults& faults, uint64_t seed) : faults_(faults), dice_(seed) {}

  void Submit(const listener::SendOrder& order, std::span<const iovec> pieces, Player& player,
              Instant now);
  void Cancel(const listener::CancelOrder& cancel, Instant now);
  // Takes what fits by now and reports what is due.
  void Advance(Instant now, listener::FanOut& fan_out);

  size_t in_flight() const { return sends_.size(); }
  const Faults& faults() const { return faults_; }

 private:
  enum class Stage : uint8_t { kPending, kTaken, kAwaitsNotice, kDone };
  struct Send {
    listener::SendOrder order;
    std::vector<iovec> pieces;
    Player* player;
    Stage stage;
    bool is_zero_copy;
    bool is_cancelled;
    uint32_t taken_bytes;
    int error;
    Instant report_at;
  };

  void TryTake(Send& send, Instant now);
  void Report(Send& send, Instant now, listener::FanOut& fan_out);
  static void CopyOut(const Send& send);
  Instant Later(Instant now, milliseconds delay_max);

  const Faults faults_;
  Dice dice_;
  std::vector<Send> sends_;
};

}  // namespace floe::sim
