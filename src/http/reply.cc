// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/reply.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "http/cors.h"
#include "http/escape.h"
#include "http/lines.h"
#include "http/status.h"

namespace floe::http {
namespace {

constexpr absl::string_view kRealm = "Floe";
constexpr absl::string_view kText = "text/plain; charset=utf-8";
constexpr absl::string_view kJson = "application/json; charset=utf-8";
constexpr absl::string_view kNever = "no-cache, no-store";

absl::string_view VersionFor(Dialect dialect) {
  return dialect == Dialect::kHttp11 ? "HTTP/1.1" : "HTTP/1.0";
}

// The reply to a refusal.
std::string ErrorWith(const ReplyTo& to, int http_status, absl::string_view text,
                      const std::vector<ExtraHeader>& extra) {
  if (!to.errors_are_json) return Reply(to, http_status, kText, absl::StrCat(text, "\n"), extra);
  const std::string json = absl::StrCat("{\"error\":{\"status\":", http_status,
                                        ",\"message\":", QuoteJson(text), "}}\n");
  return Reply(to, http_status, kJson, json, extra);
}

std::string HeadOf(const ReplyTo& to, int http_status) {
  std::string head;
  AppendHeadBegin(&head, VersionFor(to.dialect), http_status, to.keep_alive, to.now);
  return head;
}

}  // namespace

absl::string_view ServerName() { return "Floe/" FLOE_VERSION; }

std::string HttpDate(absl::Time at) {
  static constexpr const char* kDays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  // By hand: strftime's names depend on the process's locale.
  const absl::CivilSecond civil = absl::ToCivilSecond(at, absl::UTCTimeZone());
  const int day = static_cast<int>(absl::GetWeekday(civil));
  return absl::StrFormat("%s, %02d %s %04d %02d:%02d:%02d GMT", kDays[day], civil.day(),
                         kMonths[civil.month() - 1], civil.year(), civil.hour(), civil.minute(),
                         civil.second());
}

std::string HeaderSafe(absl::string_view text) {
  std::string safe(text);
  for (char& c : safe) {
    if (!IsTextByte(c)) c = ' ';
  }
  return std::string(TrimBlanks(safe));
}

void AppendHeader(std::string* out, absl::string_view name, absl::string_view value) {
  absl::StrAppend(out, name, ": ", HeaderSafe(value), "\r\n");
}

void AppendHeadBegin(std::string* out, absl::string_view version, int http_status, bool keep_alive,
                     absl::Time now) {
  absl::StrAppend(out, version, " ", http_status, " ", ReasonPhrase(http_status),
                  "\r\nServer: ", ServerName(), "\r\nDate: ", HttpDate(now),
                  "\r\nConnection: ", keep_alive ? "keep-alive" : "close", "\r\n");
}

std::string Reply(const ReplyTo& to, int http_status, absl::string_view content_type,
                  absl::string_view body, const std::vector<ExtraHeader>& extra) {
  std::string reply = HeadOf(to, http_status);
  if (!content_type.empty()) AppendHeader(&reply, "Content-Type", content_type);
  // A 204 has no body, and says so by itself.
  if (http_status != 204) absl::StrAppend(&reply, "Content-Length: ", body.size(), "\r\n");
  for (const ExtraHeader& header : extra) AppendHeader(&reply, header.name, header.value);
  absl::StrAppend(&reply, to.cors, "\r\n");
  if (!to.is_head && http_status != 204) absl::StrAppend(&reply, body);
  return reply;
}

std::string ErrorReply(const ReplyTo& to, int http_status, absl::string_view text) {
  if (http_status == 503 || http_status == 429) {
    return BusyReply(to, http_status, kRetryAfterSeconds, text);
  }
  std::vector<ExtraHeader> extra = {{"Cache-Control", std::string(kNever)}};
  if (http_status == 401) {
    extra.push_back({"WWW-Authenticate", absl::StrCat("Basic realm=\"", kRealm, "\"")});
  }
  if (http_status == 429) extra.push_back({"Retry-After", "1"});
  if (http_status == 401 || http_status == 405) {  // libshout looks for its method in both
    extra.push_back({"Allow", to.allowed.empty() ? std::string(kAllowedMethods) : to.allowed});
  }
  return ErrorWith(to, http_status, text, extra);
}

std::string ErrorReply(const ReplyTo& to, const absl::Status& refusal) {
  const int http_status = HttpStatusOf(refusal);
  const std::optional<uint32_t> retry_after_s = RetryAfterOf(refusal);
  if (!retry_after_s.has_value()) return ErrorReply(to, http_status, refusal.message());
  return BusyReply(to, http_status, *retry_after_s, refusal.message());
}

std::string BusyReply(const ReplyTo& to, int http_status, uint32_t retry_after_s,
                      absl::string_view text) {
  return ErrorWith(
      to, http_status, text,
      {{"Cache-Control", std::string(kNever)}, {"Retry-After", absl::StrCat(retry_after_s)}});
}

std::string OptionsReply(const ReplyTo& to) {
  std::string reply = HeadOf(to, 204);
  AppendHeader(&reply, "Allow", kAllowedMethods);
  absl::StrAppend(&reply, to.cors);
  if (!to.cors.empty()) absl::StrAppend(&reply, CorsPreflightHeaders());
  absl::StrAppend(&reply, "\r\n");
  return reply;
}

std::string NoContentReply(const ReplyTo& to) { return Reply(to, 204, "", ""); }

}  // namespace floe::http
