// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/hooking.h"

#include <sys/random.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "server/passwords.h"

namespace floe::server {
namespace {

// Names this process, and no other that has the file open.
int64_t RandomName() {
  uint64_t name = 0;
  while (name == 0) {
    if (getrandom(&name, sizeof(name), 0) != sizeof(name)) name = 0;
    name >>= 1;  // SQLite's numbers have a sign
  }
  return int64_t(name);
}

}  // namespace

absl::Status Hooking::Open(session::Services& services, const std::string& state_dir,
                           uint32_t shards) {
  store::Database* database = services.database;
  if (database == nullptr) {
    absl::Status opened = OpenOwn(state_dir, services.instruments->store_dropped);
    if (!opened.ok()) return opened;
    database = database_.get();
  }
  absl::StatusOr<std::unique_ptr<store::Journal>> journal =
      store::Journal::Open(*database, RandomName(), services.instruments->webhooks_dropped);
  if (!journal.ok()) return journal.status();
  journal_ = *std::move(journal);
  hooks::Hooks::Options options;
  options.journal = journal_.get();
  options.workers = services.workers;
  options.resolvers = services.resolvers;
  options.config = &services.config;
  options.events = services.events.get();
  options.port = &services.port;
  options.instruments = services.instruments.get();
  options.shards = shards;
  // Asked on the first shard's thread, whose parking that is.
  options.is_in_charge = [&services] {
    const session::Parking& parking = *services.parkings.front();
    return !parking.calls_all() && !parking.is_given_up();
  };
  options.is_given_up = [&services] { return services.parkings.front()->is_given_up(); };
  hooks_ = std::make_unique<hooks::Hooks>(options);
  services.hooks = hooks_.get();
  return absl::OkStatus();
}

absl::Status Hooking::OpenOwn(const std::string& state_dir, metrics::Counter& refused) {
  const absl::Status usable = MakeStateDir(state_dir);
  absl::StatusOr<std::unique_ptr<store::Database>> opened =
      absl::UnavailableError(usable.message());
  if (usable.ok()) opened = store::Database::Open(absl::StrCat(state_dir, "/floe.db"), refused);
  if (!opened.ok()) {
    log::Error(absl::StrCat("what other servers are to be told is lost at a stop: ",
                            opened.status().message()));
    opened = store::Database::Open(store::kInMemory, refused);
  }
  if (!opened.ok()) return opened.status();
  database_ = *std::move(opened);
  return absl::OkStatus();
}

void Hooking::End(bool are_handed_over) {
  if (hooks_ == nullptr) return;
  hooks_->End(are_handed_over || are_anothers_);
  if (database_ != nullptr) database_->Stop();
}

}  // namespace floe::server
