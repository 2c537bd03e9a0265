// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The checksums of Ogg pages and FLAC frames. All run from the highest bit and begin with 0, so the
// sum over data and its own checksum behind it is 0.
#pragma once

#include <cstdint>

#include "audio/bits.h"

namespace floe::audio {

// Each continues `sum` over `bytes`.
uint32_t OggCrc32(uint32_t sum, Bytes bytes);   // polynomial 0x04c11db7
uint16_t FlacCrc16(uint16_t sum, Bytes bytes);  // polynomial 0x8005
uint8_t FlacCrc8(uint8_t sum, Bytes bytes);     // polynomial 0x07

}  // namespace floe::audio
