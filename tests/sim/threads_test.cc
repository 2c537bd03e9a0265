// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The source on a thread of its own, as on another shard: what players hear is judged the same.
// Built with -Db_sanitize=thread it also shows that nothing but atomics and short locks is shared.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "listener/fan_out.h"
#include "mount/registry.h"
#include "sim/broadcast.h"
#include "sim/player.h"
#include "tape/arena.h"

namespace floe::sim {
namespace {

constexpr int kFrames = 20'000;

class ShardAndSource {
 public:
  explicit ShardAndSource(const BroadcastOptions& options)
      : broadcast_(registry_, "/live", Settings(), options, /*seed=*/1) {
    broadcast_.Connect(now_);
    broadcast_.Advance(now_);
    for (uint32_t i = 0; i < 12; ++i) {
      const uint32_t metaint_bytes = options.has_links ? 0 : 500 * (i % 4);
      players_.push_back(std::make_unique<Player>(
          broadcast_, FdSlot(i), PlayerOptions{.metaint_bytes = metaint_bytes}, now_));
      players_.back()->slot = fan_out_.Join(
          {.mount = broadcast_.ref(), .fd = FdSlot(i), .metaint_bytes = metaint_bytes}, now_);
    }
  }

  void Run() {
    std::atomic<bool> is_over{false};
    std::thread source([this, &is_over, now = now_]() mutable {
      for (int i = 0; i < kFrames; ++i) {
        if (i % 50 == 0) broadcast_.SetTitle(absl::StrCat("Title ", i));
        if (i % 3'000 == 0) broadcast_.BeginLink();
        now += 26ms;
        broadcast_.Advance(now);
      }
      is_over.store(true, std::memory_order_release);
    });
    for (int rest = 10; rest > 0; rest -= is_over.load(std::memory_order_acquire)) Turn();
    source.join();
    fan_out_.LeaveAll(listener::Leaving::kStopping, now_);
    fan_out_.Consumed();
  }

  const std::vector<std::unique_ptr<Player>>& players() const { return players_; }
  uint32_t listeners() const { return fan_out_.listeners(); }

 private:
  static config::Mount Settings() {
    config::Mount settings;
    settings.burst = 1s;
    settings.history = 2s;
    return settings;
  }

  void Turn() {
    now_ += 20ms;
    fan_out_.Turn(now_);
    orders_.assign(fan_out_.orders().begin(), fan_out_.orders().end());
    for (const listener::SendOrder& order : orders_) {
      for (const iovec& piece : fan_out_.pieces(order)) {
        players_[Index(order.fd)]->Arrive(
            {static_cast<const std::byte*>(piece.iov_base), piece.iov_len});
      }
    }
    fan_out_.Consumed();
    for (const listener::SendOrder& order : orders_) {
      fan_out_.OnSent(order.listener, order.generation, {.sent_bytes = order.bytes}, now_);
    }
  }

  Instant now_{100s};
  std::unique_ptr<tape::Arena> arena_ = *tape::Arena::Create(uint64_t{32} * kPageBytes);
  mount::Registry registry_{*arena_, 1};
  Broadcast broadcast_;
  listener::FanOut fan_out_{{.interval = 20ms}};
  std::vector<std::unique_ptr<Player>> players_;
  std::vector<listener::SendOrder> orders_;
};

TEST(Threads, PlayersHearWhatAnotherThreadPublishes) {
  for (const bool has_links : {false, true}) {
    ShardAndSource both({.has_links = has_links});
    both.Run();
    EXPECT_EQ(both.listeners(), 0u);
    size_t frames = 0;
    for (const auto& player : both.players()) {
      EXPECT_THAT(player->heard().complaints, testing::IsEmpty());
      frames += player->heard().frames;
    }
    EXPECT_GT(frames, 0u);
  }
}

}  // namespace
}  // namespace floe::sim
