// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as what somebody says at the control socket: whatever passes for a request can be said
// again, and means the same.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "control/protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace floe::control;
  const absl::string_view line(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<Request> request = ParseRequest(line);
  if (!request.ok()) {
    FLOE_CHECK(!request.status().message().empty());
    return 0;
  }
  FLOE_CHECK(request->ids.size() <= kKickedMax);
  std::string again = RequestLine(*request);
  FLOE_CHECK(again.find('\n') == again.size() - 1);
  again.pop_back();
  const absl::StatusOr<Request> same = ParseRequest(again);
  FLOE_CHECK(same.ok() && *same == *request);
  return 0;
}
