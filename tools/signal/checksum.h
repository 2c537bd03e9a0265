// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace floe::tools {

// CRC-32 as zlib and Ethernet have it. What guards a test frame.
uint32_t Crc32(absl::string_view bytes);

// The checksum of an Ogg page (its own four checksum bytes taken as zero by the caller).
uint32_t OggChecksum(absl::string_view bytes, uint32_t so_far = 0);

}  // namespace floe::tools
