// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/report/monotonic.h"
#include "tools/wire/address.h"

namespace floe::tools {

enum class Check {
  kFull,   // every frame of every listener
  kLight,  // every frame of some listeners, the bytes of the others
  kCount,  // bytes only: nothing is judged
};

// What a run must keep to; a bound that was not given does not bind.
struct Bounds {
  std::optional<uint64_t> underruns, gaps, closes, refused, ragged, title_faults;
  std::optional<uint64_t> listeners_min;
  int64_t p99_latency_ns = 0;  // 0: not given
  int64_t p99_first_audio_ns = 0;
  int64_t longest_wait_ns = 0;
};

// What floe-load is told on its command line; the texts are in options.cc.
struct LoadOptions {
  std::string server = "127.0.0.1:8000";
  std::string path = "/live";
  uint32_t mounts = 1;
  uint32_t first = 0;  // number of the first listener: several processes, several sources
  uint32_t listeners = 100;
  double joins_per_s = 0;  // 0: all at once
  uint32_t threads = 0;    // 0: as few as the descriptor limit allows
  uint32_t mss = 1448;     // 0: what the route offers
  uint32_t receive_buffer = 0;
  std::vector<std::string> sources;
  std::string user_agent;

  double icy_share = 0, slow_share = 0, never_share = 0, churn_share = 0, half_close_share = 0;
  double slow_rate = 0.5;
  int64_t churn_every_ns = 10 * kNsPerSecond;
  bool rejoins = false;
  bool resets = false;

  std::string check_name = "light";
  Check check = Check::kLight;
  double check_share = 0.01;
  int64_t read_every_ns = 500 * kNsPerMs;
  int64_t buffer_ns = kNsPerSecond;
  int64_t settle_ns = 3 * kNsPerSecond;
  uint32_t kbps = 0;  // 0: what icy-br says, or 128

  int64_t duration_ns = 0;  // from the start; 0: not by this
  int64_t hold_ns = 0;      // from when all have joined; 0: not by this
  int64_t report_every_ns = 0;
  bool is_json = false;
  Bounds bounds;

  // Made of the above.
  Address server_address;
  std::vector<Address> source_addresses;
};

// False: the program ends with `*exit_status`.
bool ReadLoadOptions(int argc, char** argv, LoadOptions* options, int* exit_status);

}  // namespace floe::tools
