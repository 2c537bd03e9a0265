// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "audio/framer.h"
#include "base/clock.h"
#include "config/config.h"
#include "mount/preamble.h"
#include "tape/tape.h"

namespace floe::mount {

// TitleMark is a title and the place on the tape from which it holds.
struct TitleMark {
  uint32_t sequence;      // counts titles of the mount from 1
  uint64_t offset_bytes;  // holds for blocks at this offset and later, until the next mark
  std::string title;      // UTF-8
  std::string url;        // StreamUrl; may be empty
};

// What a source says of its stream; answers status pages and listeners' reply heads.
struct SourceInfo {
  std::string content_type;
  std::string name, description, url, genre;
  uint32_t bitrate_kbps = 0;
  bool is_public = false;
  // ice-audio-info as the source wrote it, "ice-samplerate=44100;ice-bitrate=128;..."
  std::string audio_info;
  std::string user_agent;
  std::string peer;      // address of the source
  absl::Time connected;  // wall clock
};

// What the writer last knew; a copy, for status pages.
struct Snapshot {
  bool live = false;  // a source is connected
  SourceInfo source;
  audio::Parameters parameters;
  audio::FramerStats framer;
  std::string title, title_url;
  uint64_t received_bytes = 0;
};

enum class Phase : uint8_t {
  kEmpty,      // never had a source, or its listeners are to be closed
  kLive,       // a source is connected
  kLingering,  // the source left; listeners wait for its return
};

// Mount is a stream by name: its tape, who may write it, its titles and what is known of it.
//
// Lifetime  Owned by the Registry. A shard that plays it and a writer hold a MountRef.
// Threads   Any. What fan-out reads on each tick is atomic; the rest is behind a mutex and belongs
//           to requests, never to the way of the audio.
class Mount {
 public:
  Mount(std::string name, uint32_t id, tape::Arena& arena, const config::Mount& settings);

  const std::string& name() const { return name_; }
  const config::Mount& settings() const { return settings_; }
  tape::Tape& tape() { return tape_; }
  const tape::Tape& tape() const { return tape_; }

  // ---- for fan-out, on each tick ----
  Phase phase() const { return phase_.load(std::memory_order_acquire); }
  // When the source left. Meaningful while lingering.
  Instant lingering_since() const;
  // Changes when listeners of before cannot go on with what comes now (another content type).
  uint32_t epoch() const { return epoch_.load(std::memory_order_acquire); }
  // Sequence of the newest title; a reader that has older ones calls CopyTitles.
  // A mark is visible before any audio behind it is published.
  uint32_t newest_title() const { return newest_title_.load(std::memory_order_acquire); }
  void CopyTitles(uint32_t after_sequence, std::vector<TitleMark>* out) const;
  // The preamble of a link; empty when it is no longer kept.
  PreambleRef PreambleOf(uint32_t link) const;

  // ---- for requests ----
  Snapshot Snap() const;
  // Takes effect where the writer next publishes. Cut to kTitleBytesMax at a character.
  void SetTitle(absl::string_view title, absl::string_view url);

  // Listener counts, added up over shards.
  std::atomic<uint32_t> listeners{0};
  std::atomic<uint32_t> listener_peak{0};
  std::atomic<uint64_t> sent_bytes{0};
  std::atomic<uint64_t> listener_connections{0};

 private:
  friend class Writer;
  const std::string name_;
  const config::Mount settings_;
  tape::Tape tape_;
  std::atomic<Phase> phase_{Phase::kEmpty};
  std::atomic<uint32_t> epoch_{0};
  std::atomic<uint32_t> newest_title_{0};
};

}  // namespace floe::mount
