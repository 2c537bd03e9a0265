// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The head of a usual player, scanned and parsed, next to a naive twin of the same result: find the
// end, split into lines, a map of strings. 10,000 joins at once parse 10,000 of them.
#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "benchmark/benchmark.h"
#include "http/listener_head.h"
#include "http/request.h"
#include "http/url.h"

namespace floe::http {
namespace {

constexpr absl::string_view kHead =
    "GET /live?token=abc%20def HTTP/1.1\r\n"
    "Host: radio.example.com:8000\r\n"
    "User-Agent: VLC/3.0.18 LibVLC/3.0.18\r\n"
    "Accept: */*\r\n"
    "Accept-Language: en_US\r\n"
    "Accept-Encoding: identity\r\n"
    "Range: bytes=0-\r\n"
    "Icy-MetaData: 1\r\n"
    "Referer: https://radio.example.com/listen\r\n"
    "Connection: close\r\n"
    "\r\n";

void BM_ScanAndParse(benchmark::State& state) {
  for (auto _ : state) {
    const HeadScan scan = ScanHead(kHead);
    absl::StatusOr<Request> request = ParseHead(kHead.substr(0, scan.size_bytes));
    benchmark::DoNotOptimize(WantsIcy(*request));
  }
  state.SetBytesProcessed(int64_t(state.iterations()) * int64_t(kHead.size()));
}
BENCHMARK(BM_ScanAndParse);

struct NaiveRequest {
  std::string method, path, query, version;
  std::map<std::string, std::string> headers;
};

NaiveRequest NaiveParse(const std::string& received) {
  NaiveRequest request;
  const std::string head = received.substr(0, received.find("\r\n\r\n"));
  const std::vector<std::string> lines = absl::StrSplit(head, "\r\n");
  const std::vector<std::string> words = absl::StrSplit(lines[0], ' ');
  const std::vector<std::string> target = absl::StrSplit(words[1], '?');
  request.method = words[0];
  request.path = PercentDecode(target[0]);
  request.query = target.size() > 1 ? target[1] : "";
  request.version = words[2];
  for (size_t i = 1; i < lines.size(); ++i) {
    const size_t colon = lines[i].find(':');
    request.headers[absl::AsciiStrToLower(lines[i].substr(0, colon))] =
        std::string(absl::StripAsciiWhitespace(lines[i].substr(colon + 1)));
  }
  return request;
}

void BM_NaiveParse(benchmark::State& state) {
  const std::string received(kHead);
  for (auto _ : state) {
    NaiveRequest request = NaiveParse(received);
    benchmark::DoNotOptimize(request.headers["icy-metadata"] != "0");
  }
  state.SetBytesProcessed(int64_t(state.iterations()) * int64_t(kHead.size()));
}
BENCHMARK(BM_NaiveParse);

// A head that comes in pieces is scanned once, not once per piece.
void BM_ScanInPieces(benchmark::State& state) {
  const size_t piece_bytes = size_t(state.range(0));
  for (auto _ : state) {
    HeadScan scan;
    for (size_t end = piece_bytes; scan.kind == HeadScan::Kind::kNeedMore; end += piece_bytes) {
      scan = ScanHead(kHead.substr(0, end), scan);
    }
    benchmark::DoNotOptimize(scan.size_bytes);
  }
}
BENCHMARK(BM_ScanInPieces)->Arg(1)->Arg(64)->Arg(8192);

void BM_ListenerHead(benchmark::State& state) {
  const absl::StatusOr<Request> request = ParseHead(kHead);
  const ListenerHead head{.content_type = "audio/mpeg",
                          .name = "Radio Example",
                          .description = "What you hear when you tune in",
                          .genre = "various",
                          .url = "https://radio.example.com",
                          .audio_info = "ice-samplerate=44100;ice-bitrate=128;ice-channels=2",
                          .bitrate_kbps = 128,
                          .metaint_bytes = 16000};
  const absl::Time now = absl::FromUnixSeconds(1700000000);
  for (auto _ : state) benchmark::DoNotOptimize(head.ToString(*request, now));
}
BENCHMARK(BM_ListenerHead);

}  // namespace
}  // namespace floe::http

BENCHMARK_MAIN();
