// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// floe-source: feeds mounts of any Icecast-speaking server with numbered, time-stamped audio.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>

#include "tools/report/command_line.h"
#include "tools/report/live_line.h"
#include "tools/source/options.h"
#include "tools/source/station.h"

namespace floe::tools {
namespace {

constexpr int64_t kLineEveryNs = 250 * kNsPerMs;

int Run(const SourceOptions& options) {
  Station station(options);
  if (absl::Status opened = station.Open(); !opened.ok()) {
    std::cerr << "floe-source: " << opened.message() << "\n";
    return kExitUsage;
  }
  std::signal(SIGINT, [](int) { Station::Stop(); });
  std::signal(SIGTERM, [](int) { Station::Stop(); });
  const int64_t end_ns =
      options.duration_ns > 0 ? NowNs() + options.duration_ns : std::numeric_limits<int64_t>::max();
  {
    LiveLine line;
    while (!Station::is_stopped() && NowNs() < end_ns) {
      station.FeedUntil(std::min(end_ns, NowNs() + kLineEveryNs));
      if (line.is_on()) line.Show(station.Line());
    }
  }
  if (options.is_json) {
    std::cout << station.Result().dump() << std::endl;
  } else {
    std::cout << station.Line() << std::endl;
  }
  return station.IsEveryMountFed() ? kExitGood : kExitBroken;
}

}  // namespace
}  // namespace floe::tools

int main(int argc, char** argv) {
  floe::tools::SourceOptions options;
  int exit_status = 0;
  if (!floe::tools::ReadSourceOptions(argc, argv, &options, &exit_status)) return exit_status;
  return floe::tools::Run(options);
}
