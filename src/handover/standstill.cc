// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/standstill.h"

#include <atomic>

#include "absl/time/clock.h"
#include "session/parking.h"
#include "shard/call.h"

namespace floe::handover {
namespace {

using session::Parking;

// How often shards are asked whether they are at rest.
constexpr absl::Duration kAskEvery = absl::Microseconds(500);

}  // namespace

template <typename Question>
bool Standstill::AreAll(Question question) {
  std::atomic<bool> are_all = true;
  shard::CallEach(services_.shards, waker_, [&](shard::Shard& shard) {
    if (!question(shard, services_.ParkingOf(shard))) are_all = false;
  });
  return are_all;
}

absl::Status Standstill::QuietArrivals(Instant by) {
  shard::CallEach(services_.shards, waker_, [this](shard::Shard& shard) {
    shard.PauseArrivals();
    services_.ParkingOf(shard).CallArrivals(shard.io());
  });
  const auto is_quiet = [](shard::Shard& shard, const Parking& parking) {
    return !shard.HasArrivals() && parking.IsQuiet();
  };
  while (!AreAll(is_quiet)) {
    if (Clock::now() >= by) {
      return absl::DeadlineExceededError("requests that had just come were not settled in time");
    }
    absl::SleepFor(kAskEvery);
  }
  return absl::OkStatus();
}

absl::Status Standstill::Freeze(Instant by) {
  shard::CallEach(services_.shards, waker_, [this](shard::Shard& shard) {
    services_.ParkingOf(shard).CallAll(shard.io());
    shard.fan_out().Freeze();
  });
  const auto is_still = [](shard::Shard& shard, const Parking& parking) {
    return parking.IsFull() && shard.fan_out().IsSettled();
  };
  while (!AreAll(is_still)) {
    if (Clock::now() >= by) {
      return absl::DeadlineExceededError("sources and sends did not come to rest in time");
    }
    absl::SleepFor(kAskEvery);
  }
  return absl::OkStatus();
}

void Standstill::GoOn() {
  shard::CallEach(services_.shards, waker_, [this](shard::Shard& shard) {
    services_.ParkingOf(shard).Release(shard.io(), Parking::Verdict::kGoOn);
    shard.GoOn();
  });
}

void Standstill::GiveUp() {
  shard::CallEach(services_.shards, waker_,
                  [this](shard::Shard& shard) { services_.ParkingOf(shard).GiveUp(); });
}

void Standstill::LetGo() {
  shard::CallEach(services_.shards, waker_, [this](shard::Shard& shard) {
    services_.ParkingOf(shard).Release(shard.io(), Parking::Verdict::kHandedOver);
    shard.LetGo();
  });
}

bool Standstill::IsEmpty() {
  return AreAll([](shard::Shard& shard, const Parking&) { return shard.IsEmpty(); });
}

}  // namespace floe::handover
