// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// A mount as a plain value, out and in: how it goes over to the next process.
#include "mount/mount_state.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/state_check.h"
#include "mount/mount.h"

namespace floe::mount {
namespace {

// What shards rely on: each title and each link has a number of its own, later ones higher ones.
absl::Status Check(const MountState& state) {
  StateCheck check("mount");
  check.That(Instant() <= state.lingering_since, "its source left before the clock began");
  check.AtMost("the servers its stream has passed", state.source.hops.size(), kHopsMax);
  uint32_t newest_title = 0;
  for (const TitleMark& title : state.titles) {
    check.That(title.sequence > newest_title, "its titles are not in order");
    newest_title = title.sequence;
  }
  for (const MountState::LinkState& link : state.links) {
    check.AtMost("a link", link.link, state.link);
  }
  check.AtMost("where its source began", state.stay_began_bytes, state.tape.appended_bytes);
  return std::move(check).status();
}

}  // namespace

MountState Mount::state() const {
  MutexLock lock(&writing_);
  MountState state;
  state.name = name_;
  state.tape = tape_.state();
  state.phase = phase();
  state.epoch = epoch();
  state.lingering_since = lingering_since();
  state.pen = pen_.load(std::memory_order_relaxed);
  state.last_pen = last_pen_;
  state.rules = rules_;
  state.link = link_;
  state.stay_began_bytes = stay_began();
  state.has_yet_to_sound = phase() == Phase::kLive && !is_audible();
  titles_.Save(&state.titles, &state.asked_title);
  state.dropped_bytes = dropped_bytes_.load(std::memory_order_relaxed);
  state.sent_bytes = sent_bytes.load(std::memory_order_relaxed);
  state.listener_connections = listener_connections.load(std::memory_order_relaxed);
  state.listener_peak = listener_peak.load(std::memory_order_relaxed);
  state.skips = skips.load(std::memory_order_relaxed);
  for (const std::atomic<uint64_t>& left : leaves) {
    state.leaves.push_back(left.load(std::memory_order_relaxed));
  }
  MutexLock known(&known_mutex_);
  for (const KeptPreamble& kept : preambles_) {
    if (kept.link == 0) continue;
    const std::span<const std::byte> bytes = kept.preamble.bytes();
    state.links.push_back({.link = kept.link,
                           .began_bytes = kept.began_bytes,
                           .preamble = {bytes.begin(), bytes.end()}});
  }
  state.source = source_;
  state.parameters = parameters_;
  if (silence_.has_value()) state.silence = silence_->Name();
  state.framer = framer_;
  state.received_bytes = received_bytes_;
  state.received_before_bytes = received_before_bytes_;
  return state;
}

absl::Status Mount::Restore(MountState state) {
  MutexLock lock(&writing_);
  const bool is_possible = state.pen <= state.last_pen && state.phase <= Phase::kLingering &&
                           (state.pen != 0) == (state.phase == Phase::kLive);
  if (!is_possible) {
    return absl::InvalidArgumentError(absl::StrCat("mount ", name_, " is in no possible phase"));
  }
  if (absl::Status possible = Check(state); !possible.ok()) return possible;
  if (absl::Status restored = tape_.Restore(state.tape); !restored.ok()) return restored;
  epoch_.store(state.epoch, std::memory_order_relaxed);
  lingering_since_ns_.store(nanoseconds(state.lingering_since.time_since_epoch()).count(),
                            std::memory_order_relaxed);
  last_pen_ = state.last_pen;
  pen_.store(state.pen, std::memory_order_relaxed);
  rules_ = state.rules;
  link_ = state.link;
  stay_began_.store(state.stay_began_bytes, std::memory_order_relaxed);
  is_audible_.store(
      state.phase == Phase::kLive && !state.has_yet_to_sound && tape_.NewestSync().has_value(),
      std::memory_order_relaxed);
  // Who has a link of its own has headers that are whole.
  needs_link_ =
      !audio::AllowsIcy(state.source.content_type) &&
      std::none_of(state.links.begin(), state.links.end(),
                   [&state](const MountState::LinkState& link) {
                     return !link.preamble.empty() && link.began_bytes >= state.stay_began_bytes;
                   });
  titles_.Restore(std::move(state.titles), std::move(state.asked_title));
  dropped_bytes_.store(state.dropped_bytes, std::memory_order_relaxed);
  sent_bytes.store(state.sent_bytes, std::memory_order_relaxed);
  listener_connections.store(state.listener_connections, std::memory_order_relaxed);
  listener_peak.store(state.listener_peak, std::memory_order_relaxed);
  skips.store(state.skips, std::memory_order_relaxed);
  for (size_t cause = 0; cause < std::min(state.leaves.size(), leaves.size()); ++cause) {
    leaves[cause].store(state.leaves[cause], std::memory_order_relaxed);
  }
  MutexLock known(&known_mutex_);
  for (const MountState::LinkState& link : state.links) {
    preambles_[link.link % kLinksKept] = {.link = link.link,
                                          .began_bytes = link.began_bytes,
                                          .preamble = Preamble::Copy(link.preamble)};
  }
  source_ = std::move(state.source);
  parameters_ = state.parameters;
  silence_ = audio::SilenceKind::Parse(state.silence);
  framer_ = state.framer;
  received_bytes_ = state.received_bytes;
  received_before_bytes_ = state.received_before_bytes;
  phase_.store(state.phase, std::memory_order_release);
  return absl::OkStatus();
}

}  // namespace floe::mount
