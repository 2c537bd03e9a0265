// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Other settings while listeners are served.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

#include "listener/fan_out.h"
#include "unit/listener/mounted.h"

namespace floe::listener {
namespace {

class ChangeTest : public testing::Test {
 protected:
  // A turn whose orders are all sent in full; answers the most bytes of one of them.
  uint32_t Turn() {
    now_ += 10ms;
    fan_out_.Turn(now_);
    const std::vector<SendOrder> orders(fan_out_.orders().begin(), fan_out_.orders().end());
    fan_out_.Consumed();
    uint32_t most = 0;
    for (const SendOrder& order : orders) {
      most = std::max(most, order.bytes);
      sent_bytes_ += order.bytes;
      fan_out_.OnSent(order.listener, order.generation, {.sent_bytes = order.bytes}, now_);
    }
    return most;
  }

  Instant now_{100s};
  Mounted mounted_{{.burst = 0ms, .history = 30s}};
  FanOutOptions options_{.capacity = 100};
  FanOut fan_out_{options_};
  uint64_t sent_bytes_ = 0;
};

TEST_F(ChangeTest, SendsAreNoLargerThanWhatHoldsNow) {
  ASSERT_NE(fan_out_.Join({.mount = mounted_.ref()}, now_), kNoSlot<ListenerSlot>);
  mounted_.Publish(std::string(60'000, 'x'));
  EXPECT_GT(Turn(), 16'000u);
  options_.send_bytes_max = 4'096;
  fan_out_.Change(options_);
  mounted_.Publish(std::string(60'000, 'x'));
  for (int i = 0; i < 500; ++i) EXPECT_LE(Turn(), 4'096u);
  EXPECT_EQ(sent_bytes_, 120'000u);
}

TEST_F(ChangeTest, WhoTakesNothingIsDroppedAfterTheTimeThatHoldsNow) {
  ASSERT_NE(fan_out_.Join({.mount = mounted_.ref()}, now_), kNoSlot<ListenerSlot>);
  mounted_.Publish("frame");
  fan_out_.Turn(now_);
  ASSERT_EQ(fan_out_.orders().size(), 1u);
  fan_out_.Consumed();
  options_.client_timeout = 2s;
  fan_out_.Change(options_);
  now_ += 3s;
  fan_out_.Turn(now_);
  EXPECT_EQ(fan_out_.cancels().size(), 1u);
}

// With TSan it is TSan that judges.
TEST_F(ChangeTest, AMountsSettingsChangeWhileItIsPlayedAndWritten) {
  std::atomic<bool> is_over{false};
  std::atomic<int> changes{0};
  std::thread operating([&] {
    const mount::MountRef mount = mounted_.ref();
    config::Mount settings;
    for (int i = 0; !is_over; ++i) {
      settings.burst = milliseconds(i % 2 == 0 ? 0 : 4'000);
      settings.lagging = i % 2 == 0 ? config::Lagging::kDrop : config::Lagging::kSkip;
      settings.stream_name = std::string(size_t(i % 50), 'n');
      settings.metaint = uint32_t(i);
      mount->Configure(settings);
      changes = i + 1;
    }
  });
  uint64_t published_bytes = 0;
  ASSERT_NE(fan_out_.Join({.mount = mounted_.ref()}, now_), kNoSlot<ListenerSlot>);
  for (int i = 0; i < 2'000 || changes < 2'000; ++i) {
    mounted_.Publish("a frame of some bytes");
    published_bytes += 21;
    Turn();
    const mount::Snapshot snap = mounted_.mount().Snap();
    EXPECT_LT(snap.source.name.size(), 50u);
    EXPECT_EQ(mounted_.mount().settings().charset, "");
  }
  is_over = true;
  operating.join();
  for (int i = 0; i < 500; ++i) Turn();
  EXPECT_EQ(sent_bytes_, published_bytes) << "who listened through all of it has heard all of it";
}

}  // namespace
}  // namespace floe::listener
