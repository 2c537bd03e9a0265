// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/pester/requests.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace floe::tools {
namespace {

constexpr absl::string_view kMethods[] = {"GET",  "GET",    "GET",    "POST",    "POST",  "PUT",
                                          "HEAD", "DELETE", "SOURCE", "OPTIONS", "STATS", "PATCH"};
constexpr absl::string_view kVersions[] = {"HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "ICE/1.0",
                                           "HTTP/0.9", "HTTP/2.0", "RTSP/1.0"};
constexpr absl::string_view kFields[] = {
    "mount",  "mode",     "song",     "title",    "artist", "url",    "charset",  "destination",
    "id",     "fallback", "action",   "username", "user",   "pass",   "password", "sid",
    "page",   "json",     "callback", "omode",    "limit",  "cursor", "types",    "last_event_id",
    "format", "follow",   "logfile",  "from",     "to",     "agent",  "address",  "show-listeners"};
constexpr absl::string_view kValues[] = {"/live",
                                         "/a",
                                         "/b",
                                         "updinfo",
                                         "viewxml",
                                         "viewjson",
                                         "1",
                                         "0",
                                         "-1",
                                         "18446744073709551616",
                                         "list",
                                         "add",
                                         "delete",
                                         "kill",
                                         "all",
                                         "/",
                                         "*",
                                         "../../x",
                                         "%00",
                                         "%ff",
                                         "NaN",
                                         "1e309",
                                         "null",
                                         "[]",
                                         "{}",
                                         "error",
                                         "access",
                                         "playlist",
                                         "strict",
                                         "legacy",
                                         "json",
                                         "UTF-8",
                                         "ISO-8859-1",
                                         "10.0.0.0/8",
                                         "::1",
                                         "file:/etc/passwd",
                                         "http://127.0.0.1:1/",
                                         "2026-11-28T00:00:00Z"};
constexpr absl::string_view kHeaders[] = {
    "Icy-MetaData: 1",
    "Icy-MetaData: 99999999999999999999",
    "Range: bytes=0-1",
    "Range: bytes=0-",
    "Range: bytes=-1,5-,99-3",
    "Expect: 100-continue",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: gzip, chunked",
    "Content-Type: audio/mpeg",
    "Content-Type: application/ogg",
    "Content-Type: application/json",
    "Content-Type: application/x-www-form-urlencoded",
    "Content-Length: 5",
    "Content-Length: 18446744073709551615",
    "Origin: http://elsewhere.example",
    "Origin: null",
    "Sec-Fetch-Site: cross-site",
    "Sec-Fetch-Site: same-origin",
    "Forwarded: for=\"[2001:db8::1]:9\";proto=https, for=unknown",
    "X-Forwarded-For: 1.2.3.4, 5.6.7.8",
    "X-Real-IP: ::ffff:1.2.3.4",
    "Accept: application/json",
    "Connection: keep-alive",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Last-Event-ID: 7-7",
    "Ice-Name: \xc3\xa9\xff",
    "Ice-Audio-Info: samplerate=44100;channels=2;bitrate=;=;;",
    "icy-metaint: 16",
    "User-Agent: (.*)+$",
    "Floe-Position: 1:18446744073709551615",
    "Floe-Hops: 1,2,3",
    "Cookie: a=b"};
constexpr absl::string_view kJson[] = {"{}",
                                       "[]",
                                       "null",
                                       "{\"title\":\"x\"}",
                                       "{\"cidr\":\"1.2.3.0/24\",\"reason\":\"x\"}",
                                       "{\"name\":\"n\",\"role\":\"read\"}",
                                       "{\"name\":\"n\",\"role\":9,\"mounts\":{}}",
                                       "{\"destination\":\"/a\"}",
                                       "{\"fallback\":[\"/a\",\"/b\"]}",
                                       "{\"a\":{\"a\":{\"a\":{\"a\":[",
                                       "{\"title\":\"\\ud800\"}",
                                       "{\"title\":1e999}"};

constexpr uint64_t kDamagesMax = 4;
constexpr size_t kLongTextBytes = 9'000;  // longer than a head may be

}  // namespace

std::string Requests::Text(size_t bytes_max) {
  std::string text(Roll(bytes_max) + 1, '\0');
  const bool is_plain = Chance(50);
  for (char& c : text) c = char(is_plain ? 'a' + Roll(26) : Roll(256));
  return text;
}

std::string Requests::Value() {
  if (Chance(60)) return std::string(Pick(kValues));
  if (!paths_.empty() && Chance(30)) return paths_[Roll(paths_.size())];
  return Text(Chance(2) ? kLongTextBytes : 24);
}

