// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/file_loop.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "audio/framer.h"
#include "audio/framer_state.h"
#include "mount/registry.h"
#include "session/hand_over_state.h"
#include "session/parking.h"

namespace floe::session {
namespace {

// What is given to the framer at once, and how far ahead of its time: listeners' buffers hold
// seconds, so a late wake-up of this size is not heard.
constexpr size_t kStepBytes = 4096;
constexpr milliseconds kAhead{200};
constexpr milliseconds kRetryPause{500};

struct TypeOfEnding {
  absl::string_view ending, content_type;
};
constexpr TypeOfEnding kTypes[] = {
    {".mp3", "audio/mpeg"}, {".aac", "audio/aac"},        {".ogg", "application/ogg"},
    {".oga", "audio/ogg"},  {".opus", "application/ogg"}, {".flac", "audio/flac"},
};

// FNV-1a: the same in every build, which absl::Hash is not.
uint64_t HashOf(absl::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : bytes) hash = (hash ^ uint8_t(c)) * 0x100000001b3;
  return hash;
}

// A framer's output that is only measured.
class Nowhere : public audio::Output {
 public:
  void Append(std::span<const std::byte>) override {}
  void Discard() override {}
  void Boundary(microseconds) override {}
  void SyncPoint(bool) override {}
  void BeginLink(std::span<const std::byte>) override {}
  void Title(absl::string_view) override {}
  void Found(const audio::Parameters&) override {}
};

std::span<const std::byte> BytesOf(const LoopFile& file) {
  return std::as_bytes(std::span(file.bytes.data(), file.bytes.size()));
}

// Stands still while the server is handed over. False: another process goes on.
ring::Task<absl::StatusOr<bool>> StandStill(shard::Shard& shard, Parking& parking,
                                            ParkedLoop here) {
  if (!parking.calls_all() || shard.io().stopping()) co_return true;
  const absl::StatusOr<Parking::Verdict> verdict = co_await parking.Park(shard.io(), here);
  co_return !verdict.ok() || *verdict == Parking::Verdict::kGoOn;
}

// A loop's turn on its mount: who writes, and how far it is.
struct LoopTurn {
  std::unique_ptr<mount::Writer> writer;  // null: another has the mount
  std::unique_ptr<audio::Framer> framer;
  LoopProgress progress;

