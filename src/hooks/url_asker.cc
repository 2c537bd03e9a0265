// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "hooks/url_asker.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "dial/http_call.h"
#include "http/redirect.h"

namespace floe::hooks {
namespace {

using Verdict = AuthAnswer::Verdict;

}  // namespace

void UrlAsker::Count(const AuthAnswer& answer) {
  switch (answer.verdict) {
    case Verdict::kAllows:
    case Verdict::kRedirects: ++counters_.allowed; return;
    case Verdict::kDenies: ++counters_.denied; return;
    case Verdict::kFails: failed_.Add(); return;
  }
}

std::optional<AuthAnswer> UrlAsker::Known(const Question& question, const std::string& url,
                                          Instant now) {
  const MutexLock lock(&mutex_);
  if (question.keep.count() > 0) {
    std::optional<AuthAnswer> known = cache_.Find(question.key, now);
    if (known.has_value()) {
      ++counters_.cached;
      return known;
    }
  }
  if (breakers_[url].MayCall(now)) return std::nullopt;
  ++counters_.skipped;
  return AuthAnswer{};
}

void UrlAsker::Learn(const Question& question, const std::string& url, const AuthAnswer& answer,
                     absl::string_view trouble, Instant now) {
  const bool is_trouble = answer.verdict == Verdict::kFails;
  bool is_otherwise = false;
  {
    const MutexLock lock(&mutex_);
    Breaker& breaker = breakers_[url];
    is_otherwise = is_trouble ? breaker.Failed(now) : breaker.Succeeded();
    cache_.Put(question.key, answer, question.keep, now);
  }
  if (!is_otherwise) return;
  const std::string name = http::LogTextOf(question.url);
  if (is_trouble) {
    log::Warn(absl::StrCat("hook ", name, " fails, and is left alone for a while: ", trouble));
  } else {
    log::Info(absl::StrCat("hook ", name, " answers again"));
  }
}

void UrlAsker::Drop(const std::string& url) {
  const MutexLock lock(&mutex_);
  breakers_[url].Dropped();
}

ring::Task<absl::StatusOr<AuthAnswer>> UrlAsker::Call(UrlAsker& asker, shard::Shard& shard,
                                                      const Question& question, std::string url,
                                                      const void* owner) {
  const Instant by = Clock::now() + question.timeout;
  CallSlots& slots = asker.slots_[shard.index()];
  const absl::Status entered = co_await slots.Enter(shard.io(), url, by, owner);
  if (absl::IsCancelled(entered)) {
    asker.Drop(url);
    co_return entered;
  }
  AuthAnswer answer;
  std::string trouble(entered.message());
  if (entered.ok()) {
    dial::HttpCall call;
    call.url = question.url;
    call.authorization = question.authorization;
    call.content_type = "application/x-www-form-urlencoded";
    call.body = question.form;
    const absl::StatusOr<dial::HttpAnswer> answered =
        co_await dial::CallHttp(shard, asker.resolvers_, call, by, owner);
    slots.Leave(shard.io(), url);
    if (absl::IsCancelled(answered.status())) {
      asker.Drop(url);
      co_return answered.status();
    }
    trouble = std::string(answered.status().message());
    if (answered.ok()) {
      answer =
          ReadAuthAnswer(answered->status, answered->headers, answered->body, question.headers);
      trouble = absl::StrCat("it answers ", answered->status, " ", answered->reason);
    }
  }
  asker.Learn(question, url, answer, trouble, Clock::now());
  co_return std::move(answer);
}

ring::Task<absl::StatusOr<AuthAnswer>> UrlAsker::Ask(UrlAsker& asker, shard::Shard& shard,
                                                     const Question& question, const void* owner) {
  std::string url = question.url.ToString();
  std::optional<AuthAnswer> known = asker.Known(question, url, Clock::now());
  if (known.has_value()) {
    asker.Count(*known);
    co_return *std::move(known);
  }
  const Instant begun = Clock::now();
  absl::StatusOr<AuthAnswer> answer = co_await Call(asker, shard, question, std::move(url), owner);
  if (!answer.ok()) co_return answer.status();
  asker.Count(*answer);
  if (question.latency != nullptr) question.latency->Observe(Clock::now() - begun);
  co_return std::move(answer);
}

}  // namespace floe::hooks
