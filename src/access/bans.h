// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "access/cidr_set.h"
#include "base/cidr.h"
#include "base/mutex.h"

namespace floe::access {

inline constexpr size_t kBansMax = 65'536;
inline constexpr size_t kBanReasonBytesMax = 255;

struct Ban {
  Cidr cidr;
  std::string reason;
  absl::Time since;
  std::optional<absl::Time> until;  // unset: for good

  bool operator==(const Ban&) const = default;
};

// Bans is who was turned away while the server runs: what operators ban by API, for a while or for
// good. It is kept in a file, so that it outlives the process.
//
//   Add, Remove -> memory, at once -> Save: the file, soon -> Load: the next process
//
// Lifetime  of the process.
// Threads   Any; Load and Save block, and are not for a shard's.
// Failure   Add and Remove say what is wrong; Load says what is wrong with the file, and has none
//           of it; Save tries again when it is called again.
class Bans {
 public:
  // Errors: InvalidArgument for a reason that is too long, ResourceExhausted for more than
  // kBansMax. Who is banned already is so for this reason and time from now on.
  absl::Status Add(const Cidr& cidr, absl::string_view reason,
                   std::optional<absl::Time> until = std::nullopt);
  // Errors: NotFound, when that very network is not banned.
  absl::Status Remove(const Cidr& cidr);
  // Those that hold, the oldest first.
  std::vector<Ban> List() const;
  bool Contains(const Address& address) const;

  // What the file says from now on; there need not be one. Errors: it is none of ours.
  absl::Status Load(const std::string& path);
  // Writes the file if there is something new. Errors: what the kernel says.
  absl::Status Save();

  // Grows with each Add: whoever is here may be banned since.
  uint64_t additions() const { return additions_.load(std::memory_order_relaxed); }

 private:
  absl::Status Read(absl::string_view text, std::vector<Ban>* bans) const;
  std::string Write() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropOver(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Index(absl::Time now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Hold(const Ban& ban) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  std::vector<Ban> bans_ ABSL_GUARDED_BY(mutex_);  // the oldest first
  std::string path_ ABSL_GUARDED_BY(mutex_);       // empty: not loaded yet, so nothing is saved
  bool has_news_ ABSL_GUARDED_BY(mutex_) = false;
  // Those of them that hold, found at once; made anew when the bans change or one ends.
  mutable CidrSet held_ ABSL_GUARDED_BY(mutex_);
  mutable absl::Time holds_until_ ABSL_GUARDED_BY(mutex_) = absl::InfiniteFuture();
  std::atomic<uint32_t> count_{0};
  std::atomic<uint64_t> additions_{0};
};

}  // namespace floe::access
