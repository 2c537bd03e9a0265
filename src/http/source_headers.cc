// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/source_headers.h"

#include <initializer_list>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "http/charset.h"
#include "http/lines.h"
#include "http/url.h"

namespace floe::http {
namespace {

// More than 16 Mbit/s is no audio: it was meant as bit/s.
constexpr uint32_t kBitrateKbpsMax = 16'000;

// The first of `names`, in their order, that says something.
absl::string_view FirstOf(const HeaderList& headers,
                          std::initializer_list<absl::string_view> names) {
  for (const absl::string_view name : names) {
    const absl::string_view value = headers.Find(name).value_or("");
    if (!value.empty()) return value;
  }
  return "";
}

std::string TextOf(const HeaderList& headers, std::initializer_list<absl::string_view> names) {
  return std::string(absl::StripAsciiWhitespace(ToUtf8(FirstOf(headers, names))));
}

// The number `text` begins with, "128" of "128 kbps" and of "128,128"; 0 when there is none.
uint32_t LeadingNumber(absl::string_view text) {
  size_t digits = 0;
  while (digits < text.size() && absl::ascii_isdigit(static_cast<unsigned char>(text[digits]))) {
    ++digits;
  }
  uint32_t number = 0;
  return absl::SimpleAtoi(text.substr(0, digits), &number) ? number : 0;
}

uint32_t KbpsOf(absl::string_view text) {
  const uint32_t number = LeadingNumber(text);
  return number <= kBitrateKbpsMax ? number : number / 1000;
}

bool IsYes(absl::string_view text) {
  return LeadingNumber(text) != 0 || absl::EqualsIgnoreCase(text, "true") ||
         absl::EqualsIgnoreCase(text, "yes");
}

// Some encoders write "bitrate", some "ice-bitrate".
absl::string_view FieldOf(const std::vector<AudioInfoField>& fields, absl::string_view name) {
  for (const AudioInfoField& field : fields) {
    absl::string_view key = field.key;
    if (absl::StartsWithIgnoreCase(key, "ice-")) key.remove_prefix(4);
    if (absl::EqualsIgnoreCase(key, name)) return field.value;
  }
  return "";
}

}  // namespace

std::vector<AudioInfoField> ParseAudioInfo(absl::string_view text) {
  std::vector<AudioInfoField> fields;
  while (!text.empty() && fields.size() < kAudioInfoFieldsMax) {
    const size_t end = text.find(';');
    const absl::string_view pair = text.substr(0, end);
    text.remove_prefix(end == absl::string_view::npos ? text.size() : end + 1);
    const size_t equals = pair.find('=');
    const absl::string_view key = TrimBlanks(pair.substr(0, equals));
    if (equals == absl::string_view::npos || key.empty()) continue;
    const std::string value = PercentDecode(TrimBlanks(pair.substr(equals + 1)));
    fields.push_back({.key = ToUtf8(key), .value = ToUtf8(value)});
  }
  return fields;
}

SourceHeaders ParseSourceHeaders(const HeaderList& headers) {
  SourceHeaders source;
  source.content_type = TextOf(headers, {"Content-Type"});
  source.name = TextOf(headers, {"ice-name", "icy-name", "x-audiocast-name"});
  source.description =
      TextOf(headers, {"ice-description", "icy-description", "x-audiocast-description"});
  source.url = TextOf(headers, {"ice-url", "icy-url", "x-audiocast-url"});
  source.genre = TextOf(headers, {"ice-genre", "icy-genre", "x-audiocast-genre"});
  source.is_public =
      IsYes(FirstOf(headers, {"ice-public", "icy-pub", "x-audiocast-public", "icy-public"}));
  source.audio_info = TextOf(headers, {"ice-audio-info"});
  source.audio_info_fields = ParseAudioInfo(source.audio_info);
  source.samplerate_hz = LeadingNumber(FieldOf(source.audio_info_fields, "samplerate"));
  source.channels = LeadingNumber(FieldOf(source.audio_info_fields, "channels"));
  source.bitrate_kbps = KbpsOf(FirstOf(headers, {"ice-bitrate", "icy-br", "x-audiocast-bitrate"}));
  if (source.bitrate_kbps == 0) {
    source.bitrate_kbps = KbpsOf(FieldOf(source.audio_info_fields, "bitrate"));
  }
  const uint32_t metaint = LeadingNumber(FirstOf(headers, {"icy-metaint"}));
  source.metaint_bytes = metaint <= kSourceMetaintBytesMax ? metaint : 0;
  source.user_agent = TextOf(headers, {"User-Agent"});
  source.content_language = TextOf(headers, {"Content-Language"});
  return source;
}

}  // namespace floe::http
