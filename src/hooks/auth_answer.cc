// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "hooks/auth_answer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "base/utf8.h"
#include "http/charset.h"
#include "http/lines.h"
#include "http/reply.h"
#include "http/url.h"

namespace floe::hooks {
namespace {

using Verdict = AuthAnswer::Verdict;

constexpr absl::string_view kResult = "x-icecast-auth-result";
constexpr size_t kLocationBytesMax = 2048;

// What is behind the line's begin in the first header that has it: "icecast-auth-timelimit:" gives
// "3600" of "Icecast-Auth-TimeLimit:3600".
std::optional<std::string> Behind(const http::HeaderList& answered, absl::string_view begin) {
  const size_t colon = begin.find(':');
  const absl::string_view name = absl::StripAsciiWhitespace(begin.substr(0, colon));
  const absl::string_view value =
      colon == absl::string_view::npos ? "" : http::TrimBlanks(begin.substr(colon + 1));
  if (name.empty()) return std::nullopt;
  for (const absl::string_view each : answered.FindAll(name)) {
    if (absl::StartsWithIgnoreCase(each, value)) return std::string(each.substr(value.size()));
  }
  return std::nullopt;
}

std::string Line(absl::string_view text) {
  return http::HeaderSafe(http::ToUtf8(CutUtf8(text, kAuthMessageBytesMax)));
}

std::string MessageOf(const http::HeaderList& answered, absl::string_view body) {
  for (const absl::string_view name : {"x-icecast-auth-message", "icecast-auth-message"}) {
    const auto said = answered.Find(name);
    if (said.has_value() && !said->empty()) return Line(*said);
  }
  // A page is for browsers.
  const std::string type = absl::AsciiStrToLower(answered.Find("Content-Type").value_or(""));
  if (!type.empty() && !absl::StartsWith(type, "text/plain")) return "";
  return Line(absl::StripAsciiWhitespace(body).substr(0, body.find('\n')));
}

uint32_t TimeLimitOf(const http::HeaderList& answered, const AuthHeaders& headers) {
  std::string text(answered.Find("x-icecast-auth-timelimit").value_or(""));
  if (text.empty()) text = Behind(answered, headers.time_limit).value_or("");
  uint64_t seconds = 0;
  if (!absl::SimpleAtoi(text, &seconds)) return 0;
  return uint32_t(std::min<uint64_t>(seconds, kTimeLimitSecondsMax));
}

bool IsLocation(absl::string_view text) {
  const std::string lower = absl::AsciiStrToLower(text.substr(0, 8));
  const bool leads = absl::StartsWith(lower, "http://") || absl::StartsWith(lower, "https://") ||
                     (absl::StartsWith(text, "/") && !absl::StartsWith(text, "//"));
  return leads && text.size() <= kLocationBytesMax && !http::HasBadByte(text) &&
         text.find_first_of(" \t\"<>\\^`{|}") == absl::string_view::npos;
}

AuthAnswer Redirect(AuthAnswer answer, int http_status, absl::string_view to) {
  if (!IsLocation(to)) return AuthAnswer{};
  answer.verdict = Verdict::kRedirects;
  answer.http_status = http_status;
  answer.location = std::string(to);
  return answer;
}

AuthAnswer Rewrite(AuthAnswer answer, absl::string_view to) {
  absl::StatusOr<std::string> mount = http::DecodePath(to.substr(0, to.find('?')));
  if (!mount.ok()) return AuthAnswer{};
  answer.mount = *std::move(mount);
  return answer;
}

// What 2.5 lets a web server do with one who is allowed.
AuthAnswer Alter(AuthAnswer answer, absl::string_view action, absl::string_view argument) {
  if (action.empty() || action == "noop") return answer;
  if (action == "rewrite") return Rewrite(std::move(answer), argument);
  if (action == "redirect") return Redirect(std::move(answer), 302, argument);
  if (action == "redirect_see_other") return Redirect(std::move(answer), 303, argument);
  if (action == "redirect_temporary") return Redirect(std::move(answer), 307, argument);
  if (action == "redirect_permanent") return Redirect(std::move(answer), 301, argument);
  int error = 0;
  if (action != "send_error" || !absl::SimpleAtoi(argument.substr(0, 3), &error) || error < 400 ||
      error > 599) {
    return AuthAnswer{};
  }
  answer.verdict = Verdict::kDenies;
  answer.http_status = error;
  return answer;
}

// Whether one is let in, of a 2xx.
bool Allows(const http::HeaderList& answered, const AuthHeaders& headers) {
  if (const auto result = answered.Find(kResult); result.has_value()) {
    return absl::EqualsIgnoreCase(*result, "ok");
  }
  if (Behind(answered, headers.allows).has_value()) return true;
  const absl::string_view name =
      absl::string_view(headers.allows).substr(0, headers.allows.find(':'));
  for (const absl::string_view value : answered.FindAll(absl::StripAsciiWhitespace(name))) {
    if (absl::EqualsIgnoreCase(value, "withintro") || absl::EqualsIgnoreCase(value, "hijack")) {
      return true;
    }
  }
  return false;
}

AuthAnswer Deny(AuthAnswer answer, int http_status) {
  answer.verdict = Verdict::kDenies;
  answer.http_status = http_status;
  return answer;
}

}  // namespace

AuthAnswer ReadAuthAnswer(int http_status, const http::HeaderList& answered, absl::string_view body,
                          const AuthHeaders& headers) {
  AuthAnswer answer;
  answer.message = MessageOf(answered, body);
  const absl::string_view location = answered.Find("Location").value_or("");
  const bool is_redirect = http_status == 301 || http_status == 302 || http_status == 303 ||
                           http_status == 307 || http_status == 308;
  if (is_redirect) return Redirect(std::move(answer), http_status, location);
  if (http_status == 401 || http_status == 403) return Deny(std::move(answer), http_status);
  if (http_status < 200 || http_status > 299) return AuthAnswer{};
  if (!Allows(answered, headers)) {
    const bool is_forbidden =
        absl::EqualsIgnoreCase(answered.Find(kResult).value_or(""), "forbidden");
    return Deny(std::move(answer), is_forbidden ? 403 : 401);
  }
  answer.verdict = Verdict::kAllows;
  answer.user = Line(answered.Find("ice-username").value_or(""));
  answer.time_limit_s = TimeLimitOf(answered, headers);
  if (!location.empty()) return Redirect(std::move(answer), 302, location);
  if (const auto mount = answered.Find("Mountpoint"); mount.has_value() && !mount->empty()) {
    answer = Rewrite(std::move(answer), *mount);
    if (answer.verdict != Verdict::kAllows) return answer;
  }
  const std::string action =
      absl::AsciiStrToLower(answered.Find("x-icecast-auth-alter-action").value_or(""));
  return Alter(std::move(answer), action,
               answered.Find("x-icecast-auth-alter-argument").value_or(""));
}

}  // namespace floe::hooks