  // From the file's beginning.
  void BeginFile(const LoopFile& file, Instant now) {
    framer = audio::MakeFramer(file.content_type, &Clock::now);
    progress = {.at_bytes = 0, .given_bytes = 0, .begun = now};
  }
};

// Gives the framer what is due until another source has the mount, the file is over, or the shard
// stops; or until a file of another type is to follow, which takes another claim of the mount.
// False: another process goes on.
ring::Task<absl::StatusOr<bool>> PlayUntilRevoked(shard::Shard& shard, Parking& parking, Loop& loop,
                                                  LoopTurn& turn) {
  mount::Writer& writer = *turn.writer;
  LoopProgress& at = turn.progress;
  while (!writer.revoked() && !shard.io().stopping() && !loop.is_over) {
    const ParkedLoop here{
        .file = &loop.file, .writer = &writer, .framer = turn.framer.get(), .progress = at};
    const absl::StatusOr<bool> goes_on = co_await StandStill(shard, parking, here);
    if (goes_on.ok() && !*goes_on) co_return false;
    if (loop.next.has_value()) {
      if (!mount::IsSameMedia(loop.next->content_type, loop.file.content_type)) break;
      turn.framer->End(writer);
      loop.file = *std::exchange(loop.next, std::nullopt);
      turn.BeginFile(loop.file, shard.now());
    }
    const std::span<const std::byte> bytes = BytesOf(loop.file);
    const size_t step = std::min<size_t>(kStepBytes, bytes.size() - at.at_bytes);
    turn.framer->Feed(bytes.subspan(at.at_bytes, step), writer);
    at.given_bytes += step;
    at.at_bytes = (at.at_bytes + step) % bytes.size();
    writer.Report(turn.framer->stats(), at.given_bytes);
    const Instant due = at.begun + turn.framer->stats().played - kAhead;
    // Interrupted by a source that claims the mount, or asked to go on by one that was refused.
    if (due > shard.now()) (void)co_await shard.io().Sleep(due, &writer.mount());
  }
  turn.framer->End(writer);
  co_return true;
}

// A turn from the file's beginning, when nobody else has the mount.
LoopTurn BeginTurn(shard::Shard& shard, const Services& services, const LoopFile& file) {
  mount::SourceInfo info;
  info.content_type = file.content_type;
  info.name = absl::StrCat("Loop on ", file.mount);
  info.user_agent = "file";
  info.connected = absl::Now();
  const config::ConfigRef config = services.config.Get();
  absl::StatusOr<std::unique_ptr<mount::Writer>> writer =
      services.registry->Claim(file.mount, std::move(info), config->MountSettings(file.mount),
                               {.takeover = false, .yields = true}, shard.now());
  LoopTurn turn;
  if (!writer.ok()) return turn;
  turn.writer = *std::move(writer);
  turn.BeginFile(file, shard.now());
  return turn;
}

// The turn of the process before, if that played the same file; its mount is given up otherwise.
LoopTurn TurnBefore(shard::Shard& shard, const Services& services, const LoopFile& file) {
  std::map<std::string, LoopState>& all = services.ParkingOf(shard).loops_before;
  const auto found = all.find(file.mount);
  LoopTurn turn;
  if (found == all.end()) return turn;
  const LoopState before = std::move(found->second);
  all.erase(found);
  absl::StatusOr<std::unique_ptr<mount::Writer>> writer =
      services.registry->Resume(file.mount, before.pen);
  if (!writer.ok()) return turn;
  absl::StatusOr<std::unique_ptr<audio::Framer>> framer =
      audio::RestoreFramer(before.framer, &Clock::now);
  const bool goes_on = before.file_hash == file.hash && framer.ok() &&
                       before.progress.at_bytes < file.bytes.size() &&
                       (*writer)->Restore(before.writer).ok();
  if (!goes_on) {
    (*writer)->Leave(shard.now());
    return turn;
  }
  turn.writer = *std::move(writer);
  turn.framer = *std::move(framer);
  turn.progress = before.progress;
  return turn;
}

ring::Task<> PlayLoop(shard::Shard& shard, const Services& services, Loop& loop) {
  Parking& parking = services.ParkingOf(shard);
  parking.LoopBegan();
  while (!shard.io().stopping() && !loop.is_over) {
    ParkedLoop here;
    here.file = &loop.file;
    absl::StatusOr<bool> goes_on = co_await StandStill(shard, parking, here);
    if (goes_on.ok() && !*goes_on) break;
    if (loop.next.has_value()) loop.file = *std::exchange(loop.next, std::nullopt);
    LoopTurn turn = TurnBefore(shard, services, loop.file);
    if (turn.writer == nullptr) turn = BeginTurn(shard, services, loop.file);
    if (turn.writer != nullptr) {
      const void* owner = &turn.writer->mount();
      parking.BeginWaiting(owner);
      goes_on = co_await PlayUntilRevoked(shard, parking, loop, turn);
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
  loop.has_ended = true;
}

}  // namespace

absl::StatusOr<LoopFile> ReadLoopFile(const std::string& mount, const std::string& path) {
  LoopFile file;
  file.mount = mount;
  for (const TypeOfEnding& type : kTypes) {
    if (absl::EndsWithIgnoreCase(path, type.ending)) {
      file.content_type = std::string(type.content_type);
    }
  }
  const std::string what = absl::StrCat("mount \"", mount, "\": file \"", path, "\"");
  if (file.content_type.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " is of no type that can be played: .mp3 .aac .ogg .opus .flac"));
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) return absl::NotFoundError(absl::StrCat(what, ": ", std::strerror(errno)));
  file.bytes.resize(kLoopFileBytesMax + 1);
  in.read(file.bytes.data(), std::streamsize(file.bytes.size()));
  file.bytes.resize(size_t(in.gcount()));
  file.bytes.shrink_to_fit();
  if (file.bytes.size() > kLoopFileBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " is longer than ", kLoopFileBytesMax, " bytes"));
  }
  file.hash = HashOf(file.bytes);
  Nowhere nowhere;
  const std::unique_ptr<audio::Framer> framer = audio::MakeFramer(file.content_type, &Clock::now);
  framer->Feed(BytesOf(file), nowhere);
  if (framer->stats().played == microseconds(0)) {
    return absl::InvalidArgumentError(absl::StrCat(what, " holds no audio of its type"));
  }
  return file;
}

Loop* Loops::Find(absl::string_view mount) {
  for (const std::unique_ptr<Loop>& loop : loops_) {
    if (!loop->is_over && loop->file.mount == mount) return loop.get();
  }
  return nullptr;
}

void Loops::Put(LoopFile file) {
  std::erase_if(loops_, [](const std::unique_ptr<Loop>& loop) { return loop->has_ended; });
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
