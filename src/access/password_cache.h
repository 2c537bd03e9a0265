// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/sha256.h"

namespace floe::access {

inline constexpr size_t kMatchesKeptMax = 4096;
inline constexpr size_t kMismatchesKeptMax = 1024;
// A password that was wrong stays wrong, but is worth little to know.
inline constexpr milliseconds kMismatchKept{10'000};

// PasswordCache remembers for a while which passwords matched which hashes, so that a crowd that
// comes back with one login costs one hash. It keeps no password: a key is a MAC of user, password
// and hash, under a key of this process alone. A hash that is changed makes another key.
//
// Threads   Any. Find takes a microsecond and is for a shard; Check blocks and is for a worker.
// Failure   None: what does not fit is forgotten, the oldest first.
class PasswordCache {
 public:
  using Key = Sha256Digest;

  PasswordCache();

  Key KeyOf(absl::string_view user, absl::string_view password, absl::string_view hash) const;

  // Whether they match, if that is known.
  std::optional<bool> Find(const Key& key, Instant now) const;

  // The same, or else what `check` says, which is kept for `kept`. Of all who ask for the same at
  // once, one has it checked and the others wait.
  bool Check(const Key& key, milliseconds kept, Instant now, absl::FunctionRef<bool()> check);

  // How many were checked, in all.
  uint64_t checks() const;

 private:
  struct KeyHash {
    size_t operator()(const Key& key) const;
  };
  using Known = absl::flat_hash_map<Key, Instant, KeyHash>;  // until when

  std::optional<bool> FindLocked(const Key& key, Instant now) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  static void Keep(const Key& key, Instant until, size_t max, Known* known);

  const std::string secret_;
  mutable Mutex mutex_;
  CondVar has_news_;  // a check has ended
  Known matches_ ABSL_GUARDED_BY(mutex_);
  Known mismatches_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<Key, KeyHash> under_way_ ABSL_GUARDED_BY(mutex_);
  uint64_t checks_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace floe::access
