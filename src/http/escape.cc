// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/escape.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/utf8.h"

namespace floe::http {
namespace {

constexpr absl::string_view kReplacement = "\xef\xbf\xbd";
constexpr absl::string_view kUnreserved = "-._~";
constexpr absl::string_view kOfPath = "-._~/!$&'()*+,;=:@";

// U+FFFE and U+FFFF are characters to UTF-8 but not to XML.
bool IsXmlCharacter(absl::string_view character) {
  return character != "\xef\xbf\xbe" && character != "\xef\xbf\xbf";
}

void AppendXmlAscii(std::string* out, char c) {
  switch (c) {
    case '&': absl::StrAppend(out, "&amp;"); return;
    case '<': absl::StrAppend(out, "&lt;"); return;
    case '>': absl::StrAppend(out, "&gt;"); return;
    case '"': absl::StrAppend(out, "&quot;"); return;
    case '\'': absl::StrAppend(out, "&#39;"); return;
    case '\t':
    case '\n':
    case '\r': out->push_back(c); return;
    default: out->push_back(absl::ascii_iscntrl(static_cast<unsigned char>(c)) ? ' ' : c);
  }
}

std::string PercentEncode(absl::string_view text, absl::string_view kept) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const uint8_t byte = static_cast<uint8_t>(c);
    if (absl::ascii_isalnum(byte) || (c != '\0' && kept.find(c) != absl::string_view::npos)) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 0xf]);
    }
  }
  return out;
}

}  // namespace

std::string EscapeXml(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t bytes = Utf8CharacterBytes(text);
    if (bytes == 1) {
      AppendXmlAscii(&out, text[0]);
    } else if (bytes == 0 || !IsXmlCharacter(text.substr(0, bytes))) {
      absl::StrAppend(&out, kReplacement);
    } else {
      absl::StrAppend(&out, text.substr(0, bytes));
    }
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return out;
}

std::string QuoteJson(absl::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const size_t bytes = Utf8CharacterBytes(text);
    const auto byte = static_cast<uint8_t>(text[0]);
    if (bytes == 0) {
      absl::StrAppend(&out, kReplacement);
    } else if (byte < 0x20) {
      absl::StrAppend(&out, "\\u00", absl::Hex(byte, absl::kZeroPad2));
    } else {
      if (byte == '"' || byte == '\\') out.push_back('\\');
      absl::StrAppend(&out, text.substr(0, bytes));
    }
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  out.push_back('"');
  return out;
}

std::string UrlEncode(absl::string_view text) { return PercentEncode(text, kUnreserved); }

std::string UrlEncodePath(absl::string_view path) { return PercentEncode(path, kOfPath); }

}  // namespace floe::http
