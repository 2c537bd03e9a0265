// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "audio/framer.h"

namespace floe::mount {

// Media is what of a stream decides whether a player that heard another can go on with it.
struct Media {
  std::string format;  // "MPEG audio", "Ogg", ...; of an opaque stream its type; empty: not known
  audio::Codec codec = audio::Codec::kUnknown;
  // The codec is within a container that says so once, at its begin: Ogg, WebM.
  bool is_container = false;

  bool operator==(const Media&) const = default;
};

// Of a Content-Type, parameters and case aside.
Media MediaOf(absl::string_view content_type, audio::Codec codec);

// Whether who plays `heard` can go on with `offered`. What is not known is no hindrance.
enum class Joining : uint8_t { kCan, kOtherFormat, kOtherCodec };
Joining CanJoin(const Media& heard, const Media& offered);

// "MPEG audio", "Ogg Opus", "audio/x-whatever"; empty when it is not known.
std::string MediaName(const Media& media);

}  // namespace floe::mount