std::string Requests::Field(absl::string_view equals) {
  std::string value = Value();
  if (Chance(50)) {
    std::string escaped;
    for (const char c : value)
      absl::StrAppend(&escaped, "%", absl::Hex(uint8_t(c), absl::kZeroPad2));
    value = std::move(escaped);
  } else {
    std::replace(value.begin(), value.end(), ' ', '+');
  }
  return absl::StrCat(Pick(kFields), equals, value);
}

std::string Requests::Target() {
  std::string target = paths_[Roll(paths_.size())];
  if (Chance(10)) absl::StrAppend(&target, "/", Value());
  if (Chance(5)) target = absl::StrCat("http://u:p@x", target);
  const uint64_t fields = Chance(60) ? Roll(4) : 0;
  for (uint64_t i = 0; i < fields; ++i) {
    absl::StrAppend(&target, i == 0 ? "?" : "&", Field(Chance(95) ? "=" : ""));
  }
  return target;
}

std::string Requests::Head(absl::string_view method, bool has_body) {
  std::string head = absl::StrCat(method, " ", Target(), " ",
                                  Chance(90) ? kVersions[Roll(3)] : Pick(kVersions), "\r\n");
  if (Chance(80)) absl::StrAppend(&head, "Host: 127.0.0.1:8000\r\n");
  if (!logins_.empty() && Chance(75)) {
    const std::string& login = logins_[Roll(logins_.size())];
    const bool is_bearer = absl::StartsWith(login, "Bearer ");
    absl::StrAppend(
        &head, "Authorization: ", is_bearer ? login : "Basic " + absl::Base64Escape(login), "\r\n");
  }
  for (uint64_t left = Roll(has_body ? 3 : 5); left > 0; --left) {
    absl::StrAppend(&head, Pick(kHeaders), "\r\n");
  }
  return head;
}

std::string Requests::Body() {
  switch (Roll(4)) {
    case 0: return std::string(Pick(kJson));
    case 1: return absl::StrCat(Field("="), "&", Field("="), "&", Field("="));
    case 2: return absl::StrCat("5\r\nhello\r\n0\r\n\r\n", Text(64));
    default: return Text(2'000);
  }
}

std::string Requests::Request() {
  const absl::string_view method = Pick(kMethods);
  const bool has_body = method == "POST" || method == "PUT" || method == "SOURCE" || Chance(5);
  std::string request = Head(method, has_body);
  if (!has_body) return request + "\r\n";
  const std::string body = Body();
  if (Chance(80)) absl::StrAppend(&request, "Content-Length: ", body.size(), "\r\n");
  if (Chance(50)) {
    absl::StrAppend(&request, "Content-Type: ",
                    body.front() == '{' ? "application/json" : "application/x-www-form-urlencoded",
                    "\r\n");
  }
  return absl::StrCat(request, "\r\n", body);
}

std::string Requests::ShoutcastSource() {
  const std::string login = logins_.empty() ? "pw" : logins_[Roll(logins_.size())];
  return absl::StrCat(login.substr(login.find(':') + 1), "\r\nicy-name:", Text(20),
                      "\r\nicy-br:128\r\ncontent-type:audio/mpeg\r\n\r\n", Text(4'000));
}

std::string Requests::ProxyHeader() {
  if (Chance(50)) return absl::StrCat("PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", Request());
  return absl::StrCat(absl::string_view("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", 16), Text(12),
                      Request());
}

void Requests::Damage(std::string* bytes) {
  for (uint64_t left = 1 + Roll(kDamagesMax); left > 0 && !bytes->empty(); --left) {
    const size_t at = Roll(bytes->size());
    switch (Roll(6)) {
      case 0: (*bytes)[at] = char(Roll(256)); break;
      case 1: bytes->insert(at, Text(Chance(1) ? kLongTextBytes : 16)); break;
      case 2: bytes->erase(at, 1 + Roll(8)); break;
      case 3: bytes->insert(at, bytes->substr(at, Roll(64))); break;
      case 4: bytes->resize(at); break;
      default: bytes->insert(at, Chance(50) ? "\r\n" : "\n"); break;
    }
  }
}

std::string Requests::Next() {
  const uint64_t kind = Roll(100);
  std::string bytes = kind < 94 ? Request() : kind < 97 ? ShoutcastSource() : ProxyHeader();
  if (Chance(50)) Damage(&bytes);
  return bytes;
}

}  // namespace floe::tools
