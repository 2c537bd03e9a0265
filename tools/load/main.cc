// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// floe-load: opens many listeners and judges what they hear as players would.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <ctime>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "tools/load/crowd.h"
#include "tools/load/options.h"
#include "tools/load/verdict.h"
#include "tools/report/command_line.h"
#include "tools/report/live_line.h"

namespace floe::tools {
namespace {

constexpr int64_t kLookEveryNs = 50 * kNsPerMs;
constexpr int64_t kLineEveryNs = 250 * kNsPerMs;
std::atomic<bool> g_is_stopped{false};  // set by a signal
std::atomic<uint32_t> g_window{0};      // counted by a signal

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// A ring's descriptor table is bounded by the limit on open files, whatever is open already.
uint32_t ListenersPerCrowd() {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  return uint32_t(std::min<rlim_t>(kListenersPerCrowdMax, files.rlim_cur));
}

// The crowds of a run and their threads.
class Run {
 public:
  explicit Run(const LoadOptions& options) : options_(options) {
    const uint32_t most = ListenersPerCrowd();
    const uint32_t needed = (options.listeners + most - 1) / most;
    const uint32_t crowds =
        std::min(std::max({options.threads, needed, uint32_t{1}}), options.listeners);
    failures_.resize(crowds);
    uint32_t first = options.first;
    for (uint32_t i = 0; i < crowds; ++i) {
      const uint32_t count = options.listeners / crowds + (i < options.listeners % crowds ? 1 : 0);
      crowds_.push_back(
          std::make_unique<Crowd>(options, first, count, options.joins_per_s / crowds));
      first += count;
    }
    state_.began_at_ns = NowNs();
    for (uint32_t i = 0; i < crowds; ++i) {
      threads_.emplace_back([this, i] {
        failures_[i] = crowds_[i]->Run();
        if (!failures_[i].ok()) has_failed_ = true;
      });
    }
  }

  void StopAndJoin() {
    for (const auto& crowd : crowds_) crowd->Stop();
    for (std::thread& thread : threads_) thread.join();
    Look();
  }

  void BeginWindow(uint32_t number) {
    for (const auto& crowd : crowds_) crowd->BeginWindow(number);
  }

  const RunState& Look() {
    state_.tally = crowds_.front()->Snapshot();
    for (size_t i = 1; i < crowds_.size(); ++i) state_.tally.Merge(crowds_[i]->Snapshot());
    state_.now_ns = NowNs();
    state_.cpu_s = CpuSeconds();
    return state_;
  }

  const RunState& state() const { return state_; }
  bool has_failed() const { return has_failed_; }

  // REQUIRES: joined.
  absl::Status failure() const {
    for (const absl::Status& failure : failures_) {
      if (!failure.ok()) return failure;
    }
    return absl::OkStatus();
  }

 private:
  const LoadOptions& options_;
  std::vector<std::unique_ptr<Crowd>> crowds_;
  std::vector<absl::Status> failures_;
  std::vector<std::thread> threads_;
  std::atomic<bool> has_failed_{false};
  RunState state_;
};

void Sleep(int64_t ns) {
  const timespec time{ns / kNsPerSecond, ns % kNsPerSecond};
  nanosleep(&time, nullptr);
}

// Watches until the run is over by time, by what it holds, or by a signal.
void Watch(const LoadOptions& options, Run* run) {
  LiveLine line;
  int64_t settled_at_ns = 0, shown_at_ns = run->state().began_at_ns;
  uint64_t shown_bytes = 0;
  int64_t reported_at_ns = NowNs();
  while (!g_is_stopped && !run->has_failed()) {
    Sleep(kLookEveryNs);
    run->BeginWindow(g_window);
    const RunState& state = run->Look();
    const int64_t now_ns = state.now_ns;
    if (line.is_on() && now_ns - shown_at_ns >= kLineEveryNs) {
      const double bits = double(state.tally.bytes - shown_bytes) * 8;
      line.Show(LineOf(options, state, bits * 1e3 / double(now_ns - shown_at_ns)));
      shown_at_ns = now_ns;
      shown_bytes = state.tally.bytes;
    }
    if (options.report_every_ns > 0 && now_ns - reported_at_ns >= options.report_every_ns) {
      reported_at_ns = now_ns;
      std::cout << ResultOf(options, state).dump() << std::endl;
    }
    if (options.duration_ns > 0 && now_ns - state.began_at_ns >= options.duration_ns) return;
    if (settled_at_ns == 0 && state.tally.settled >= options.listeners) settled_at_ns = now_ns;
    const bool is_held = settled_at_ns != 0 && now_ns - settled_at_ns >= options.hold_ns;
    if (options.hold_ns > 0 && is_held) return;
  }
}

int Main(const LoadOptions& options) {
  std::signal(SIGINT, [](int) { g_is_stopped = true; });
  std::signal(SIGTERM, [](int) { g_is_stopped = true; });
  std::signal(SIGUSR1, [](int) { ++g_window; });
  Run run(options);
  Watch(options, &run);
  run.StopAndJoin();
  if (absl::Status failure = run.failure(); !failure.ok()) {
    std::cerr << "floe-load: " << failure.message() << "\n";
    return kExitUsage;
  }
  if (options.is_json) {
    nlohmann::json result = ResultOf(options, run.state());
    result["final"] = true;
    std::cout << result.dump() << std::endl;
  } else {
    std::cout << SummaryOf(options, run.state()) << std::flush;
  }
  return BrokenBounds(options.bounds, run.state().tally).empty() ? kExitGood : kExitBroken;
}

}  // namespace
}  // namespace floe::tools

int main(int argc, char** argv) {
  floe::tools::LoadOptions options;
  int exit_status = 0;
  if (!floe::tools::ReadLoadOptions(argc, argv, &options, &exit_status)) return exit_status;
  return floe::tools::Main(options);
}
