// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What the predecessor sends while all stands still: mounts, views, positions, guests.
#include <algorithm>
#include <utility>

#include "handover/listener_codec.h"
#include "handover/mount_codec.h"
#include "handover/predecessor.h"
#include "handover/session_codec.h"
#include "handover/state.pb.h"
#include "mount/registry.h"
#include "session/exchange.h"
#include "session/feed.h"
#include "session/file_loop.h"
#include "session/parking.h"
#include "session/relay.h"
#include "shard/call.h"
#include "shard/socket_batch.h"

namespace floe::handover {
namespace {

uint64_t ViewId(size_t shard, MountSlot view) { return uint64_t{shard} << 32 | Index(view); }

session::HeadState StateOf(const session::Exchange& exchange) {
  return {.peer = exchange.peer,
          .begun = exchange.begun,
          .heard = exchange.heard,
          .is_told = exchange.is_told,
          .expects_proxy = exchange.expects_proxy};
}

session::SourceState StateOf(const session::ParkedSource& parked) {
  const session::Exchange& exchange = *parked.exchange;
  session::SourceState state;
  state.peer = exchange.peer;
  state.begun = exchange.begun;
  state.is_shoutcast = exchange.is_shoutcast;
  state.head = exchange.head;
  state.user = exchange.user;
  state.mount = parked.writer->mount().name();
  state.pen = parked.writer->pen();
  state.writer = parked.writer->state();
  state.feed = parked.feed->state();
  return state;
}

session::LoopState StateOf(const session::ParkedLoop& parked) {
  session::LoopState state;
  state.mount = parked.file->mount;
  state.pen = parked.writer->pen();
  const session::LoopFile& file = *parked.file;
  const std::vector<files::Entry>& entries = file.programme.entries;
  if (!entries.empty()) state.path = entries[file.rotation.current()].path;
  state.file_hash = file.track.hash;
  state.rotation = file.rotation.place();
  state.progress = parked.progress;
  state.writer = parked.writer->state();
  state.framer = parked.framer->state();
  return state;
}

// What one shard has to say, made on its own thread.
struct ShardReport {
  std::vector<View> views;
  std::vector<Positions> positions;
  std::vector<std::pair<PageSlot, uint64_t>> pinned;  // with their keys
  milliseconds interval{0};
  listener::FanOutCounters counters;
  uint32_t listeners = 0;
};

}  // namespace

// Who stands still on one shard.
struct Predecessor::Guests {
  std::vector<Head> heads;
  std::vector<Source> sources;
  std::vector<Relay> relays;
  size_t relays_with_socket = 0;  // which are the first
  std::vector<Loop> loops;
  std::vector<FdSlot> slots;  // of the heads, the sources, and those relays
};

Predecessor::Guests Predecessor::GuestsIn(const session::Parking& parking) {
  Guests guests;
  for (const session::Exchange* head : parking.heads()) {
    SaveHead(StateOf(*head), &guests.heads.emplace_back());
    guests.slots.push_back(head->socket.slot());
  }
  for (const session::ParkedSource& source : parking.sources()) {
    SaveSource(StateOf(source), &guests.sources.emplace_back());
    guests.slots.push_back(source.exchange->socket.slot());
  }
  for (const session::Relay* relay : parking.relays()) {
    if (relay->heard() == nullptr) continue;
    SaveRelay(relay->state(), &guests.relays.emplace_back());
    guests.slots.push_back(relay->heard()->socket->slot());
  }
  guests.relays_with_socket = guests.relays.size();
  for (const session::Relay* relay : parking.relays()) {
    if (relay->heard() == nullptr) SaveRelay(relay->state(), &guests.relays.emplace_back());
  }
  for (const session::ParkedLoop& loop : parking.loops()) {
    if (loop.writer != nullptr) SaveLoop(StateOf(loop), &guests.loops.emplace_back());
  }
  return guests;
}

absl::Status Predecessor::SendMounts(Instant by) {
  shard::CallEach(server_.services.shards, server_.waker,
                  [](shard::Shard& shard) { shard.fan_out().TellMounts(); });
  for (const mount::MountRef& mount : server_.services.registry->List()) {
    Mount message;
    SaveMount(mount->state(), &message);
    if (absl::Status sent = wire_.Send(Kind::kMount, message, by); !sent.ok()) return sent;
    ++outcome_.mounts;
  }
  return absl::OkStatus();
}

absl::Status Predecessor::SendViewsAndPositions(Instant by) {
  std::vector<ShardReport> reports(server_.services.shards.size());
  shard::CallEach(server_.services.shards, server_.waker, [&](shard::Shard& shard) {
    const Instant now = Clock::now();
    const size_t index = shard.index();
    ShardReport& report = reports[index];
    const listener::FanOut& fan_out = shard.fan_out();
    fan_out.ForEachView([&](MountSlot slot, const listener::View& view) {
      View& message = report.views.emplace_back();
      message.set_id(ViewId(index, slot));
      message.set_mount(view.mount().name());
      if (&view.home() != &view.mount()) message.set_home(view.home().name());
      if (const listener::View::Mounts* next = view.next(); next != nullptr) {
        message.set_next_home(next->home->name());
        message.set_next_played(next->played->name());
      }
      SaveView(view.state(now), &message);
      view.pages().ForEachPinned([&](uint32_t number, PageSlot page) {
        report.pinned.emplace_back(page, tape::PageKey(view.mount().tape().id(), number));
      });
    });
    report.interval = fan_out.interval();
    report.counters = fan_out.counters();
    for (uint32_t i = 0; i < batches_.size(); ++i) {
      if (batches_[i].shard != index) continue;
      Positions& positions = report.positions.emplace_back();
      positions.set_batch(i);
      for (const SentListener& sent : batches_[i].listeners) {
        Position* position = positions.add_listeners();
        const listener::Listener& listener = fan_out.at(sent.slot);
        const bool is_gone = listener.generation != sent.generation ||
                             listener.place == listener::Place::kNowhere ||
                             listener.place == listener::Place::kDeparted ||
                             listener.leaving != listener::Leaving::kStaying;
        position->set_is_gone(is_gone);
        if (is_gone) continue;
        ++report.listeners;
        position->set_view(ViewId(index, listener.mount));
        SavePosition(fan_out.StateOf(sent.slot, now), position);
      }
    }
  });
  totals_ = server_.services.before;
  for (const ShardReport& report : reports) {
    interval_ = std::max(interval_, report.interval);
    totals_.joins += report.counters.joins;
    totals_.sends += report.counters.orders;
    totals_.sent_bytes += report.counters.sent_bytes;
    for (const auto& [page, key] : report.pinned) pinned_.push_back({.page = page, .key = key});
    for (const View& view : report.views) {
      if (absl::Status sent = wire_.Send(Kind::kView, view, by); !sent.ok()) return sent;
    }
  }
  for (const ShardReport& report : reports) {
    outcome_.listeners += report.listeners;
    for (const Positions& positions : report.positions) {
      if (absl::Status sent = wire_.Send(Kind::kPositions, positions, by); !sent.ok()) return sent;
    }
  }
  return absl::OkStatus();
}

absl::Status Predecessor::SendGuests(Instant by) {
  for (shard::Shard* shard : server_.services.shards) {
    if (absl::Status sent = SendGuestsOf(*shard, by); !sent.ok()) return sent;
  }
  return absl::OkStatus();
}

absl::Status Predecessor::SendGuestsOf(shard::Shard& home, Instant by) {
  Guests guests;
  shard::CallOne(home, server_.waker, [&](shard::Shard& shard) {
    guests = GuestsIn(server_.services.ParkingOf(shard));
  });
  outcome_.sources += uint32_t(guests.sources.size());
  relays_ += uint32_t(guests.relays.size());
  for (const Loop& loop : guests.loops) {
    if (absl::Status sent = wire_.Send(Kind::kLoop, loop, by); !sent.ok()) return sent;
  }
  for (size_t i = guests.relays_with_socket; i < guests.relays.size(); ++i) {
    absl::Status sent = wire_.Send(Kind::kRelay, guests.relays[i], by);
    if (!sent.ok()) return sent;
  }
  const std::vector<FdSlot>& slots = guests.slots;
  for (size_t from = 0; from < slots.size(); from += Wire::kFdsPerMessageMax) {
    shard::SocketBatch sockets;
    const size_t to = std::min(slots.size(), from + Wire::kFdsPerMessageMax);
    sockets.sockets.assign(slots.begin() + ptrdiff_t(from), slots.begin() + ptrdiff_t(to));
    bool has_run = false;
    shard::CallOne(home, server_.waker, [&](shard::Shard& shard) {
      has_run = true;
      shard.Install(sockets);
    });
    if (!has_run) return absl::UnavailableError("a shard has failed");
    if (const int error = sockets.Wait(); error != 0) {
      return absl::ErrnoToStatus(error, "descriptors for sources and requests");
    }
    for (size_t i = from; i < to; ++i) {
      const std::span<const int> fd(&sockets.fds[i - from], 1);
      if (absl::Status sent = SendGuest(guests, i, fd, by); !sent.ok()) return sent;
    }
  }
  return absl::OkStatus();
}

// The guest that has the i-th socket.
absl::Status Predecessor::SendGuest(const Guests& guests, size_t i, std::span<const int> fd,
                                    Instant by) {
  if (i < guests.heads.size()) return wire_.Send(Kind::kHead, guests.heads[i], fd, by);
  i -= guests.heads.size();
  if (i < guests.sources.size()) return wire_.Send(Kind::kSource, guests.sources[i], fd, by);
  i -= guests.sources.size();
  return wire_.Send(Kind::kRelay, guests.relays[i], fd, by);
}

}  // namespace floe::handover
