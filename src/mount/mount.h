// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "audio/framer.h"
#include "audio/silence.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mutex.h"
#include "config/config.h"
#include "mount/mount_ref.h"
#include "mount/mount_state.h"
#include "mount/preamble.h"
#include "mount/route.h"
#include "mount/source_info.h"
#include "mount/titles.h"
#include "tape/tape.h"

namespace floe::mount {

// What the writer last knew; a copy, for status pages and reply heads.
struct Snapshot {
  bool live = false;   // a source is connected
  uint32_t epoch = 0;  // of the mount, when `source` was copied
  SourceInfo source;   // the last one's; where the mount's settings say otherwise, they hold
  audio::Parameters parameters;
  audio::FramerStats framer;
  std::string title, title_url;
  uint64_t received_bytes = 0;         // from this source
  uint64_t received_before_bytes = 0;  // from those before, since the mount's start
  uint64_t dropped_bytes = 0;          // for want of arena, since the mount's start
};

// Whether two Content-Types name the same media: parameters and case aside.
bool IsSameMedia(absl::string_view a, absl::string_view b);

struct Standing;  // mount/fallbacks.h

// Mount is a stream by name: its tape, who may write it, its titles and what is known of it.
//
//             Registry::Claim             Writer::Leave
//   kEmpty -------------------> kLive ----------------------> kLingering
//     ^                           ^     (linger > 0)            |    |
//     |                           +------ Registry::Claim ------+    | linger is over
//     +--------------------------------------------------------------+
//
// Who may write. Every change to the tape is made under `writing_`, and only after the caller's
// pen was found to be the newest one given. A takeover is a new pen, given under the same lock:
// when it is given no older writer is within the tape, and none will enter it again. Two writers
// are never at it together, whatever threads they are on, and nobody waits longer than a copy of
// one frame takes. The lock is the writer's alone for the life of a source, so taking it is one
// uncontended exchange; listeners never come near it.
//
// Lifetime  counted by MountRef: the Registry's, those of shards that play it and of its writer.
//           The arena outlives it.
// Threads   Any. What fan-out reads on each tick is atomic; the rest is behind a mutex and belongs
//           to requests, never to the way of the audio.
class Mount {
 public:
  static MountRef Create(std::string name, uint32_t id, tape::Arena& arena,
                         const config::Mount& settings);
  // `id` is that of the tape. A mount made without Create is not for MountRefs.
  Mount(std::string name, uint32_t id, tape::Arena& arena, const config::Mount& settings);
  // Makes this new mount the one that `state` was taken of. Errors: it cannot be one.
  // REQUIRES: nobody knows this mount yet.
  absl::Status Restore(MountState state);
  // REQUIRES: no writer is at it, nor comes to it, until it is read.
  MountState state() const;
  Mount(const Mount&) = delete;
  Mount& operator=(const Mount&) = delete;

  const std::string& name() const { return name_; }
  tape::Tape& tape() { return tape_; }
  const tape::Tape& tape() const { return tape_; }

  // ---- settings: a reload may change them at any time ----
  void Configure(const config::Mount& settings);
  // For requests; a copy.
  config::Mount settings() const;
  // For fan-out, writers and joins: one load each.
  milliseconds burst() const { return milliseconds(burst_ms_.load(std::memory_order_relaxed)); }
  milliseconds history() const { return milliseconds(history_ms_.load(std::memory_order_relaxed)); }
  milliseconds linger() const { return milliseconds(linger_ms_.load(std::memory_order_relaxed)); }
  config::Lagging lagging() const { return lagging_.load(std::memory_order_relaxed); }
  uint32_t metaint() const { return metaint_.load(std::memory_order_relaxed); }
  uint32_t max_listeners() const { return max_listeners_.load(std::memory_order_relaxed); }
  bool is_hidden() const { return is_hidden_.load(std::memory_order_relaxed); }

  // ---- for fan-out, on each tick ----
  Phase phase() const { return phase_.load(std::memory_order_acquire); }
  // When the source left. Meaningful while lingering.
  Instant lingering_since() const {
    return Instant(nanoseconds(lingering_since_ns_.load(std::memory_order_relaxed)));
  }
  bool LingerIsOver(Instant now) const {
    return phase() == Phase::kLingering && now - lingering_since() >= linger();
  }
  // Changes when listeners of before cannot go on with what comes now (another content type).
  // No sync point of an older epoch is found by who read this one first.
  uint32_t epoch() const { return epoch_.load(std::memory_order_acquire); }
  // Sequence of the newest title; a reader that has older ones calls CopyTitles.
  // A mark is visible before any audio behind it is published: read tape().published() first.
  uint32_t newest_title() const { return titles_.newest(); }
  // Appends the marks after that one, oldest first; at most kTitlesKept are kept.
  void CopyTitles(uint32_t after_sequence, std::vector<TitleMark>* out) const {
    titles_.Copy(after_sequence, out);
  }
  // The preamble of a link; empty when it is no longer kept. A link without one has a preamble
  // of no bytes.
  PreambleRef PreambleOf(uint32_t link) const;
  // Where the link's own headers end on the tape: who came past it by the tape has heard them.
  // Empty when it is no longer kept.
  std::optional<uint64_t> LinkBeganAt(uint32_t link) const;

  // ---- who is heard when the source is not ----
  // A source is here, and sent something where a listener may begin: who comes hears it at once.
  bool is_audible() const { return is_audible_.load(std::memory_order_acquire); }
  // Where on the tape the source's stay began; what is before was another's, or before a break.
  uint64_t stay_began() const { return stay_began_.load(std::memory_order_acquire); }
  Signpost& signpost() { return signpost_; }
  const Signpost& signpost() const { return signpost_; }
  struct Heard {
    Media media;
    uint32_t epoch;
  };
  // What it plays, or played last. One that never had a source has a media that is not known.
  Heard heard() const;
  // For the state machine.
  Standing standing() const;
  // The internal mount whose silence its listeners can fall back to: of the parameters that its
  // source has, or had last. Empty: they are not to, it never had one, or there is no such silence.
  std::string WantedSilence() const;
  // REQUIRES: the caller has a ref, or holds the Registry's mutex while that has one.
  MountRef Ref() const;

