// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What a listener costs per send, kernel aside: being found due, its order, its outcome and being
// put back. One iteration is a tick of 10 ms; listeners are sent to once a second, as under load.
// Next to it a naive twin: heap objects in a std::map, timers in a std::multimap, std::function.
#include <malloc.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "listener/fan_out.h"
#include "mount/registry.h"
#include "mount/writer.h"

namespace floe::listener {
namespace {

constexpr milliseconds kTick{10};
constexpr milliseconds kInterval{1'000};
constexpr uint32_t kBytesPerTick = 160;  // 128 kbit/s
constexpr uint32_t kMetaint = 16'000;
constexpr uint64_t kArenaBytes = uint64_t{64} * kPageBytes;
constexpr int kWarmUpTicks = 250;
constexpr uint32_t kPrefetchAhead = 6;  // outcomes

void ReportPerSend(benchmark::State& state, uint64_t sends) {
  state.counters["per_send"] =
      benchmark::Counter(double(sends), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["sends_per_tick"] =
      benchmark::Counter(double(sends), benchmark::Counter::kAvgIterations);
}

// A mount that is fed in step with the clock.
class Station {
 public:
  Station() {
    arena_ = *tape::Arena::Create(kArenaBytes);
    registry_ = std::make_unique<mount::Registry>(*arena_, 1);
    writer_ = *registry_->Claim("/live", {.content_type = "audio/mpeg"}, {}, {}, now_);
    writer_->SetTitleHere("An Artist - A Title of the Usual Length", "");
    for (int i = 0; i < kWarmUpTicks; ++i) Tick();
  }

  void Tick() {
    now_ += kTick;
    writer_->SyncPoint(false);
    writer_->Append(frame_);
    writer_->Boundary(kTick);
  }

  Instant now() const { return now_; }
  mount::MountRef ref() const { return registry_->Find("/live"); }
  tape::Tape& tape() { return writer_->mount().tape(); }

 private:
  Instant now_{100s};
  const std::vector<std::byte> frame_ = std::vector<std::byte>(kBytesPerTick, std::byte{'a'});
  std::unique_ptr<tape::Arena> arena_;
  std::unique_ptr<mount::Registry> registry_;
  std::unique_ptr<mount::Writer> writer_;
};

uint64_t TurnAndComplete(Station& station, FanOut& fan_out, std::vector<SendOrder>& orders) {
  station.Tick();
  fan_out.Turn(station.now());
  orders.assign(fan_out.orders().begin(), fan_out.orders().end());
  fan_out.Consumed();
  for (size_t i = 0; i < orders.size(); ++i) {
    if (i + kPrefetchAhead < orders.size()) {
      fan_out.PrefetchSent(orders[i + kPrefetchAhead].listener);
    }
    const SendOrder& order = orders[i];
    fan_out.OnSent(order.listener, order.generation, {.sent_bytes = order.bytes}, station.now());
  }
  return orders.size();
}

void FanOutTick(benchmark::State& state, uint32_t metaint_bytes) {
  Station station;
  const size_t heap_before = mallinfo2().uordblks + mallinfo2().hblkhd;
  FanOut fan_out({.interval = kInterval});
  for (int64_t i = 0; i < state.range(0); ++i) {
    const JoinRequest request{
        .mount = station.ref(), .fd = FdSlot(uint32_t(i)), .metaint_bytes = metaint_bytes};
    (void)fan_out.Join(
        {.mount = request.mount.Share(), .fd = request.fd, .metaint_bytes = request.metaint_bytes},
        station.now());
  }
  std::vector<SendOrder> orders;
  for (int i = 0; i < kWarmUpTicks; ++i) TurnAndComplete(station, fan_out, orders);

  uint64_t sends = 0;
  for (auto _ : state) sends += TurnAndComplete(station, fan_out, orders);
  ReportPerSend(state, sends);
  const size_t heap = mallinfo2().uordblks + mallinfo2().hblkhd - heap_before;
  state.counters["bytes_each"] = double(heap) / double(state.range(0));
}
BENCHMARK_CAPTURE(FanOutTick, plain, 0)->Arg(1'000)->Arg(10'000)->Arg(20'000)->Arg(100'000);
BENCHMARK_CAPTURE(FanOutTick, icy, kMetaint)->Arg(1'000)->Arg(10'000)->Arg(20'000)->Arg(100'000);

// The same done as it comes to mind first.
class NaiveFanOut {
 public:
  explicit NaiveFanOut(Station& station, uint32_t metaint_bytes)
      : station_(station), metaint_bytes_(metaint_bytes) {}

  void Join(uint32_t id) {
    auto listener = std::make_unique<NaiveListener>();
    listener->position_bytes = station_.tape().published();
    listener->due_bytes = metaint_bytes_;
    listener->on_sent = [this, id](uint32_t bytes) { OnSent(id, bytes); };
    listeners_[id] = std::move(listener);
    timers_.emplace(station_.now() + kTick * (id % (kInterval / kTick)), id);
  }

  uint64_t Tick() {
    station_.Tick();
    std::vector<uint32_t> due;
    while (!timers_.empty() && timers_.begin()->first <= station_.now()) {
      due.push_back(timers_.begin()->second);
      timers_.erase(timers_.begin());
    }
    for (const uint32_t id : due) Order(*listeners_[id]);
    for (const uint32_t id : due) listeners_[id]->on_sent(listeners_[id]->ordered_bytes);
    return due.size();
  }

 private:
  struct NaiveListener {
    uint64_t position_bytes;
    uint32_t due_bytes;
    uint32_t ordered_bytes;
    std::vector<iovec> pieces;
    std::vector<tape::PageRef> pages;
    std::string block;
    std::function<void(uint32_t)> on_sent;
  };

  void Order(NaiveListener& listener) {
    listener.pieces.clear();
    listener.pages.clear();
    uint64_t position = listener.position_bytes;
    uint64_t left = station_.tape().published() - position;
    listener.ordered_bytes = uint32_t(left);
    while (left > 0) {
      listener.pages.push_back(station_.tape().Page(position / kPageBytes));
      uint64_t bytes = std::min(left, kPageBytes - position % kPageBytes);
      if (metaint_bytes_ > 0) bytes = std::min<uint64_t>(bytes, listener.due_bytes);
      listener.pieces.push_back(
          {const_cast<std::byte*>(listener.pages.back().data()) + position % kPageBytes, bytes});
      position += bytes;
      left -= bytes;
      if (metaint_bytes_ == 0 || (listener.due_bytes -= uint32_t(bytes)) > 0) continue;
      listener.block = std::string(1, '\0');
      listener.pieces.push_back({listener.block.data(), listener.block.size()});
      listener.due_bytes = metaint_bytes_;
    }
  }

  void OnSent(uint32_t id, uint32_t bytes) {
    listeners_[id]->position_bytes += bytes;
    listeners_[id]->pages.clear();
    timers_.emplace(station_.now() + kInterval, id);
  }

  Station& station_;
  const uint32_t metaint_bytes_;
  std::map<uint32_t, std::unique_ptr<NaiveListener>> listeners_;
  std::multimap<Instant, uint32_t> timers_;
};

void NaiveTick(benchmark::State& state, uint32_t metaint_bytes) {
  Station station;
  const size_t heap_before = mallinfo2().uordblks + mallinfo2().hblkhd;
  NaiveFanOut fan_out(station, metaint_bytes);
  for (int64_t i = 0; i < state.range(0); ++i) fan_out.Join(uint32_t(i));
  for (int i = 0; i < kWarmUpTicks; ++i) fan_out.Tick();

  uint64_t sends = 0;
  for (auto _ : state) sends += fan_out.Tick();
  ReportPerSend(state, sends);
  const size_t heap = mallinfo2().uordblks + mallinfo2().hblkhd - heap_before;
  state.counters["bytes_each"] = double(heap) / double(state.range(0));
}
BENCHMARK_CAPTURE(NaiveTick, plain, 0)->Arg(1'000)->Arg(10'000)->Arg(20'000)->Arg(100'000);
BENCHMARK_CAPTURE(NaiveTick, icy, kMetaint)->Arg(1'000)->Arg(10'000)->Arg(20'000)->Arg(100'000);

// What a turn costs when nobody is due: the polling of mounts.
void IdleTick(benchmark::State& state) {
  Station station;
  FanOut fan_out({.interval = 1'000ms});
  (void)fan_out.Join({.mount = station.ref(), .fd = FdSlot(1)}, station.now());
  fan_out.Turn(station.now());
  const SendOrder order = fan_out.orders()[0];
  fan_out.Consumed();  // its outcome never comes
  Instant now = station.now();
  for (auto _ : state) {
    now += kTick;
    if (now - station.now() > 20s) now = station.now();
    fan_out.Turn(now);
    fan_out.Consumed();
  }
  fan_out.OnSent(order.listener, order.generation, {.sent_bytes = order.bytes}, now);
}
BENCHMARK(IdleTick);

}  // namespace
}  // namespace floe::listener

BENCHMARK_MAIN();
