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
    const absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
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
  const absl::MutexLock lock(&pending.pool->mutex_);
  pending.pool->queue_.push_back(pending.job);
}

void WorkerPool::Work() {
  const absl::StatusOr<std::unique_ptr<ring::Waker>> waker = ring::Waker::Create();
  FLOE_CHECK(waker.ok());
  const auto has_news = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return stopping_ || !queue_.empty();
  };
  for (;;) {
    Job* job = nullptr;
    {
      const absl::MutexLock lock(&mutex_, absl::Condition(&has_news));
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
