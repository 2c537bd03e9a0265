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
  const MutexLock lock(&mutex_);
  while (opened_ < count) has_opened_.Wait(&mutex_);
  return failure_;
}

void ShardThreads::Work(uint32_t index, const shard::ShardOptions& options, const Place& place) {
  NameThread(index);
  StayAt(place);
  UseOwnHeap();
  absl::StatusOr<std::unique_ptr<shard::Shard>> shard = shard::Shard::Open(options);
  bool may_run = false;
  {
    const MutexLock lock(&mutex_);
    if (!shard.ok()) failure_.Update(shard.status());
    shards_[index] = shard.ok() ? shard->get() : nullptr;
    ++opened_;
    has_opened_.NotifyAll();
    while (!go_) may_go_.Wait(&mutex_);
    may_run = failure_.ok() && may_run_;
  }
  if (may_run) {
    const absl::Status ended = (*shard)->Run();
    if (!ended.ok()) {
      log::Error(absl::StrCat("shard ", index, ": ", ended.message()));
      const MutexLock lock(&mutex_);
      failure_.Update(ended);
    }
    running_.fetch_sub(1, std::memory_order_release);
    (*shard)->AnswerUntilStopped();
  }
  if (shard.ok() && may_run) {
    // What a shard that did not finish in time still holds goes with the process.
    const MutexLock lock(&mutex_);
    if (!failure_.ok()) (void)shard->release();
  }
}

void ShardThreads::Run() {
  running_ = uint32_t(threads_.size());
  may_run_ = true;
  const MutexLock lock(&mutex_);
  go_ = true;
  may_go_.NotifyAll();
}

void ShardThreads::Stop(ring::Waker& waker) {
  for (shard::Shard* shard : shards_) {
    if (shard != nullptr) shard->Post({.kind = shard::Mail::Kind::kStop}, waker);
  }
}

absl::Status ShardThreads::Join() {
  {
    const MutexLock lock(&mutex_);
    go_ = true;  // for those that were opened and never ran
    may_go_.NotifyAll();
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  const MutexLock lock(&mutex_);
  return failure_;
}

}  // namespace floe::server
