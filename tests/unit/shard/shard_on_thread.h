// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <thread>

#include "base/mutex.h"
#include "gtest/gtest.h"
#include "shard/shard.h"

namespace floe::shard {

// Nobody comes.
class ClosedReception : public Reception {
 public:
  void Begin(Shard&) override {}
  ring::Task<> Welcome(Shard&, ring::DirectFd, Address) override { co_return; }
  void Departed(Shard&, const listener::Departure&) override {}
};

// A shard on a thread of its own, which turns, or has failed and does so no more.
class ShardOnThread {
 public:
  explicit ShardOnThread(bool turns) {
    thread_ = std::thread([this, turns] {
      ShardOptions options;
      options.direct_fds = 64;
      options.fan_out.capacity = 16;
      options.reception = &reception_;
      const std::unique_ptr<Shard> shard = Shard::Open(options).value();
      {
        const MutexLock lock(&mutex_);
        shard_ = shard.get();
        has_opened_.NotifyAll();
      }
      if (turns) {
        EXPECT_TRUE(shard->Run().ok());
      } else {
        shard->AnswerUntilStopped();
      }
    });
    const MutexLock lock(&mutex_);
    while (shard_ == nullptr) has_opened_.Wait(&mutex_);
  }
  ~ShardOnThread() {
    get().Post({.kind = Mail::Kind::kStop}, *waker_);
    thread_.join();
  }
  Shard& get() {
    const MutexLock lock(&mutex_);
    return *shard_;
  }
  std::thread::id id() const { return thread_.get_id(); }

 private:
  ClosedReception reception_;
  Mutex mutex_;
  CondVar has_opened_;
  Shard* shard_ ABSL_GUARDED_BY(mutex_) = nullptr;
  const std::unique_ptr<ring::Waker> waker_ = ring::Waker::Create().value();
  std::thread thread_;
};

}  // namespace floe::shard
