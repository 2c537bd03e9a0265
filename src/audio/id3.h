// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "audio/bits.h"

namespace floe::audio {

inline constexpr size_t kId3v1Bytes = 128;

// What plays, as the ID3v2 tag (2.2, 2.3 or 2.4) at the front of `file` has it, in any of its four
// charsets: "artist - title", or the title alone; empty when it says none, or is torn before that.
// As titles are kept: see JoinTitle.
std::string TitleOfId3v2(Bytes file);

// The same of the ID3v1 tag at the end of `file`.
std::string TitleOfId3v1(Bytes file);

}  // namespace floe::audio
