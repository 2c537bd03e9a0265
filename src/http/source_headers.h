// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "http/header_list.h"

namespace floe::http {

struct AudioInfoField {
  std::string key;    // as sent: "ice-bitrate", "samplerate"
  std::string value;  // percent-decoded
};

// SourceHeaders is what a source says of its stream in its request, or in the header block of
// SHOUTcast v1. Text is UTF-8 without control characters, whatever was sent. Where several headers
// may say a thing the order is ice-*, icy-*, x-audiocast-*; an empty value says nothing.
// The request's own Content-Type and so on are not judged here: an empty field was not said.
struct SourceHeaders {
  std::string content_type;
  std::string name, description, url, genre;
  uint32_t bitrate_kbps = 0;  // ice-bitrate > icy-br > x-audiocast-bitrate > in audio_info; or 0
  bool is_public = false;     // ice-public > icy-pub > x-audiocast-public > icy-public
  std::string audio_info;     // ice-audio-info, whole
  std::vector<AudioInfoField> audio_info_fields;  // at most kAudioInfoFieldsMax
  uint32_t samplerate_hz = 0, channels = 0;       // of audio_info, or 0
  uint32_t metaint_bytes = 0;  // the source interleaves ICY blocks; 0: it does not
  std::string user_agent;
  std::string content_language;
};
inline constexpr uint32_t kAudioInfoFieldsMax = 16;
inline constexpr uint32_t kSourceMetaintBytesMax = 16u << 20;  // more is not believed

SourceHeaders ParseSourceHeaders(const HeaderList& headers);

// "ice-samplerate=44100;ice-bitrate=128", split at ';' and decoded.
std::vector<AudioInfoField> ParseAudioInfo(absl::string_view text);

}  // namespace floe::http
