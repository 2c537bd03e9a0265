// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/process.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "config/address.h"
#include "config/core_set.h"
#include "ring/probe.h"
#include "server/applied.h"
#include "server/greeting.h"
#include "server/passwords.h"
#include "server/placement.h"
#include "shard/access_line.h"

namespace floe::server {
namespace {

constexpr timespec kHousekeeping{.tv_sec = 1, .tv_nsec = 0};
constexpr timespec kStopPoll{.tv_sec = 0, .tv_nsec = 10'000'000};
// Descriptors a table may have at most; more listeners than that take more shards.
constexpr uint64_t kDirectFdsMax = uint64_t{kListenersPerShardMax} + kRequestsPerShardMax;

// Raises the soft descriptor limit to the hard one; answers what a direct table may have.
uint32_t RaiseDescriptorLimit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return uint32_t(std::min<uint64_t>(limit.rlim_cur, kDirectFdsMax));
}

}  // namespace

sigset_t ProcessSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  return signals;
}

absl::Status Process::Start() {
  if (absl::Status able = ring::ProbeKernel(); !able.ok()) return able;
  if (config_.server.state_dir.empty()) config_.server.state_dir = DefaultStateDir();
  absl::StatusOr<Passwords> passwords = FillInPasswords(config_.server.state_dir, &config_.auth);
  if (!passwords.ok()) return passwords.status();
  if (absl::Status opened = log::Open(LogOptionsOf(config_.log)); !opened.ok()) return opened;
  shard::SetAccessLogJson(config_.log.format == config::LogFormat::kJson);
  if (absl::Status opened = OpenMounts(); !opened.ok()) return opened;
  if (absl::Status opened = OpenShards(); !opened.ok()) return opened;
  Greet(config_, *passwords);  // who comes from now on is answered, once the shards turn
  threads_.Run();
  return absl::OkStatus();
}

absl::Status Process::OpenMounts() {
  absl::StatusOr<std::unique_ptr<tape::Arena>> arena =
      tape::Arena::Create(config_.limits.arena_bytes);
  if (!arena.ok()) return arena.status();
  arena_ = std::move(*arena);
  registry_ = std::make_unique<mount::Registry>(*arena_, config_.limits.sources);
  for (const auto& [name, settings] : config_.mounts) {
    if (absl::Status made = registry_->Configure(name, settings).status(); !made.ok()) return made;
  }
  return absl::OkStatus();
}

absl::Status Process::OpenShards() {
  const uint32_t direct_fds = RaiseDescriptorLimit();
  const Topology topology = ReadTopology();
  absl::StatusOr<std::vector<Place>> places =
      PlaceShards(*config::ParseCoreSet(config_.server.cores), config_.server.shards, topology);
  if (!places.ok()) return places.status();
  const auto count = uint32_t(places->size());
  if (absl::Status opened = sockets_.Open(config_, *places); !opened.ok()) return opened;

  places_ = *places;
  services_.config.Set(config::ConfigRef::Of(config_));
  services_.registry = registry_.get();
  services_.workers = &workers_;
  services_.reloader = this;
  services_.started = absl::Now();
  services_.port = config::PortOf(config::ParseAddress(config_.listen.front().address).value());
  front_ = std::make_unique<session::Front>(services_, count);
  if (absl::Status read = loops_.Start(config_, *front_, count); !read.ok()) return read;
  absl::StatusOr<std::unique_ptr<ring::Waker>> waker = ring::Waker::Create();
  if (!waker.ok()) return waker.status();
  waker_ = std::move(*waker);
  if (absl::Status started = workers_.Start(std::min(count, kWorkersMax)); !started.ok()) {
    return started;
  }
  const uint32_t idle_window_bytes = sockets_.IdleWindowBytes();
  if (idle_window_bytes > 0) {
    log::Info(
        "the host makes TCP slow after each idle moment: sends are cut to fit; see floe doctor");
  }
  std::vector<shard::ShardOptions> options(count);
  for (uint32_t i = 0; i < count; ++i) {
    options[i].index = i;
    options[i].direct_fds = direct_fds;
    options[i].listening_fds = sockets_.OfShard(i);
    SetChangeable(config_, idle_window_bytes, &options[i]);
    options[i].fan_out.seed = i;
    options[i].fan_out.shards_on_core =
        ShardsOnCoreOf(i, *places, std::max<size_t>(1, topology.allowed_cores.size()));
    options[i].reception = front_.get();
  }
  if (absl::Status opened = threads_.Open(std::move(options), *places); !opened.ok()) return opened;
  services_.shards = threads_.shards();
  log::Info(absl::StrCat("serving with ", count, " shards of ", direct_fds, " descriptors"));
  return absl::OkStatus();
}

absl::Status Process::RunUntilSignal() {
  const sigset_t signals = ProcessSignals();
  for (;;) {
    const int signal = sigtimedwait(&signals, nullptr, &kHousekeeping);
    if (signal == SIGHUP) {
      (void)Reload();  // says itself how it went
    } else if (signal > 0) {
      log::Info(absl::StrCat("stopping on ", strsignal(signal)));
      return Stop();
    }
    registry_->Collect(Clock::now());
    if (threads_.running() < threads_.shards().size()) {  // one has failed, and said why
      (void)Stop();
      return absl::InternalError("a shard ended");
    }
  }
}

absl::Status Process::Stop() {
  RefuseReloads();
  threads_.Stop(*waker_);
  const sigset_t signals = ProcessSignals();
  while (threads_.running() > 0) {
    const int signal = sigtimedwait(&signals, nullptr, &kStopPoll);
    if (signal > 0 && signal != SIGHUP) _exit(1);  // asked twice: at once
  }
  return threads_.Join();
}

}  // namespace floe::server
