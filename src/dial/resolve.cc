// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "dial/resolve.h"

#include <netdb.h>
#include <resolv.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"

namespace floe::dial {
namespace {

// A name server that does not answer is asked so often, and given so long at first: a stop of the
// server waits for lookups.
constexpr int kAskedTimes = 2;
constexpr int kAnswerSeconds = 1;

using Addresses = absl::StatusOr<std::vector<sockaddr_storage>>;

Addresses GetAddresses(const std::string& host, uint16_t port, int flags) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(host.c_str(), absl::StrCat(port).c_str(), &wanted, &list);
  if (error != 0) {
    return absl::UnavailableError(absl::StrCat("no address of ", host, ": ", gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> freed(list, &freeaddrinfo);
  std::vector<sockaddr_storage> sorted;
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    if (each->ai_family != AF_INET && each->ai_family != AF_INET6) continue;
    sockaddr_storage address{};
    std::memcpy(&address, each->ai_addr, each->ai_addrlen);
    sorted.push_back(address);
  }
  if (sorted.empty()) return absl::UnavailableError(absl::StrCat("no address of ", host));
  return InTurns(sorted);
}

struct Asked;

// A lookup of a name. It lives in the frame of a task of its own, since it cannot be interrupted.
struct Lookup : shard::Job {
  std::string host;
  uint16_t port = 0;
  Addresses found = absl::CancelledError("");
  Asked* asked = nullptr;  // null: nobody waits any more

  void Run() override {
    // Read anew each time, as the network may be another; the state is this thread's.
    res_init();
    _res.retry = kAskedTimes;
    _res.retrans = kAnswerSeconds;
    found = GetAddresses(host, port, /*flags=*/0);
  }
};

// Who waits for it.
struct Asked {
  Lookup* lookup = nullptr;  // null: it has ended
  Addresses found = absl::CancelledError("interrupted");
};

ring::Task<> LookUp(shard::Shard& shard, shard::WorkerPool& pool, std::string host, uint16_t port,
                    Asked& asked, const void* owner) {
  Lookup lookup;
  lookup.host = std::move(host);
  lookup.port = port;
  lookup.asked = &asked;
  asked.lookup = &lookup;
  co_await shard::WorkerPool::Run(pool, shard, lookup);
  if (lookup.asked == nullptr) co_return;
  lookup.asked->found = std::move(lookup.found);
  lookup.asked->lookup = nullptr;
  shard.io().Wake(owner);
}

}  // namespace

std::vector<sockaddr_storage> InTurns(const std::vector<sockaddr_storage>& sorted) {
  std::vector<sockaddr_storage> first, second;
  for (const sockaddr_storage& address : sorted) {
    (address.ss_family == sorted.front().ss_family ? first : second).push_back(address);
  }
  std::vector<sockaddr_storage> all;
  for (size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) all.push_back(first[i]);
    if (i < second.size()) all.push_back(second[i]);
  }
  if (all.size() > kAddressesMax) all.resize(kAddressesMax);
  return all;
}

ring::Task<Addresses> Resolve(shard::Shard& shard, shard::WorkerPool& pool, std::string host,
                              uint16_t port, Instant by, const void* owner) {
  Addresses numeric = GetAddresses(host, port, AI_NUMERICHOST);
  if (numeric.ok()) co_return numeric;
  Asked asked;
  if (!shard.Spawn(LookUp(shard, pool, std::move(host), port, asked, owner))) {
    co_return absl::ResourceExhaustedError("too much is under way to look up a name");
  }
  bool is_interrupted = false;
  if (asked.lookup != nullptr) is_interrupted = !co_await shard.io().Sleep(by, owner);
  if (asked.lookup != nullptr) {
    asked.lookup->asked = nullptr;
    asked.found = absl::UnavailableError("no name server answered in time");
  }
  if (is_interrupted) co_return absl::CancelledError("interrupted");
  co_return std::move(asked.found);
}

}  // namespace floe::dial
