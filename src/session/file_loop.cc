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
#include "mount/registry.h"

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

// Plays until another source has the mount, the file is over, or the shard stops; or until a file
// of another type is to follow, which takes another claim of the mount.
ring::Task<> PlayUntilRevoked(shard::Shard& shard, Loop& loop, mount::Writer& writer) {
  std::unique_ptr<audio::Framer> framer = audio::MakeFramer(loop.file.content_type, &Clock::now);
  Instant begin = shard.now();
  uint64_t given_bytes = 0;
  size_t at = 0;
  while (!writer.revoked() && !shard.io().stopping() && !loop.is_over) {
    if (loop.next.has_value()) {
      if (!mount::IsSameMedia(loop.next->content_type, loop.file.content_type)) break;
      framer->End(writer);
      loop.file = *std::exchange(loop.next, std::nullopt);
      framer = audio::MakeFramer(loop.file.content_type, &Clock::now);
      begin = shard.now();
      at = given_bytes = 0;
    }
    const std::span<const std::byte> bytes = BytesOf(loop.file);
    const size_t step = std::min(kStepBytes, bytes.size() - at);
    framer->Feed(bytes.subspan(at, step), writer);
    given_bytes += step;
    at = (at + step) % bytes.size();
    writer.Report(framer->stats(), given_bytes);
    const Instant due = begin + framer->stats().played - kAhead;
    // Interrupted by a source that claims the mount, or asked to go on by one that was refused.
    if (due > shard.now()) (void)co_await shard.io().Sleep(due, &writer.mount());
  }
  framer->End(writer);
}

// A writer of the mount for the file, when nobody else has it.
absl::StatusOr<std::unique_ptr<mount::Writer>> Claim(shard::Shard& shard, const Services& services,
                                                     const LoopFile& file) {
  mount::SourceInfo info;
  info.content_type = file.content_type;
  info.name = absl::StrCat("Loop on ", file.mount);
  info.user_agent = "file";
  info.connected = absl::Now();
  const config::ConfigRef config = services.config.Get();
  return services.registry->Claim(file.mount, std::move(info), config->MountSettings(file.mount),
                                  {.takeover = false, .yields = true}, shard.now());
}

ring::Task<> PlayLoop(shard::Shard& shard, const Services& services, Loop& loop) {
  while (!shard.io().stopping() && !loop.is_over) {
    if (loop.next.has_value()) loop.file = *std::exchange(loop.next, std::nullopt);
    absl::StatusOr<std::unique_ptr<mount::Writer>> writer = Claim(shard, services, loop.file);
    if (writer.ok()) {
      co_await PlayUntilRevoked(shard, loop, **writer);
      const bool is_removed =
          loop.is_over && !services.config.Get()->mounts.contains(loop.file.mount);
      if (is_removed) break;  // a writer that is destroyed without leaving lets nobody linger
      (*writer)->Leave(shard.now());
    }
    if (loop.next.has_value() || loop.is_over) continue;
    const Instant later = shard.now() + kRetryPause;
    (void)co_await shard.io().Sleep(later);
  }
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
