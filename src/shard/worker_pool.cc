// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "shard/worker_pool.h"

#include "base/check.h"
#include "ring/waker.h"
#include "shard/shard.h"

namespace floe::shard {

absl::Status WorkerPool::Start(uint32_t threads) {
  // Asked here once, where it can be reported; the workers' own are of the same kind.
  if (absl::Status can_wake = ring::Waker::Create().status(); !can_wake.ok()) return can_wake;
  for (uint32_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Work(); });
  return absl::OkStatus();
}

void WorkerPool::Stop() {
  {
    const MutexLock lock(&mutex_);
    stopping_ = true;
  }
  has_news_.NotifyAll();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

ring::Task<> WorkerPool::Run(WorkerPool& pool, Shard& home, Job& job) {
  job.home_ = &home;
  Pending pending{&pool, &job};
  co_await home.io().Work(&WorkerPool::Begin, &pending);
}

void WorkerPool::Begin(ring::AwaitOp* op, void* argument) {
  const Pending& pending = *static_cast<Pending*>(argument);
  pending.job->op_ = op;
  {
    const MutexLock lock(&pending.pool->mutex_);
    pending.pool->queue_.push_back(pending.job);
  }
  pending.pool->has_news_.NotifyOne();
}

void WorkerPool::Work() {
  const absl::StatusOr<std::unique_ptr<ring::Waker>> waker = ring::Waker::Create();
  FLOE_CHECK(waker.ok());
  for (;;) {
    Job* job = nullptr;
    {
      const MutexLock lock(&mutex_);
      while (!stopping_ && queue_.empty()) has_news_.Wait(&mutex_);
      if (queue_.empty()) return;
      job = queue_.front();
      queue_.pop_front();
    }
    job->Run();
    // The job is the shard's again from the post on.
    Shard* home = job->home_;
    home->Post({.kind = Mail::Kind::kResume, .op = job->op_}, **waker);
  }
}

}  // namespace floe::shard
