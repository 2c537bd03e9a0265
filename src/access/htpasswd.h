// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"

namespace floe::access {

inline constexpr size_t kHtpasswdFileBytesMax = size_t{16} << 20;
inline constexpr size_t kHtpasswdUserBytesMax = 255;

// Whether `given` is the password of which a htpasswd file has this: bcrypt and whatever else
// crypt(3) knows, argon2, Apache's $apr1$ and {SHA}, or Icecast's 32 digits of MD5. A password as
// it is, which some Apaches take, is never one. For a worker.
bool MatchesHtpasswd(const std::string& given, const std::string& hash);

// HtpasswdFiles are the files that say who may listen: "user:hash" a line, '#' begins a comment, of
// one user the first line counts.
//
// Threads   Any. Find looks into memory; all others read or write files, and are for a worker or
//           the main thread.
// Failure   A file that cannot be read has no users, and Refresh says why, once for each change.
class HtpasswdFiles {
 public:
  // Knows these from now on, each as it is by now. Answers what is wrong with those that changed.
  std::vector<std::string> Refresh(const std::vector<std::string>& paths);

  // What the file has of that user.
  std::optional<std::string> Find(const std::string& path, const std::string& user) const;
  // That of anybody: to take as long for who is not in it.
  std::optional<std::string> AnyHash(const std::string& path) const;
  // The users, in the file's order. Error: the file cannot be read.
  absl::StatusOr<std::vector<std::string>> List(const std::string& path) const;

  // Gives a user this password, who may be new. Errors: InvalidArgument for a name or password that
  // cannot be; the file cannot be read or written.
  absl::Status Put(const std::string& path, const std::string& user, const std::string& password);
  // The same for a new user only. Error: AlreadyExists.
  absl::Status Add(const std::string& path, const std::string& user, const std::string& password);
  // Error: NotFound.
  absl::Status Remove(const std::string& path, const std::string& user);

 private:
  // What tells one state of a file from another.
  struct Stamp {
    int64_t changed_ns = -1;
    uint64_t inode = 0;
    uint64_t size_bytes = 0;
    bool operator==(const Stamp&) const = default;
  };
  struct File {
    Stamp stamp;
    std::map<std::string, std::string> users;
  };

  static Stamp StampOf(const std::string& path);
  static absl::StatusOr<File> Read(const std::string& path);
  // `hash`: empty to take the user out.
  absl::Status Rewrite(const std::string& path, const std::string& user, const std::string& hash,
                       bool must_be_new);

  Mutex writing_;  // one change of a file at a time; taken before `mutex_`
  mutable Mutex mutex_;
  std::map<std::string, File> files_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace floe::access
