// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/shard_threads.h"

#include <pthread.h>

#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/heap.h"
#include "base/log.h"

namespace floe::server {
namespace {

void NameThread(uint32_t index) {
  char name[16];  // the kernel's limit
  std::snprintf(name, sizeof(name), "floe-shard-%u", index % 1000);
  pthread_setname_np(pthread_self(), name);
}

}  // namespace

ShardThreads::~ShardThreads() {
  if (!threads_.empty()) (void)Join();
}

absl::Status ShardThreads::Open(std::vector<shard::ShardOptions> options,
                                const std::vector<Place>& places) {
  shards_.resize(options.size());
  const uint32_t count = uint32_t(options.size());
  for (uint32_t i = 0; i < count; ++i) {
    threads_.emplace_back(
        [this, i, mine = std::move(options[i]), place = places[i]] { Work(i, mine, place); });
  }
  const auto all_opened = [this, count]()
                              ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return opened_ == count; };
  const absl::MutexLock lock(&mutex_, absl::Condition(&all_opened));
  return failure_;
}

void ShardThreads::Work(uint32_t index, const shard::ShardOptions& options, const Place& place) {
  NameThread(index);
  StayAt(place);
  UseOwnHeap();
  absl::StatusOr<std::unique_ptr<shard::Shard>> shard = shard::Shard::Open(options);
  bool may_run = false;
  {
    const auto told = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return go_; };
    const absl::MutexLock lock(&mutex_);
    if (!shard.ok()) failure_.Update(shard.status());
    shards_[index] = shard.ok() ? shard->get() : nullptr;
    ++opened_;
    mutex_.Await(absl::Condition(&told));
    may_run = failure_.ok() && may_run_;
  }
  if (may_run) {
    const absl::Status ended = (*shard)->Run();
    if (!ended.ok()) {
      log::Error(absl::StrCat("shard ", index, ": ", ended.message()));
      const absl::MutexLock lock(&mutex_);
      failure_.Update(ended);
    }
    running_.fetch_sub(1, std::memory_order_release);
  }
  if (shard.ok() && may_run) {
    // What a shard that did not finish in time still holds goes with the process.
    const absl::MutexLock lock(&mutex_);
    if (!failure_.ok()) (void)shard->release();
  }
}

void ShardThreads::Run() {
  running_ = uint32_t(threads_.size());
  may_run_ = true;
  const absl::MutexLock lock(&mutex_);
  go_ = true;
}

void ShardThreads::Stop(ring::Waker& waker) {
  for (shard::Shard* shard : shards_) {
    if (shard != nullptr) shard->Post({.kind = shard::Mail::Kind::kStop}, waker);
  }
}

absl::Status ShardThreads::Join() {
  {
    const absl::MutexLock lock(&mutex_);
    go_ = true;  // for those that were opened and never ran
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  const absl::MutexLock lock(&mutex_);
  return failure_;
}

}  // namespace floe::server
