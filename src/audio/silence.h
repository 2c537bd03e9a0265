// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Silence of a stream's own kind: what is sent when nothing else is left, so that players stay.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "audio/framer.h"
#include "audio/track.h"

namespace floe::audio {

// A kind of silence, as it is written down: "silence:audio/mpeg:44100:2:128000", that is
// Content-Type, sample rate, channels and, of MP3, bits a second.
struct SilenceKind {
  std::string content_type;
  Parameters parameters;

  std::string Name() const;
  static std::optional<SilenceKind> Parse(absl::string_view name);
  bool operator==(const SilenceKind&) const = default;
};

inline constexpr absl::string_view kSilencePrefix = "silence:";

// The kind that a stream goes on with; the bitrate is the nearest there is. Errors: none is built
// in: it is not MP3 or AAC, or has more than two channels.
absl::StatusOr<SilenceKind> SilenceFor(absl::string_view content_type,
                                       const Parameters& parameters);

// A second of it, or a little more. It is decoded to zeros whatever was decoded before.
// Errors: as of SilenceFor.
absl::StatusOr<Track> MakeSilence(const SilenceKind& kind);

}  // namespace floe::audio
