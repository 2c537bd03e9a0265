// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/id3.h"

#include <algorithm>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "audio/comments.h"
#include "base/limits.h"

namespace floe::audio {
namespace {

constexpr size_t kHeaderBytes = 10;

// How frames of one version are written.
struct Layout {
  uint8_t version;
  size_t id_bytes;     // of a frame's name
  size_t size_bytes;   // of its length, behind that
  size_t flags_bytes;  // behind that
  absl::string_view title, artist;

  size_t header_bytes() const { return id_bytes + size_bytes + flags_bytes; }
};
constexpr Layout kLayouts[] = {
    {2, 3, 3, 0, "TT2", "TP1"},
    {3, 4, 4, 2, "TIT2", "TPE1"},
    {4, 4, 4, 2, "TIT2", "TPE1"},
};

// Four bytes of 7 bits each.
uint32_t SevenBits(Bytes bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 7 | (U8(bytes, at + i) & 0x7f);
  return value;
}

// An encoder put a 0 behind each 0xff, so that nothing in the tag looks like audio.
std::vector<std::byte> Resynchronized(Bytes bytes) {
  std::vector<std::byte> plain;
  plain.reserve(bytes.size());
  for (size_t i = 0; i < bytes.size(); ++i) {
    plain.push_back(bytes[i]);
    if (U8(bytes, i) == 0xff && i + 1 < bytes.size() && U8(bytes, i + 1) == 0) ++i;
  }
  return plain;
}

void AppendUtf8(uint32_t c, std::string* out) {
  if (c < 0x80) {
    out->push_back(char(c));
  } else if (c < 0x800) {
    out->push_back(char(0xc0 | c >> 6));
    out->push_back(char(0x80 | (c & 0x3f)));
  } else if (c < 0x10000) {
    out->push_back(char(0xe0 | c >> 12));
    out->push_back(char(0x80 | (c >> 6 & 0x3f)));
    out->push_back(char(0x80 | (c & 0x3f)));
  } else {
    out->push_back(char(0xf0 | c >> 18));
    out->push_back(char(0x80 | (c >> 12 & 0x3f)));
    out->push_back(char(0x80 | (c >> 6 & 0x3f)));
    out->push_back(char(0x80 | (c & 0x3f)));
  }
}

// Up to the first 0. Half of a pair of surrogates becomes U+FFFD.
std::string Utf16ToUtf8(Bytes text, bool is_little) {
  constexpr uint32_t kReplacement = 0xfffd;
  const auto unit = [&](size_t at) {
    return uint32_t(is_little ? LittleEndian(text, at, 2) : BigEndian(text, at, 2));
  };
  std::string utf8;
  for (size_t at = 0; at + 2 <= text.size() && utf8.size() < kTitleBytesMax; at += 2) {
    uint32_t c = unit(at);
    if (c == 0) break;
    if (c >= 0xd800 && c <= 0xdfff) {
      const uint32_t low = c < 0xdc00 && at + 4 <= text.size() ? unit(at + 2) : 0;
      const bool is_pair = low >= 0xdc00 && low <= 0xdfff;
      c = is_pair ? 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00) : kReplacement;
      if (is_pair) at += 2;
    }
    AppendUtf8(c, &utf8);
  }
  return utf8;
}

// The first text of a frame's body. ISO-8859-1 is left as it is: what many write there is UTF-8,
// and JoinTitle tells the two apart.
std::string TextOf(Bytes body) {
  enum Charset : uint8_t { kLatin1 = 0, kUtf16 = 1, kUtf16Big = 2, kUtf8 = 3 };
  if (body.empty()) return {};
  const uint8_t charset = U8(body, 0);
  body = body.subspan(1);
  if (charset == kLatin1 || charset == kUtf8) {
    const absl::string_view text =
        AsText(body.first(std::min<size_t>(body.size(), kTitleBytesMax)));
    return std::string(text.substr(0, text.find('\0')));
  }
  if (charset != kUtf16 && charset != kUtf16Big) return {};
  bool is_little = charset == kUtf16;
  if (body.size() >= 2 && (BigEndian(body, 0, 2) == 0xfeff || BigEndian(body, 0, 2) == 0xfffe)) {
    is_little = U8(body, 0) == 0xff;
    body = body.subspan(2);
  }
  return Utf16ToUtf8(body, is_little);
}

// What a frame holds, without what its flags put before it; `plain` is where it is kept when it has
// to be rewritten. Empty: compressed or encrypted.
Bytes BodyOf(const Layout& layout, uint8_t flags, Bytes body, std::vector<std::byte>* plain) {
  constexpr uint8_t kHidden3 = 0xc0, kGrouped3 = 0x20;
  constexpr uint8_t kHidden4 = 0x0c, kGrouped4 = 0x40, kUnsynchronized4 = 0x02, kLength4 = 0x01;
  size_t before = 0;
  if (layout.version == 3) {
    if ((flags & kHidden3) != 0) return {};
    before = (flags & kGrouped3) != 0 ? 1 : 0;
  }
  if (layout.version == 4) {
    if ((flags & kHidden4) != 0) return {};
    before = ((flags & kGrouped4) != 0 ? 1 : 0) + ((flags & kLength4) != 0 ? 4 : 0);
    if ((flags & kUnsynchronized4) != 0) {
      *plain = Resynchronized(body);
      body = *plain;
    }
  }
  return body.subspan(std::min(before, body.size()));
}

std::string TitleOfFrames(const Layout& layout, Bytes frames) {
  std::string title, artist;
  std::vector<std::byte> plain;
  while (frames.size() >= layout.header_bytes() && U8(frames, 0) != 0) {
    const absl::string_view id = AsText(frames.first(layout.id_bytes));
    const size_t bytes = layout.version == 4
                             ? SevenBits(frames, layout.id_bytes)
                             : BigEndian(frames, layout.id_bytes, layout.size_bytes);
    const uint8_t flags = layout.flags_bytes > 0 ? U8(frames, layout.header_bytes() - 1) : 0;
    frames = frames.subspan(layout.header_bytes());
    if (bytes > frames.size()) break;
    const Bytes body = frames.first(bytes);
    if (id == layout.title && title.empty()) title = TextOf(BodyOf(layout, flags, body, &plain));
    if (id == layout.artist && artist.empty()) artist = TextOf(BodyOf(layout, flags, body, &plain));
    frames = frames.subspan(bytes);
  }
  return JoinTitle(artist, title);
}

absl::string_view Trimmed(absl::string_view field) {
  field = field.substr(0, field.find('\0'));
  while (absl::ConsumeSuffix(&field, " ")) {
  }
  return field;
}

}  // namespace

