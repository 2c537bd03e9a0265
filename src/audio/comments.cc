// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/comments.h"

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/utf8.h"

namespace floe::audio {
namespace {

// A field with the length of 4 bytes before it; the cursor moves behind it.
std::optional<absl::string_view> TakeField(Bytes* from) {
  constexpr size_t kLengthBytes = 4;
  if (from->size() < kLengthBytes) return std::nullopt;
  const size_t length = LittleEndian(*from, 0, kLengthBytes);
  if (from->size() - kLengthBytes < length) return std::nullopt;
  const Bytes field = from->subspan(kLengthBytes, length);
  *from = from->subspan(kLengthBytes + length);
  return AsText(field);
}

// The value of the first comment of each key wins: encoders put the main artist first.
void Keep(absl::string_view comment, absl::string_view key, absl::string_view* value) {
  if (!value->empty() || comment.size() <= key.size() || comment[key.size()] != '=') return;
  if (absl::StartsWithIgnoreCase(comment, key)) *value = comment.substr(key.size() + 1);
}

std::string AsUtf8(absl::string_view text) {
  if (IsUtf8(text)) return std::string(text);
  std::string utf8;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80) utf8 += static_cast<char>(0xc0 | byte >> 6);
    utf8 += static_cast<char>(byte >= 0x80 ? 0x80 | (byte & 0x3f) : byte);
  }
  return utf8;
}

}  // namespace

std::string JoinTitle(absl::string_view artist, absl::string_view title) {
  artist = CutUtf8(artist, kTitleBytesMax);
  title = CutUtf8(title, kTitleBytesMax);
  if (title.empty()) return {};
  std::string joined =
      artist.empty() ? AsUtf8(title) : absl::StrCat(AsUtf8(artist), " - ", AsUtf8(title));
  for (char& c : joined) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return std::string(CutUtf8(joined, kTitleBytesMax));
}

std::string TitleOfComments(Bytes comments) {
  constexpr size_t kCountBytes = 4;
  if (!TakeField(&comments) || comments.size() < kCountBytes) return {};  // the vendor
  uint64_t count = LittleEndian(comments, 0, kCountBytes);
  comments = comments.subspan(kCountBytes);
  absl::string_view artist, title;
  for (; count > 0; --count) {
    const std::optional<absl::string_view> comment = TakeField(&comments);
    if (!comment) break;
    Keep(*comment, "ARTIST", &artist);
    Keep(*comment, "TITLE", &title);
  }
  return JoinTitle(artist, title);
}

}  // namespace floe::audio
