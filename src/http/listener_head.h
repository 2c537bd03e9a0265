// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "http/range.h"
#include "http/request.h"

namespace floe::http {

// ListenerHead is the head a listener is sent before the audio.
//
// It has neither Content-Length nor chunks: the stream ends when the connection does. Chunked
// replies break receivers.
//
// The status line says HTTP/1.1, but HTTP/1.0 to a request of 1.0 and to one that asked for
// Icy-MetaData: who asks for that was written for SHOUTcast's "ICY 200 OK", and some of those
// stumble over 1.1. Nothing is lost by it, since the reply uses nothing that 1.1 added.
//
// The icy-* lines have no space after the colon, as SHOUTcast writes them: some players take the
// text from right behind it.
struct ListenerHead {
  absl::string_view content_type;
  absl::string_view name, description, genre, url;  // left out when empty
  absl::string_view audio_info;  // ice-audio-info as the source wrote it; left out when empty
  uint32_t bitrate_kbps = 0;     // left out when 0
  bool is_public = false;
  uint32_t metaint_bytes = 0;  // audio between ICY blocks; 0: this listener gets none
  absl::string_view cors;      // lines from CorsHeaders
  // For another Floe: values of Floe-Position and Floe-Hops; left out when empty.
  absl::string_view position, hops;
  // kProbe: a 206 of kRangeProbeBytes, with a length; the caller appends any two bytes of audio.
  RangeAnswer range = RangeAnswer::kWhole;

  std::string ToString(const Request& request, absl::Time now) const;
};

}  // namespace floe::http
