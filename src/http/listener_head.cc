// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/listener_head.h"

#include "absl/strings/str_cat.h"
#include "http/hops.h"
#include "http/reply.h"
#include "http/stream_position.h"

namespace floe::http {
namespace {

constexpr absl::string_view kNeverCached =
    "Cache-Control: no-cache, no-store\r\n"
    "Expires: Mon, 26 Jul 1997 05:00:00 GMT\r\n"
    "Pragma: no-cache\r\n";
constexpr size_t kUsualHeadBytes = 1024;

// Without the space after the colon, unlike AppendHeader.
void AppendIcy(std::string* out, absl::string_view name, absl::string_view value) {
  const std::string safe = HeaderSafe(value);
  if (!safe.empty()) absl::StrAppend(out, name, ":", safe, "\r\n");
}

absl::string_view VersionFor(const Request& request) {
  return request.dialect == Dialect::kHttp11 && !WantsIcy(request) ? "HTTP/1.1" : "HTTP/1.0";
}

}  // namespace

std::string ListenerHead::ToString(const Request& request, absl::Time now) const {
  const bool is_probe = range == RangeAnswer::kProbe;
  std::string head;
  head.reserve(kUsualHeadBytes);
  AppendHeadBegin(&head, VersionFor(request), is_probe ? 206 : 200, /*keep_alive=*/false, now);
  AppendHeader(&head, "Content-Type", content_type);
  absl::StrAppend(&head, kNeverCached);
  if (is_probe) {
    absl::StrAppend(&head, "Accept-Ranges: bytes\r\nContent-Range: bytes 0-", kRangeProbeBytes - 1,
                    "/*\r\nContent-Length: ", kRangeProbeBytes, "\r\n");
  } else {
    absl::StrAppend(&head, "Accept-Ranges: none\r\n");
  }
  absl::StrAppend(&head, cors);
  if (!position.empty()) AppendHeader(&head, kPositionHeader, position);
  if (!hops.empty()) AppendHeader(&head, kHopsHeader, hops);
  if (bitrate_kbps > 0) absl::StrAppend(&head, "icy-br:", bitrate_kbps, "\r\n");
  if (const std::string info = HeaderSafe(audio_info); !info.empty()) {
    AppendHeader(&head, "ice-audio-info", info);
  }
  AppendIcy(&head, "icy-description", description);
  AppendIcy(&head, "icy-genre", genre);
  AppendIcy(&head, "icy-name", name);
  absl::StrAppend(&head, "icy-pub:", is_public ? 1 : 0, "\r\n");
  AppendIcy(&head, "icy-url", url);
  if (metaint_bytes > 0 && !is_probe) {
    absl::StrAppend(&head, "icy-metaint:", metaint_bytes, "\r\n");
  }
  absl::StrAppend(&head, "\r\n");
  return head;
}

}  // namespace floe::http