std::string TitleOfId3v2(Bytes file) {
  constexpr uint8_t kUnsynchronized = 0x80, kExtended = 0x40;
  if (file.size() < kHeaderBytes || !StartsWith(file, "ID3")) return {};
  const auto* layout =
      std::find_if(std::begin(kLayouts), std::end(kLayouts),
                   [&file](const Layout& known) { return known.version == U8(file, 3); });
  if (layout == std::end(kLayouts)) return {};
  const uint8_t flags = U8(file, 5);
  Bytes frames = file.subspan(kHeaderBytes);
  frames = frames.first(std::min<size_t>(frames.size(), SevenBits(file, 6)));
  std::vector<std::byte> plain;
  // From 2.4 on each frame says it for itself.
  if ((flags & kUnsynchronized) != 0 && layout->version < 4) {
    plain = Resynchronized(frames);
    frames = plain;
  }
  if ((flags & kExtended) != 0 && layout->version > 2) {
    if (frames.size() < 4) return {};
    const size_t bytes = layout->version == 4 ? SevenBits(frames, 0) : BigEndian(frames, 0, 4) + 4;
    frames = frames.subspan(std::min(bytes, frames.size()));
  }
  return TitleOfFrames(*layout, frames);
}

std::string TitleOfId3v1(Bytes file) {
  constexpr size_t kTitleAt = 3, kArtistAt = 33, kFieldBytes = 30;
  if (file.size() < kId3v1Bytes) return {};
  const Bytes tag = file.last(kId3v1Bytes);
  if (!StartsWith(tag, "TAG")) return {};
  return JoinTitle(Trimmed(AsText(tag.subspan(kArtistAt, kFieldBytes))),
                   Trimmed(AsText(tag.subspan(kTitleAt, kFieldBytes))));
}

}  // namespace floe::audio
