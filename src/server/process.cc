// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/process.h"

#include <signal.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "config/address.h"
#include "config/core_set.h"
#include "config/internal_mounts.h"
#include "ring/probe.h"
#include "server/applied.h"
#include "server/control_path.h"
#include "server/greeting.h"
#include "server/passwords.h"
#include "server/placement.h"
#include "server/silences.h"
#include "server/socket_activation.h"
#include "shard/silence.h"

namespace floe::server {
namespace {

constexpr milliseconds kHousekeeping{1'000};
// An idle shard turns once a second: a shorter watchdog does not ask for more.
constexpr seconds kWatchedSilenceMin{3};
constexpr milliseconds kStopPoll{10};
// Threads that compute hashes of passwords. More would take cores from those who listen.
constexpr uint32_t kHashers = 1;
constexpr milliseconds kUpgradePoll{50};
// Descriptors a table may have at most; more listeners than that take more shards.
constexpr uint64_t kDirectFdsMax = uint64_t{kListenersPerShardMax} + kRequestsPerShardMax;

// The id of the process before, or one that no other server has.
uint64_t InstanceOf(uint64_t before) {
  uint64_t instance = before;
  while (instance == 0) {
    if (getrandom(&instance, sizeof(instance), 0) != sizeof(instance)) instance = 0;
  }
  return instance;
}

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
  sigaddset(&signals, SIGUSR2);
  return signals;
}

absl::Status Process::Start() {
  if (absl::Status able = ring::ProbeKernel(); !able.ok()) return able;
  if (config_.server.state_dir.empty()) config_.server.state_dir = DefaultStateDir();
  config::AddFileMounts(&config_);
  absl::StatusOr<Passwords> passwords = FillInPasswords(config_.server.state_dir, &config_.auth);
  if (!passwords.ok()) return passwords.status();
  if (absl::Status opened = log::Open(LogOptionsOf(config_.log)); !opened.ok()) return opened;
  if (absl::Status opened = loop_.Open(ProcessSignals()); !opened.ok()) return opened;
  if (absl::Status opened = OpenControl(); !opened.ok()) return opened;
  past_.Open(config_.server.state_dir, services_);
  absl::Status opened = OpenDesk();
  if (opened.ok()) opened = OpenMounts();
  if (opened.ok()) opened = OpenShards();
  if (!opened.ok()) {
    if (successor_ != nullptr) {
      successor_->Refuse(opened);
      control_socket_.Release();  // it stays the other's
    }
    return opened;
  }
  // Who comes from now on is answered, once the shards turn.
  if (successor_ == nullptr) {
    Greet(config_, *passwords);
    hooking_.Begin();
    BeginEvents("started");
  }
  threads_.Run();
  if (successor_ != nullptr) {
    if (absl::Status taken = TakeOverAll(); !taken.ok()) return taken;
  }
  control_.Listen(control_socket_.fd());
  if (control_socket_.fd() >= 0) {
    log::Info(absl::StrCat("commands are taken at ", control_socket_.path()));
  }
  if (successor_ == nullptr) {
    notify_.Ready(StatusText());
  } else {
    notify_.TookOver(StatusText());
  }
  return absl::OkStatus();
}

absl::Status Process::OpenControl() {
  if (serve_options_.takes_over) return MeetPredecessor();
  return OpenControlSocket(config_.server, &control_socket_);
}

std::string Process::StatusText() const {
  return absl::StrCat("listeners: ", services_.Listeners(), ", sources: ", registry_->sources());
}

void Process::BeginEvents(absl::string_view how) {
  events::Event event;
  event.kind = events::Kind::kStart;
  event.reason = std::string(how);
  services_.events->Add(std::move(event));
  registry_->Tell(services_.events.get());
  listener_watch_.KnowPeaks(*registry_);
  past_.Begin(services_.config.Get()->history);
}

void Process::KeepNotified(Instant now) {
  const nanoseconds silence_max = std::max<nanoseconds>(notify_.watchdog(), kWatchedSilenceMin);
  notify_.Feed(now, shard::HaveAllTurned(threads_.shards(), now, silence_max));
  notify_.Status(now, StatusText());
}

absl::Status Process::OpenMounts() {
  const uint64_t arena_bytes = config_.limits.arena_bytes;
  absl::StatusOr<std::unique_ptr<tape::Arena>> arena =
      successor_ == nullptr
          ? tape::Arena::Create(arena_bytes)
          : tape::Arena::Map(std::move(successor_->inheritance().arena).Release(), arena_bytes);
  if (!arena.ok()) return arena.status();
  arena_ = std::move(*arena);
  registry_ = std::make_unique<mount::Registry>(*arena_, config_.limits.sources);
  for (const auto& [name, settings] : config_.mounts) {
    if (successor_ != nullptr) break;  // when those that play are there
    if (absl::Status made = registry_->Configure(name, settings).status(); !made.ok()) return made;
  }
  return absl::OkStatus();
}

// Of the process before, or of the service manager.
absl::Status Process::InheritSockets(uint32_t shards) {
  if (successor_ != nullptr) {
    sockets_.Inherit(std::move(successor_->inheritance().listen));
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<InheritedListen>> activated =
      TakeActivated(ActivationFromEnvironment(), getpid(), config_, shards);
  if (!activated.ok()) return activated.status();
  sockets_.Inherit(*std::move(activated));
  return absl::OkStatus();
}

absl::Status Process::StartWorkers(uint32_t shards) {
  absl::Status started = workers_.Start(std::min(shards, kWorkersMax));
  if (started.ok()) started = resolvers_.Start(kResolvers);
  if (started.ok()) started = hashers_.Start(kHashers);
  return started;
}

absl::Status Process::OpenShards() {
  const uint32_t direct_fds = RaiseDescriptorLimit();
  const Topology topology = ReadTopology();
  absl::StatusOr<std::vector<Place>> places =
      PlaceShards(*config::ParseCoreSet(config_.server.cores), config_.server.shards, topology);
  if (!places.ok()) return places.status();
  const auto count = uint32_t(places->size());
  if (absl::Status inherited = InheritSockets(count); !inherited.ok()) return inherited;
  if (absl::Status opened = sockets_.Open(config_, *places); !opened.ok()) return opened;

  places_ = *places;
  services_.config.Set(config::ConfigRef::Of(config_));
  services_.registry = registry_.get();
  services_.workers = &workers_;
  services_.resolvers = &resolvers_;
  services_.hashers = &hashers_;
  services_.reloader = this;
  services_.endpoints = &endpoints_;
  services_.started = successor_ == nullptr ? absl::Now() : successor_->inheritance().started;
  services_.instance = InstanceOf(successor_ == nullptr ? 0 : successor_->inheritance().instance);
  services_.events->Begin(services_.instance);
  services_.port = config::PortOf(config::ParseAddress(config_.listen.front().address).value());
  SetGate(services_, config_, sockets_);
  gatekeeping_.Begin(services_);
  front_ = std::make_unique<session::Front>(services_, count);
  if (absl::Status opened = hooking_.Open(services_, config_.server.state_dir, count);
      !opened.ok()) {
    return opened;
  }
  if (absl::Status read = loops_.Start(config_, *front_, count); !read.ok()) return read;
  absl::StatusOr<std::map<std::string, session::Intro>> intros = session::Intros::Read(config_);
  if (!intros.ok()) return intros.status();
  services_.intros->Set(*std::move(intros));
  absl::StatusOr<std::unique_ptr<ring::Waker>> waker = ring::Waker::Create();
  if (!waker.ok()) return waker.status();
  waker_ = std::move(*waker);
  for (const auto& [mount, settings] : config_.relays) {
    front_->RelaysOf(front_->ShardOf(mount)).Put(mount, settings);
  }
  front_->master().Change(config_.master);
  for (const auto& [mount, settings] : config_.pushes) {
    front_->PushesOf(front_->ShardOf(mount)).Put(mount, settings);
  }
  if (absl::Status started = StartWorkers(count); !started.ok()) return started;
  const uint32_t idle_window_bytes = sockets_.IdleWindowBytes();
  if (idle_window_bytes > 0) {
    log::Info(
        "the host makes TCP slow after each idle moment: sends are cut to fit; see floe doctor");
  }
  std::vector<shard::ShardOptions> options(count);
  for (uint32_t i = 0; i < count; ++i) {
    services_.parkings.push_back(std::make_unique<session::Parking>());
    if (successor_ != nullptr) services_.parkings.back()->BeginFull();
    options[i].index = i;
    options[i].begins_paused = successor_ != nullptr;
    options[i].direct_fds = direct_fds;
    options[i].listening_fds = sockets_.OfShard(i);
    SetChangeable(config_, idle_window_bytes, &options[i]);
    options[i].fan_out.seed = i;
    options[i].fan_out.shards_on_core =
        ShardsOnCoreOf(i, *places, std::max<size_t>(1, topology.allowed_cores.size()));
    options[i].reception = front_.get();
    options[i].numbers = &numbers_;
  }
  if (absl::Status opened = threads_.Open(std::move(options), *places); !opened.ok()) return opened;
  services_.shards = threads_.shards();
  log::Info(absl::StrCat("serving with ", count, " shards of ", direct_fds, " descriptors"));
  return absl::OkStatus();
}

absl::Status Process::RunUntilSignal() {
  const milliseconds every = notify_.FeedInterval(kHousekeeping);
  for (Instant housekeeping = Clock::now() + every;;) {
    const bool is_upgrading = upgrade_.has_value() || predecessor_ != nullptr;
    Instant wake = housekeeping;
    if (is_upgrading) wake = std::min(wake, Clock::now() + kUpgradePoll);
    if (HasMaster()) wake = std::min(wake, Clock::now() + kMasterPoll);
    if (drained_.has_value()) wake = std::min(wake, *drained_);
    const int signal = loop_.Wait(wake);
    WatchUpgrade();
    if (HasHandedOver()) {
      (void)Stop();
      return has_lost_successor_ ? absl::DataLossError("the new floe died") : absl::OkStatus();
    }
    if (signal == SIGTERM || signal == SIGINT) {
      if (BeginDrain(signal)) continue;
      log::Info(absl::StrCat("stopping on ", strsignal(signal)));
      return Stop();
    }
    if (drained_.has_value() && Clock::now() >= *drained_) {
      log::Info("drained: stopping");
      return Stop();
    }
    if (signal != 0) {
      OnSignal(signal);
      continue;
    }
    KeepMaster();
    if (Clock::now() < housekeeping || predecessor_ != nullptr) continue;
    housekeeping = Clock::now() + every;
    registry_->Collect(Clock::now());
    listener_watch_.Look(*registry_, Clock::now());
    if (!AllShardsTurn()) {  // one has failed, and said why
      (void)Stop();
      return absl::InternalError("a shard ended");
    }
    KeepSilences(services_, *front_, *waker_);
    gatekeeping_.Keep(services_, *waker_);
    session::WakeSoughtRelays(services_, *waker_);
    KeepNotified(Clock::now());
    KeepDesk(Clock::now());
  }
}

bool Process::BeginDrain(int signal) {
  const milliseconds drain = services_.config.Get()->server.drain;
  // Asked twice it is over, and what is handed over does not stop.
  if (drain == 0ms || drained_.has_value() || upgrade_.has_value() || predecessor_ != nullptr) {
    return false;
  }
  log::Info(absl::StrCat("not ready any more, and stopping in ", drain.count(), " ms, on ",
                         strsignal(signal)));
  services_.is_draining = true;
  drained_ = Clock::now() + drain;
  notify_.Draining(drain);
  return true;
}

bool Process::HasMaster() const { return !services_.config.Get()->master.url.empty(); }

void Process::KeepMaster() {
  if (!AllShardsTurn() || !master_mounts_.HasNews(services_)) return;
  const MutexLock lock(&reloading_);
  if (!refuses_reloads_) master_mounts_.Keep(services_, *front_, *waker_);
}

absl::Status Process::Stop() {
  notify_.Stopping();
  if (predecessor_ != nullptr) predecessor_->LetGo();
  if (predecessor_ == nullptr) (void)services_.desk->tokens.SaveUses();
  RefuseReloads();
  if (predecessor_ == nullptr) gatekeeping_.SaveBans(services_);
  // Nobody is answered any more: shards that stop are not called. And another floe may start.
  control_.Close();
  control_socket_.Close();
  threads_.Stop(*waker_);
  while (threads_.running() > 0) {
    const int signal = loop_.WaitForSignal(Clock::now() + kStopPoll);
    if (signal == SIGTERM || signal == SIGINT) _exit(1);  // asked twice: at once
  }
  absl::Status ended = threads_.Join();
  // Who listened to a successor that died listens to nobody.
  hooking_.End(/*are_handed_over=*/predecessor_ != nullptr && !has_lost_successor_);
  past_.End();
  return ended;
}

}  // namespace floe::server
