// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/relay_feed.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "session/parking.h"
#include "session/upstream_call.h"
#include "shard/call.h"

namespace floe::session {
namespace {

constexpr milliseconds kNoBufferPause{2};
// How often one who waits for a mount looks whether it plays.
constexpr milliseconds kLookForAudio{25};
// Calls that one look may lead to: each upstream may be down already.
constexpr uint32_t kStepsMax = 2 * kUpstreamsMax;

// Stands still while the server is handed over, until the relay says otherwise.
ring::Task<> Stand(Relay& relay, RelayLine& line) {
  ring::Io& io = relay.shard().io();
  line.stands = true;
  relay.Wake();
  const Instant forever = Instant::max();
  while (line.stands && !io.stopping()) (void)co_await io.Sleep(forever, &line);
}

// Receives until the line is over, one way or another.
ring::Task<> Pump(Relay& relay, RelayLine& line) {
  ring::Io& io = relay.shard().io();
  Parking& parking = relay.services().ParkingOf(relay.shard());
  while (!line.is_let_go && !io.stopping()) {
    if (parking.calls_all()) {
      co_await Stand(relay, line);
      continue;
    }
    const Instant by = relay.shard().now() + relay.SilenceMax();
    const ring::Received received = co_await io.Recv(line.socket->slot(), by, &line);
    if (received.error == ECANCELED) continue;
    if (received.error == ENOBUFS) {
      const Instant later = relay.shard().now() + kNoBufferPause;
      (void)co_await io.Sleep(later, &line);
      continue;
    }
    if (received.error == ETIMEDOUT) {
      relay.Stall(line);
    } else if (received.error != 0 || received.finished()) {
      const char* why = received.error != 0 ? std::strerror(received.error) : "it hung up";
      relay.Fail(line, absl::UnavailableError(absl::StrCat(line.peer.HostAndPort(), ": ", why)));
    } else {
      (void)relay.Take(line, received.bytes());
    }
  }
}

ring::Task<absl::StatusOr<UpstreamStream>> CallInTurn(Relay& relay, RelayLine& line) {
  const UpstreamCall call = relay.CallOf(line);
  ring::Io& io = relay.shard().io();
  std::string place = absl::StrCat(call.url.host, " ", call.url.port);
  absl::Status may_call = co_await relay.gate().Enter(io, std::move(place), &line);
  if (!may_call.ok()) co_return may_call;
  absl::StatusOr<UpstreamStream> stream =
      co_await CallUpstream(relay.shard(), *relay.services().resolvers, call, &line);
  relay.gate().Leave(io, &line);
  co_return std::move(stream);
}

// One connection, from the call to its end.
ring::Task<> RunLine(Relay& relay, RelayLine& line) {
  bool is_begun = line.track != nullptr;
  if (!is_begun) {
    absl::StatusOr<UpstreamStream> stream = co_await CallInTurn(relay, line);
    if (stream.ok()) {
      is_begun = relay.Begin(line, *std::move(stream));
    } else {
      relay.Fail(line, stream.status());
    }
  }
  if (is_begun) co_await Pump(relay, line);
  line.socket.reset();
  line.has_ended = true;
  relay.Wake();
  relay.companions().End(relay.shard().io());
}

}  // namespace

// ---- Relays ----

Relays::Place* Relays::Find(absl::string_view mount) {
  for (const std::unique_ptr<Place>& place : places_) {
    if (!place->is_over && place->mount == mount) return place.get();
  }
  return nullptr;
}

void Relays::Put(const std::string& mount, config::Relay settings) {
  std::erase_if(places_, [](const std::unique_ptr<Place>& place) { return place->has_ended; });
  if (Place* place = Find(mount); place != nullptr) {
    if (place->relay == nullptr) {
      place->settings = std::move(settings);
    } else {
      place->relay->Change(std::move(settings));
      place->relay->Wake();
    }
    return;
  }
  places_.push_back(std::make_unique<Place>());
  places_.back()->mount = mount;
  places_.back()->settings = std::move(settings);
}

void Relays::End(absl::string_view mount, bool lingers) {
  Place* place = Find(mount);
  if (place == nullptr) return;
  place->is_over = true;
  place->lingers = lingers;
  if (place->relay != nullptr) place->relay->Wake();
}

void Relays::Begin(shard::Shard& shard, const Services& services) {
  for (const std::unique_ptr<Place>& place : places_) {
    if (place->relay != nullptr || place->is_over) continue;
    place->relay =
        std::make_unique<Relay>(shard, services, gate_, place->mount, std::move(place->settings));
    if (shard.Spawn(Run(*place))) continue;
    log::Error(absl::StrCat("relay of ", place->mount, ": there is no room for it"));
    place->is_over = place->has_ended = true;
  }
}

absl::Status Relays::GoOnFrom(RelayState state, std::unique_ptr<mount::Writer> writer,
                              std::optional<ring::DirectFd> socket) {
  Place* place = Find(state.mount);
  if (place == nullptr || place->relay == nullptr) {
    if (writer != nullptr) writer->Leave(Clock::now());
    return absl::OkStatus();
  }
  Relay& relay = *place->relay;
  const absl::StatusOr<RelayLine*> line =
      relay.GoOnFrom(std::move(state), std::move(writer), std::move(socket));
  if (!line.ok()) return line.status();
  if (*line == nullptr || relay.companions().Spawn(relay.shard(), RunLine(relay, **line))) {
    return absl::OkStatus();
  }
  return absl::ResourceExhaustedError("no room for a relay's line");
}

// Answers false when another process goes on.
ring::Task<absl::StatusOr<bool>> Relays::StandStill(Relay& relay) {
  Parking& parking = relay.services().ParkingOf(relay.shard());
  ring::Io& io = relay.shard().io();
  relay.DropAllButHeard();
  const Instant forever = Instant::max();
  while (!relay.IsAtRest() && !io.stopping()) (void)co_await io.Sleep(forever, &relay);
  if (!parking.calls_all() || io.stopping()) {
    relay.GoOnAgain();
    co_return true;
  }
  const absl::StatusOr<Parking::Verdict> verdict = co_await parking.Park(io, &relay);
  const bool goes_on = !verdict.ok() || *verdict == Parking::Verdict::kGoOn;
  if (!goes_on) relay.GiveUp();
  relay.GoOnAgain();
  co_return goes_on;
}

ring::Task<> Relays::Run(Place& place) {
  Relay& relay = *place.relay;
  ring::Io& io = relay.shard().io();
  Parking& parking = relay.services().ParkingOf(relay.shard());
  RelayBoard& board = *relay.services().relay_board;
  const RelayBoard::Home home{.shard = relay.shard().index(), .relay = &relay};
  board.Add(relay.mount(), home);
  parking.RelayBegan();
  parking.BeginWaiting(&relay);
  bool goes_on = true;
  while (goes_on && !io.stopping() && !place.is_over) {
    if (parking.calls_all()) {
      const absl::StatusOr<bool> stood = co_await StandStill(relay);
      goes_on = !stood.ok() || *stood;
      continue;
    }
    relay.Clear();
    Instant again = relay.Look();
    upstream::Next next = relay.choice().What(relay.shard().now());
    for (uint32_t step = 0; step < kStepsMax; ++step) {
      RelayLine* line = relay.Do(next);
      if (line == nullptr) break;
      if (!relay.companions().Spawn(relay.shard(), RunLine(relay, *line))) {
        line->has_ended = true;
        relay.Fail(*line, absl::ResourceExhaustedError("too much is under way to call it"));
      }
      next = relay.choice().What(relay.shard().now());
    }
    if (next.at.has_value()) again = std::min(again, *next.at);
    relay.Tell();
    (void)co_await io.Sleep(again, &relay);
  }
  const bool is_removed = place.is_over && !place.lingers &&
                          !relay.services().config.Get()->mounts.contains(relay.mount());
  if (goes_on) relay.End(/*lingers=*/!is_removed);
  parking.EndWaiting(&relay);
  co_await dial::Companions::WaitForAll(io, relay.companions());
  parking.RelayEnded();
  board.Remove(relay.mount(), &relay);
  place.has_ended = true;
}

// ---- on demand ----

namespace {

bool HasAudio(const mount::MountRef& mount, Instant now) {
  return mount && mount->phase() != mount::Phase::kEmpty && !mount->LingerIsOver(now) &&
         mount->tape().NewestSync().has_value();
}

// What one who asks for `mount` waits for: it, or a fallback that comes before what plays now.
// Empty: something is to be heard, or will not be.
std::string AwaitedBy(const Services& services, const std::string& mount, Instant now) {
  const mount::MountRef asked_for = services.registry->Find(mount);
  for (std::string& name : services.registry->Sought(mount)) {
    const bool is_heard =
        name == mount ? HasAudio(asked_for, now) : services.registry->PlaysOf(mount) == name;
    if (is_heard) return "";
    const std::optional<RelayStatus> status = services.relay_board->StatusOf(name);
    if (status.has_value() && status->is_on_demand && !status->is_hopeless) return std::move(name);
    // Its source has just come, and is heard soon.
    if (name == mount && asked_for && asked_for->phase() == mount::Phase::kLive) return "";
  }
  return "";
}

}  // namespace

ring::Task<> AwaitRelay(Exchange& exchange, const std::string& mount) {
  const Services& services = exchange.services;
  RelayBoard& board = *services.relay_board;
  if (!board.HasAny()) co_return;
  ring::Io& io = exchange.shard.io();
  const std::string hops(exchange.HeaderOr("Floe-Hops"));
  const Instant by = exchange.shard.now() + kDemandTimeMax;
  while (!io.stopping() && exchange.shard.now() < by) {
    const Instant now = exchange.shard.now();
    const std::string awaited = AwaitedBy(services, mount, now);
    // One that plays is asked for as well: it would leave if its last listener just did.
    const std::string& asked = awaited.empty() ? mount : awaited;
    const std::optional<RelayBoard::Home> home = board.Ask(asked, hops, now);
    if (home.has_value()) {
      const shard::Mail wake{.kind = shard::Mail::Kind::kEndSource, .mount = home->relay};
      services.shards[home->shard]->Post(wake, exchange.shard);
    }
    if (awaited.empty()) co_return;
    if (exchange.parking.calls_arrivals()) {
      const absl::StatusOr<Parking::Verdict> verdict =
          co_await exchange.parking.Park(io, &exchange);
      exchange.is_handed_over = verdict.ok() && *verdict == Parking::Verdict::kHandedOver;
      if (exchange.is_handed_over) co_return;
    }
    const Instant later = now + kLookForAudio;
    (void)co_await io.Sleep(later, exchange.parking.arrivals());
  }
}

void WakeSoughtRelays(const Services& services, ring::Waker& waker) {
  for (const RelayStatus& relay : services.relay_board->List()) {
    const bool sleeps = relay.is_on_demand && !relay.is_wanted;
    if (!sleeps || !services.registry->IsSought(relay.mount)) continue;
    const std::optional<RelayBoard::Home> home =
        services.relay_board->Ask(relay.mount, /*hops=*/"", Clock::now());
    if (!home.has_value()) continue;
    shard::CallOne(*services.shards[home->shard], waker,
                   [&](shard::Shard& shard) { shard.io().Interrupt(home->relay); });
  }
}

}  // namespace floe::session
