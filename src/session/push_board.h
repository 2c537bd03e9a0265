// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/mutex.h"
#include "upstream/health.h"

namespace floe::session {

// What is known of a push, for status pages.
struct PushStatus {
  std::string mount;
  std::string to;                // its URL, fit to be shown
  upstream::HealthState health;  // of the server that it goes to; idle while there is no audio

  bool operator==(const PushStatus&) const = default;
};

// PushBoard is where each push shows how it is.
//
// Lifetime  of the process.
// Threads   Any; behind a mutex that requests and pushes take, never the way of the audio.
class PushBoard {
 public:
  // `push` says who shows it: compared, never followed.
  void Show(PushStatus status, const void* push);
  // Unless another push of that mount has come meanwhile.
  void Remove(const std::string& mount, const void* push);
  // All, by mount.
  std::vector<PushStatus> List() const;

 private:
  struct Entry {
    PushStatus status;
    const void* push = nullptr;
  };

  mutable Mutex mutex_;
  std::map<std::string, Entry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace floe::session
