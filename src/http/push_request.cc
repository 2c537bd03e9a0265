// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/push_request.h"

#include "absl/strings/str_cat.h"
#include "http/escape.h"
#include "http/reply.h"
#include "http/url.h"

namespace floe::http {
namespace {

void AppendIfSaid(std::string* head, absl::string_view name, absl::string_view value) {
  if (!value.empty()) AppendHeader(head, name, value);
}

// What both kinds have in common, and the end of the head.
void AppendStream(std::string* head, const PushRequest& request) {
  AppendHeader(head, "Host", request.url.Authority());
  AppendHeader(head, "User-Agent", ServerName());
  AppendIfSaid(head, "Authorization", request.authorization);
  AppendIfSaid(head, "Content-Type", request.content_type);
  AppendIfSaid(head, "Ice-Name", request.name);
  AppendIfSaid(head, "Ice-Description", request.description);
  AppendIfSaid(head, "Ice-URL", request.stream_url);
  AppendIfSaid(head, "Ice-Genre", request.genre);
  if (request.bitrate_kbps > 0) {
    AppendHeader(head, "Ice-Bitrate", absl::StrCat(request.bitrate_kbps));
  }
  AppendIfSaid(head, "Ice-Audio-Info", request.audio_info);
  AppendHeader(head, "Ice-Public", request.is_public ? "1" : "0");
}

}  // namespace

std::string PushRequest::ToPut() const {
  std::string head = absl::StrCat("PUT ", url.target, " HTTP/1.1\r\n");
  AppendStream(&head, *this);
  AppendHeader(&head, "Expect", "100-continue");
  return head += "\r\n";
}

std::string PushRequest::ToSource() const {
  std::string head = absl::StrCat("SOURCE ", url.target, " HTTP/1.0\r\n");
  AppendStream(&head, *this);
  return head += "\r\n";
}

std::string TitleRequest(const HttpUrl& url, absl::string_view authorization,
                         absl::string_view title) {
  const absl::string_view target = url.target;
  const std::string mount = PercentDecode(target.substr(0, target.find('?')));
  std::string head = absl::StrCat("GET /admin/metadata?mode=updinfo&mount=", UrlEncode(mount),
                                  "&charset=UTF-8&song=", UrlEncode(title), " HTTP/1.0\r\n");
  AppendHeader(&head, "Host", url.Authority());
  AppendHeader(&head, "User-Agent", ServerName());
  AppendIfSaid(&head, "Authorization", authorization);
  return head += "\r\n";
}

bool MayKnowSource(int put_status) {
  return put_status == 400 || put_status == 405 || put_status == 417 || put_status == 501 ||
         put_status == 505;
}

}  // namespace floe::http
