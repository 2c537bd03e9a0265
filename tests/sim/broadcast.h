// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "mount/mount.h"
#include "mount/registry.h"
#include "mount/writer.h"
#include "sim/dice.h"

namespace floe::sim {

// How frames and what surrounds them look. Only a first byte is 0x80 or above, so a player finds
// where anything begins by looking at single bytes:
//
//   mark, mount, epoch, 4 x 7 bits of the number, payload of 7-bit bytes
inline constexpr uint8_t kFrameMark = 0xFF;
inline constexpr uint8_t kHeaderMark = 0xFD;    // a link's headers, on the tape
inline constexpr uint8_t kPreambleMark = 0xFE;  // the same for late joiners; its number: the link
inline constexpr size_t kFrameHeadBytes = 7;

// Something that was published, whole.
struct Frame {
  std::string bytes;
  uint64_t offset_bytes = 0;  // in the stream
  uint32_t link = 0;          // counted by the broadcast
  uint32_t epoch = 0;         // counted by the broadcast
  bool is_sync = false;
};

struct BroadcastOptions {
  uint64_t frame_bytes_min = 300;
  uint64_t frame_bytes_max = 500;
  milliseconds frame_time{26};
  uint32_t frames_per_sync = 1;
  bool has_links = false;  // joiners need a preamble, as in Ogg
  std::string content_type = "audio/mpeg";
};

// Broadcast is a mount, its source, and the truth about what was published on it and when.
class Broadcast {
 public:
  Broadcast(mount::Registry& registry, std::string name, const config::Mount& settings,
            const BroadcastOptions& options, uint64_t seed);

  // ---- the source ----
  void Connect(Instant now);
  void Connect(Instant now, absl::string_view content_type);
  void ConnectAgain(Instant now) { Connect(now, last_content_type_); }  // as it was the last time
  void Leave(Instant now);  // the connection broke: listeners linger
  void End();               // it said goodbye: listeners are closed
  bool is_live() const { return writer_ != nullptr; }
  void SetTitle(absl::string_view title) { mount_->SetTitle(title, ""); }
  void BeginLink();
  // Publishes the frames whose time has come.
  void Advance(Instant now);
  // Publishes nothing, now or later, for the time that passed.
  void Pause(Instant now) { next_frame_ = std::max(next_frame_, now); }

  // ---- the truth ----
  mount::Mount& mount() { return *mount_; }
  mount::MountRef ref() const { return mount_.Share(); }
  const std::vector<Frame>& frames() const { return frames_; }
  // The frame of that number in frames(); none when it was never published.
  std::optional<size_t> IndexOf(uint32_t number) const;
  const std::vector<mount::TitleMark>& titles() const { return titles_; }
  // The title that holds for a block at `offset_bytes`; null when none was ever set before.
  const mount::TitleMark* TitleAt(uint64_t offset_bytes) const;
  const std::string& PreambleOf(uint32_t link) const { return preambles_[link]; }
  bool has_links() const { return options_.has_links; }
  uint32_t epoch() const { return epoch_; }
  // Source left or ended since: what a listener of before may be told.
  std::optional<Instant> silent_since() const { return silent_since_; }
  uint64_t lost_frames() const { return lost_frames_; }

 private:
  std::string MakeBytes(uint8_t mark, uint32_t number, size_t size);
  bool Publish(uint8_t mark, bool is_sync, microseconds played);
  void NoteTitles();

  mount::Registry& registry_;
  const config::Mount settings_;
  BroadcastOptions options_;
  Dice dice_;
  mount::MountRef mount_;
  std::unique_ptr<mount::Writer> writer_;
  Instant next_frame_{};
  std::optional<Instant> silent_since_;
  std::string last_content_type_;
  uint32_t epoch_ = 0;
  uint32_t link_ = 0;
  uint32_t frames_since_sync_ = 0;
  bool link_is_due_ = false;
  uint64_t lost_frames_ = 0;

  std::vector<Frame> frames_;
  std::vector<int64_t> index_of_;  // by frame number; -1: lost
  std::vector<std::string> preambles_{""};
  std::vector<mount::TitleMark> titles_;
};

}  // namespace floe::sim
