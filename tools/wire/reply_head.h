// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace floe::tools {

inline constexpr size_t kReplyHeadBytesMax = 16'384;

// What a server answers before the audio: "HTTP/1.x NNN" or SHOUTcast's "ICY NNN".
struct ReplyHead {
  size_t head_bytes = 0;       // the body begins here
  uint32_t status = 0;         // 0: the bytes are no reply
  uint32_t metaint = 0;        // icy-metaint, 0 when there are no ICY blocks
  uint32_t kbps = 0;           // icy-br, 0 when not said
  uint32_t retry_after_s = 0;  // Retry-After in seconds, 0 when not said
  std::string content_type;    // in lower case, without parameters

  // Nothing while the head is incomplete. More than kReplyHeadBytesMax without an end, or a first
  // line that is none, is a head of status 0.
  static std::optional<ReplyHead> Decode(absl::string_view bytes);
};

}  // namespace floe::tools
