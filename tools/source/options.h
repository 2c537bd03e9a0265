// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "tools/report/monotonic.h"
#include "tools/signal/frame_writer.h"

namespace floe::tools {

// What floe-source is told on its command line; the texts are in options.cc.
struct SourceOptions {
  std::string server = "127.0.0.1:8000";
  std::string mount = "/live";
  uint32_t mounts = 1;
  std::string method = "PUT";
  std::string user = "source";
  std::string password = "hackme";
  std::string format_name = "mp3";
  Format format = Format::kMp3;
  uint32_t kbps = 128;
  std::string file;
  std::string name = "Floe test tone";
  bool expects_continue = true;
  bool is_chunked = false;
  bool reconnects = true;
  int64_t title_every_ns = 0;
  std::string title = "Title {n} at frame {frame}";
  int64_t duration_ns = 0;  // 0: until it is stopped
  bool is_json = false;
};

// False: the program ends with `*exit_status`.
bool ReadSourceOptions(int argc, char** argv, SourceOptions* options, int* exit_status);

}  // namespace floe::tools
