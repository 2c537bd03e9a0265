// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mutex.h"
#include "config/config.h"
#include "mount/mount.h"
#include "mount/mount_ref.h"
#include "mount/router.h"
#include "mount/tidings.h"
#include "mount/writer.h"
#include "tape/arena.h"

namespace floe::mount {

// Registry is all mounts by name, and who may be a source of them.
//
// Lifetime  of the process; outlives every Writer. The arena outlives it.
// Threads   Any; behind a mutex that requests take, never the way of the audio.
// Failure   Claims are refused with the status that names the reply: see Claim.
class Registry {
 public:
  // `sources_max`: sources connected at once, over all mounts; of those that count (ClaimRules).
  Registry(tape::Arena& arena, uint32_t sources_max, uint32_t mounts_max = kMountsMax);
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // The mount of that name, made when there is none and never forgotten: one that the
  // configuration names. One that is there gets these settings.
  // Error: ResourceExhausted when there are too many mounts.
  absl::StatusOr<MountRef> Configure(absl::string_view name, const config::Mount& settings);
  // The configuration does not name it any more: it goes on with these settings while somebody
  // plays or feeds it.
  void Unconfigure(absl::string_view name, const config::Mount& settings);
  // Gives a mount of this registry other settings.
  void Change(Mount& mount, const config::Mount& settings);
  // A mount for a source alone: made when there is none, forgotten when nobody plays or feeds it.
  absl::StatusOr<MountRef> FindOrCreate(absl::string_view name, const config::Mount& settings);
  // What happens to mounts from now on is added there, which outlives the registry. Where mounts
  // were handed over: once they are all here, since nothing has happened to them by that.
  // REQUIRES: no source is at it.
  void Tell(events::EventLog* events);

  // Empty: there is none.
  MountRef Find(absl::string_view name) const;
  const tape::Arena& arena() const { return arena_; }
  // All mounts, by name.
  std::vector<MountRef> List() const;

  // Makes a source the writer of a mount. `settings` are for a mount that is not there yet.
  // Errors: AlreadyExists     another source has it and keeps it (409);
  //         ResourceExhausted too many sources or mounts (503).
  absl::StatusOr<std::unique_ptr<Writer>> Claim(absl::string_view name, SourceInfo info,
                                                const config::Mount& settings,
                                                const ClaimRules& rules, Instant now);

  // ---- fallbacks: mount/fallbacks.h ----
  Explanation Explain(absl::string_view name) const;
  // The mount whose audio the listeners of this one hear; empty: nothing.
  std::string PlaysOf(absl::string_view name) const;
  // As Fallbacks', of a mount that is not here too.
  std::vector<std::string> Sought(absl::string_view name) const;
  // Whether anybody would hear it if it had a source: its own listeners, or those of a mount that
  // falls back to it.
  bool IsSought(absl::string_view name) const;

  // ---- hand-over ----
  // No claim is granted and no mount found from now on, until it is unsealed: all that is here
  // goes on elsewhere.
  void Seal(bool sealed);
  // The mount that `state` was taken of; `is_configured` as with Configure.
  // Errors: it cannot be one, or is there already.
  absl::Status Restore(MountState state, const config::Mount& settings, bool is_configured);
  // The writer who holds the mount's pen. Errors: there is none such.
  absl::StatusOr<std::unique_ptr<Writer>> Resume(absl::string_view name, uint64_t pen);

  // Ends lingering that is over, and forgets mounts that are not configured, have no source, no
  // listeners and nobody who holds a MountRef. Call it every second or so. Answers how many went.
  size_t Collect(Instant now);

  // Has the mount with the longest history drop some of it; false when none has any to spare.
  // REQUIRES: the caller holds no mount's lock. Pages that listeners still read come free later.
  bool ShortenLongest();

  // How many sources may be connected at once; those that are stay.
  void SetSourcesMax(uint32_t sources_max) {
    sources_max_.store(sources_max, std::memory_order_relaxed);
  }
  // Sources connected now.
  uint32_t sources() const { return sources_.load(std::memory_order_relaxed); }
  size_t mounts() const;

  // Of all mounts together: promised a place while their reply is sent.
  std::atomic<uint32_t> arriving{0};

 private:
  friend class Writer;
  struct Entry {
    MountRef mount;
    bool is_configured = false;
  };

  absl::StatusOr<Entry*> FindOrCreateLocked(absl::string_view name, const config::Mount& settings)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  uint32_t NextTapeId() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether a source is heard there may have changed.
  void Changed(Mount& mount);
  void SourceLeft() { sources_.fetch_sub(1, std::memory_order_relaxed); }
  const Tidings& tidings() const { return tidings_; }

  tape::Arena& arena_;
  std::atomic<uint32_t> sources_max_;
  const uint32_t mounts_max_;
  Tidings tidings_;
  mutable Mutex mutex_;  // before any mount's
  std::map<std::string, Entry, std::less<>> entries_ ABSL_GUARDED_BY(mutex_);
  Router router_ ABSL_GUARDED_BY(mutex_);
  bool is_sealed_ ABSL_GUARDED_BY(mutex_) = false;
  uint32_t next_tape_id_ ABSL_GUARDED_BY(mutex_) = 0;
  std::atomic<uint32_t> sources_{0};
};

}  // namespace floe::mount
