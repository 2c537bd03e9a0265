// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "mount/mount.h"
#include "mount/mount_ref.h"
#include "mount/stream_output.h"
#include "mount/titles.h"

namespace floe::mount {

class Registry;

// What a source may append without reaching a boundary: a large video frame, not a hostage.
inline constexpr uint64_t kUnpublishedBytesMax = 8 * 1024 * 1024;

// Writer is a source's hold on its mount: what a framer finds goes through it to the tape.
//
// Each Boundary publishes. When the arena is full the mounts with the longest history are
// shortened; if that gives nothing, the frame is dropped as a whole and counted.
//
// Lifetime  of one source. Leave(now) ends it and lets listeners wait for the next one;
//           destroying it without that closes them.
// Threads   One at a time. Another source may take the mount over at any moment, from any thread:
//           from then on revoked() is true and no call has any effect.
// Failure   None that the caller has to act on but revoked().
class Writer final : public StreamOutput {
 public:
  struct DueTitle {
    uint64_t offset_bytes;
    mount::Title title;

    bool operator==(const DueTitle&) const = default;
  };

  // What it knows beyond the tape and the mount.
  struct State {
    bool is_torn = false;               // drops bytes until the next boundary
    uint64_t lost_bytes = 0;            // by this writer
    uint64_t asks_again_at_bytes = 0;   // of lost_bytes: when to have others shortened again
    std::optional<DueTitle> due_title;  // becomes a mark with the boundary behind it
    uint64_t published_bytes = 0;       // with `played`: the measured bitrate
    microseconds played{0};

    bool operator==(const State&) const = default;
  };

  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() override;

  // Gives the mount up; its listeners linger. Twice does no harm.
  void Leave(Instant now);
  // Another source has the mount now: close this one.
  bool revoked() const { return !has_left_ && !mount_->Holds(pen_); }

  // ---- what the framer found ----
  void Append(std::span<const std::byte> bytes) override;
  void Discard() override;
  void Boundary(microseconds played) override;
  void SyncPoint(bool needs_preamble) override;
  void BeginLink(std::span<const std::byte> preamble) override;
  void Title(absl::string_view title) override { SetTitleHere(title, {}); }
  void Found(const audio::Parameters& parameters) override;

  // ---- what the session knows ----
  void SetTitleHere(absl::string_view title, absl::string_view url) override;
  void Report(const audio::FramerStats& stats, uint64_t received_bytes) override;

  // Which of the mount's writers this is; see Registry::Resume.
  uint64_t pen() const { return pen_; }

  // ---- handed over ----
  const State& state() const { return state_; }
  // Goes on where `state` was taken. REQUIRES: nothing was said to this writer, and the tape ends
  // where the other's did. InvalidArgument names what is impossible in it; nothing has changed.
  absl::Status Restore(State state);

  Mount& mount() { return *mount_; }
  const Mount& mount() const { return *mount_; }

 private:
  friend class Registry;
  Writer(Registry& registry, MountRef mount, Mount::Pen pen)
      : registry_(registry), mount_(std::move(mount)), pen_(pen) {}

  void LeaveAs(bool lingers, Instant now);
  struct Published {
    bool is_audible_since = false;
    bool has_title = false;  // another one than before
    uint32_t newest_title_before = 0;
  };
  Published PublishBoundary(microseconds played);
  enum class Appended : uint8_t { kDone, kRefused, kArenaFull };
  Appended TryAppend(std::span<const std::byte> bytes);
  // Gives up the frame under way: nothing of it until the next boundary is appended.
  void Tear(size_t lost_bytes);
  // Takes back what is appended and not yet published.
  void Forget() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mount_->writing_);
  uint64_t KeepBytes() const;

  Registry& registry_;
  const MountRef mount_;
  const Mount::Pen pen_;
  bool has_left_ = false;
  State state_;
};

}  // namespace floe::mount
