// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>

namespace floe::ring {

// Mailbox carries control messages to a shard: a bounded queue with many senders and one reader.
// Each cell's turn says whose it is, so neither side locks (D. Vyukov's bounded queue).
//
// Units     messages; `capacity` of them, a power of two.
// Threads   Post: any. Take and ShouldWake's reset: the reader.
// Failure   Post answers false when the box is full; the sender tries again or gives up.
template <typename Message>
class Mailbox {
  static_assert(std::is_trivially_copyable_v<Message>, "a message owns nothing");

 public:
  explicit Mailbox(uint32_t capacity)
      : mask_(capacity - 1), cells_(std::make_unique<Cell[]>(capacity)) {
    for (uint32_t i = 0; i < capacity; ++i) cells_[i].turn.store(i, std::memory_order_relaxed);
  }

  [[nodiscard]] bool Post(const Message& message) {
    uint64_t at = tail_.load(std::memory_order_relaxed);
    for (;;) {
      Cell& cell = cells_[at & mask_];
      const uint64_t turn = cell.turn.load(std::memory_order_acquire);
      if (turn < at) return false;  // still holds the message of a round ago: full
      if (turn == at && tail_.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) {
        cell.message = message;
        cell.turn.store(at + 1, std::memory_order_release);
        return true;
      }
      if (turn > at) at = tail_.load(std::memory_order_relaxed);
    }
  }

  bool Take(Message* message) {
    Cell& cell = cells_[head_ & mask_];
    if (cell.turn.load(std::memory_order_acquire) != head_ + 1) return false;
    *message = cell.message;
    cell.turn.store(head_ + mask_ + 1, std::memory_order_release);
    ++head_;
    return true;
  }

  // After Post: whether the reader must be woken, or somebody's wake is already on its way.
  bool ShouldWake() { return !wake_under_way_.exchange(true, std::memory_order_acq_rel); }
  // The reader was woken; to be called before it takes.
  void Woken() { wake_under_way_.store(false, std::memory_order_release); }

 private:
  struct Cell {
    std::atomic<uint64_t> turn;
    Message message;
  };
  const uint64_t mask_;
  std::unique_ptr<Cell[]> cells_;
  alignas(64) std::atomic<uint64_t> tail_{0};
  alignas(64) uint64_t head_ = 0;
  alignas(64) std::atomic<bool> wake_under_way_{false};
};

}  // namespace floe::ring
