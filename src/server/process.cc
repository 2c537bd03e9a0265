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
#include "server/greeting.h"
#include "server/passwords.h"
#include "server/placement.h"
#include "server/socket_activation.h"
#include "session/file_loop.h"
#include "shard/access_line.h"
#include "shard/silence.h"

namespace floe::server {
namespace {

constexpr milliseconds kHousekeeping{1'000};
// An idle shard turns once a second: a shorter watchdog does not ask for more.
constexpr seconds kWatchedSilenceMin{3};
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

log::Options LogOptions(const config::Log& log) {
  log::Options options;
  options.level = log::Level(uint8_t(log.level));
  options.json = log.format == config::LogFormat::kJson;
  options.file = log.file;
  options.access_file = log.access_file;
  return options;
}

listener::FanOutOptions FanOutOptionsOf(const config::Config& config, uint32_t shard) {
  listener::FanOutOptions options;
  options.interval = config.fanout.interval;
  options.interval_min = config.fanout.interval_min;
  options.interval_max = config.fanout.interval_max;
  options.client_timeout = config.limits.client_timeout;
  // The other half is what the kernel may hold already; see ListenSockets.
  options.send_bytes_max = std::min(config.fanout.send_buffer_bytes / 2, kSendBytesMax);
  options.seed = shard;
  return options;
}

timespec TimespecOf(milliseconds time) {
  return {.tv_sec = time.count() / 1000, .tv_nsec = time.count() % 1000 * 1'000'000};
}

}  // namespace

sigset_t ProcessSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

absl::Status Process::Start() {
  if (absl::Status able = ring::ProbeKernel(); !able.ok()) return able;
  if (config_.server.state_dir.empty()) config_.server.state_dir = DefaultStateDir();
  absl::StatusOr<Passwords> passwords = FillInPasswords(config_.server.state_dir, &config_.auth);
  if (!passwords.ok()) return passwords.status();
  if (absl::Status opened = log::Open(LogOptions(config_.log)); !opened.ok()) return opened;
  shard::SetAccessLogJson(config_.log.format == config::LogFormat::kJson);
  if (absl::Status opened = OpenMounts(); !opened.ok()) return opened;
  if (absl::Status opened = OpenShards(); !opened.ok()) return opened;
  Greet(config_, *passwords);  // who comes from now on is answered, once the shards turn
  threads_.Run();
  notify_.Ready(StatusText());
  return absl::OkStatus();
}

std::string Process::StatusText() const {
  return absl::StrCat("listeners: ", services_.Listeners(), ", sources: ", registry_->sources());
}

void Process::KeepNotified(Instant now) {
  const nanoseconds silence_max = std::max<nanoseconds>(notify_.watchdog(), kWatchedSilenceMin);
  notify_.Feed(now, shard::HaveAllTurned(threads_.shards(), now, silence_max));
  notify_.Status(now, StatusText());
}

absl::Status Process::OpenMounts() {
  absl::StatusOr<std::unique_ptr<tape::Arena>> arena =
      tape::Arena::Create(config_.limits.arena_bytes);
  if (!arena.ok()) return arena.status();
  arena_ = std::move(*arena);
  registry_ = std::make_unique<mount::Registry>(*arena_, config_.limits.sources);
  for (const auto& [name, settings] : config_.mounts) {
    if (absl::Status made = registry_->Configure(name, settings).status(); !made.ok()) return made;
    if (settings.file.empty()) continue;
    absl::StatusOr<session::LoopFile> loop = session::ReadLoopFile(name, settings.file);
    if (!loop.ok()) return loop.status();
    services_.loops.push_back(std::move(*loop));
  }
  return absl::OkStatus();
}

absl::Status Process::OpenShards() {
  const uint32_t direct_fds = RaiseDescriptorLimit();
  const Topology topology = ReadTopology();
  const absl::StatusOr<std::vector<Place>> places =
      PlaceShards(*config::ParseCoreSet(config_.server.cores), config_.server.shards, topology);
  if (!places.ok()) return places.status();
  const auto count = uint32_t(places->size());
  absl::StatusOr<std::vector<InheritedListen>> activated =
      TakeActivated(ActivationFromEnvironment(), getpid(), config_, count);
  if (!activated.ok()) return activated.status();
  sockets_.Inherit(*std::move(activated));
  if (absl::Status opened = sockets_.Open(config_, *places); !opened.ok()) return opened;

  services_.config = &config_;
  services_.registry = registry_.get();
  services_.workers = &workers_;
  services_.started = absl::Now();
  services_.port = config::PortOf(config::ParseAddress(config_.listen.front().address).value());
  front_ = std::make_unique<session::Front>(services_);
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
    options[i].fan_out = FanOutOptionsOf(config_, i);
    options[i].fan_out.idle_window_bytes = idle_window_bytes;
    options[i].fan_out.shards_on_core =
        ShardsOnCoreOf(i, *places, std::max<size_t>(1, topology.allowed_cores.size()));
    options[i].lag_max = config_.limits.lag;
    options[i].zero_copy = config_.fanout.zero_copy;
    options[i].reception = front_.get();
  }
  if (absl::Status opened = threads_.Open(std::move(options), *places); !opened.ok()) return opened;
  services_.shards = threads_.shards();
  log::Info(absl::StrCat("serving with ", count, " shards of ", direct_fds, " descriptors"));
  return absl::OkStatus();
}

absl::Status Process::RunUntilSignal() {
  const sigset_t signals = ProcessSignals();
  const timespec housekeeping = TimespecOf(notify_.FeedInterval(kHousekeeping));
  for (;;) {
    const int signal = sigtimedwait(&signals, nullptr, &housekeeping);
    if (signal > 0) {
      log::Info(absl::StrCat("stopping on ", strsignal(signal)));
      return Stop();
    }
    registry_->Collect(Clock::now());
    if (threads_.running() < threads_.shards().size()) {  // one has failed, and said why
      (void)Stop();
      return absl::InternalError("a shard ended");
    }
    KeepNotified(Clock::now());
  }
}

absl::Status Process::Stop() {
  notify_.Stopping();
  threads_.Stop(*waker_);
  const sigset_t signals = ProcessSignals();
  while (threads_.running() > 0) {
    if (sigtimedwait(&signals, nullptr, &kStopPoll) > 0) _exit(1);  // asked twice: at once
  }
  return threads_.Join();
}

}  // namespace floe::server