  // ---- for requests ----
  Snapshot Snap() const;
  // Takes effect where the writer next publishes. Cut to kTitleBytesMax at a character.
  void SetTitle(absl::string_view title, absl::string_view url) {
    titles_.Ask(CutTitle(title, url));
  }

  // One more listener, on whatever shard.
  void CountListener();
  // Whether a source that counts is connected: no file that plays meanwhile, and no relay.
  bool HasCountedSource() const;

  // Listener counts, added up over shards.
  std::atomic<uint32_t> listeners{0};
  std::atomic<uint32_t> listener_peak{0};
  // Promised a place while their reply is sent, and not yet among `listeners`.
  std::atomic<uint32_t> arriving{0};
  std::atomic<uint64_t> sent_bytes{0};
  std::atomic<uint64_t> listener_connections{0};
  std::atomic<uint64_t> skips{0};  // times that a listener lost audio and went on
  // Listeners that are no more, by cause.
  std::array<std::atomic<uint64_t>, kLeaveCausesMax> leaves{};

 private:
  friend class MountRef;
  friend class Registry;
  friend class Writer;

  // A pen is a writer's right to write. Pens count from 1; 0 is nobody's.
  using Pen = uint64_t;
  // A source that had the mount until now.
  struct Gone {
    ClaimRules rules;
    absl::Time connected;  // wall clock
    uint64_t received_bytes = 0;
  };
  struct Handed {
    Pen pen;
    std::optional<Gone> replaced;  // empty: nobody had it
    uint32_t newest_title_before = 0;
  };

  // Gives the next pen to a source. Error: AlreadyExists when another has it and keeps it.
  absl::StatusOr<Handed> GivePen(SourceInfo info, const ClaimRules& rules, Instant now);
  // Gives the pen up. Empty: it was taken over already.
  std::optional<Gone> PutDown(Pen pen, bool lingers, Instant now);
  Gone GoneNow() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_);
  bool Holds(Pen pen) const { return pen_.load(std::memory_order_acquire) == pen; }
  // Listeners, titles and sync points of before have nothing to do with what comes now.
  void BeginAnew() ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_);
  void BeginLink(std::span<const std::byte> preamble) ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_);
  // After something was published. Answers whether the mount is audible since then.
  bool BecomesAudible() ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_);

  void TakeParameters(const audio::Parameters& parameters)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(known_mutex_);
  // Empties the mount when its linger is over.
  void EndLinger(Instant now);
  // Drops a quarter of the kept audio, at least a page; false when there is too little of it or
  // the writer is at it right now.
  bool TryShorten();

  const std::string name_;
  mutable std::atomic<uint32_t> references_{1};
  tape::Tape tape_;

  std::atomic<Phase> phase_{Phase::kEmpty};
  std::atomic<uint32_t> epoch_{0};
  std::atomic<int64_t> lingering_since_ns_{0};
  Titles titles_;

  // Held for each call of a writer. Taken before `known_mutex_`, never together with another
  // mount's, and never before the Registry's.
  mutable Mutex writing_;
  std::atomic<Pen> pen_{0};  // changes under writing_ only
  Pen last_pen_ ABSL_GUARDED_BY(writing_) = 0;
  ClaimRules rules_ ABSL_GUARDED_BY(writing_);
  uint32_t link_ ABSL_GUARDED_BY(writing_) = 0;  // of what is appended now
  // What follows the source's own headers is understood only when they are whole.
  bool needs_link_ ABSL_GUARDED_BY(writing_) = false;
  std::atomic<bool> is_audible_{false};  // changes under writing_ only; false before phase_ and
  std::atomic<uint64_t> stay_began_{0};  // epoch_ say that the source is another or none
  Signpost signpost_;
  std::atomic<uint64_t> dropped_bytes_{0};

  // Of settings_, what is read without a lock. Each stands for itself: who reads two of them
  // while they change may have one of before.
  std::atomic<int64_t> burst_ms_{0}, history_ms_{0}, linger_ms_{0};
  std::atomic<config::Lagging> lagging_{config::Lagging::kSkip};
  std::atomic<uint32_t> metaint_{0}, max_listeners_{0};
  std::atomic<bool> is_hidden_{false};

  struct KeptPreamble {
    uint32_t link = 0;  // 0 is no link
    uint64_t began_bytes = 0;
    PreambleRef preamble;
  };
  mutable Mutex known_mutex_;
  config::Mount settings_ ABSL_GUARDED_BY(known_mutex_);
  SourceInfo source_ ABSL_GUARDED_BY(known_mutex_);
  audio::Parameters parameters_ ABSL_GUARDED_BY(known_mutex_);
  // Of the last parameters that were known: a source that has sent nothing yet takes it from
  // nobody.
  std::optional<audio::SilenceKind> silence_ ABSL_GUARDED_BY(known_mutex_);
  audio::FramerStats framer_ ABSL_GUARDED_BY(known_mutex_);
  uint64_t received_bytes_ ABSL_GUARDED_BY(known_mutex_) = 0;
  uint64_t received_before_bytes_ ABSL_GUARDED_BY(known_mutex_) = 0;  // from earlier sources
  std::array<KeptPreamble, kLinksKept> preambles_ ABSL_GUARDED_BY(known_mutex_);
};

}  // namespace floe::mount
