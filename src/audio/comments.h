// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "audio/bits.h"

namespace floe::audio {

// What plays, as Vorbis comments have it: "ARTIST - TITLE" when both are there, else TITLE, else
// nothing. `comments` begins with the vendor's length; where it is torn, what is readable counts.
std::string TitleOfComments(Bytes comments);

// "artist - title", or the title alone. As titles are kept: UTF-8 (what is none is taken for
// Latin-1), no control characters, at most kTitleBytesMax.
std::string JoinTitle(absl::string_view artist, absl::string_view title);

}  // namespace floe::audio
