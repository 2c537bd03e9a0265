// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/charset.h"

#include <iconv.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace floe::http {
namespace {

constexpr absl::string_view kReplacement = "\xef\xbf\xbd";
constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr size_t kCharsetNameBytesMax = 40;

// What Windows-1252 has from 0x80 to 0x9f; 0 where it has nothing.
constexpr uint16_t kWindows1252[32] = {
    0x20ac, 0,      0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017d, 0,      0,      0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,      0x017e, 0x0178,
};

bool IsOneOf(absl::string_view name, std::initializer_list<absl::string_view> names) {
  return std::any_of(names.begin(), names.end(),
                     [name](absl::string_view one) { return absl::EqualsIgnoreCase(name, one); });
}

void AppendUtf8(std::string* out, uint16_t code) {
  if (code < 0x80) {
    out->push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out->push_back(static_cast<char>(0xc0 | (code >> 6)));
    out->push_back(static_cast<char>(0x80 | (code & 0x3f)));
  } else {
    out->push_back(static_cast<char>(0xe0 | (code >> 12)));
    out->push_back(static_cast<char>(0x80 | ((code >> 6) & 0x3f)));
    out->push_back(static_cast<char>(0x80 | (code & 0x3f)));
  }
}

std::string FromLatin1(absl::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    uint16_t code = static_cast<uint8_t>(c);
    if (code >= 0x80 && code < 0xa0) {
      code = kWindows1252[code - 0x80];
      if (code == 0) code = ' ';
    }
    AppendUtf8(&out, code);
  }
  return out;
}

// A title that was cut within a character is still UTF-8 to its reader; text of another charset
// that happens to hold a whole character of UTF-8 is rare.
bool HasWideCharacter(absl::string_view text) {
  while (!text.empty()) {
    const size_t bytes = Utf8CharacterBytes(text);
    if (bytes > 1) return true;
    text.remove_prefix(1);
  }
  return false;
}

std::string RepairedUtf8(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const size_t bytes = Utf8CharacterBytes(text);
    const absl::string_view character = bytes == 0 ? kReplacement : text.substr(0, bytes);
    out.append(character.data(), character.size());
    text.remove_prefix(std::max<size_t>(bytes, 1));
  }
  return out;
}

// Iconv owns a conversion descriptor to UTF-8; it is not open when the charset is not known.
class Iconv {
 public:
  explicit Iconv(const std::string& charset) : descriptor_(iconv_open("UTF-8", charset.c_str())) {}
  Iconv(const Iconv&) = delete;
  Iconv& operator=(const Iconv&) = delete;
  ~Iconv() {
    if (is_open()) iconv_close(descriptor_);
  }
  bool is_open() const { return descriptor_ != reinterpret_cast<iconv_t>(-1); }

  // Converts all of `bytes`; a byte that is not of the charset becomes U+FFFD.
  std::string Convert(absl::string_view bytes) {
    std::string out;
    char* in = const_cast<char*>(bytes.data());  // iconv's signature; it does not write there
    size_t left = bytes.size();
    while (left > 0) {
      const size_t before = left;
      const int error = Step(&in, &left, &out);
      if (error == E2BIG && left < before) continue;
      if (left == 0) break;
      if (error == E2BIG) break;  // not even one character fits the buffer: no such charset
      if (error == EILSEQ || error == EINVAL) {
        out.append(kReplacement.data(), kReplacement.size());
        ++in;
        --left;
      }
    }
    (void)Step(nullptr, nullptr, &out);  // what a stateful charset still holds back
    return out;
  }

 private:
  int Step(char** in, size_t* left, std::string* out) {
    char buffer[512];
    char* to = buffer;
    size_t room = sizeof(buffer);
    const bool failed = iconv(descriptor_, in, left, &to, &room) == static_cast<size_t>(-1);
    const int error = failed ? errno : 0;
    out->append(buffer, sizeof(buffer) - room);
    return error;
  }

  iconv_t descriptor_;
};

// The name comes from a request: glibc gives '/' and ',' meanings of its own.
bool IsCharsetName(absl::string_view name) {
  return !name.empty() && name.size() <= kCharsetNameBytesMax &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.' || c == ':' ||
                  c == '+';
         });
}

std::optional<std::string> FromCharset(absl::string_view bytes, absl::string_view charset) {
  if (!IsCharsetName(charset)) return std::nullopt;
  if (IsOneOf(charset, {"UTF-8", "UTF8"})) return std::nullopt;  // it is not, or we were not here
  if (IsOneOf(charset, {"ISO-8859-1", "ISO8859-1", "ISO_8859-1", "latin1", "latin-1", "l1",
                        "windows-1252", "cp1252", "us-ascii", "ascii"})) {
    return FromLatin1(bytes);
  }
  Iconv conversion{std::string(charset)};
  if (!conversion.is_open()) return std::nullopt;
  return conversion.Convert(bytes);
}

// Control characters, those of Latin-1's upper half too, become spaces; in place, since U+0080 to
// U+009F are two bytes, 0xc2 and itself.
void RemoveControls(std::string* text) {
  size_t to = 0;
  for (size_t from = 0; from < text->size(); ++from) {
    const uint8_t byte = static_cast<uint8_t>((*text)[from]);
    const bool is_upper_control =
        byte == 0xc2 && from + 1 < text->size() && static_cast<uint8_t>((*text)[from + 1]) < 0xa0;
    if (is_upper_control) ++from;
    const bool is_control = is_upper_control || absl::ascii_iscntrl(byte);
    (*text)[to++] = is_control ? ' ' : static_cast<char>(byte);
  }
  text->resize(to);
}

std::string Converted(absl::string_view bytes, absl::string_view charset) {
  if (IsUtf8(bytes)) return std::string(bytes);
  if (std::optional<std::string> text = FromCharset(bytes, charset); text.has_value()) {
    return *text;
  }
  return HasWideCharacter(bytes) ? RepairedUtf8(bytes) : FromLatin1(bytes);
}

}  // namespace

std::string ToUtf8(absl::string_view bytes, absl::string_view charset) {
  std::string text = Converted(bytes, charset);
  while (absl::StartsWith(text, kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  RemoveControls(&text);
  return text;
}

}  // namespace floe::http
