// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/broadcast.h"

namespace floe::sim {

// What a player made of the bytes it got. It knows how frames and ICY blocks look and nothing of
// tapes, pages or sends: whatever went wrong on the way shows up here.
struct Heard {
  // What must never be; empty when all is well.
  std::vector<std::string> complaints;

  size_t frames = 0;       // whole ones
  size_t gaps = 0;         // times audio was missing
  size_t first_frame = 0;  // in Broadcast::frames()
  size_t last_frame = 0;   // the last that was whole
  size_t preambles = 0;
  size_t blocks = 0;  // ICY blocks, empty ones too
  std::vector<std::string> titles;
};

// Judges the raw bytes of a player of `broadcast` that was promised a block every `metaint_bytes`.
Heard Judge(const std::string& raw, uint32_t metaint_bytes, const Broadcast& broadcast);

}  // namespace floe::sim
