// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/framer.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "audio/adts_framer.h"
#include "audio/flac_framer.h"
#include "audio/mpeg_framer.h"
#include "audio/ogg_framer.h"
#include "audio/opaque_framer.h"
#include "audio/webm_framer.h"

namespace floe::audio {
namespace {

enum class Format : uint8_t { kOpaque, kMpeg, kAdts, kOgg, kWebm, kFlac };

struct TypeRow {
  absl::string_view type;
  Format format;
};

// What encoders send, some of it long obsolete.
constexpr TypeRow kTypes[] = {
    {"audio/mpeg", Format::kMpeg},
    {"audio/mp3", Format::kMpeg},
    {"audio/x-mp3", Format::kMpeg},
    {"audio/x-mpeg", Format::kMpeg},
    {"audio/mpeg3", Format::kMpeg},
    {"audio/x-mpeg-3", Format::kMpeg},
    {"audio/mpg", Format::kMpeg},
    {"audio/x-mpg", Format::kMpeg},
    {"audio/mp2", Format::kMpeg},
    {"audio/x-mp2", Format::kMpeg},
    {"audio/mpa", Format::kMpeg},
    {"audio/mp1", Format::kMpeg},
    {"audio/aac", Format::kAdts},
    {"audio/aacp", Format::kAdts},
    {"audio/x-aac", Format::kAdts},
    {"audio/x-aacp", Format::kAdts},
    {"audio/aac-adts", Format::kAdts},
    {"audio/x-hx-aac-adts", Format::kAdts},
    {"application/ogg", Format::kOgg},
    {"application/x-ogg", Format::kOgg},
    {"audio/ogg", Format::kOgg},
    {"audio/x-ogg", Format::kOgg},
    {"video/ogg", Format::kOgg},
    {"video/x-ogg", Format::kOgg},
    {"audio/opus", Format::kOgg},
    {"audio/vorbis", Format::kOgg},
    {"audio/x-vorbis", Format::kOgg},
    {"audio/x-vorbis+ogg", Format::kOgg},
    {"audio/x-opus+ogg", Format::kOgg},
    {"audio/speex", Format::kOgg},
    {"audio/x-speex", Format::kOgg},
    {"video/x-theora+ogg", Format::kOgg},
    {"audio/webm", Format::kWebm},
    {"video/webm", Format::kWebm},
    {"audio/x-matroska", Format::kWebm},
    {"video/x-matroska", Format::kWebm},
    {"audio/matroska", Format::kWebm},
    {"video/matroska", Format::kWebm},
    {"video/x-matroska-3d", Format::kWebm},
    {"audio/flac", Format::kFlac},
    {"audio/x-flac", Format::kFlac},
};

Format FormatOf(absl::string_view content_type) {
  const absl::string_view type =
      absl::StripAsciiWhitespace(content_type.substr(0, content_type.find(';')));
  const TypeRow* row = std::find_if(
      std::begin(kTypes), std::end(kTypes),
      [type](const TypeRow& known) { return absl::EqualsIgnoreCase(type, known.type); });
  return row == std::end(kTypes) ? Format::kOpaque : row->format;
}

}  // namespace

const char* CodecName(Codec codec) {
  switch (codec) {
    case Codec::kUnknown: return "unknown";
    case Codec::kMp1: return "MP1";
    case Codec::kMp2: return "MP2";
    case Codec::kMp3: return "MP3";
    case Codec::kAac: return "AAC";
    case Codec::kVorbis: return "Vorbis";
    case Codec::kOpus: return "Opus";
    case Codec::kFlac: return "FLAC";
    case Codec::kSpeex: return "Speex";
    case Codec::kTheora: return "Theora";
    case Codec::kWebm: return "WebM";
    case Codec::kOpaque: return "opaque";
  }
  return "unknown";
}

uint32_t FramerStats::bitrate_bps() const {
  if (played < seconds(1)) return 0;
  const double heard_s = std::chrono::duration<double>(played).count();
  return static_cast<uint32_t>(
      std::min<double>(static_cast<double>(audio_bytes) * 8 / heard_s, UINT32_MAX));
}

std::unique_ptr<Framer> MakeFramer(absl::string_view content_type, Instant (*clock)()) {
  switch (FormatOf(content_type)) {
    case Format::kMpeg: return std::make_unique<MpegFramer>();
    case Format::kAdts: return std::make_unique<AdtsFramer>();
    case Format::kOgg: return std::make_unique<OggFramer>();
    case Format::kWebm: return std::make_unique<WebmFramer>();
    case Format::kFlac: return std::make_unique<FlacFramer>();
    case Format::kOpaque: break;
  }
  return std::make_unique<OpaqueFramer>(clock);
}

absl::string_view FormatName(absl::string_view content_type) {
  switch (FormatOf(content_type)) {
    case Format::kMpeg: return "MPEG audio";
    case Format::kAdts: return "ADTS";
    case Format::kOgg: return "Ogg";
    case Format::kWebm: return "WebM";
    case Format::kFlac: return "FLAC";
    case Format::kOpaque: break;
  }
  return "";
}

bool AllowsIcy(absl::string_view content_type) {
  const Format format = FormatOf(content_type);
  return format == Format::kMpeg || format == Format::kAdts || format == Format::kOpaque;
}

}  // namespace floe::audio
