// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/mutex.h"
#include "metrics/instruments.h"
#include "store/sql.h"

namespace floe::store {

// Sessions that wait to be written; when the disk is slower than listeners leave, the oldest give
// way. What they listened counts all the same: see Listened.
inline constexpr size_t kSessionsQueuedMax = 1 << 17;

// A listener who is no more, over all processes that served it.
struct Session {
  std::string mount;      // whose listener it was last
  int64_t ended_ms = 0;   // wall clock, since 1970
  int64_t lasted_ms = 0;  // it listened for so long before that
  uint64_t bytes = 0;     // sent to it
  std::string address, agent, user;
  std::string cause;  // "gone", "kicked", ...

  bool operator==(const Session&) const = default;
};

// What was listened to a mount within one hour.
struct Listened {
  int64_t listened_ms = 0;
  int64_t sessions = 0;  // that ended within it
  int64_t bytes = 0;     // that those were sent, from their beginning on

  bool operator==(const Listened&) const = default;
};
// By mount and hour of the wall clock, counted from 1970.
using ListenedByHour = std::map<std::pair<std::string, int64_t>, Listened>;

inline constexpr int64_t kHourMs = 3'600'000;

// Adds a session to the hours it went through.
void AddTo(ListenedByHour* hours, const Session& session);

// SessionQueue is what sessions wait in that have ended.
//
//   a shard:      Add    a copy under a lock, nothing else
//   the recorder: Take   some of them, and all that was listened since it took last
//
// Hours are added up here and not made of the sessions afterwards, so that they are right also when
// sessions gave way, and when single sessions are not kept at all.
//
// Bounds    kSessionsQueuedMax; hours: as many as mounts were listened to, by the hour.
// Lifetime  of the process.
// Threads   Any; behind a mutex that is held for a copy.
// Failure   None: what gave way is counted.
class SessionQueue {
 public:
  struct Batch {
    std::vector<Session> sessions;
    ListenedByHour hours;

    bool empty() const { return sessions.empty() && hours.empty(); }
  };

  // Sessions that give way are counted by `dropped`, which outlives it.
  explicit SessionQueue(metrics::Counter& dropped) : dropped_(dropped) {}

  void Add(Session session);
  // At most so many sessions, the oldest first, and all hours.
  Batch Take(size_t sessions_max);

 private:
  metrics::Counter& dropped_;
  mutable Mutex mutex_;
  std::deque<Session> sessions_ ABSL_GUARDED_BY(mutex_);
  ListenedByHour hours_ ABSL_GUARDED_BY(mutex_);
};

// Within a transaction. `keeps_sessions`: single ones as well as hours.
absl::Status WriteSessions(Sql& sql, const SessionQueue::Batch& batch, bool keeps_sessions);

// ---- queries ----

struct SessionQuery {
  std::string mount;      // empty: of all
  int64_t before_id = 0;  // those that ended before that one; 0: the newest
  int limit = 100;
};
struct KeptSession {
  int64_t id = 0;
  Session session;

  bool operator==(const KeptSession&) const = default;
};
// The newest first.
absl::StatusOr<std::vector<KeptSession>> ReadSessions(Sql& sql, const SessionQuery& query);

struct ListenedQuery {
  enum class Step : uint8_t { kHour, kDay, kAll };  // of UTC
  std::string mount;                                // empty: of each
  int64_t from_s = 0, to_s = 0;  // wall clock; hours that begin within [from, to). to 0: no end
  Step step = Step::kHour;
};
struct ListenedRow {
  std::string mount;
  int64_t begin_s = 0;  // of the hour or day; of kAll the query's
  Listened listened;

  bool operator==(const ListenedRow&) const = default;
};
inline constexpr int kListenedRowsMax = 10'000;
// In the order of mounts and time, kListenedRowsMax at most.
absl::StatusOr<std::vector<ListenedRow>> ReadListened(Sql& sql, const ListenedQuery& query);

}  // namespace floe::store
