// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/loop_turn.h"

#include <map>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "audio/framer_state.h"
#include "mount/registry.h"
#include "session/parking.h"

namespace floe::session {
namespace {

// How far ahead of its time a step is given: listeners' buffers hold seconds, so a late wake-up of
// this size is not heard.
constexpr milliseconds kAhead{200};

// Whether a track's headers are said with each pass, and with them what it is called.
bool HasLinks(const audio::Track& track) {
  return track.streams > 0 || track.parameters.codec == audio::Codec::kFlac;
}

}  // namespace

void TitledOutput::BeginTrack(const audio::Track& track) {
  title_ = track.title;
  if (!HasLinks(track)) Say(title_);
}

void TitledOutput::BeginLink(std::span<const std::byte> preamble) {
  writer_.BeginLink(preamble);
  const std::string of_link = std::exchange(of_link_, "");
  Say(of_link.empty() ? title_ : of_link);
}

// A title that holds already is not said again with each pass.
void TitledOutput::Say(const std::string& title) {
  if (title == said_) return;  // silence has none either
  said_ = title;
  writer_.SetTitleHere(title, {});
}

void LoopTurn::BeginFile(const audio::Track& track, Instant now) {
  framer = audio::MakeFramer(track.content_type, &Clock::now);
  audio::TrackPlace place = progress.place;  // what is counted over all passes goes on
  place.at_bytes = 0;
  progress = {.place = place, .given_bytes = 0, .begun = now};
}

bool LoopTurn::Step(const audio::Track& track) {
  if (progress.place.at_bytes == 0) output->BeginTrack(track);
  progress.given_bytes += feed.Step(track, *framer, *output, &progress.place);
  writer->Report(framer->stats(), progress.given_bytes);
  return progress.place.at_bytes == 0;
}

Instant LoopTurn::Due() const { return progress.begun + framer->stats().played - kAhead; }

LoopTurn BeginTurn(shard::Shard& shard, const Services& services, const LoopFile& file) {
  mount::SourceInfo info;
  info.content_type = file.track.content_type;
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
  turn.output = std::make_unique<TitledOutput>(turn.writer.get());
  // No number that listeners may know of an earlier turn.
  turn.progress.place.first_serial = uint32_t(shard.now().time_since_epoch() / microseconds(1));
  turn.BeginFile(file.track, shard.now());
  return turn;
}

LoopTurn TurnBefore(shard::Shard& shard, const Services& services, LoopFile& file) {
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
  const bool goes_on = before.file_hash == file.track.hash && framer.ok() &&
                       before.progress.place.at_bytes < file.track.bytes.size() &&
                       (*writer)->Restore(before.writer).ok();
  if (!goes_on) {
    (*writer)->Leave(shard.now());
    return turn;
  }
  const std::vector<files::Entry>& entries = file.programme.entries;
  if (!entries.empty()) file.rotation.GoTo(before.rotation, file.rotation.current());
  turn.writer = *std::move(writer);
  turn.output = std::make_unique<TitledOutput>(turn.writer.get());
  if (before.progress.place.at_bytes > 0) turn.output->GoOnWith(file.track);
  turn.framer = *std::move(framer);
  turn.progress = before.progress;
  return turn;
}

}  // namespace floe::session
