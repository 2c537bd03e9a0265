// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What finding the boundaries costs the shard that reads a source: ns per frame, page or block. A
// 128 kbit/s MP3 has 38 frames a second, so at 100 ns a frame 10,000 sources take 4 % of a core.
// Beside MPEG stands a framer that looks at each byte, as the obvious one would.
#include <benchmark/benchmark.h>

#include <fstream>
#include <iterator>
#include <string>

#include "audio/bits.h"
#include "audio/framer.h"
#include "base/limits.h"

namespace floe::audio {
namespace {

constexpr size_t kStreamBytesMin = 1024 * 1024;

// Takes what a tape would, and does nothing with it.
class Sink final : public Output {
 public:
  void Append(std::span<const std::byte> bytes) override { appended += bytes.size(); }
  void Discard() override {}
  void Boundary(microseconds) override { ++boundaries; }
  void SyncPoint(bool) override {}
  void BeginLink(std::span<const std::byte>) override {}
  void Title(absl::string_view) override {}
  void Found(const Parameters&) override {}

  uint64_t appended = 0;
  uint64_t boundaries = 0;
};

Instant NoClock() { return Instant(); }

// The sample over and over: its links follow one another as a source's songs do.
std::string ReadStream(const char* file) {
  std::ifstream in(std::string(FLOE_AUDIO_TESTDATA "/") + file, std::ios::binary);
  const std::string sample{std::istreambuf_iterator<char>(in), {}};
  std::string stream;
  while (!sample.empty() && stream.size() < kStreamBytesMin) stream += sample;
  return stream;
}

void Report(benchmark::State& state, uint64_t frames, uint64_t bytes) {
  state.SetItemsProcessed(static_cast<int64_t>(frames));
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
  state.counters["time_per_frame"] = benchmark::Counter(
      static_cast<double>(frames), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void Feed(benchmark::State& state, const char* content_type, const char* file) {
  const std::string stream = ReadStream(file);
  if (stream.empty()) return state.SkipWithError("the sample cannot be read");
  uint64_t frames = 0, bytes = 0;
  for (auto _ : state) {
    const std::unique_ptr<Framer> framer = MakeFramer(content_type, NoClock);
    Sink sink;
    for (size_t at = 0; at < stream.size(); at += kReceiveBufferBytes) {
      framer->Feed(AsBytes(absl::string_view(stream).substr(at, kReceiveBufferBytes)), sink);
    }
    framer->End(sink);
    benchmark::DoNotOptimize(sink.appended);
    frames += framer->stats().frames;
    bytes += stream.size();
  }
  Report(state, frames, bytes);
}

// Looks at every byte for a header of MPEG-1 layer III, and passes each byte on as it comes.
class NaiveMpeg {
 public:
  [[gnu::noinline]] void Byte(std::byte byte, Sink& sink) {  // a call a byte, as it would be
    word_ = word_ << 8 | std::to_integer<uint32_t>(byte);
    sink.Append({&byte, 1});
    if (left_ > 0) --left_;
    if (left_ > 0 || word_ >> 17 != 0x7ffd) return;
    static constexpr uint32_t kKbps[16] = {0,   32,  40,  48,  56,  64,  80,  96,
                                           112, 128, 160, 192, 224, 256, 320, 0};
    static constexpr uint32_t kRates[4] = {44100, 48000, 32000, 1};
    left_ = 144'000 * kKbps[word_ >> 12 & 15] / kRates[word_ >> 10 & 3] + (word_ >> 9 & 1) - 1;
    sink.Boundary(microseconds(26'122));
    ++frames;
  }

  uint64_t frames = 0;

 private:
  uint32_t word_ = 0;
  uint32_t left_ = 0;
};

void NaiveMp3(benchmark::State& state) {
  const std::string stream = ReadStream("constant.mp3");
  if (stream.empty()) return state.SkipWithError("the sample cannot be read");
  uint64_t frames = 0, bytes = 0;
  for (auto _ : state) {
    NaiveMpeg framer;
    Sink sink;
    for (const std::byte byte : AsBytes(stream)) framer.Byte(byte, sink);
    benchmark::DoNotOptimize(sink.appended);
    frames += framer.frames;
    bytes += stream.size();
  }
  Report(state, frames, bytes);
}

BENCHMARK_CAPTURE(Feed, mp3, "audio/mpeg", "constant.mp3");
BENCHMARK(NaiveMp3);
BENCHMARK_CAPTURE(Feed, aac, "audio/aac", "plain.aac");
BENCHMARK_CAPTURE(Feed, vorbis, "application/ogg", "vorbis.ogg");
BENCHMARK_CAPTURE(Feed, opus, "application/ogg", "opus.ogg");
BENCHMARK_CAPTURE(Feed, webm, "audio/webm", "sound.webm");
BENCHMARK_CAPTURE(Feed, flac, "audio/flac", "reference.flac");
BENCHMARK_CAPTURE(Feed, opaque, "application/octet-stream", "constant.mp3");

// What a source that sends no audio costs: a header must not be found where there is none.
void Garbage(benchmark::State& state, const char* content_type) {
  std::string stream(kStreamBytesMin, '\0');
  uint32_t random = 1;
  for (char& c : stream) {
    random = random * 1664525 + 1013904223;
    c = static_cast<char>(random >> 24);
  }
  for (auto _ : state) {
    const std::unique_ptr<Framer> framer = MakeFramer(content_type, NoClock);
    Sink sink;
    for (size_t at = 0; at < stream.size(); at += kReceiveBufferBytes) {
      framer->Feed(AsBytes(absl::string_view(stream).substr(at, kReceiveBufferBytes)), sink);
    }
    benchmark::DoNotOptimize(sink.appended);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * stream.size()));
}
BENCHMARK_CAPTURE(Garbage, mp3, "audio/mpeg");
BENCHMARK_CAPTURE(Garbage, aac, "audio/aac");
BENCHMARK_CAPTURE(Garbage, ogg, "application/ogg");
BENCHMARK_CAPTURE(Garbage, webm, "audio/webm");

}  // namespace
}  // namespace floe::audio

BENCHMARK_MAIN();
