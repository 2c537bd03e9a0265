// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "store/database.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "store/schema.h"

namespace floe::store {
absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path,
                                                         metrics::Counter& refused) {
  absl::StatusOr<std::unique_ptr<Sql>> sql = Sql::Open(path);
  if (!sql.ok()) return sql.status();
  if (absl::Status migrated = (*sql)->Migrate(Schema()); !migrated.ok()) {
    return absl::Status(migrated.code(),
                        absl::StrCat("bringing ", path, " up to date: ", migrated.message()));
  }
  // Its constructor is private.
  std::unique_ptr<Database> database(new Database(*std::move(sql), refused));
  database->thread_ = std::thread([open = database.get()] { open->Work(); });
  return database;
}

Database::~Database() { Stop(); }

void Database::Stop() {
  {
    const MutexLock lock(&mutex_);
    stopping_ = true;
    has_news_.NotifyAll();
  }
  if (thread_.joinable()) thread_.join();
}

bool Database::Enqueue(Task task, Wait* wait) {
  const MutexLock lock(&mutex_);
  if (stopping_ || queue_.size() >= kStoreTasksMax) {
    refused_.Add();
    return false;
  }
  queue_.push_back({.task = std::move(task), .wait = wait});
  has_news_.NotifyAll();
  return true;
}

absl::Status Database::Run(Task task) {
  Wait wait;
  if (!Enqueue(std::move(task), &wait)) return absl::UnavailableError("the store takes no more");
  const MutexLock lock(&mutex_);
  while (!wait.is_over) has_news_.Wait(&mutex_);
  return wait.status;
}

void Database::Work() {
  std::vector<Entry> batch;
  std::vector<absl::Status> done;
  bool was_well = true;
  for (;;) {
    {
      const MutexLock lock(&mutex_);
      while (batch.empty() && queue_.empty() && !stopping_) has_news_.Wait(&mutex_);
      while (batch.size() < kStoreTasksPerCommitMax && !queue_.empty()) {
        batch.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
      if (batch.empty()) return;  // stopped, and nothing is left
    }
    const absl::Status committed = Commit(batch, &done);
    if (committed.ok() != was_well) {
      was_well = committed.ok();
      if (was_well) log::Info("the store is on the disk again");
      if (!was_well)
        log::Error(absl::StrCat("the store waits for the disk: ", committed.message()));
    }
    if (!committed.ok() && Pause()) continue;
    if (!committed.ok()) done.assign(batch.size(), absl::UnavailableError(committed.message()));
    Settle(batch, done);
    batch.clear();
  }
}

absl::Status Database::Commit(std::vector<Entry>& batch, std::vector<absl::Status>* done) {
  done->clear();
  absl::Status status = sql_->Do("BEGIN IMMEDIATE");
  if (!status.ok()) return absl::UnavailableError(status.message());
  for (Entry& entry : batch) {
    status = entry.task(*sql_);
    if (absl::IsUnavailable(status)) break;
    if (!status.ok()) log::Error(absl::StrCat("the store: ", status.message()));
    done->push_back(std::exchange(status, absl::OkStatus()));
  }
  if (status.ok()) status = sql_->Do("COMMIT");
  if (status.ok()) return status;
  (void)sql_->Do("ROLLBACK");  // where the failure has not done so already
  return absl::UnavailableError(status.message());
}

void Database::Settle(std::vector<Entry>& batch, const std::vector<absl::Status>& done) {
  const MutexLock lock(&mutex_);
  for (size_t i = 0; i < batch.size(); ++i) {
    if (batch[i].wait == nullptr) continue;
    batch[i].wait->status = done[i];
    batch[i].wait->is_over = true;
  }
  has_news_.NotifyAll();
}

bool Database::Pause() {
  const Instant until = Clock::now() + kStoreRetryAfter;
  const MutexLock lock(&mutex_);
  while (!stopping_ && Clock::now() < until) has_news_.WaitUntil(&mutex_, until);
  return !stopping_;
}

}  // namespace floe::store
