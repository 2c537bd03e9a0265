// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "hooks/courier.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log.h"
#include "dial/http_call.h"
#include "http/redirect.h"

namespace floe::hooks {
namespace {

// An entry is told in time for the next one to be this process's still.
constexpr milliseconds kLeaseToSpare{10'000};

struct TakeJob : shard::Job {
  TakeJob(store::Journal& from, std::string of) : journal(from), lane(std::move(of)) {}
  void Run() override { taken = journal.Take(lane, kCourierBatch); }

  store::Journal& journal;
  const std::string lane;
  absl::StatusOr<std::vector<store::JournalEntry>> taken;
};

struct CountJob : shard::Job {
  explicit CountJob(store::Journal& of) : journal(of) {}
  void Run() override {
    const absl::StatusOr<int64_t> dropped = journal.DropOlderThan(kCourierAgeMax);
    if (dropped.ok() && *dropped > 0) {
      log::Warn(absl::StrCat("the journal: ", *dropped, " entries that nobody took are forgotten"));
    }
    (void)journal.Count();  // the database says what is wrong with it
  }

  store::Journal& journal;
};

}  // namespace

void Courier::Begin(shard::Shard& shard) {
  shard_ = &shard;
  if (!shard.Spawn(Run(*this))) log::Error("hooks: there is no room for who tells of them");
}

ring::Task<> Courier::Run(Courier& courier) {
  shard::Shard& shard = *courier.shard_;
  ring::Io& io = shard.io();
  store::Journal& journal = *courier.options_.journal;
  uint64_t appended = 0;
  Instant look_again{}, count_again{};
  bool was_in_charge = false;
  // A process whose listeners are another's ends when nothing runs in it any more.
  while (!io.stopping() && !courier.options_.is_given_up()) {
    const Instant next_look = Clock::now() + kCourierLook;
    (void)co_await io.Sleep(next_look, &courier);
    if (courier.IsOver()) {
      was_in_charge = false;
      continue;
    }
    if (!was_in_charge || Clock::now() >= count_again) {
      CountJob job(journal);
      co_await shard::WorkerPool::Run(*courier.options_.workers, shard, job);
      count_again = Clock::now() + kCourierCount;
      was_in_charge = true;
    }
    const bool has_news = appended != journal.appended();
    if (!has_news && Clock::now() < look_again) continue;
    appended = journal.appended();
    look_again = Clock::now() + kCourierLookAgain;
    for (std::string& lane : journal.Lanes()) {
      if (!courier.running_.insert(lane).second) continue;
      if (!courier.lanes_.Spawn(shard, RunLane(courier, lane))) courier.running_.erase(lane);
    }
  }
  co_await dial::Companions::WaitForAll(io, courier.lanes_);
}

ring::Task<> Courier::RunLane(Courier& courier, std::string name) {
  Lane lane;
  lane.name = std::move(name);
  lane.dice.state = absl::HashOf(lane.name);
  co_await Deliver(courier, lane);
  courier.running_.erase(lane.name);
  courier.lanes_.End(courier.shard_->io());
}

ring::Task<> Courier::Deliver(Courier& courier, Lane& lane) {
  shard::Shard& shard = *courier.shard_;
  store::Journal& journal = *courier.options_.journal;
  while (!courier.IsOver() && courier.Leads(lane)) {
    TakeJob job(journal, lane.name);
    co_await shard::WorkerPool::Run(*courier.options_.workers, shard, job);
    if (!job.taken.ok() || job.taken->empty()) break;
    const Instant fresh_until = Clock::now() + milliseconds(store::kJournalLease) - kLeaseToSpare;
    bool has_failed = false;
    for (const store::JournalEntry& entry : *job.taken) {
      if (courier.IsOver() || Clock::now() >= fresh_until) break;
      const absl::StatusOr<Told> told = co_await TellOne(courier, lane, entry);
      if (!told.ok()) {  // interrupted, or nobody is to be told
        journal.GiveBack(lane.name);
        co_return;
      }
      has_failed = *told == Told::kAgain;
      if (has_failed) break;
      if (*told == Told::kTold) journal.Done(lane.name, entry.id);
      if (*told == Told::kRefused) journal.Drop(lane.name, entry.id);
    }
    if (!has_failed) continue;
    const Instant again = Clock::now() + upstream::Backoff(lane.failures + 1, lane.dice);
    // In pieces, as it is not woken when another process is to go on.
    while (!courier.IsOver() && Clock::now() < again) {
      const Instant next_look = std::min<Instant>(again, Clock::now() + kCourierLook);
      (void)co_await shard.io().Sleep(next_look, &lane);
    }
  }
  journal.GiveBack(lane.name);
}

ring::Task<absl::StatusOr<Told>> Courier::TellOne(Courier& courier, Lane& lane,
                                                  const store::JournalEntry& entry) {
  const config::ConfigRef config = courier.options_.config->Get();
  const std::optional<Destination> destination = DestinationOf(*config, lane.name);
  if (!destination.has_value()) {
    co_return absl::NotFoundError("no configuration names it any more");
  }
  const dial::HttpCall call = CallFor(*destination, entry, absl::ToUnixSeconds(absl::Now()));
  const Instant begun = Clock::now();
  const absl::StatusOr<dial::HttpAnswer> answer = co_await dial::CallHttp(
      *courier.shard_, *courier.options_.resolvers, call, begun + destination->timeout, &lane);
  if (absl::IsCancelled(answer.status())) co_return answer.status();
  metrics::Instruments& instruments = *courier.options_.instruments;
  LatencyOf(*destination, entry, &instruments).Observe(Clock::now() - begun);
  const std::string url = http::LogTextOf(destination->url);
  const Told told = answer.ok() ? ToldBy(answer->status) : Told::kAgain;
  if (told == Told::kAgain) {
    const std::string why =
        answer.ok() ? absl::StrCat(url, " answers ", answer->status, " ", answer->reason)
                    : std::string(answer.status().message());
    (destination->is_webhook ? instruments.webhooks_failed : instruments.hooks_failed).Add();
    courier.NoteTrouble(lane, why);
    co_return Told::kAgain;
  }
  if (told == Told::kRefused) {
    log::Warn(absl::StrCat("hook ", url, " answers ", answer->status, " ", answer->reason,
                           ": what it was to be told is left"));
  }
  if (std::exchange(lane.failures, 0) > 0) {
    log::Info(absl::StrCat("hook ", url, " takes what it is told again"));
  }
  co_return told;
}

bool Courier::Leads(const Lane& lane) const {
  return DestinationOf(*options_.config->Get(), lane.name).has_value();
}

void Courier::NoteTrouble(Lane& lane, absl::string_view why) {
  if (lane.failures++ > 0) return;
  log::Warn(absl::StrCat("hook: ", why, "; what it is to be told is kept until it takes it"));
}

}  // namespace floe::hooks
