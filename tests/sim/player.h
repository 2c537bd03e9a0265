// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/clock.h"
#include "listener/fan_out.h"
#include "sim/broadcast.h"
#include "sim/heard.h"

namespace floe::sim {

struct PlayerOptions {
  uint32_t metaint_bytes = 0;
  bool wants_burst = true;
  uint32_t socket_bytes = 64 * 1024;     // what the kernel takes for it while it does not read
  uint64_t reads_per_second = 1u << 30;  // bytes
};

// Player is somebody who listens: a socket that fills and is read, and all that came through it.
class Player {
 public:
  Player(Broadcast& broadcast, FdSlot fd, const PlayerOptions& options, Instant now)
      : broadcast_(broadcast), fd_(fd), options_(options), joined_(now), read_until_(now) {}

  // ---- what it does ----
  void StopReading() { reads_ = false; }
  void ReadAgain() { reads_ = true; }
  void Reset() { is_reset_ = true; }
  void Advance(Instant now) {
    const auto passed = std::chrono::duration_cast<microseconds>(now - read_until_).count();
    read_until_ = now;
    if (!reads_) return;
    unread_bytes_ -=
        std::min<uint64_t>(unread_bytes_, options_.reads_per_second * uint64_t(passed) / 1'000'000);
  }

  // ---- its socket ----
  uint32_t Room() const {
    return uint32_t(options_.socket_bytes -
                    std::min<uint64_t>(unread_bytes_, options_.socket_bytes));
  }
  void Fill(uint32_t bytes) { unread_bytes_ += bytes; }
  void Arrive(std::span<const std::byte> bytes) {
    raw_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }

  // ---- what is known of it ----
  Heard heard() const { return Judge(raw_, options_.metaint_bytes, broadcast_); }
  const std::string& raw() const { return raw_; }
  const PlayerOptions& options() const { return options_; }
  Broadcast& broadcast() const { return broadcast_; }
  FdSlot fd() const { return fd_; }
  bool reads() const { return reads_; }
  bool is_reset() const { return is_reset_; }
  Instant joined() const { return joined_; }
  uint64_t heard_bytes() const { return raw_.size(); }

  ListenerSlot slot = kNoSlot<ListenerSlot>;
  std::optional<listener::Departure> departure;
  std::optional<Instant> departed;

 private:
  Broadcast& broadcast_;
  const FdSlot fd_;
  const PlayerOptions options_;
  const Instant joined_;
  Instant read_until_;
  bool reads_ = true;
  bool is_reset_ = false;
  uint64_t unread_bytes_ = 0;
  std::string raw_;
};

}  // namespace floe::sim
