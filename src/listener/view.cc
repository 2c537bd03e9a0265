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

View::View(mount::MountRef mount, Instant now)
    : mount_(std::move(mount)), epoch_(mount_->epoch()), measured_at_(now), pages_(mount_->tape()) {
  Poll(now);
  measured_bytes_ = published_;
}

bool View::Poll(Instant now) {
  if (ending_ != Leaving::kStaying) return false;
  oldest_ = mount_->tape().oldest();

  // In this order: a mount that is empty has published all it will, and bytes of the next epoch
  // are published after the epoch changed, so seeing the old one means seeing none of them. A
  // title is visible before the audio behind it is, so titles come after that.
  const mount::Phase phase = mount_->phase();
  const uint64_t published = mount_->tape().published();
  if (mount_->epoch() != epoch_) {
    End(Leaving::kTypeChanged, now);
    return false;
  }
  const bool has_moved = published != published_;
  published_ = published;
  MeasureRate(now);
  titles_.Update(*mount_);

  if (phase == mount::Phase::kEmpty || mount_->LingerIsOver(now)) End(Leaving::kSourceEnded, now);
  return has_moved;
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

void View::Restore(const ViewState& state, Instant now) {
  titles_.Restore(state.titles);
  for (const ViewState::HeldPreamble& held : state.preambles) {
    preambles_.Restore(held.link, held.bytes);
  }
  bytes_per_second_ = std::max(bytes_per_second_, state.bytes_per_second);
  if (state.ending == Leaving::kStaying) return;
  published_ = std::min(published_, state.published_bytes);
  End(state.ending, now - state.ended);
}

std::optional<tape::SyncPoint> View::SyncBack(microseconds back) const {
  const std::optional<tape::SyncPoint> sync = mount_->tape().SyncBack(back, kBurstBytesMax);
  // The tape may be ahead of the last poll, and what is ahead may be of the next epoch.
  if (!sync.has_value() || sync->offset_bytes >= published_) return std::nullopt;
  return sync;
}

bool View::HasHeardLink(uint32_t link, uint64_t position_bytes) const {
  const std::optional<uint64_t> began = mount_->LinkBeganAt(link);
  return began.has_value() && *began <= position_bytes;
}

}  // namespace floe::listener
