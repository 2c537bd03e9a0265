// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Cuts what a listener receives into frames and reads their stamps: the hearing of floe-load.
#pragma once

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "tools/signal/frame_writer.h"
#include "tools/signal/stamp.h"

namespace floe::tools {

struct Heard {
  Reading reading;
  Stamp stamp;           // when reading is kStamped
  uint32_t duration_ns;  // of sound
};

// FrameFinder is fed the bytes of one stream in pieces of any size.
//
// It starts at the first byte: a stream that begins within a frame has a ragged start. Once a
// frame was found the next must follow directly; where none does, or where a page's or a stamp's
// checksum fails, the stream is torn, once, and the search begins anew.
//
// Memory    What is left of one frame between two pieces, at most kFrameBytesMax.
// Threads   One.
// Failure   None: any bytes may come.
class FrameFinder {
 public:
  static constexpr size_t kFrameBytesMax = 70'000;  // the largest Ogg page is 65,307 bytes

  explicit FrameFinder(Format format) : format_(format) {}

  void Feed(absl::string_view bytes, absl::FunctionRef<void(const Heard&)> on_frame);

  bool has_ragged_start() const { return has_ragged_start_; }
  uint64_t tears() const { return tears_; }

 private:
  struct Probe {
    enum { kFrame, kMore, kNone } verdict;
    size_t bytes;  // of the frame; or how many there must be to say more
  };
  Probe Look(absl::string_view bytes) const;
  size_t Take(absl::string_view bytes, absl::FunctionRef<void(const Heard&)> on_frame);
  bool Accept(absl::string_view frame, absl::FunctionRef<void(const Heard&)> on_frame);
  bool AcceptPage(absl::string_view page, absl::FunctionRef<void(const Heard&)> on_frame);
  void LoseSync();

  std::string rest_;  // begins with the frame that is still incomplete
  Format format_;
  bool is_synced_ = true;  // the next byte should begin a frame
  bool has_stamps_ = false;
  bool has_begun_ = false;
  bool has_ragged_start_ = false;
  uint64_t tears_ = 0;
};

}  // namespace floe::tools
