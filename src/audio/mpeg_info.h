// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "audio/bits.h"

namespace floe::audio {

// Whether a whole frame of MPEG Layer III holds no audio, but a table of what follows in the file:
// "Xing" or "Info", where the main data would be, or "VBRI".
bool IsMpegInfoFrame(Bytes frame);

}  // namespace floe::audio
