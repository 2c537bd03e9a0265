// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/listener_mover.h"

#include "absl/status/status.h"
#include "mount/media.h"
#include "session/listener_reader.h"
#include "session/shard_calls.h"
#include "shard/worker_pool.h"

namespace floe::session {
namespace {

// Moves those of a mount, all or one of them.
class MoveJob final : public shard::Job {
 public:
  MoveJob(const Services& services, const mount::Mount& from, mount::Mount& to,
          std::optional<uint64_t> id)
      : services_(services), from_(from), to_(to), id_(id) {}

  void Run() override {
    for (shard::Shard* shard : services_.shards) {
      if (!(id_.has_value() ? MoveOneOf(*shard) : MoveAllOf(*shard))) return;
    }
    was_run_ = true;
  }
  bool was_run() const { return was_run_; }  // false: the shards are about to end
  uint32_t moved() const { return moved_; }

 private:
  bool MoveAllOf(shard::Shard& shard) {
    return services_.shard_calls->Run(shard, [this](shard::Shard& there) {
      moved_ += there.fan_out().MoveMount(from_, to_, there.now());
    });
  }
  bool MoveOneOf(shard::Shard& shard) {
    for (uint32_t next = 0; moved_ == 0;) {
      bool is_over = true;
      const bool was_called = services_.shard_calls->Run(
          shard, [&](shard::Shard& there) { is_over = LookAt(there, &next); });
      if (!was_called) return false;
      if (is_over) break;
    }
    return true;
  }
  // Answers whether there are no more.
  bool LookAt(shard::Shard& shard, uint32_t* next) {
    size_t seen = 0;
    bool is_over = true;
    std::optional<ListenerSlot> found;
    *next = shard.fan_out().ForEachFrom(*next, [&](ListenerSlot slot, const listener::Listener&) {
      if (shard.details()[slot].id == *id_ && &shard.fan_out().MountOf(slot) == &from_) {
        found = slot;
      }
      is_over = seen++ < kListenersPerSlice;
      return is_over && !found.has_value();
    });
    if (found.has_value() && shard.fan_out().MoveOne(*found, to_)) ++moved_;
    return is_over || found.has_value();
  }

  const Services& services_;
  const mount::Mount& from_;
  mount::Mount& to_;
  const std::optional<uint64_t> id_;
  bool was_run_ = false;
  uint32_t moved_ = 0;
};

}  // namespace

bool CanMove(const mount::Mount& from, const mount::Mount& to) {
  return to.is_audible() &&
         mount::CanJoin(from.heard().media, to.heard().media) == mount::Joining::kCan;
}

ring::Task<absl::StatusOr<uint32_t>> MoveListeners(const Services& services, shard::Shard& home,
                                                   mount::MountRef from, mount::MountRef to,
                                                   std::optional<uint64_t> id) {
  MoveJob job(services, *from, *to, id);
  co_await shard::WorkerPool::Run(*services.workers, home, job);
  if (!job.was_run()) co_return absl::UnavailableError("the server is about to end");
  co_return job.moved();
}

}  // namespace floe::session
