// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What Floe says to another server as its source.
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "base/http_url.h"

namespace floe::http {

// PushRequest announces a stream. The body behind it has no length: it ends with the connection, as
// servers take it from libshout and ffmpeg.
struct PushRequest {
  HttpUrl url;
  std::string authorization;  // a header's value; empty: none
  std::string content_type;
  std::string name, description, stream_url, genre;  // empty: nothing is said of it
  std::string audio_info;                            // Ice-Audio-Info as the source wrote it
  uint32_t bitrate_kbps = 0;                         // 0: nothing is said of it
  bool is_public = false;

  // The heads with their empty lines. Values are made safe: none ends its line.
  // To servers from Icecast 2.4 on: they say "100 Continue" when they want the body.
  std::string ToPut() const;
  // To those before.
  std::string ToSource() const;
};

// The request that says what plays on the mount of `url`, in Icecast's way.
std::string TitleRequest(const HttpUrl& url, absl::string_view authorization,
                         absl::string_view title);

// Whether a server that answers PUT so may know SOURCE: it does not know the method, or what
// HTTP/1.1 says about bodies.
bool MayKnowSource(int put_status);

}  // namespace floe::http
