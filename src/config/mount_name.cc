// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/mount_name.h"

#include <array>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "config/value.h"

namespace floe::config {
namespace {

// What the server answers itself; a stream of such a name could never be heard.
constexpr std::array<absl::string_view, 5> kOwnPages = {
    "/", "/admin", "/admin.cgi", "/health", "/status-json.xsl",
};
constexpr absl::string_view kOwnFolder = "/admin/";
// Every mount has its playlists beside it: "/live.m3u" is where to hear "/live".
constexpr std::array<absl::string_view, 3> kPlaylists = {".m3u", ".pls", ".xspf"};

bool HasPercentEscape(absl::string_view name) {
  for (size_t i = 0; i + 2 < name.size(); ++i) {
    if (name[i] == '%' && absl::ascii_isxdigit(uint8_t(name[i + 1])) &&
        absl::ascii_isxdigit(uint8_t(name[i + 2]))) {
      return true;
    }
  }
  return false;
}

}  // namespace

absl::Status CheckMountName(absl::string_view name) {
  const auto no = [](absl::string_view why) { return absl::InvalidArgumentError(why); };
  if (name.size() > kMountNameBytesMax) {
    return no(absl::StrCat("a mount name has at most ", kMountNameBytesMax, " bytes, this one ",
                           name.size()));
  }
  if (!absl::StartsWith(name, "/")) return no("a mount name begins with '/'");
  if (!IsPrintableUtf8(name)) return no("a mount name is UTF-8 without control characters");
  if (absl::StrContains(name, "..")) return no("a mount name does not contain \"..\"");
  if (name.find_first_of("?#") != absl::string_view::npos) {
    return no("a mount name does not contain '?' or '#', which end the path of a URL");
  }
  if (HasPercentEscape(name)) return no("a mount name is written without percent-escapes");
  if (absl::StartsWith(name, kOwnFolder)) return no("this is where Floe's own pages are");
  for (const absl::string_view page : kOwnPages) {
    if (name == page) return no("this is a page of Floe's own");
  }
  for (const absl::string_view playlist : kPlaylists) {
    if (absl::EndsWith(name, playlist)) {
      return no(absl::StrCat("names that end in ", playlist, " are the mounts' playlists"));
    }
  }
  return absl::OkStatus();
}

}  // namespace floe::config
