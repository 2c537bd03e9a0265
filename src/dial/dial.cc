// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "dial/dial.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "dial/companions.h"
#include "dial/resolve.h"

namespace floe::dial {
namespace {

// One call, and its attempts at several addresses.
struct Race {
  shard::Shard& shard;
  const void* owner;
  const Instant by;
  Companions attempts;
  bool is_over = false;  // the attempts that still run are to end
  bool is_interrupted = false;
  std::optional<Dialled> winner;
  std::vector<std::string> failures;
};

absl::string_view Reason(int error) {
  return error == ETIMEDOUT ? "no answer" : absl::string_view(std::strerror(error));
}

ring::Task<> Attempt(Race& race, sockaddr_storage to) {
  ring::Io& io = race.shard.io();
  const ring::Opened opened = co_await io.Socket(to.ss_family, race.owner);
  int error = opened.error;
  if (error == 0) {
    ring::DirectFd socket(io.ring(), opened.fd);
    error = ECANCELED;
    if (!race.is_over && !opened.is_interrupted) {
      error = co_await io.Connect(socket.slot(), to, race.by, race.owner);
    }
    if (error == 0 && !race.winner.has_value()) {
      Dialled winner{.socket = std::move(socket), .peer = Address::From(to)};
      race.winner.emplace(std::move(winner));
    }
  }
  if (error == ECANCELED) {
    race.is_interrupted |= !race.is_over;
  } else if (error != 0) {
    race.failures.push_back(absl::StrCat(Address::From(to).HostAndPort(), ": ", Reason(error)));
  }
  io.Wake(race.owner);  // it looks what became of this
  race.attempts.End(io);
}

// Those that still run are broken off, and awaited: they look at the race.
ring::Task<> Settle(Race& race) {
  ring::Io& io = race.shard.io();
  race.is_over = true;
  io.Interrupt(race.owner);
  const Instant forever = Instant::max();
  while (race.attempts.running() > 0 && !io.stopping()) {
    if (!co_await io.Sleep(forever, race.owner)) race.is_interrupted = true;
  }
  co_await Companions::WaitForAll(io, race.attempts);
}

}  // namespace

ring::Task<absl::StatusOr<Dialled>> DialAny(shard::Shard& shard,
                                            std::vector<sockaddr_storage> addresses, Instant by,
                                            const void* owner) {
  ring::Io& io = shard.io();
  Race race{.shard = shard, .owner = owner, .by = by};
  size_t next = 0;
  Instant next_at = Clock::now();
  while (!race.winner.has_value() && !race.is_interrupted && !io.stopping()) {
    if (next < addresses.size() && (race.attempts.running() == 0 || Clock::now() >= next_at)) {
      if (!race.attempts.Spawn(shard, Attempt(race, addresses[next++]))) {
        race.failures.emplace_back("too much is under way");
      }
      next_at = Clock::now() + kNextAttemptAfter;
      continue;
    }
    if (race.attempts.running() == 0) break;
    const size_t failed_before = race.failures.size();
    const Instant until = next < addresses.size() ? next_at : Instant::max();
    if (!co_await io.Sleep(until, owner)) race.is_interrupted = true;
    if (race.failures.size() > failed_before) next_at = Clock::now();
  }
  co_await Settle(race);
  if (race.is_interrupted || io.stopping()) co_return absl::CancelledError("interrupted");
  if (race.winner.has_value()) co_return *std::move(race.winner);
  co_return absl::UnavailableError(
      absl::StrCat("connecting to ", absl::StrJoin(race.failures, "; ")));
}

ring::Task<absl::StatusOr<Dialled>> Dial(shard::Shard& shard, shard::WorkerPool& pool,
                                         std::string host, uint16_t port, Instant by,
                                         const void* owner) {
  absl::StatusOr<std::vector<sockaddr_storage>> addresses =
      co_await Resolve(shard, pool, std::move(host), port, by, owner);
  if (!addresses.ok()) co_return addresses.status();
  co_return co_await DialAny(shard, *std::move(addresses), by, owner);
}

}  // namespace floe::dial
