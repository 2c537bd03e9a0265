// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "events/event_log.h"
#include "store/database.h"
#include "store/sessions.h"

namespace floe::store {

inline constexpr milliseconds kRecordEvery{500};        // what came since is one transaction
inline constexpr size_t kSessionsPerRecordMax = 8'192;  // of it
inline constexpr size_t kSongsPerRecordMax = 1'024;
inline constexpr milliseconds kPruneEvery{3'600'000};
inline constexpr milliseconds kLastRecordTimeMax{2'000};  // what a stop waits for the disk
// Hours say nothing of anybody, and are few: ten years.
inline constexpr int64_t kListenedKeptHours = 24 * 3'653;

// How long what is kept; 0: not kept.
struct Retention {
  milliseconds songs{0};
  milliseconds sessions{0};
};

// Recorder writes down what is over: titles from the log of events, sessions from their queue. It
// has a thread, which waits for the database and nobody else; who says what happened never waits
// for it.
//
// Over a swap: the next process has the log with Recorded, and begins behind that. What both write
// is there once (WriteSongs); a session ended in one of them.
//
// Lifetime  of the process; events, sessions and database outlive it.
// Threads   Start, Retain, Stop: any but its own.
// Failure   A disk that takes nothing: see Database. What must give way meanwhile is counted by
//           the queue, and titles that the log does not keep any more are named in the log.
class Recorder {
 public:
  Recorder(events::EventLog& events, SessionQueue& sessions, Database& database)
      : events_(events), sessions_(sessions), database_(database) {}
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  void Start(const Retention& retention);
  void Retain(const Retention& retention);
  // Writes what is left, if the disk takes it within kLastRecordTimeMax. Nothing ends after it.
  void Stop();

 private:
  void Work();
  // False: nothing was left to be written, or it could not be.
  bool Record();
  void Prune();
  Retention retention() const;

  events::EventLog& events_;
  SessionQueue& sessions_;
  Database& database_;
  mutable Mutex mutex_;
  CondVar has_news_;
  Retention retention_ ABSL_GUARDED_BY(mutex_);
  bool prunes_now_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool is_over_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace floe::store
