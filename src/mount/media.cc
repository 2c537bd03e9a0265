// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "mount/media.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace floe::mount {

Media MediaOf(absl::string_view content_type, audio::Codec codec) {
  Media media;
  media.codec = codec;
  media.format = std::string(audio::FormatName(content_type));
  media.is_container = !media.format.empty() && !audio::AllowsIcy(content_type);
  if (media.format.empty()) {
    media.format = absl::AsciiStrToLower(
        absl::StripAsciiWhitespace(content_type.substr(0, content_type.find(';'))));
  }
  return media;
}

Joining CanJoin(const Media& heard, const Media& offered) {
  if (heard.format.empty() || offered.format.empty()) return Joining::kCan;
  if (heard.format != offered.format) return Joining::kOtherFormat;
  const bool is_one_unknown =
      heard.codec == audio::Codec::kUnknown || offered.codec == audio::Codec::kUnknown;
  if (!heard.is_container || is_one_unknown) return Joining::kCan;
  return heard.codec == offered.codec ? Joining::kCan : Joining::kOtherCodec;
}

std::string MediaName(const Media& media) {
  if (!media.is_container || media.codec == audio::Codec::kUnknown) return media.format;
  const absl::string_view codec = audio::CodecName(media.codec);
  return codec == media.format ? media.format : absl::StrCat(media.format, " ", codec);
}

}  // namespace floe::mount
