// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "fuzz/audio/framer_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace floe::audio;  // NOLINT: the target is one function
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  CheckJoins("video/webm", CheckFramer("video/webm", bytes));
  return 0;
}
