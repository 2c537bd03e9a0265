// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "metrics/instruments.h"
#include "store/sql.h"

namespace floe::store {

// What waits to be written; more is refused.
inline constexpr size_t kStoreTasksMax = 1 << 16;
// Of those, what one transaction takes: a commit waits for the disk, so many share one.
inline constexpr size_t kStoreTasksPerCommitMax = 512;
// How long a disk that takes nothing is left alone before it is tried again.
inline constexpr milliseconds kStoreRetryAfter{1'000};

// Database is Floe's SQLite file and the thread that alone touches it.
//
//   database->Post([row](Sql& sql) { return sql.Do("INSERT ...", {row.mount}); });
//
// Tasks run in their order, many to a transaction, which is on the disk when it has ended. When the
// disk takes nothing they wait and are run again: a task tells of what it did only to the file. A
// task that fails in itself is logged and left.
//
// During a swap two processes have the file open, each for a moment at a time.
//
// Lifetime  of the process. Stop writes what was posted, if the disk takes it.
// Threads   Post, Run, Stop: any but its own; never a shard's for Run, which waits.
// Failure   Open: the file cannot be opened, or has a schema that cannot be brought up to date.
class Database {
 public:
  using Task = std::function<absl::Status(Sql&)>;

  // `path` as for Sql::Open; tasks that are refused are counted by `refused`, which outlives it.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path,
                                                        metrics::Counter& refused);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // False, and nothing will run: too much waits already, or it has been stopped.
  bool Post(Task task) { return Enqueue(std::move(task), nullptr); }
  // The same, and waits until it has been committed. Errors: the task's own; Unavailable when it
  // did not run or is not on the disk.
  absl::Status Run(Task task);
  void Stop();

 private:
  // What somebody waits for.
  struct Wait {
    bool is_over = false;
    absl::Status status;
  };
  struct Entry {
    Task task;
    Wait* wait;  // null: nobody does
  };

  Database(std::unique_ptr<Sql> sql, metrics::Counter& refused)
      : sql_(std::move(sql)), refused_(refused) {}
  bool Enqueue(Task task, Wait* wait);
  void Work();
  // Runs them as one transaction. Error: it is not on the disk, and none of them counts.
  absl::Status Commit(std::vector<Entry>& batch, std::vector<absl::Status>* done);
  void Settle(std::vector<Entry>& batch, const std::vector<absl::Status>& done);
  // Waits a while before the disk is tried again; false: it has been stopped.
  bool Pause();

  const std::unique_ptr<Sql> sql_;
  metrics::Counter& refused_;
  mutable Mutex mutex_;  // of what follows; held for moments
  CondVar has_news_;     // a task, an end of one that is waited for, the stop
  std::deque<Entry> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace floe::store
