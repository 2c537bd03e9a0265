// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Makes the audio that floe-source sends: frames that every framer and decoder takes for what
// they say they are (they decode to silence), each with a Stamp in a place decoders skip.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tools/signal/stamp.h"

namespace floe::tools {

enum class Format { kMp3, kAdts, kOpus };

absl::StatusOr<Format> ParseFormat(absl::string_view name);
absl::string_view ContentType(Format format);

// FrameWriter writes the audio of one mount.
//
// Units     kbps of audio; for Ogg Opus the pages come on top.
// Lifetime  One per mount; BeginLife once per connection.
// Threads   One.
// Failure   Make refuses a bitrate that the format does not have; after that there is none.
class FrameWriter {
 public:
  static absl::StatusOr<std::unique_ptr<FrameWriter>> Make(Format format, uint32_t kbps);

  virtual ~FrameWriter() = default;

  // What a new connection begins with, before any frame: the header pages of Ogg, else nothing.
  virtual void BeginLife(uint32_t life, std::string* out) = 0;

  // Appends one frame (or the page that holds it) that carries `stamp`.
  virtual void Append(const Stamp& stamp, std::string* out) = 0;

  // When frame number `sequence` begins, counted from frame 0. Exact: no error adds up.
  virtual std::chrono::nanoseconds StartOf(uint64_t sequence) const = 0;

  virtual uint32_t sample_rate() const = 0;
};

}  // namespace floe::tools
