// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What wrapping one send of a second of audio costs: finding its pieces, ICY blocks between them,
// and moving the listener on. Next to it a naive twin that copies audio and blocks into a buffer
// of the listener's own.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "audio/icy_blocks.h"
#include "benchmark/benchmark.h"
#include "listener/framing.h"
#include "mount/registry.h"
#include "mount/writer.h"

namespace floe::listener {
namespace {

constexpr uint64_t kArenaBytes = uint64_t{64} * kPageBytes;
constexpr uint32_t kFrameBytes = 400;  // 128 kbit/s, 25 ms
constexpr int kFrames = 1'000;
constexpr uint32_t kSendBytes = 16'000;
constexpr uint32_t kOfMostPlayers = 16'000;  // metaint: one block a second
constexpr uint32_t kOften = 1'000;
constexpr char kTitle[] = "An Artist - A Title of the Usual Length";

// A mount with 25 seconds of audio and a title.
class Station {
 public:
  Station() {
    writer_ = *registry_.Claim("/live", {.content_type = "audio/mpeg"}, {}, {}, Instant());
    writer_->SetTitleHere(kTitle, "");
    const std::vector<std::byte> frame(kFrameBytes, std::byte{'a'});
    for (int i = 0; i < kFrames; ++i) {
      writer_->SyncPoint(false);
      writer_->Append(frame);
      writer_->Boundary(25ms);
    }
  }

  mount::MountRef ref() const { return registry_.Find("/live"); }

 private:
  const std::unique_ptr<tape::Arena> arena_ = *tape::Arena::Create(kArenaBytes);
  mount::Registry registry_{*arena_, 1};
  std::unique_ptr<mount::Writer> writer_;
};

// A send has kSendPiecesMax pieces at most, so where blocks are dense it is shorter.
void Report(benchmark::State& state, uint64_t bytes) {
  state.SetBytesProcessed(int64_t(bytes));
  state.counters["time_per_kB"] = benchmark::Counter(
      double(bytes) / 1e3, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void FrameASend(benchmark::State& state, uint32_t metaint_bytes) {
  Station station;
  View view({station.ref(), station.ref()}, Instant());
  Listener listener{};
  listener.metaint_bytes = listener.metadata_due_bytes = metaint_bytes;
  if (metaint_bytes > 0) listener.flags = kIsIcy;
  std::vector<iovec> pieces;
  uint64_t sent_bytes = 0;
  for (auto _ : state) {
    if (listener.position_bytes + kSendBytes > view.published()) listener.position_bytes = 0;
    pieces.clear();
    const SendPlan plan = PlanSend(listener, view, kSendBytes, &pieces);
    benchmark::DoNotOptimize(pieces.data());
    TakeSent(listener, view, plan.bytes);
    ReleaseSend(listener, view);
    sent_bytes += plan.bytes;
  }
  ReleaseHeld(listener, view);
  Report(state, sent_bytes);
}
BENCHMARK_CAPTURE(FrameASend, plain, 0);
BENCHMARK_CAPTURE(FrameASend, icy, kOfMostPlayers);
BENCHMARK_CAPTURE(FrameASend, icy_often, kOften);

void FrameASendNaively(benchmark::State& state, uint32_t metaint_bytes) {
  const std::string tape(size_t{kFrameBytes} * kFrames, 'a');
  std::string last_title;
  size_t position = 0, due = metaint_bytes;
  uint64_t sent_bytes = 0;
  for (auto _ : state) {
    if (position + kSendBytes > tape.size()) position = 0;
    std::string send;
    while (send.size() < kSendBytes) {
      size_t bytes = kSendBytes - send.size();
      if (metaint_bytes > 0) bytes = std::min(bytes, due);
      send.append(tape, position, bytes);
      position += bytes;
      if (metaint_bytes == 0 || (due -= bytes) > 0) continue;
      const std::string title = kTitle;
      send += title == last_title ? std::string(1, '\0') : audio::RenderIcyBlock(title, "");
      last_title = title;
      due = metaint_bytes;
    }
    benchmark::DoNotOptimize(send.data());
    sent_bytes += send.size();
  }
  Report(state, sent_bytes);
}
BENCHMARK_CAPTURE(FrameASendNaively, plain, 0);
BENCHMARK_CAPTURE(FrameASendNaively, icy, kOfMostPlayers);
BENCHMARK_CAPTURE(FrameASendNaively, icy_often, kOften);

// What a change of title costs.
void RenderABlock(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(audio::RenderIcyBlock(kTitle, ""));
}
BENCHMARK(RenderABlock);

}  // namespace
}  // namespace floe::listener

BENCHMARK_MAIN();
