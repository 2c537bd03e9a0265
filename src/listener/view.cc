// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "listener/view.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"

namespace floe::listener {
namespace {

// Long enough for the bursts of pages and clusters to average out.
constexpr milliseconds kRateWindow{4'000};

}  // namespace

void Audience::Add(Listeners& listeners, ListenerSlot slot) {
  Listener& listener = listeners[slot];
  listener.view_previous = kNoSlot<ListenerSlot>;
  listener.view_next = first;
  if (first != kNoSlot<ListenerSlot>) listeners[first].view_previous = slot;
  first = slot;
  ++count;
}

void Audience::Remove(Listeners& listeners, ListenerSlot slot) {
  const Listener& listener = listeners[slot];
  (first == slot ? first : listeners[listener.view_previous].view_next) = listener.view_next;
  if (listener.view_next != kNoSlot<ListenerSlot>) {
    listeners[listener.view_next].view_previous = listener.view_previous;
  }
  --count;
}

View::View(Mounts mounts, Instant now)
    : home_(std::move(mounts.home)),
      played_(std::move(mounts.played)),
      epoch_(played_->epoch()),
      // Another than it is: the first poll looks where the route leads.
      route_version_(home_->signpost().version() - 1),
      pulls_seen_(played_->signpost().pulled().count),
      grew_at_(now),
      measured_at_(now),
      pages_(played_->tape()) {
  Poll(now);
  measured_bytes_ = published_;
}

bool View::Poll(Instant now) {
  if (ending_ != Leaving::kStaying) return false;
  oldest_ = played_->tape().oldest();

  // In this order: a mount that is empty has published all it will, and bytes of the next epoch
  // are published after the epoch changed, so seeing the old one means seeing none of them. A
  // title is visible before the audio behind it is, so titles come after that.
  const uint32_t route_version = home_->signpost().version();
  const mount::Phase phase = played_->phase();
  const uint64_t published = played_->tape().published();
  if (played_->epoch() != epoch_) {
    FollowRoute(Leaving::kTypeChanged, now);
    return false;
  }
  const bool has_moved = published != published_;
  if (has_moved) grew_at_ = now;
  published_ = published;
  MeasureRate(now);
  titles_.Update(*played_);

  const bool is_over = phase == mount::Phase::kEmpty || played_->LingerIsOver(now);
  if (is_over || route_version != route_version_) {
    route_version_ = route_version;
    FollowRoute(is_over ? Leaving::kSourceEnded : Leaving::kStaying, now);
  }
  return has_moved;
}

// Ends the view if its listeners are to hear another mount, or are another's; otherwise if there is
// a reason to.
void View::FollowRoute(Leaving otherwise, Instant now) {
  mount::Mount::Heard heard = played_->heard();
  const bool is_here = heard.epoch == epoch_;
  if (is_here) heard_ = std::move(heard.media);

  mount::Signpost::Pulled pulled = played_->signpost().pulled();
  const bool is_pulled = std::exchange(pulls_seen_, pulled.count) != pulled.count;
  if (is_pulled && pulled.to && pulled.to.get() != home_.get()) {
    mount::Signpost::Direction along = pulled.to->signpost().Where(*pulled.to, heard_);
    if (along.plays.get() == pulled.to.get()) {
      return Move({.home = std::move(pulled.to), .played = std::move(along.plays)}, now);
    }
  }

  mount::Signpost::Direction direction = home_->signpost().Where(*home_, heard_);
  if (direction.plays) {
    const bool goes_on = is_here && direction.plays.get() == played_.get();
    mount::MountRef home = direction.stays ? direction.plays.Share() : home_.Share();
    if (goes_on && home.get() == home_.get()) return;
    return Move({.home = std::move(home), .played = std::move(direction.plays)}, now);
  }
  // What it was sent to is heard, and is none of its fallbacks any more.
  const bool is_stranded = played_.get() != home_.get() && played_->is_audible() && is_here;
  if (otherwise == Leaving::kStaying && is_stranded) otherwise = Leaving::kSourceEnded;
  if (otherwise != Leaving::kStaying) End(otherwise, now);
}

milliseconds View::Silence(Instant now) const {
  return std::chrono::duration_cast<milliseconds>(now - grew_at_);
}

void View::Move(Mounts next, Instant now) {
  next_ = std::move(next);
  End(Leaving::kMoved, now);
}

void View::MeasureRate(Instant now) {
  const milliseconds window = std::chrono::duration_cast<milliseconds>(now - measured_at_);
  if (window < kRateWindow) return;
  bytes_per_second_ = (published_ - measured_bytes_) * 1'000 / uint64_t(window.count());
  measured_at_ = now;
  measured_bytes_ = published_;
}

void View::End(Leaving why, Instant now) {
  ending_ = why;
  ended_at_ = now;
}

ViewState View::state(Instant now) const {
  ViewState state{.ending = ending_,
                  .published_bytes = published_,
                  .ended = {},
                  .bytes_per_second = bytes_per_second_,
                  .silent = Silence(now),
                  .titles = titles_.Held(),
                  .preambles = {}};
  if (ending_ != Leaving::kStaying) {
    state.ended = std::chrono::duration_cast<milliseconds>(now - ended_at_);
  }
  for (const uint32_t link : preambles_.HeldLinks()) {
    const std::span<const std::byte> bytes = preambles_.BytesOf(link);
    state.preambles.push_back({.link = link, .bytes = {bytes.begin(), bytes.end()}});
  }
  return state;
}

void View::Restore(const ViewState& state, Mounts next, Instant now) {
  titles_.Restore(state.titles);
  for (const ViewState::HeldPreamble& held : state.preambles) {
    preambles_.Restore(held.link, held.bytes);
  }
  bytes_per_second_ = std::max(bytes_per_second_, state.bytes_per_second);
  grew_at_ = std::min(grew_at_, now - state.silent);
  if (state.ending == Leaving::kStaying) return;
  published_ = std::min(published_, state.published_bytes);
  next_ = std::move(next);
  End(state.ending, now - state.ended);
}

std::optional<tape::SyncPoint> View::SyncBack(microseconds back) const {
  return Known(played_->tape().SyncBack(back, kBurstBytesMax));
}

std::optional<tape::SyncPoint> View::SyncWithin(microseconds back) const {
  const std::optional<tape::SyncPoint> sync =
      Known(played_->tape().SyncWithin(back, kBurstBytesMax));
  if (sync.has_value() && sync->offset_bytes < played_->stay_began()) return NewestSync();
  return sync;
}

// The tape may be ahead of the last poll, and what is ahead may be of the next epoch.
std::optional<tape::SyncPoint> View::Known(const std::optional<tape::SyncPoint>& sync) const {
  if (!sync.has_value() || sync->offset_bytes >= published_) return std::nullopt;
  return sync;
}

bool View::HasHeardLink(uint32_t link, uint64_t position_bytes) const {
  const std::optional<uint64_t> began = played_->LinkBeganAt(link);
  return began.has_value() && *began <= position_bytes;
}

}  // namespace floe::listener
