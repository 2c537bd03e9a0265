// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "upstream/choice.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace floe::upstream {
namespace {

constexpr absl::string_view kStalledError = "sent nothing for too long";

}  // namespace

Choice::Choice(uint32_t count, milliseconds prefer_after, uint64_t seed)
    : upstreams_(count), prefer_after_(prefer_after), dice_{seed} {
  FLOE_CHECK(count >= 1 && count <= kUpstreamsMax);
}

Next Choice::What(Instant now) const {
  if (!is_wanted_) return {};
  if (!played_.has_value()) return WhatWithoutPlayed(now);
  if (probed_.has_value()) return WhatWithProbed(now);
  // While the played one is not up it is what to wait for, not something better.
  if (upstreams_[*played_].phase() != Phase::kUp) return {};
  return Ask(Next::Kind::kProbe, *played_, now);
}

Next Choice::WhatWithoutPlayed(Instant now) const {
  if (probed_.has_value()) return {Next::Kind::kSwitch, *probed_, std::nullopt};
  return Ask(Next::Kind::kConnect, count(), now);
}

Next Choice::WhatWithProbed(Instant now) const {
  const Health& probed = upstreams_[*probed_];
  if (probed.state().heard_since == Instant()) return {};
  if (probed.HeardFor(now) < prefer_after_) {
    return {Next::Kind::kWait, 0, probed.state().heard_since + prefer_after_};
  }
  return {Next::Kind::kSwitch, *probed_, std::nullopt};
}

// The first of those before `before` that may be asked, or when one may.
Next Choice::Ask(Next::Kind kind, uint32_t before, Instant now) const {
  Next wait;
  for (uint32_t i = 0; i < before; ++i) {
    if (upstreams_[i].IsReady(now)) return {kind, i, std::nullopt};
    const Instant at = upstreams_[i].ReadyAt();
    wait.at = std::min(wait.at.value_or(at), at);
  }
  return wait;
}

void Choice::SetWanted(bool is_wanted, Instant now) {
  is_wanted_ = is_wanted;
  if (is_wanted) return;
  for (Health& upstream : upstreams_) upstream.Left(now);
  played_ = probed_ = std::nullopt;
}

void Choice::Connecting(uint32_t upstream, Instant now) {
  const Next next = What(now);
  FLOE_CHECK(next.upstream == upstream);
  FLOE_CHECK(next.kind == Next::Kind::kConnect || next.kind == Next::Kind::kProbe);
  (next.kind == Next::Kind::kConnect ? played_ : probed_) = upstream;
  upstreams_[upstream].Connecting(now);
}

void Choice::Reply(uint32_t upstream, Instant now) {
  if (!IsOpen(upstream) || upstreams_[upstream].phase() == Phase::kUp) return;
  upstreams_[upstream].Reply(now);
}

void Choice::Bytes(uint32_t upstream, uint64_t bytes, Instant now) {
  if (!IsOpen(upstream)) return;
  Reply(upstream, now);  // audio is an answer, too
  upstreams_[upstream].Bytes(bytes, now);
}

void Choice::Lag(uint32_t upstream, milliseconds lag) {
  if (IsOpen(upstream) && upstreams_[upstream].phase() == Phase::kUp) {
    upstreams_[upstream].Lag(lag);
  }
}

void Choice::Failed(uint32_t upstream, absl::string_view error, Instant now) {
  End(upstream, error, true, now);
}

void Choice::Stalled(uint32_t upstream, Instant now) {
  End(upstream, kStalledError, count() == 1, now);
}

void Choice::End(uint32_t upstream, absl::string_view error, bool is_at_once, Instant now) {
  if (!IsOpen(upstream)) return;
  upstreams_[upstream].Failed(error, is_at_once, dice_, now);
  (played_ == upstream ? played_ : probed_).reset();
}

void Choice::Switched(uint32_t upstream, Instant now) {
  FLOE_CHECK(probed_ == upstream);
  if (played_.has_value()) upstreams_[*played_].Left(now);
  played_ = std::exchange(probed_, std::nullopt);
}

void Choice::Rearrange(std::span<const std::optional<uint32_t>> was, Instant now) {
  FLOE_CHECK(!was.empty() && was.size() <= kUpstreamsMax);
  std::vector<Health> upstreams(was.size());
  const std::optional<uint32_t> played = std::exchange(played_, std::nullopt);
  const std::optional<uint32_t> probed = std::exchange(probed_, std::nullopt);
  for (uint32_t i = 0; i < was.size(); ++i) {
    if (!was[i].has_value()) continue;
    FLOE_CHECK(*was[i] < count());
    upstreams[i] = upstreams_[*was[i]];
    if (played == was[i]) played_ = i;
    if (probed == was[i]) probed_ = i;
  }
  upstreams_ = std::move(upstreams);
  // What was preferred is not any more: it has no reason to go on beside the other.
  if (played_.has_value() && probed_.has_value() && *played_ < *probed_) {
    upstreams_[*probed_].Left(now);
    probed_.reset();
  }
}

bool Choice::IsHopeless() const {
  return std::all_of(upstreams_.begin(), upstreams_.end(),
                     [](const Health& upstream) { return upstream.IsBroken(); });
}

}  // namespace floe::upstream
