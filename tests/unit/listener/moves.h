// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What tests of moves say: mounts with fallbacks, one shard, and what each listener took.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "listener/fan_out.h"
#include "mount/registry.h"
#include "unit/mount/station.h"

namespace floe::listener {

inline constexpr milliseconds kFrameTime{100};

inline config::Mount Settings(std::vector<std::string> fallback = {},
                              config::FallbackOverride override = config::FallbackOverride::kOwn) {
  config::Mount settings;
  settings.burst = 0ms;
  settings.linger = 5s;
  settings.fallback = std::move(fallback);
  settings.fallback_override = override;
  return settings;
}

// Two or three mounts, a shard, and what each listener took.
class Moves : public testing::Test {
 protected:
  // The mount, with a source that has sent nothing yet.
  mount::Writer& Connect(const std::string& name, absl::string_view type = "audio/mpeg") {
    const config::Mount settings = settings_.contains(name) ? settings_[name] : Settings();
    auto& writer = writers_[name];
    writer =
        registry()
            .Claim(name, {.content_type = std::string(type)}, settings, {.takeover = true}, now_)
            .value();
    return *writer;
  }
  void Configure(const std::string& name, const config::Mount& settings) {
    settings_[name] = settings;
    registry().Configure(name, settings).value();
  }
  // A frame of a tenth of a second where a listener may begin.
  void Publish(const std::string& name, absl::string_view bytes) {
    mount::Writer& writer = *writers_.at(name);
    writer.SyncPoint(/*needs_preamble=*/true);
    writer.Append(std::as_bytes(std::span(bytes.data(), bytes.size())));
    writer.Boundary(kFrameTime);
  }
  void Leave(const std::string& name) { writers_.at(name)->Leave(now_); }
  mount::MountRef Find(const std::string& name) { return registry().Find(name); }
  mount::Registry& registry() { return station_.registry(); }

  ListenerSlot Join(const std::string& name, uint32_t metaint_bytes = 0,
                    const std::string& plays = "") {
    JoinRequest request{.mount = Find(name), .fd = FdSlot(7), .metaint_bytes = metaint_bytes};
    if (!plays.empty()) request.plays = Find(plays);
    return fan_out_->Join(std::move(request), now_);
  }

  // Time passes, and all that is ordered is taken.
  void Play(milliseconds time = 40ms) {
    for (const Instant end = now_ + time; now_ < end;) Turn();
  }
  void Turn(size_t bytes_max = SIZE_MAX) {
    fan_out_->Turn(now_ += 10ms);
    const std::vector<SendOrder> orders(fan_out_->orders().begin(), fan_out_->orders().end());
    const std::vector<CancelOrder> cancels(fan_out_->cancels().begin(), fan_out_->cancels().end());
    for (const SendOrder& order : orders) {
      std::string sent;
      for (const iovec& piece : fan_out_->pieces(order)) {
        sent.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
      }
      sent.resize(std::min(sent.size(), bytes_max));
      heard_[order.listener] += sent;
      order_of_[order.listener] = order;
      if (holds_) continue;
      fan_out_->OnSent(order.listener, order.generation, {.sent_bytes = uint32_t(sent.size())},
                       now_);
    }
    for (const Departure& departure : fan_out_->departures()) departed_.push_back(departure);
    cancels_ += cancels.size();
    fan_out_->Consumed();
  }
  std::string Heard(ListenerSlot slot) { return std::exchange(heard_[slot], ""); }
  uint32_t CountOf(const std::string& name) { return Find(name)->listeners.load(); }
  std::string HomeOf(ListenerSlot slot) { return fan_out_->MountOf(slot).name(); }

  Instant now_{100s};
  mount::Station station_;
  std::map<std::string, config::Mount> settings_;
  std::map<std::string, std::unique_ptr<mount::Writer>> writers_;
  FanOutOptions options_{.interval = 20ms, .client_timeout = 10s, .capacity = 16};
  std::unique_ptr<FanOut> fan_out_ = std::make_unique<FanOut>(options_);
  std::map<ListenerSlot, std::string> heard_;
  std::map<ListenerSlot, SendOrder> order_of_;
  std::vector<Departure> departed_;
  size_t cancels_ = 0;
  bool holds_ = false;  // sends are taken by the kernel, and their results are not in
};

}  // namespace floe::listener
