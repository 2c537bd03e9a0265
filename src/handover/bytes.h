// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace floe::handover {

// A `bytes` field of a message, as folders keep bytes.
inline std::vector<std::byte> BytesOf(const std::string& field) {
  const std::span<const std::byte> bytes = std::as_bytes(std::span(field.data(), field.size()));
  return {bytes.begin(), bytes.end()};
}

}  // namespace floe::handover
