// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "audio/framer.h"
#include "base/address.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "config/config.h"
#include "mount/preamble.h"

namespace floe::session {

inline constexpr size_t kIntroBytesMax = 1 << 20;  // of whole frames: a minute at 128 kbit/s
// A player that comes back within this time after it came is not sent the intro again.
inline constexpr milliseconds kIntroMemory = 1h;
inline constexpr size_t kIntroMemoryMax = 1 << 16;  // players that are remembered

// What a listener of a mount hears before anything else.
struct Intro {
  mount::PreambleRef bytes;  // whole frames or pages
  audio::Parameters parameters;
  milliseconds played{0};

  Intro Share() const { return {bytes.Share(), parameters, played}; }
};

// Reads one. Blocks. Errors: as of files::ReadTrack; longer than kIntroBytesMax; FLAC, of which a
// stream says its headers once.
absl::StatusOr<Intro> ReadIntro(const std::string& path);

// Whether a player that hears `intro` can go on with a stream of these parameters: the same codec,
// sample rate and channels. Errors: FailedPrecondition that says why not.
absl::Status CheckFits(const audio::Parameters& intro, const audio::Parameters& stream);

// Intros is the intros of all mounts, by their files, and who heard them.
//
// Lifetime  of the process.
// Threads   Any; behind a mutex that only requests for mounts with an intro take.
class Intros {
 public:
  // The files that `config` names. Blocks.
  // Errors: as of ReadIntro; of another type than the file that plays on the same mount.
  static absl::StatusOr<std::map<std::string, Intro>> Read(const config::Config& config);
  // These hold from now on.
  void Set(std::map<std::string, Intro> by_path);

  // What a listener is to hear first; no bytes: nothing, since the file does not fit the stream (a
  // line in the log says it, once a minute at most), or this player heard it lately. If it is told
  // to hear it, it is remembered.
  Intro Begin(const std::string& path, const audio::Parameters& stream, absl::string_view mount,
              const Address& peer, absl::string_view agent, Instant now);

 private:
  bool IsRemembered(uint64_t player, Instant now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  std::map<std::string, Intro> by_path_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<uint64_t, Instant> came_ ABSL_GUARDED_BY(mutex_);  // by player, the last time
  struct Arrival {
    uint64_t player;
    Instant came;
  };
  std::deque<Arrival> arrivals_ ABSL_GUARDED_BY(mutex_);  // the oldest first
  Instant told_ ABSL_GUARDED_BY(mutex_){};                // that one does not fit
};

}  // namespace floe::session
