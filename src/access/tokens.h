// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "access/roles.h"
#include "base/mutex.h"

namespace floe::access {

inline constexpr size_t kTokensMax = 1000;
inline constexpr size_t kTokenNameBytesMax = 64;
inline constexpr size_t kTokenMountsMax = 64;
// What every token begins with, so that one that got lost is recognized.
inline constexpr char kTokenPrefix[] = "floe_";

// What may be said of a token: never the token itself.
struct TokenRecord {
  std::string name;  // letters, digits, '.', '_' and '-'
  Grant grant;
  absl::Time created;
  std::optional<absl::Time> last_used;
  std::optional<absl::Time> expires;
  std::string hash;  // SHA-256 of the token, 64 digits
};

// Tokens is what the API's own tokens are kept in: random ones, each with a role. Only their
// hashes are known here, in memory and in the file. A token has 256 random bits, so one round of
// SHA-256 is as good as a slow hash.
//
// Lifetime  of the process; the file has all of it, for the next one.
// Threads   Any. Load, Add, Remove and SaveUses write a file: not for a shard.
// Failure   Load: a file that is there and cannot be read, or is none of ours. Add, Remove: the
//           file cannot be written (Internal), and nothing has changed.
class Tokens {
 public:
  // From now on they are in this file, and as it has them; none if there is no such file.
  absl::Status Load(const std::string& file);

  // Makes one and answers it, which is the only time that it is seen. Errors: InvalidArgument for a
  // name or mount that cannot be; AlreadyExists; ResourceExhausted: kTokensMax.
  absl::StatusOr<std::string> Add(TokenRecord record);
  // Error: NotFound.
  absl::Status Remove(absl::string_view name);
  // By name.
  std::vector<TokenRecord> List() const;

  // Whose it is, if it is good now; notes its use.
  std::optional<TokenRecord> Find(absl::string_view token, absl::Time now);

  // Writes down when they were used last, if that is not yet in the file.
  absl::Status SaveUses();

 private:
  using ByHash = absl::flat_hash_map<std::string, TokenRecord>;

  absl::Status Write(const ByHash& by_hash) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_);

  Mutex writing_;  // held while the file is written; taken before `mutex_`
  std::string file_ ABSL_GUARDED_BY(writing_);
  mutable Mutex mutex_;
  ByHash by_hash_ ABSL_GUARDED_BY(mutex_);
  bool has_new_uses_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace floe::access
