// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "store/journal.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log.h"

namespace floe::store {
namespace {

int64_t NowSeconds() { return absl::ToUnixSeconds(absl::Now()); }

}  // namespace

absl::StatusOr<std::unique_ptr<Journal>> Journal::Open(Database& database, int64_t self,
                                                       metrics::Counter& dropped) {
  // Its constructor is private.
  std::unique_ptr<Journal> journal(new Journal(database, self, dropped));
  if (absl::Status counted = journal->Count(); !counted.ok()) return counted;
  return journal;
}

absl::Status Journal::Count() {
  absl::flat_hash_map<std::string, int64_t> counts;
  const uint64_t appended_before = appended();
  const absl::Status counted = database_.Run([&counts](Sql& sql) {
    counts.clear();  // it may be run again
    return sql.Each("SELECT lane, COUNT(*) FROM journal GROUP BY lane", {}, [&](const Row& row) {
      counts[std::string(row.Text(0))] = row.Int(1);
      return true;
    });
  });
  if (!counted.ok()) return counted;
  const MutexLock lock(&mutex_);
  if (appended() != appended_before) {
    // What was appended meanwhile may have been counted, or not: better too many.
    for (const auto& [lane, count] : counts_) counts[lane] = std::max(counts[lane], count);
  }
  counts_ = std::move(counts);
  return absl::OkStatus();
}

bool Journal::Append(std::string lane, std::string body, std::string extra) {
  {
    const MutexLock lock(&mutex_);
    int64_t& count = counts_[lane];
    if (count >= kJournalLaneEntriesMax) {
      dropped_.Add();
      if (!has_been_full_.exchange(true)) {
        log::Error(absl::StrCat("the journal has ", count,
                                " entries that one server was not told yet: the next are lost"));
      }
      return false;
    }
    ++count;
    appended_.fetch_add(1, std::memory_order_release);
  }
  const int64_t now_s = NowSeconds();
  const bool is_posted = database_.Post(
      [lane = std::move(lane), body = std::move(body), extra = std::move(extra), now_s](Sql& sql) {
        return sql.Do(
            "INSERT INTO journal(lane, body, extra, appended_s) VALUES(?,?,?,?)",
            {absl::string_view(lane), absl::string_view(body), absl::string_view(extra), now_s});
      });
  if (!is_posted) dropped_.Add();
  return is_posted;
}

int64_t Journal::waiting() const {
  const MutexLock lock(&mutex_);
  int64_t sum = 0;
  for (const auto& [lane, count] : counts_) sum += count;
  return sum;
}

std::vector<std::string> Journal::Lanes() const {
  std::vector<std::string> lanes;
  const MutexLock lock(&mutex_);
  for (const auto& [lane, count] : counts_) {
    if (count > 0) lanes.push_back(lane);
  }
  return lanes;
}

absl::StatusOr<std::vector<JournalEntry>> Journal::Take(const std::string& lane, size_t count_max) {
  std::vector<JournalEntry> taken;
  const int64_t now_s = NowSeconds();
  const absl::Status done = database_.Run([&](Sql& sql) {
    taken.clear();
    bool is_anothers = false;
    const auto take = [&](const Row& row) {
      is_anothers |= row.Int(4) != self_ && row.Int(5) > now_s;
      taken.push_back({.id = row.Int(0),
                       .body = std::string(row.Text(1)),
                       .extra = std::string(row.Text(2)),
                       .appended_s = row.Int(3)});
      return true;
    };
    absl::Status status = sql.Each(
        "SELECT id, body, extra, appended_s, taken_by, taken_until_s FROM journal"
        " WHERE lane=? ORDER BY id LIMIT ?",
        {absl::string_view(lane), int64_t(count_max)}, take);
    if (is_anothers) taken.clear();
    if (!status.ok() || taken.empty()) return status;
    return sql.Do("UPDATE journal SET taken_by=?, taken_until_s=? WHERE lane=? AND id<=?",
                  {self_, now_s + kJournalLease.count(), absl::string_view(lane), taken.back().id});
  });
  if (!done.ok()) return done;
  return taken;
}

void Journal::Done(const std::string& lane, int64_t id) {
  {
    const MutexLock lock(&mutex_);
    int64_t& count = counts_[lane];
    count = std::max<int64_t>(0, count - 1);
  }
  database_.Post([id](Sql& sql) { return sql.Do("DELETE FROM journal WHERE id=?", {id}); });
}

void Journal::Drop(const std::string& lane, int64_t id) {
  dropped_.Add();
  Done(lane, id);
}

void Journal::GiveBack(const std::string& lane) {
  database_.Post([self = self_, lane](Sql& sql) {
    return sql.Do("UPDATE journal SET taken_until_s=0 WHERE lane=? AND taken_by=?",
                  {absl::string_view(lane), self});
  });
}

absl::StatusOr<int64_t> Journal::DropOlderThan(std::chrono::seconds age) {
  int64_t dropped = 0;
  const int64_t before_s = NowSeconds() - age.count();
  const absl::Status done = database_.Run([&dropped, before_s](Sql& sql) {
    const absl::Status status = sql.Do("DELETE FROM journal WHERE appended_s<?", {before_s});
    dropped = sql.changed_rows();
    return status;
  });
  if (!done.ok()) return done;
  dropped_.Add(uint64_t(dropped));
  if (absl::Status counted = Count(); !counted.ok()) return counted;
  return dropped;
}

}  // namespace floe::store
