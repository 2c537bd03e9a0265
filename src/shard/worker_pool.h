// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "base/mutex.h"
#include "ring/io.h"
#include "ring/task.h"

namespace floe::shard {

class Shard;

// Job is something that blocks: a password hash, a file. It lives in the frame of the coroutine
// that awaits it and is touched by one thread at a time.
class Job {
 public:
  virtual ~Job() = default;
  // On a worker. Must end by itself: a stop waits for it.
  virtual void Run() = 0;

 private:
  friend class WorkerPool;
  Shard* home_ = nullptr;
  ring::AwaitOp* op_ = nullptr;
};

// WorkerPool runs jobs on a few threads and tells the shard by mail when one is done.
//
// Lifetime  of the process: Stop after the shards have ended, since they wait for their jobs.
// Threads   Run: any shard's, within a coroutine.
// Failure   None: the queue is as long as there are coroutines, which are bounded.
class WorkerPool {
 public:
  // Errors: a worker could not make what it wakes shards with.
  absl::Status Start(uint32_t threads);
  void Stop();
  ~WorkerPool() { Stop(); }

  // Awaits the job's end. `job` stays where it is until then.
  static ring::Task<> Run(WorkerPool& pool, Shard& home, Job& job);

 private:
  struct Pending {
    WorkerPool* pool;
    Job* job;
  };
  static void Begin(ring::AwaitOp* op, void* pending);
  void Work();

  Mutex mutex_;       // of the queue; held for a push or a pop
  CondVar has_news_;  // a job, or the stop
  std::deque<Job*> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace floe::shard
