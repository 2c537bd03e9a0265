// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What one Floe says to another in header lines: any text is none of it, or reads back as the same.
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "base/check.h"
#include "http/hops.h"
#include "http/stream_position.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace floe::http;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto asked = ReadAskedPosition(text)) {
    FLOE_CHECK(ReadAskedPosition(PositionToAsk(*asked)) == asked);
  }
  if (const auto said = ReadSaidPosition(text)) {
    FLOE_CHECK(ReadSaidPosition(PositionToSay(*said)) == said);
  }
  const absl::StatusOr<Hops> hops = ReadHops(text);
  if (!hops.ok()) return 0;
  FLOE_CHECK(hops->size() <= floe::kHopsMax);
  const absl::StatusOr<Hops> again = ReadHops(WriteHops(*hops));
  FLOE_CHECK(again.ok() && *again == *hops);
  return 0;
}
