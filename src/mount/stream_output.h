// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"
#include "audio/framer.h"

namespace floe::mount {

// StreamOutput is where a source's stream goes, once its audio was found in it: a mount's Writer,
// or who only listens along.
class StreamOutput : public audio::Output {
 public:
  // A title that came between the source's audio bytes: it holds from what is appended next.
  virtual void SetTitleHere(absl::string_view title, absl::string_view url) = 0;
  // For status pages; `received_bytes` counts what came from the source, audio or not.
  virtual void Report(const audio::FramerStats& stats, uint64_t received_bytes) = 0;
};

}  // namespace floe::mount
