// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "fuzz/importer/importing.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  floe::importer::FuzzImport(data, size, floe::importer::Format::kIcecast);
  return 0;
}
