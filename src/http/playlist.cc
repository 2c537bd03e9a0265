// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/playlist.h"

#include <arpa/inet.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "http/charset.h"
#include "http/escape.h"

namespace floe::http {
namespace {

constexpr size_t kHostNameBytesMax = 253;  // DNS

bool IsHostName(absl::string_view text) {
  return !text.empty() && text.size() <= kHostNameBytesMax && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_';
         });
}

bool IsIpv6(absl::string_view text) {
  // inet_pton takes a C string: what stands behind a NUL would pass unseen.
  const bool is_plain = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return absl::ascii_isxdigit(c) || c == ':' || c == '.';
  });
  if (!is_plain) return false;
  in6_addr address;
  return inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

bool IsPort(absl::string_view text) {
  uint32_t port = 0;
  const bool is_digits = !text.empty() && text.size() <= 5 &&
                         std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  return is_digits && absl::SimpleAtoi(text, &port) && port >= 1 && port <= UINT16_MAX;
}

uint16_t PortOfScheme(absl::string_view scheme) { return scheme == "https" ? 443 : 80; }

std::string Xspf(absl::string_view url, absl::string_view title) {
  return absl::StrCat(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<playlist xmlns=\"http://xspf.org/ns/0/\" version=\"1\">\n"
      "  <title>",
      EscapeXml(title),
      "</title>\n"
      "  <trackList>\n"
      "    <track>\n"
      "      <location>",
      EscapeXml(url),
      "</location>\n"
      "      <title>",
      EscapeXml(title),
      "</title>\n"
      "    </track>\n"
      "  </trackList>\n"
      "</playlist>\n");
}

}  // namespace

std::optional<PlaylistPath> SplitPlaylistPath(absl::string_view path) {
  struct Ending {
    absl::string_view text;
    PlaylistKind kind;
  };
  static constexpr Ending kEndings[] = {{".m3u", PlaylistKind::kM3u},
                                        {".pls", PlaylistKind::kPls},
                                        {".xspf", PlaylistKind::kXspf},
                                        {".vclt", PlaylistKind::kVclt}};
  for (const Ending& ending : kEndings) {
    absl::string_view mount = path;
    if (!absl::ConsumeSuffix(&mount, ending.text)) continue;
    if (mount.empty() || mount.back() == '/') return std::nullopt;
    return PlaylistPath{.kind = ending.kind, .mount = mount};
  }
  return std::nullopt;
}

absl::string_view PlaylistContentType(PlaylistKind kind) {
  switch (kind) {
    case PlaylistKind::kM3u: return "audio/x-mpegurl";
    case PlaylistKind::kPls: return "audio/x-scpls";
    case PlaylistKind::kXspf: return "application/xspf+xml";
    case PlaylistKind::kVclt: return "audio/x-vclt";
  }
  return "";
}

std::string PlaylistBody(PlaylistKind kind, absl::string_view base_url, absl::string_view mount,
                         absl::string_view title) {
  const std::string url = absl::StrCat(base_url, UrlEncodePath(mount));
  const std::string shown = ToUtf8(title.empty() ? mount : title);  // on one line
  switch (kind) {
    case PlaylistKind::kM3u: return absl::StrCat(url, "\r\n");
    case PlaylistKind::kPls:
      return absl::StrCat("[playlist]\r\nNumberOfEntries=1\r\nFile1=", url, "\r\nTitle1=", shown,
                          "\r\nLength1=-1\r\nVersion=2\r\n");
    case PlaylistKind::kXspf: return Xspf(url, shown);
    case PlaylistKind::kVclt: return absl::StrCat("STREAMURL=", url, "\nTITLE=", shown, "\n==\n");
  }
  return "";
}

bool IsValidAuthority(absl::string_view text) {
  absl::string_view port;
  if (absl::StartsWith(text, "[")) {
    const size_t end = text.find(']');
    if (end == absl::string_view::npos || !IsIpv6(text.substr(1, end - 1))) return false;
    port = text.substr(end + 1);
  } else {
    const size_t colon = std::min(text.find(':'), text.size());
    if (!IsHostName(text.substr(0, colon))) return false;
    port = text.substr(colon);
  }
  return port.empty() || (port.front() == ':' && IsPort(port.substr(1)));
}

std::string BaseUrl(const Request& request, absl::string_view fallback_host, uint16_t port,
                    absl::string_view scheme) {
  if (IsValidAuthority(request.authority)) {
    return absl::StrCat(scheme, "://", request.authority);
  }
  const bool is_bare_ipv6 = IsIpv6(fallback_host);
  std::string url =
      absl::StrCat(scheme, "://", is_bare_ipv6 ? "[" : "", fallback_host, is_bare_ipv6 ? "]" : "");
  if (port != PortOfScheme(scheme)) absl::StrAppend(&url, ":", port);
  return url;
}

}  // namespace floe::http
