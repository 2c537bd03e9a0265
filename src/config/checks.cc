// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/checks.h"

#include <iconv.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/http_url.h"
#include "config/bounds.h"
#include "config/core_set.h"
#include "config/mount_name.h"
#include "config/suggest.h"
#include "config/value.h"

namespace floe::config {
namespace {

constexpr absl::string_view kTokenMarks = "!#$%&'*+-.^_`|~";  // RFC 9110, 5.6.2

constexpr std::array<absl::string_view, 7> kWebhookEvents = {
    "source_up", "source_down", "title", "listener_peak", "fallback", "relay_up", "relay_down",
};

Verdict Refuse(absl::string_view why, absl::string_view suggestion = "") {
  return Wrong{
      .why = std::string(why), .suggestion = std::string(suggestion), .suggests_string = true};
}

bool ConsistsOf(absl::string_view text, absl::string_view others) {
  return std::all_of(text.begin(), text.end(), [others](char c) {
    return absl::ascii_isalnum(uint8_t(c)) || absl::StrContains(others, c);
  });
}

}  // namespace

std::span<const absl::string_view> WebhookEvents() { return kWebhookEvents; }

Verdict CheckNotEmpty(absl::string_view text) {
  if (text.empty()) return Refuse("is empty");
  return std::nullopt;
}

Verdict CheckHostname(absl::string_view text) {
  if (text.empty()) return Refuse("is empty");
  absl::string_view host = text;
  if (absl::ConsumePrefix(&host, "http://") || absl::ConsumePrefix(&host, "https://")) {
    return Refuse("is a URL, not a name", host.substr(0, host.find_first_of(":/")));
  }
  const bool is_ipv6 = absl::StartsWith(host, "[") && absl::EndsWith(host, "]");
  if (is_ipv6 && ConsistsOf(host.substr(1, host.size() - 2), ":.")) return std::nullopt;
  if (!ConsistsOf(host, ".-_")) {
    return Refuse("holds what no host name does", host.substr(0, host.find_first_of(":/ ")));
  }
  return std::nullopt;
}

Verdict CheckMount(absl::string_view text) {
  const absl::Status status = CheckMountName(text);
  if (status.ok()) return std::nullopt;
  const std::string rooted = absl::StrCat("/", text);
  return Refuse(status.message(), CheckMountName(rooted).ok() ? rooted : "");
}

Verdict CheckFallback(absl::string_view text) {
  absl::string_view path = text;
  if (text == kSilenceFallback) return std::nullopt;
  if (!absl::ConsumePrefix(&path, kFileFallback)) return CheckMount(text);
  if (path.size() > kPathBytesMax) return Refuse("is too long");
  if (!IsPrintableUtf8(path)) return Refuse("holds a control character or is not UTF-8");
  if (!absl::StartsWith(path, "/")) return Refuse("names a file by no path from the root on");
  return std::nullopt;
}

Verdict CheckUser(absl::string_view text) {
  if (text.empty()) return Refuse("is empty");
  if (absl::StrContains(text, ':')) return Refuse("holds a ':', where a user's name ends");
  return std::nullopt;
}

Verdict CheckUserOrNone(absl::string_view text) {
  return text.empty() ? std::nullopt : CheckUser(text);
}

Verdict CheckWord(absl::string_view text) {
  if (text.size() > kUserBytesMax) return Refuse("is too long for a name");
  if (!IsPrintableUtf8(text)) return Refuse("holds a control character or is not UTF-8");
  return CheckUser(text);
}

Verdict CheckUrl(absl::string_view text) {
  if (text.empty()) return std::nullopt;
  const absl::Status status = HttpUrl::Parse(text).status();
  if (status.ok()) return std::nullopt;
  Verdict verdict = Refuse(status.message());
  verdict->is_secret = absl::StrContains(text, '@');
  return verdict;
}

Verdict CheckServerUrl(absl::string_view text) {
  if (Verdict verdict = CheckUrl(text); verdict.has_value() || text.empty()) return verdict;
  const HttpUrl url = *HttpUrl::Parse(text);
  if (url.target == "/") return std::nullopt;
  return Refuse("has a path, where all of a server is meant",
                absl::StrCat("http://", url.Authority()));
}

Verdict CheckCharset(absl::string_view text) {
  if (text.empty()) return std::nullopt;
  // The C library looks for a file of that name, and takes options after slashes.
  if (!ConsistsOf(text, "-_:+")) return Refuse("is not the name of a charset");
  const iconv_t conversion = ::iconv_open("UTF-8", std::string(text).c_str());
  if (conversion == iconv_t(-1)) {
    return Refuse("is a charset that iconv does not know (iconv -l lists them)");
  }
  ::iconv_close(conversion);
  return std::nullopt;
}

Verdict CheckCores(absl::string_view text) {
  const absl::Status status = ParseCoreSet(text).status();
  if (status.ok()) return std::nullopt;
  return Refuse(status.message());
}

Verdict CheckCongestion(absl::string_view text) {
  if (!ConsistsOf(text, "-_")) return Refuse("is not the name of a congestion control");
  return std::nullopt;
}

Verdict CheckPattern(absl::string_view text) {
  if (text.empty()) return Refuse("is empty, which everything matches");
  if (text.size() > kPatternBytesMax) return Refuse("is too long for a regular expression");
  const RE2 pattern(re2::StringPiece(text.data(), text.size()), RE2::Quiet);
  if (pattern.ok()) return std::nullopt;
  return Refuse(absl::StrCat("is no regular expression of RE2: ", pattern.error()));
}

Verdict CheckEventName(absl::string_view text) {
  if (absl::c_linear_search(kWebhookEvents, text)) return std::nullopt;
  return Refuse("is no event", Nearest(text, kWebhookEvents));
}

Verdict CheckHeaderName(absl::string_view text) {
  if (!text.empty() && ConsistsOf(text, kTokenMarks)) return std::nullopt;
  return Refuse("is not the name of a header");
}

Verdict CheckHeaderPrefix(absl::string_view text) {
  if (ConsistsOf(text, kTokenMarks)) return std::nullopt;
  return Refuse("holds what no name of a header does");
}

Verdict CheckHeaderLine(absl::string_view text) {
  const size_t colon = text.find(':');
  if (colon != absl::string_view::npos) return CheckHeaderName(text.substr(0, colon));
  return Refuse("has no ':', where a header's name ends",
                CheckHeaderName(text).has_value() ? "" : absl::StrCat(text, ":"));
}

}  // namespace floe::config
