// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/file_loop.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "audio/silence.h"
#include "session/hand_over_state.h"
#include "session/loop_turn.h"
#include "session/parking.h"
#include "shard/worker_pool.h"

namespace floe::session {
namespace {

constexpr milliseconds kRetryPause{500};
// The next file is read when so much of this one is left, and waited for a little when it is over:
// listeners have more than that in store.
constexpr seconds kReadAhead{30};
constexpr milliseconds kReadPoll{10};
constexpr seconds kReadPatience{2};

// Reads the first track, from the rotation's entry on, that may follow the one that plays.
class ReadJob final : public shard::Job {
 public:
  ReadJob(const Loop& loop, files::Rotation rotation, bool is_sure_to_follow)
      : programme_(loop.file.programme), rotation_(std::move(rotation)), passed_(loop.passed) {
    if (is_sure_to_follow) return;
    before_ = loop.file.track;
    before_.bytes = {};
    has_before_ = true;
  }
  void Run() override {
    track_ =
        files::ReadNextTrack(programme_, has_before_ ? &before_ : nullptr, &rotation_, &passed_);
  }

  files::Rotation rotation() const { return rotation_; }
  std::set<size_t>& passed() { return passed_; }
  absl::StatusOr<audio::Track>& track() { return track_; }

 private:
  const files::Programme programme_;
  files::Rotation rotation_;
  std::set<size_t> passed_;
  audio::Track before_;  // without its bytes
  bool has_before_ = false;
  absl::StatusOr<audio::Track> track_ = absl::InternalError("nothing was read");
};

// Has a worker read what plays after this track.
ring::Task<> ReadAhead(shard::Shard& shard, const Services& services, Loop& loop) {
  const uint64_t changes = loop.changes;
  const size_t current = loop.file.rotation.current();
  files::Rotation rotation = loop.file.rotation;
  rotation.Advance();
  ReadJob job(loop, std::move(rotation), /*is_sure_to_follow=*/false);
  co_await shard::WorkerPool::Run(*services.workers, shard, job);
  loop.is_reading = false;
  if (loop.changes != changes || loop.has_ended) co_return;
  loop.passed = std::move(job.passed());
  // The one that plays is in memory: when the others cannot be played it plays again as it is.
  if (job.track().ok() && job.rotation().current() != current) {
    loop.upcoming = {.rotation = job.rotation(), .track = *std::move(job.track())};
  } else {
    loop.is_nothing_next = true;
  }
}

// The track that the process before was playing, if it is another one than was read first.
ring::Task<> ReadTrackBefore(shard::Shard& shard, const Services& services, Loop& loop) {
  const std::map<std::string, LoopState>& all = services.ParkingOf(shard).loops_before;
  const auto before = all.find(loop.file.mount);
  LoopFile& file = loop.file;
  const std::vector<files::Entry>& entries = file.programme.entries;
  if (before == all.end() || entries.size() < 2) co_return;
  const auto entry = std::find_if(entries.begin(), entries.end(), [&](const files::Entry& each) {
    return each.path == before->second.path;
  });
  if (entry == entries.end()) co_return;
  files::Rotation rotation = file.rotation;
  rotation.GoTo(before->second.rotation, size_t(entry - entries.begin()));
  const size_t wanted = rotation.current();
  ReadJob job(loop, rotation, /*is_sure_to_follow=*/true);
  co_await shard::WorkerPool::Run(*services.workers, shard, job);
  if (!job.track().ok() || job.rotation().current() != wanted) co_return;
  file.rotation = std::move(rotation);
  file.track = *std::move(job.track());
}

// What the loop is to play from now on.
void Replace(Loop& loop) {
  loop.file = *std::exchange(loop.next, std::nullopt);
  loop.upcoming.reset();
  loop.is_nothing_next = false;
  loop.passed.clear();
  ++loop.changes;
}

void BeginReading(shard::Shard& shard, const Services& services, Loop& loop) {
  loop.is_reading = true;
  if (!shard.Spawn(ReadAhead(shard, services, loop))) loop.is_reading = false;  // the next time
}

// Whether the next track is to be read now.
bool WantsToRead(const Loop& loop, const LoopTurn& turn) {
  const audio::Track& track = loop.file.track;
  if (loop.file.programme.entries.size() < 2 || loop.is_reading || loop.upcoming.has_value() ||
      loop.is_nothing_next) {
    return false;
  }
  const double left = 1.0 - double(turn.progress.place.at_bytes) / double(track.bytes.size());
  return left * std::chrono::duration<double>(track.played).count() <= double(kReadAhead.count());
}

// The track is over: goes to the next one, or to its own beginning.
void NextTrack(Loop& loop) {
  loop.is_nothing_next = false;
  if (!loop.upcoming.has_value()) return;
  loop.file.rotation = std::move(loop.upcoming->rotation);
  loop.file.track = std::move(loop.upcoming->track);
  loop.upcoming.reset();
}

// Stands still while the server is handed over. False: another process goes on.
ring::Task<absl::StatusOr<bool>> StandStill(shard::Shard& shard, Parking& parking,
                                            ParkedLoop here) {
  if (!parking.calls_all() || shard.io().stopping()) co_return true;
  const absl::StatusOr<Parking::Verdict> verdict = co_await parking.Park(shard.io(), here);
  co_return !verdict.ok() || *verdict == Parking::Verdict::kGoOn;
}

// Gives the framer what is due until another source has the mount, the file is over, or the shard
// stops; or until what is to follow takes another claim of the mount.
// False: another process goes on.
ring::Task<absl::StatusOr<bool>> PlayUntilRevoked(shard::Shard& shard, const Services& services,
                                                  Loop& loop, LoopTurn& turn) {
  Parking& parking = services.ParkingOf(shard);
  mount::Writer& writer = *turn.writer;
  bool is_at_end = false;
  while (!writer.revoked() && !shard.io().stopping() && !loop.is_over) {
    const ParkedLoop here{.file = &loop.file,
                          .writer = &writer,
                          .framer = turn.framer.get(),
                          .progress = turn.progress};
    const absl::StatusOr<bool> goes_on = co_await StandStill(shard, parking, here);
    if (goes_on.ok() && !*goes_on) co_return false;
    if (loop.next.has_value()) {
      if (!audio::MayFollow(loop.file.track, loop.next->track)) break;
      turn.framer->End(*turn.output);
      Replace(loop);
      turn.BeginFile(loop.file.track, shard.now());
      is_at_end = false;
    }
    if (is_at_end && loop.is_reading && shard.now() < turn.Due() + kReadPatience) {
      const Instant soon = shard.now() + kReadPoll;
      (void)co_await shard.io().Sleep(soon, &writer.mount());
      continue;
    }
    if (is_at_end) NextTrack(loop);
    is_at_end = turn.Step(loop.file.track);
    if (WantsToRead(loop, turn)) BeginReading(shard, services, loop);
    if (is_at_end && !loop.is_reading) {
      NextTrack(loop);  // before anybody asks where it is
      is_at_end = false;
    }
    // Interrupted by a source that claims the mount, or asked to go on by one that was refused.
    const Instant due = turn.Due();
    if (due > shard.now()) (void)co_await shard.io().Sleep(due, &writer.mount());
  }
  turn.framer->End(*turn.output);
  co_return true;
}

ring::Task<> PlayLoop(shard::Shard& shard, const Services& services, Loop& loop) {
  Parking& parking = services.ParkingOf(shard);
  parking.LoopBegan();
  bool is_first = true;
  while (!shard.io().stopping() && !loop.is_over) {
    ParkedLoop here;
    here.file = &loop.file;
    absl::StatusOr<bool> goes_on = co_await StandStill(shard, parking, here);
    if (goes_on.ok() && !*goes_on) break;
    if (loop.next.has_value()) Replace(loop);
    if (std::exchange(is_first, false)) co_await ReadTrackBefore(shard, services, loop);
    LoopTurn turn = TurnBefore(shard, services, loop.file);
    if (turn.writer == nullptr) turn = BeginTurn(shard, services, loop.file);
    if (turn.writer != nullptr) {
      const void* owner = &turn.writer->mount();
      parking.BeginWaiting(owner);
      goes_on = co_await PlayUntilRevoked(shard, services, loop, turn);
      parking.EndWaiting(owner);
      if (goes_on.ok() && !*goes_on) break;
      const bool is_removed =
          loop.is_over && !services.config.Get()->mounts.contains(loop.file.mount);
      if (is_removed) break;  // a writer that is destroyed without leaving lets nobody linger
      turn.writer->Leave(shard.now());
    }
    if (loop.next.has_value() || loop.is_over) continue;
    const Instant later = shard.now() + kRetryPause;
    parking.BeginWaiting(&loop);
    (void)co_await shard.io().Sleep(later, &loop);
    parking.EndWaiting(&loop);
  }
  parking.LoopEnded();
  loop.file = {};
  loop.upcoming.reset();
  loop.has_ended = true;
}

}  // namespace

absl::StatusOr<LoopFile> ReadLoopFile(const std::string& mount, files::Programme programme) {
  LoopFile file{.mount = mount, .programme = std::move(programme), .rotation = {}, .track = {}};
  const auto seed = uint64_t(absl::ToUnixNanos(absl::Now()));
  file.rotation = files::Rotation(file.programme.order, file.programme.entries.size(), seed);
  std::set<size_t> passed;
  const std::optional<audio::SilenceKind> silence = audio::SilenceKind::Parse(file.programme.path);
  absl::StatusOr<audio::Track> track =
      silence.has_value() ? audio::MakeSilence(*silence)
                          : files::ReadNextTrack(file.programme, nullptr, &file.rotation, &passed);
  if (!track.ok()) {
    return absl::Status(track.status().code(),
                        absl::StrCat("mount \"", mount, "\": ", track.status().message()));
  }
  file.track = *std::move(track);
  return file;
}

Loop* Loops::Find(absl::string_view mount) {
  for (const std::unique_ptr<Loop>& loop : loops_) {
    if (!loop->is_over && loop->file.mount == mount) return loop.get();
  }
  return nullptr;
}

void Loops::Put(LoopFile file) {
  std::erase_if(loops_, [](const std::unique_ptr<Loop>& loop) {
    return loop->has_ended && !loop->is_reading;
  });
  if (Loop* playing = Find(file.mount); playing != nullptr) {
    playing->next = std::move(file);
    return;
  }
  loops_.push_back(std::make_unique<Loop>());
  loops_.back()->file = std::move(file);
}

void Loops::End(absl::string_view mount) {
  if (Loop* playing = Find(mount); playing != nullptr) playing->is_over = true;
}

void Loops::Begin(shard::Shard& shard, const Services& services) {
  for (const std::unique_ptr<Loop>& loop : loops_) {
    if (std::exchange(loop->has_begun, true)) continue;
    // Without room for it, it is as if it had ended: the mount stays empty.
    if (!shard.Spawn(PlayLoop(shard, services, *loop))) loop->is_over = loop->has_ended = true;
  }
}

}  // namespace floe::session
