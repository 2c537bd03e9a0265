// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/predecessor.h"

#include <signal.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log.h"
#include "handover/access_codec.h"
#include "handover/events.pb.h"
#include "handover/events_codec.h"
#include "handover/fault.h"
#include "handover/figures.h"
#include "handover/listener_codec.h"
#include "handover/mount_codec.h"
#include "handover/state.pb.h"
#include "handover/version.h"
#include "hooks/hooks.h"
#include "mount/registry.h"
#include "shard/call.h"
#include "shard/socket_batch.h"

namespace floe::handover {
namespace {

// How long each part may take. Only what comes after the freeze is heard by anybody.
constexpr milliseconds kHelloTime{5'000};
constexpr milliseconds kOpenTime{20'000};
constexpr milliseconds kPassportTime{30'000};
constexpr milliseconds kQuietTime{3'000};
constexpr milliseconds kFreezeTime{1'000};
constexpr milliseconds kStateTime{5'000};
constexpr milliseconds kCommitTime{2'000};
constexpr milliseconds kRunningTime{10'000};
// Passports are sent again for those who came meanwhile, until they are few.
constexpr size_t kFewNewcomers = 50;
constexpr int kPassportRoundsMax = 5;

void SavePassport(const session::Services& services, shard::Shard& shard, ListenerSlot slot,
                  Passport* passport) {
  const shard::ListenerDetails& details = shard.details();
  const shard::ListenerDetails::Entry& entry = details[slot];
  passport->set_id(entry.id);
  SavePeer(entry.peer, passport->mutable_peer());
  passport->set_connected_unix_s(entry.connected_s);
  passport->set_status(entry.status);
  const auto set = [&](shard::TextId id) {
    const absl::string_view text = details.Text(id);
    return std::string(text.data(), text.size());
  };
  passport->set_user(set(entry.user));
  passport->set_agent(set(entry.agent));
  passport->set_referer(set(entry.referer));
  passport->set_request(set(entry.request));
  const hooks::HookedListener* hooked = services.hooks->ListenersOf(shard.index()).Find(entry.id);
  if (hooked != nullptr) SaveHooked(*hooked, passport->mutable_hook());
  const std::optional<Instant> until = services.seating->OwnLimitOf(shard, slot);
  if (until.has_value()) passport->set_until_ns(nanoseconds(until->time_since_epoch()).count());
}

}  // namespace

absl::StatusOr<Outcome> Predecessor::Run() {
  begun_ = Clock::now();
  outcome_.successor_pid = wire_.peer_pid();
  absl::Status status = Offer();
  bool is_frozen = false;
  if (status.ok()) {
    progress_.Step("giving sockets away while all goes on");
    size_t newcomers = kFewNewcomers + 1;
    for (int i = 0; i < kPassportRoundsMax && status.ok() && newcomers > kFewNewcomers; ++i) {
      const absl::StatusOr<size_t> sent = SendPassports();
      status = sent.status();
      newcomers = sent.ok() ? *sent : 0;
    }
    FLOE_FAULT_POINT("predecessor-passports");
  }
  if (status.ok()) {
    is_frozen = true;
    status = standstill_.QuietArrivals(Clock::now() + kQuietTime);
    if (status.ok()) status = SendPassports().status();
  }
  if (status.ok()) {
    progress_.Step("standing still");
    frozen_ = Clock::now();
    status = standstill_.Freeze(frozen_ + kFreezeTime);
    FLOE_FAULT_POINT("predecessor-frozen");
  }
  if (status.ok()) {
    server_.services.registry->Seal(true);
    server_.services.events->Seal(true);
    status = SendState(Clock::now() + kStateTime);
    FLOE_FAULT_POINT("predecessor-sent");
  }
  if (status.ok()) status = Commit(Clock::now() + kCommitTime);
  if (!status.ok()) {
    if (is_frozen) TakeBack(status);
    return status;
  }
  standstill_.GiveUp();
  server_.arena.Disown();
  outcome_.total = std::chrono::duration_cast<microseconds>(Clock::now() - begun_);
  return outcome_;
}

absl::Status Predecessor::Offer() {
  const absl::StatusOr<Envelope> greeting = wire_.Expect(Kind::kHello, begun_ + kHelloTime);
  if (!greeting.ok()) return greeting.status();
  Hello hello;
  if (!hello.ParseFromString(greeting->bytes)) {
    return absl::InvalidArgumentError("what the successor says is no greeting");
  }
  const absl::StatusOr<uint32_t> version = AgreeOnVersion(hello.version(), hello.oldest_version());
  if (!version.ok()) {
    Refusal refusal;
    refusal.set_reason(std::string(version.status().message()));
    (void)wire_.Send(Kind::kRefusal, refusal, Clock::now() + kHelloTime);
    return version.status();
  }
  progress_.Step(absl::StrCat("floe ", hello.build(), " is there, process ", wire_.peer_pid()));
  handover::Offer offer;
  offer.set_version(*version);
  offer.set_build(FLOE_VERSION);
  offer.set_started_unix_ns(absl::ToUnixNanos(server_.services.started));
  offer.set_instance(server_.services.instance);
  std::vector<int> fds = {server_.arena.memfd()};
  offer.set_has_control_socket(server_.control_fd >= 0);
  if (server_.control_fd >= 0) fds.push_back(server_.control_fd);
  const Instant by = Clock::now() + kOpenTime;
  if (absl::Status sent = wire_.Send(Kind::kOffer, offer, fds, by); !sent.ok()) return sent;
  if (absl::Status sent = SendListenGroups(by); !sent.ok()) return sent;
  return wire_.Expect(Kind::kOpened, by).status();
}

absl::Status Predecessor::SendListenGroups(Instant by) {
  for (const ListenGroup& group : server_.listen) {
    Listen listen;
    listen.set_address(group.address);
    if (absl::Status sent = wire_.Send(Kind::kListen, listen, group.fds, by); !sent.ok()) {
      return sent;
    }
  }
  return wire_.Send(Kind::kOffered, Empty(), by);
}

absl::StatusOr<size_t> Predecessor::SendPassports() {
  sent_.resize(server_.services.shards.size());
  size_t sum = 0;
  for (size_t shard = 0; shard < sent_.size(); ++shard) {
    const absl::StatusOr<size_t> sent = SendPassportsOf(shard);
    if (!sent.ok()) return sent;
    sum += *sent;
  }
  return sum;
}

absl::StatusOr<size_t> Predecessor::SendPassportsOf(size_t index) {
  std::vector<uint32_t>& sent = sent_[index];
  size_t sum = 0;
  for (uint32_t from = 0;;) {
    SentBatch batch{.shard = index, .listeners = {}};
    Passports passports;
    shard::SocketBatch sockets;
    bool has_run = false;
    shard::CallOne(*server_.services.shards[index], server_.waker, [&](shard::Shard& shard) {
      has_run = true;
      const listener::FanOut& fan_out = shard.fan_out();
      from = fan_out.ForEachFrom(from, [&](ListenerSlot slot, const listener::Listener& listener) {
        if (Index(slot) >= sent.size()) sent.resize(Index(slot) + 1);
        if (sent[Index(slot)] == listener.generation) return true;
        if (batch.listeners.size() == Wire::kFdsPerMessageMax) return false;
        sent[Index(slot)] = listener.generation;
        batch.listeners.push_back({slot, listener.generation});
        sockets.sockets.push_back(listener.fd);
        SavePassport(server_.services, shard, slot, passports.add_listeners());
        return true;
      });
      shard.Install(sockets);
    });
    if (!has_run) return absl::UnavailableError("a shard has failed");
    if (const int error = sockets.Wait(); error != 0) {
      return absl::ErrnoToStatus(error, "descriptors for the listeners' sockets");
    }
    if (batch.listeners.empty()) return sum;
    sum += batch.listeners.size();
    const Instant by = Clock::now() + kPassportTime;
    absl::Status given = wire_.Send(Kind::kPassports, passports, sockets.fds, by);
    if (!given.ok()) return given;
    batches_.push_back(std::move(batch));
  }
}

absl::Status Predecessor::SendState(Instant by) {
  if (absl::Status sent = SendMounts(by); !sent.ok()) return sent;
  if (absl::Status sent = SendViewsAndPositions(by); !sent.ok()) return sent;
  if (absl::Status sent = SendGuests(by); !sent.ok()) return sent;
  Events events;
  SaveEvents(server_.services.events->state(), &events);
  if (absl::Status sent = wire_.Send(Kind::kEvents, events, by); !sent.ok()) return sent;
  End end;
  end.set_mounts(outcome_.mounts);
  end.set_listeners(outcome_.listeners);
  end.set_frozen_ns(nanoseconds(frozen_.time_since_epoch()).count());
  end.set_interval_ms(interval_.count());
#ifdef FLOE_NEXT
  end.set_novelty(kNovelty);
#endif
  for (const Pinned& pinned : pinned_) {
    PinnedPage* message = end.add_pinned_pages();
    message->set_page(Index(pinned.page));
    message->set_key(pinned.key);
  }
  end.set_sources(outcome_.sources);
  end.set_relays(relays_);
  end.set_next_listener_id(server_.numbers.next());
  end.set_joins(totals_.joins);
  end.set_sends(totals_.sends);
  end.set_sent_bytes(totals_.sent_bytes);
  SaveFigures(server_.services, &end);
  SaveLockouts(server_.services.desk->lockout.states(), &end);
  if (absl::Status sent = wire_.Send(Kind::kEnd, end, by); !sent.ok()) return sent;
  return wire_.Expect(Kind::kReady, by).status();
}

absl::Status Predecessor::Commit(Instant by) {
  FLOE_FAULT_POINT("predecessor-commit");
  if (absl::Status sent = wire_.Send(Kind::kCommit, Empty(), by); !sent.ok()) return sent;
  const absl::StatusOr<Envelope> started = wire_.Expect(Kind::kStarted, by);
  if (!started.ok()) {
    // It may have begun to send and not have said so yet; once it is dead that is certain: what it
    // sends comes after what it says.
    const bool had_started = KillSuccessor();
    return had_started ? absl::OkStatus() : started.status();  // if it had, all is gone with it
  }
  FLOE_FAULT_POINT("predecessor-committed");
  const absl::StatusOr<Envelope> answer = wire_.Expect(Kind::kRunning, Clock::now() + kRunningTime);
  Running running;
  if (answer.ok() && running.ParseFromString(answer->bytes)) {
    outcome_.gap = microseconds(running.gap_us());
    outcome_.is_running = true;
  }
  return absl::OkStatus();
}

bool Predecessor::KillSuccessor() {
  if (outcome_.successor_pid > 0) kill(outcome_.successor_pid, SIGKILL);
  bool had_started = false;
  for (const Instant by = Clock::now() + kCommitTime;;) {
    const absl::StatusOr<Envelope> last = wire_.Receive(by);
    if (!last.ok()) return had_started;  // it is gone
    had_started |= last->kind == Kind::kStarted;
  }
}

void Predecessor::TakeBack(const absl::Status& why) {
  // Said before anything moves here: a successor that hears nothing of us any more, and not this,
  // goes on by itself. One that could not be told must not live.
  Refusal refusal;
  refusal.set_reason(std::string(why.message()));
  const absl::Status told = wire_.Send(Kind::kRefusal, refusal, Clock::now() + kCommitTime);
  if (!told.ok()) KillSuccessor();
  server_.services.registry->Seal(false);
  server_.services.events->Seal(false);
  standstill_.GoOn();
}

bool Predecessor::IsDone() {
  if (!has_let_go_ && Clock::now() < begun_ + 2 * outcome_.total) return false;
  LetGo();
  return standstill_.IsEmpty();
}

void Predecessor::LetGo() {
  if (!std::exchange(has_let_go_, true)) standstill_.LetGo();
}

}  // namespace floe::handover
