// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "absl/strings/string_view.h"
#include "audio/framer.h"
#include "audio/track.h"
#include "base/clock.h"
#include "mount/writer.h"
#include "session/file_loop.h"
#include "session/hand_over_state.h"

namespace floe::session {

// TitledOutput is the writer of a mount that files play on: what a track is called is said exactly
// where it begins. Of Ogg and FLAC that is where their headers end, and what those say goes first.
class TitledOutput final : public audio::Output {
 public:
  explicit TitledOutput(mount::Writer* writer) : writer_(*writer) {}

  // From here on, of Ogg and FLAC from the next link on, this plays.
  void BeginTrack(const audio::Track& track);
  // The track has begun before; nothing is said of it.
  void GoOnWith(const audio::Track& track) { title_ = said_ = track.title; }

  void Append(std::span<const std::byte> bytes) override { writer_.Append(bytes); }
  void Discard() override { writer_.Discard(); }
  void Boundary(microseconds played) override { writer_.Boundary(played); }
  void SyncPoint(bool needs_preamble) override { writer_.SyncPoint(needs_preamble); }
  void BeginLink(std::span<const std::byte> preamble) override;
  void Title(absl::string_view title) override { of_link_ = std::string(title); }
  void Found(const audio::Parameters& parameters) override { writer_.Found(parameters); }

 private:
  void Say(const std::string& title);

  mount::Writer& writer_;
  std::string title_;    // of the track
  std::string of_link_;  // what the headers said that have just ended
  std::string said_;
};

// A loop's turn on its mount: who writes, and how far it is.
struct LoopTurn {
  std::unique_ptr<mount::Writer> writer;  // null: another has the mount
  std::unique_ptr<TitledOutput> output;
  std::unique_ptr<audio::Framer> framer;
  audio::TrackFeed feed;
  LoopProgress progress;

  // From the track's beginning, with a clock of its own.
  void BeginFile(const audio::Track& track, Instant now);
  // Gives the framer what is next of the track. True: that was the end of it.
  bool Step(const audio::Track& track);
  // When the next step is due.
  Instant Due() const;
};

// A turn from the file's beginning, when nobody else has the mount.
LoopTurn BeginTurn(shard::Shard& shard, const Services& services, const LoopFile& file);

// The turn of the process before, if that played the track that `file` is at; its mount is given up
// otherwise.
LoopTurn TurnBefore(shard::Shard& shard, const Services& services, LoopFile& file);

}  // namespace floe::session
