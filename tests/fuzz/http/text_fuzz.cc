// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as text from outside: a path, a query, a title of some charset, a name in a playlist.
// The first byte of the input chooses the charset, the rest is the text.
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/utf8.h"
#include "http/charset.h"
#include "http/escape.h"
#include "http/playlist.h"
#include "http/reply.h"
#include "http/source_headers.h"
#include "http/url.h"

namespace floe::http {
namespace {

// The charsets an input may choose; iconv's converters themselves are not what is tested here.
constexpr absl::string_view kCharsets[] = {"",          "UTF-8",        "ISO-8859-1", "ISO-8859-15",
                                           "Shift_JIS", "windows-1251", "KOI8-R",     "UTF-16LE",
                                           "EUC-KR",    "ISO-2022-JP",  "no-such"};

void CheckText(absl::string_view text, absl::string_view charset) {
  const std::string utf8 = ToUtf8(text, charset);
  FLOE_CHECK(IsUtf8(utf8));
  FLOE_CHECK(utf8.find_first_of(std::string("\r\n\t\0", 4)) == std::string::npos);
  FLOE_CHECK(ToUtf8(utf8) == utf8);
  for (const size_t bytes_max : {size_t{0}, size_t{1}, utf8.size() / 2, utf8.size()}) {
    const absl::string_view cut = CutUtf8(utf8, bytes_max);
    FLOE_CHECK(cut.size() <= bytes_max && IsUtf8(cut));
  }
  (void)CutUtf8(text, text.size() / 2);
  const std::string xml = EscapeXml(text);
  FLOE_CHECK(IsUtf8(xml) && xml.find_first_of("<>\"'") == std::string::npos);
  FLOE_CHECK(PercentDecode(UrlEncode(text)) == text);
  FLOE_CHECK(HeaderSafe(text).find_first_of("\r\n") == std::string::npos);
  FLOE_CHECK(ParseAudioInfo(text).size() <= kAudioInfoFieldsMax);
}

void CheckPath(absl::string_view text) {
  const absl::StatusOr<std::string> path = DecodePath(text);
  if (!path.ok()) return;
  FLOE_CHECK(ValidatePath(*path).ok());
  FLOE_CHECK(!absl::StrContains(absl::StrCat(*path, "/"), "/../"));
  // A mount's playlist leads back to the mount.
  FLOE_CHECK(*DecodePath(UrlEncodePath(*path)) == *path);
  for (const PlaylistKind kind :
       {PlaylistKind::kM3u, PlaylistKind::kPls, PlaylistKind::kXspf, PlaylistKind::kVclt}) {
    FLOE_CHECK(IsUtf8(PlaylistBody(kind, "http://a", *path, text)));
  }
  (void)SplitPlaylistPath(*path);
}

void CheckQuery(absl::string_view text) {
  const Query query = Query::Parse(text);
  std::string again;
  for (const Query::Field& field : query.fields()) {
    absl::StrAppend(&again, "&", UrlEncode(field.name), "=", UrlEncode(field.value));
    FLOE_CHECK(query.Get(field.name) != nullptr);
  }
  const Query second = Query::Parse(again);
  FLOE_CHECK(second.fields().size() == query.fields().size());
  for (size_t i = 0; i < query.fields().size(); ++i) {
    FLOE_CHECK(second.fields()[i].name == query.fields()[i].name);
    FLOE_CHECK(second.fields()[i].value == query.fields()[i].value);
  }
}

void CheckAuthority(absl::string_view text) {
  if (!IsValidAuthority(text)) return;
  FLOE_CHECK(text.find_first_of("/<>\"'&@ \r\n?#") == absl::string_view::npos);
}

}  // namespace
}  // namespace floe::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  absl::string_view text(reinterpret_cast<const char*>(data), size);
  absl::string_view charset;
  if (!text.empty()) {
    charset = floe::http::kCharsets[data[0] % std::size(floe::http::kCharsets)];
    text.remove_prefix(1);
  }
  floe::http::CheckText(text, charset);
  floe::http::CheckPath(text);
  floe::http::CheckQuery(text);
  floe::http::CheckAuthority(text);
  return 0;
}
