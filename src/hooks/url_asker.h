// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/http_url.h"
#include "base/mutex.h"
#include "hooks/answer_cache.h"
#include "hooks/auth_answer.h"
#include "hooks/breaker.h"
#include "hooks/call_slots.h"
#include "metrics/instruments.h"
#include "ring/task.h"
#include "shard/shard.h"
#include "shard/worker_pool.h"

namespace floe::hooks {

// A question to a web server.
struct Question {
  HttpUrl url;
  std::string authorization;  // a header's value; empty: none
  std::string form;
  AuthHeaders headers;
  milliseconds timeout{5'000};
  milliseconds keep{0};  // how long an answer holds for who has the same key; 0: it does not
  AnswerCache::Key key{};
  metrics::Latency* latency = nullptr;  // of calls like that; null: nobody asks how long they take
};

// What was asked since the start.
struct AskerCounters {
  std::atomic<uint64_t> allowed{0}, denied{0};
  std::atomic<uint64_t> cached{0};   // of those: without a question
  std::atomic<uint64_t> skipped{0};  // failed: the web server was left alone
};

// UrlAsker asks web servers whether somebody may do something: each in the coroutine of who waits
// for it, a bounded number at a time, and not at all while a server does not answer.
//
// Lifetime  of the process: outlives the shards.
// Threads   Any shard's. What shards share is behind a mutex, which is held for a look.
// Failure   A server's trouble is an answer, AuthAnswer::Verdict::kFails; each time that a server
//           is not trusted any more, or is again, is logged.
class UrlAsker {
 public:
  // `failed` counts questions without an answer, asked or not.
  UrlAsker(shard::WorkerPool& resolvers, uint32_t shards, metrics::Counter& failed)
      : resolvers_(resolvers), failed_(failed), slots_(shards) {}

  // `question` stays until it ends; `owner` as for dial::CallHttp. Error: Cancelled when it was
  // interrupted.
  static ring::Task<absl::StatusOr<AuthAnswer>> Ask(UrlAsker& asker, shard::Shard& shard,
                                                    const Question& question, const void* owner);

  const AskerCounters& counters() const { return counters_; }

 private:
  void Count(const AuthAnswer& answer);
  // An answer without a question: one that is known, or that there will be none.
  std::optional<AuthAnswer> Known(const Question& question, const std::string& url, Instant now);
  void Learn(const Question& question, const std::string& url, const AuthAnswer& answer,
             absl::string_view trouble, Instant now);
  void Drop(const std::string& url);
  static ring::Task<absl::StatusOr<AuthAnswer>> Call(UrlAsker& asker, shard::Shard& shard,
                                                     const Question& question, std::string url,
                                                     const void* owner);

  shard::WorkerPool& resolvers_;
  metrics::Counter& failed_;
  std::vector<CallSlots> slots_;  // by shard
  AskerCounters counters_;
  Mutex mutex_;
  AnswerCache cache_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, Breaker> breakers_ ABSL_GUARDED_BY(mutex_);  // by URL
};

}  // namespace floe::hooks
