// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What finding the boundaries costs the shard that reads a source: ns per frame, page or block. A
// 128 kbit/s MP3 has 38 frames a second, so at 100 ns a frame 10,000 sources take 4 % of a core.
// Beside MPEG stands a framer that looks at each byte, beside ADTS and Ogg one that gathers what
// came in a string and cuts frames off its front, as the obvious ones would.
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

uint8_t ByteAt(absl::string_view text, size_t at) { return static_cast<uint8_t>(text[at]); }

// Bytes of the ADTS frame that begins there; 0: none does, or its header is not whole.
size_t AdtsFrameBytes(absl::string_view text) {
  if (text.size() < 7 || ByteAt(text, 0) != 0xff || ByteAt(text, 1) >> 4 != 0xf) return 0;
  return size_t{ByteAt(text, 3) & 3u} << 11 | size_t{ByteAt(text, 4)} << 3 | ByteAt(text, 5) >> 5;
}

// The checksum of Ogg, a bit at a time.
uint32_t BitwiseOggCrc32(absl::string_view page) {
  uint32_t crc = 0;
  for (size_t at = 0; at < page.size(); ++at) {
    const uint32_t byte = at >= 22 && at < 26 ? 0 : ByteAt(page, at);  // its own place counts as 0
    crc ^= byte << 24;
    for (int bit = 0; bit < 8; ++bit) crc = crc << 1 ^ (crc >> 31 != 0 ? 0x04c11db7u : 0u);
  }
  return crc;
}

// Bytes of the Ogg page that begins there, the same way.
size_t OggPageBytes(absl::string_view text) {
  constexpr size_t kHead = 27;
  if (text.size() < kHead || text.substr(0, 4) != "OggS") return 0;
  const size_t segments = ByteAt(text, 26);
  if (text.size() < kHead + segments) return 0;
  size_t bytes = kHead + segments;
  for (size_t i = 0; i < segments; ++i) bytes += ByteAt(text, kHead + i);
  if (text.size() < bytes) return bytes;  // to be looked at when it is whole
  uint32_t sum = 0;
  for (size_t i = 0; i < 4; ++i) sum |= uint32_t{ByteAt(text, 22 + i)} << 8 * i;
  return BitwiseOggCrc32(text.substr(0, bytes)) == sum ? bytes : 0;
}

void NaiveCut(benchmark::State& state, size_t (*frame_bytes)(absl::string_view), const char* file) {
  const std::string stream = ReadStream(file);
  if (stream.empty()) return state.SkipWithError("the sample cannot be read");
  uint64_t frames = 0, bytes = 0;
  for (auto _ : state) {
    std::string gathered;
    Sink sink;
    for (size_t at = 0; at < stream.size(); at += kReceiveBufferBytes) {
      gathered += stream.substr(at, kReceiveBufferBytes);
      for (;;) {
        const size_t size = frame_bytes(gathered);
        if (size == 0 || size > gathered.size()) break;
        const std::string frame = gathered.substr(0, size);
        gathered.erase(0, size);
        sink.Append(AsBytes(frame));
        sink.Boundary(microseconds(0));
      }
    }
    benchmark::DoNotOptimize(sink.appended);
    frames += sink.boundaries;
    bytes += stream.size();
  }
  Report(state, frames, bytes);
}

BENCHMARK_CAPTURE(Feed, mp3, "audio/mpeg", "constant.mp3");
BENCHMARK(NaiveMp3);
BENCHMARK_CAPTURE(Feed, aac, "audio/aac", "plain.aac");
BENCHMARK_CAPTURE(NaiveCut, aac, &AdtsFrameBytes, "plain.aac");
BENCHMARK_CAPTURE(Feed, vorbis, "application/ogg", "vorbis.ogg");
BENCHMARK_CAPTURE(NaiveCut, vorbis, &OggPageBytes, "vorbis.ogg");
BENCHMARK_CAPTURE(Feed, opus, "application/ogg", "opus.ogg");
BENCHMARK_CAPTURE(NaiveCut, opus, &OggPageBytes, "opus.ogg");
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
