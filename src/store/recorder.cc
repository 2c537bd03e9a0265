// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "store/recorder.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log.h"
#include "store/song_history.h"

namespace floe::store {
namespace {

// Rows that one transaction forgets: others wait for it.
constexpr int64_t kPrunedAtOnce = 5'000;

void Forget(Database& database, const char* statement, int64_t before) {
  for (int64_t forgotten = kPrunedAtOnce; forgotten == kPrunedAtOnce;) {
    const absl::Status done = database.Run([&](Sql& sql) {
      absl::Status deleted = sql.Do(statement, {before, kPrunedAtOnce});
      forgotten = sql.changed_rows();
      return deleted;
    });
    if (!done.ok()) return;
  }
}

}  // namespace

Recorder::~Recorder() { Stop(); }

void Recorder::Start(const Retention& retention) {
  {
    MutexLock lock(&mutex_);
    retention_ = retention;
    prunes_now_ = true;
  }
  thread_ = std::thread([this] { Work(); });
}

void Recorder::Retain(const Retention& retention) {
  MutexLock lock(&mutex_);
  retention_ = retention;
  prunes_now_ = true;
  has_news_.NotifyAll();
}

Retention Recorder::retention() const {
  MutexLock lock(&mutex_);
  return retention_;
}

void Recorder::Stop() {
  if (!thread_.joinable()) return;
  {
    MutexLock lock(&mutex_);
    is_stopping_ = true;
    has_news_.NotifyAll();
    const Instant by = Clock::now() + kLastRecordTimeMax;
    while (!is_over_ && Clock::now() < by) has_news_.WaitUntil(&mutex_, by);
  }
  database_.Stop();  // whoever still waits for it is answered
  thread_.join();
}

void Recorder::Work() {
  for (Instant prune = Clock::now();;) {
    bool is_stopping;
    {
      MutexLock lock(&mutex_);
      const Instant by = Clock::now() + kRecordEvery;
      while (!is_stopping_ && !prunes_now_ && Clock::now() < by) has_news_.WaitUntil(&mutex_, by);
      is_stopping = is_stopping_;
      if (std::exchange(prunes_now_, false)) prune = Clock::now();
    }
    while (Record()) {
    }
    if (is_stopping) break;
    if (Clock::now() < prune) continue;
    Prune();
    prune = Clock::now() + kPruneEvery;
  }
  MutexLock lock(&mutex_);
  is_over_ = true;
  has_news_.NotifyAll();
}

bool Recorder::Record() {
  const Retention keeps = retention();
  const events::Filter titles{.kinds = events::Only(events::Kind::kTitle), .mount = ""};
  std::vector<events::Event> songs;
  const uint64_t recorded = events_.recorded();
  const events::EventLog::Copied copied =
      events_.CopyAfter(recorded, titles, kSongsPerRecordMax, &songs);
  if (copied.is_torn) log::Warn("titles came faster than the disk takes them: some are not kept");
  if (keeps.songs == milliseconds(0)) songs.clear();
  const SessionQueue::Batch batch = sessions_.Take(kSessionsPerRecordMax);
  if (songs.empty() && batch.empty()) {
    events_.Recorded(copied.up_to);
    return copied.up_to != events_.newest();
  }
  const absl::Status written = database_.Run([&](Sql& sql) {
    absl::Status done = WriteSongs(sql, songs, events_.run());
    if (done.ok()) done = WriteSessions(sql, batch, keeps.sessions > milliseconds(0));
    return done;
  });
  if (absl::IsUnavailable(written)) {  // it was stopped; any other failure would come again
    log::Error(absl::StrCat("not kept, as the disk took nothing: ", songs.size(), " titles, ",
                            batch.sessions.size(), " listeners' sessions and their hours"));
    return false;
  }
  events_.Recorded(copied.up_to);
  return true;
}

void Recorder::Prune() {
  const Retention keeps = retention();
  const int64_t now_ms = absl::ToUnixMillis(absl::Now());
  Forget(database_,
         "DELETE FROM songs WHERE id IN "
         "(SELECT id FROM songs WHERE begun_ms <= ? ORDER BY begun_ms LIMIT ?)",
         now_ms - keeps.songs.count());
  Forget(database_,
         "DELETE FROM sessions WHERE id IN "
         "(SELECT id FROM sessions WHERE ended_ms <= ? ORDER BY ended_ms LIMIT ?)",
         now_ms - keeps.sessions.count());
  Forget(database_,
         "DELETE FROM listened WHERE (mount, hour) IN "
         "(SELECT mount, hour FROM listened WHERE hour < ? LIMIT ?)",
         now_ms / kHourMs - kListenedKeptHours);
}

}  // namespace floe::store
