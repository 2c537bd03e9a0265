// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/listener_reader.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "session/shard_calls.h"
#include "shard/worker_pool.h"

namespace floe::session {
namespace {

absl::Status AboutToEnd() { return absl::UnavailableError("the server is about to end"); }

bool IsMeant(const ListenerFilter& filter, const shard::Shard& shard, ListenerSlot slot) {
  const shard::ListenerDetails::Entry& details = shard.details()[slot];
  if (!filter.mount.empty() && shard.fan_out().MountOf(slot).name() != filter.mount) return false;
  if (filter.network.has_value() && !filter.network->Contains(details.peer)) return false;
  return filter.agent.empty() ||
         absl::StrContains(shard.details().Text(details.agent), filter.agent);
}

SeenListener Look(const shard::Shard& shard, ListenerSlot slot) {
  const shard::ListenerDetails& all = shard.details();
  const shard::ListenerDetails::Entry& details = all[slot];
  return {.id = details.id,
          .mount = shard.fan_out().MountOf(slot).name(),
          .plays = shard.fan_out().PlayedBy(slot).name(),
          .peer = details.peer,
          .user = std::string(all.Text(details.user)),
          .agent = std::string(all.Text(details.agent)),
          .referer = std::string(all.Text(details.referer)),
          .connected_s = details.connected_s,
          .sent_bytes = shard.fan_out().at(slot).sent_bytes};
}

// Slice is one visit to one shard: at most kListenersPerSlice records.
class Slice : public shard::Job {
 public:
  Slice(const Services& services, ListenerPlace place) : services_(services), place_(place) {}

  void Run() final {
    shard::Shard& shard = *services_.shards[place_.shard];
    was_run_ = services_.shard_calls->Run(shard, [this](shard::Shard& there) { Visit(there); });
  }
  bool was_run() const { return was_run_; }
  // Where the next one begins.
  ListenerPlace place() const { return place_; }

 protected:
  // False: enough; the listener is the next slice's.
  virtual bool See(shard::Shard& shard, ListenerSlot slot) = 0;
  virtual void End(shard::Shard&) {}

 private:
  void Visit(shard::Shard& shard) {
    size_t looked_at = 0;
    bool is_cut = false;
    place_.slot = shard.fan_out().ForEachFrom(
        place_.slot, [&](ListenerSlot slot, const listener::Listener& listener) {
          is_cut = looked_at++ == kListenersPerSlice;
          if (is_cut || listener.leaving != listener::Leaving::kStaying) return !is_cut;
          is_cut = !See(shard, slot);
          return !is_cut;
        });
    if (!is_cut) place_ = {.shard = place_.shard + 1, .slot = 0};
    End(shard);
  }

  const Services& services_;
  ListenerPlace place_;
  bool was_run_ = false;
};

class ReadSlice final : public Slice {
 public:
  ReadSlice(const Services& services, ListenerPlace place, const ListenerFilter& filter,
            size_t listeners_max, std::vector<SeenListener>* seen)
      : Slice(services, place), filter_(filter), listeners_max_(listeners_max), seen_(*seen) {}

 private:
  bool See(shard::Shard& shard, ListenerSlot slot) override {
    if (!IsMeant(filter_, shard, slot)) return true;
    if (seen_.size() >= listeners_max_) return false;
    seen_.push_back(Look(shard, slot));
    return true;
  }

  const ListenerFilter& filter_;
  const size_t listeners_max_;
  std::vector<SeenListener>& seen_;
};

class KickSlice final : public Slice {
 public:
  KickSlice(const Services& services, ListenerPlace place, uint64_t id, const std::string& mount)
      : Slice(services, place), id_(id), mount_(mount) {}
  bool has_kicked() const { return has_kicked_; }

 private:
  bool See(shard::Shard& shard, ListenerSlot slot) override {
    if (shard.details()[slot].id != id_) return true;
    const bool is_of_mount = mount_.empty() || shard.fan_out().MountOf(slot).name() == mount_;
    if (is_of_mount) found_ = slot;
    return !is_of_mount;
  }
  // Who leaves is moved between lists: not while they are gone through.
  void End(shard::Shard& shard) override {
    if (found_.has_value()) has_kicked_ = shard.Kick(*found_);
  }

  const uint64_t id_;
  const std::string& mount_;
  std::optional<ListenerSlot> found_;
  bool has_kicked_ = false;
};

}  // namespace

ring::Task<absl::Status> ReadListeners(const Services& services, shard::Shard& home,
                                       ListenerFilter filter, size_t listeners_max,
                                       ListenerPlace* place, std::vector<SeenListener>* seen) {
  while (!place->IsEnd(services) && seen->size() < listeners_max) {
    ReadSlice slice(services, *place, filter, listeners_max, seen);
    co_await shard::WorkerPool::Run(*services.workers, home, slice);
    if (!slice.was_run()) co_return AboutToEnd();
    *place = slice.place();
  }
  co_return absl::OkStatus();
}

ring::Task<absl::Status> KickListener(const Services& services, shard::Shard& home, uint64_t id,
                                      std::string mount) {
  ListenerPlace place;
  while (!place.IsEnd(services)) {
    KickSlice slice(services, place, id, mount);
    co_await shard::WorkerPool::Run(*services.workers, home, slice);
    if (!slice.was_run()) co_return AboutToEnd();
    if (slice.has_kicked()) co_return absl::OkStatus();
    place = slice.place();
  }
  co_return absl::NotFoundError(absl::StrCat("there is no listener ", id));
}

}  // namespace floe::session
