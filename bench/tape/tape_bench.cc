// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What a frame costs on its way in, and what a page costs on its way out, next to the same work
// done naively: a mutex and a queue of strings.
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "tape/arena.h"
#include "tape/tape.h"

namespace floe::tape {
namespace {

constexpr size_t kFrameBytes = 400;  // 128 kbit/s, 25 ms
constexpr uint64_t kHistoryBytes = 8 * kPageBytes;
constexpr uint64_t kArenaBytes = 64 * kPageBytes;

std::unique_ptr<Arena> NewArena() { return *Arena::Create(kArenaBytes); }

void AppendAndPublish(benchmark::State& state) {
  const auto arena = NewArena();
  Tape tape(*arena, 1);
  const std::vector<std::byte> frame(kFrameBytes);
  microseconds played{0};
  for (auto _ : state) {
    if (tape.appended() % kPageBytes + kFrameBytes > kPageBytes) tape.Trim(kHistoryBytes);
    tape.MarkSync({.offset_bytes = tape.appended(), .played = played, .link = 1});
    if (!tape.Append(frame)) state.SkipWithError("the arena is full");
    played += 25ms;
    tape.Publish(played);
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * int64_t{kFrameBytes});
}
BENCHMARK(AppendAndPublish);

void AppendAndPublishNaively(benchmark::State& state) {
  std::mutex mutex;
  std::deque<std::string> queue;
  const std::string frame(kFrameBytes, 'x');
  for (auto _ : state) {
    const std::lock_guard<std::mutex> lock(mutex);
    queue.push_back(frame);
    if (queue.size() > kHistoryBytes / kFrameBytes) queue.pop_front();
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * int64_t{kFrameBytes});
}
BENCHMARK(AppendAndPublishNaively);

// What a shard does for a page that its listeners begin to send, and when the last is done.
void RefAndUnrefAPage(benchmark::State& state) {
  const auto arena = NewArena();
  Tape tape(*arena, 1);
  const std::vector<std::byte> bytes(kHistoryBytes);
  if (!tape.Append(bytes)) state.SkipWithError("the arena is full");
  tape.Publish();
  uint64_t n = 0;
  for (auto _ : state) {
    const PageRef page = tape.Page(n++ % (kHistoryBytes / kPageBytes));
    benchmark::DoNotOptimize(page.data());
  }
}
BENCHMARK(RefAndUnrefAPage)->ThreadRange(1, 2);

// The same audio for one listener, copied out under the lock as 16 KiB of frames.
void CopyOutNaively(benchmark::State& state) {
  std::mutex mutex;
  const std::deque<std::string> queue(kHistoryBytes / kFrameBytes, std::string(kFrameBytes, 'x'));
  std::vector<char> out(16 * 1024);
  for (auto _ : state) {
    const std::lock_guard<std::mutex> lock(mutex);
    size_t filled = 0;
    for (auto frame = queue.rbegin(); filled + kFrameBytes <= out.size(); ++frame) {
      frame->copy(out.data() + filled, kFrameBytes);
      filled += kFrameBytes;
    }
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(CopyOutNaively);

void FindWhereABurstBegins(benchmark::State& state) {
  const auto arena = NewArena();
  Tape tape(*arena, 1);
  const std::vector<std::byte> frame(kFrameBytes);
  microseconds played{0};
  while (tape.published() < kHistoryBytes) {
    tape.MarkSync({.offset_bytes = tape.appended(), .played = played, .link = 1});
    if (!tape.Append(frame)) state.SkipWithError("the arena is full");
    played += 25ms;
    tape.Publish(played);
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(tape.SyncBack(4s, kBurstBytesMax));
  }
}
BENCHMARK(FindWhereABurstBegins);

}  // namespace
}  // namespace floe::tape

BENCHMARK_MAIN();
