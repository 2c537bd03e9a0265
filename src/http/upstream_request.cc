// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/upstream_request.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "http/hops.h"
#include "http/reply.h"
#include "http/stream_position.h"

namespace floe::http {

std::string BasicAuthorization(absl::string_view user, absl::string_view password) {
  return absl::StrCat("Basic ", absl::Base64Escape(absl::StrCat(user, ":", password)));
}

std::string BearerAuthorization(absl::string_view token) { return absl::StrCat("Bearer ", token); }

std::string StreamRequest::ToString() const {
  std::string head = absl::StrCat("GET ", url.target, " HTTP/1.1\r\n");
  AppendHeader(&head, "Host", url.Authority());
  AppendHeader(&head, "User-Agent", ServerName());
  AppendHeader(&head, "Accept", "*/*");
  AppendHeader(&head, "Icy-MetaData", "1");
  AppendHeader(&head, "Connection", "close");
  if (!authorization.empty()) AppendHeader(&head, "Authorization", authorization);
  if (!hops.empty()) AppendHeader(&head, kHopsHeader, hops);
  if (!position.empty()) AppendHeader(&head, kPositionHeader, position);
  return head += "\r\n";
}

}  // namespace floe::http
