// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"

namespace floe::tools {

// IcyReader takes the ICY blocks out of a body: after every `metaint` bytes of audio stands one
// length byte and sixteen times as many bytes of text.
//
// Memory    A block that arrives in pieces, at most 4080 bytes.
// Failure   None: a block that says nothing known is counted as malformed.
class IcyReader {
 public:
  explicit IcyReader(uint32_t metaint) : metaint_(metaint), left_bytes_(metaint) {}

  // `on_audio` gets the audio in runs; `on_title` each title as it comes, between those runs.
  void Feed(absl::string_view bytes, absl::FunctionRef<void(absl::string_view)> on_audio,
            absl::FunctionRef<void(absl::string_view)> on_title);

  uint64_t malformed_blocks() const { return malformed_blocks_; }

 private:
  enum class Expects : uint8_t { kAudio, kLength, kText };
  void EndBlock(absl::FunctionRef<void(absl::string_view)> on_title);

  std::string block_;
  uint64_t malformed_blocks_ = 0;
  uint32_t metaint_;
  uint32_t left_bytes_;  // of what is expected
  Expects expects_ = Expects::kAudio;
};

}  // namespace floe::tools
