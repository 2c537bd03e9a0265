// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "base/limits.h"
#include "upstream/backoff.h"
#include "upstream/health.h"

namespace floe::upstream {

// Next is what whoever fetches a mount has to do now.
struct Next {
  enum class Kind : uint8_t {
    kWait,     // nothing until `at`, or until something happens when that is unset
    kConnect,  // ask `upstream` for what is played
    kProbe,    // ask `upstream`, which is preferred, beside the one that is played
    kSwitch,   // play what the probed `upstream` gives; the one that was played, if any, is let go
  };
  Kind kind = Kind::kWait;
  uint32_t upstream = 0;
  std::optional<Instant> at;

  bool operator==(const Next&) const = default;
};

// ChoiceState is a Choice as a plain value.
struct ChoiceState {
  std::vector<HealthState> upstreams;
  std::optional<uint32_t> played, probed;
  bool is_wanted = false;
  Dice dice;

  bool operator==(const ChoiceState&) const = default;
};

// Choice decides which of its upstreams a mount is fetched from. They are known by their numbers in
// the configured order, the preferred one first. What it decides is asked of What(), after each
// event and at the time that it named; whoever does it says so by an event:
//
//   wanted, none played     the first that may be asked is: kConnect, else kWait
//   played, none probed     one before it that may be asked is, once the played one is up: kProbe
//   played and probed       kSwitch when the probed one has given audio for `prefer_after`
//   played failed, probed   kSwitch at once: it is further on its way than any other
//   not wanted              kWait
//
// A failed upstream may be asked again at once the first time, then after Backoff(). One that
// stalled is not while there are others: it might stall again for just as long.
//
// Units     upstreams are numbers below count().
// Threads   None of its own; told the time, which does not run backwards.
// Failure   None. An event of an upstream that is neither played nor probed is ignored, since its
//           end and what it still said may cross.
class Choice {
 public:
  // REQUIRES: 1 <= count <= kUpstreamsMax. `seed` is what chance is made of.
  Choice(uint32_t count, milliseconds prefer_after, uint64_t seed);

  Next What(Instant now) const;

  // Whether there is anybody to fetch for. What is open when nobody is wants to be closed.
  void SetWanted(bool is_wanted, Instant now);
  void SetPreferAfter(milliseconds prefer_after) { prefer_after_ = prefer_after; }

  // What(), with this upstream, said kConnect or kProbe and is being done. REQUIRES: it did.
  void Connecting(uint32_t upstream, Instant now);
  void Reply(uint32_t upstream, Instant now);
  void Bytes(uint32_t upstream, uint64_t bytes, Instant now);
  void Lag(uint32_t upstream, milliseconds lag);
  void Failed(uint32_t upstream, absl::string_view error, Instant now);
  void Stalled(uint32_t upstream, Instant now);
  // What() said kSwitch and is done. REQUIRES: `upstream` is the probed one.
  void Switched(uint32_t upstream, Instant now);

  // The list is another: each of the new ones with the number it had, if it had one. What is played
  // or probed and is not among them is not any more, and wants to be closed. REQUIRES: as for the
  // count; no number twice.
  void Rearrange(std::span<const std::optional<uint32_t>> was, Instant now);

  uint32_t count() const { return uint32_t(upstreams_.size()); }
  std::optional<uint32_t> played() const { return played_; }
  std::optional<uint32_t> probed() const { return probed_; }
  bool is_wanted() const { return is_wanted_; }
  const HealthState& health(uint32_t upstream) const { return upstreams_[upstream].state(); }
  // Whether nobody should wait for audio: each has failed often, and none is up.
  bool IsHopeless() const;

  ChoiceState state() const;
  // Goes on where another left off. InvalidArgument names what is impossible, or is of another
  // count, and leaves all as it is.
  absl::Status Restore(const ChoiceState& state);

 private:
  bool IsOpen(uint32_t upstream) const { return played_ == upstream || probed_ == upstream; }
  Next WhatWithoutPlayed(Instant now) const;
  Next WhatWithProbed(Instant now) const;
  Next Ask(Next::Kind kind, uint32_t before, Instant now) const;
  void End(uint32_t upstream, absl::string_view error, bool is_at_once, Instant now);

  std::vector<Health> upstreams_;
  milliseconds prefer_after_;
  std::optional<uint32_t> played_;  // may be connecting yet
  std::optional<uint32_t> probed_;  // before played_ in the list, while there is one
  bool is_wanted_ = false;
  Dice dice_;
};

}  // namespace floe::upstream
