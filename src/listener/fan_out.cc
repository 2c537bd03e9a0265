// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Joins, leaves and the ends of sends. What happens in a turn is in turn.cc.
#include "listener/fan_out.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/check.h"

namespace floe::listener {
namespace {

// A listener whose send was short is tried again after this fraction of the interval: soon, since
// it is behind, but never at once, since its socket is full.
constexpr uint32_t kShortSendFraction = 4;

// A send that is a little larger than the idle window costs a second round of the network for its
// last segments: sending a little sooner is cheaper. One that is much larger is not: measured, a
// window and a half is where the two cost the same.
constexpr double kIdleWindowStretch = 1.25;
// What is published grows by frames, so a send is aimed a little below what it may be.
constexpr double kSendFill = 0.95;

// Passing troubles of this machine, not of the peer. (A cancel is one that we asked for.)
bool IsPassing(int error) {
  return error == ENOBUFS || error == ENOMEM || error == EAGAIN || error == EINTR ||
         error == ECANCELED;
}

// So many neighbours are served one after the other. Who came together lies together, here and in
// the kernel's tables of sockets and files: a send to a neighbour finds part of its way in the
// caches, which was worth a fifth of its cost.
constexpr uint32_t kNeighbours = 32;

// Spreads slots over 32 bits, as evenly however many there are (multiples of the golden ratio).
uint32_t Spread(ListenerSlot slot, uint64_t seed) {
  constexpr uint32_t kGoldenRatio = 0x9e3779b9;
  return (Index(slot) / kNeighbours + uint32_t(seed)) * kGoldenRatio;
}

uint64_t MillisecondsOf(Instant now) {
  return uint64_t(std::chrono::floor<milliseconds>(now.time_since_epoch()).count());
}

// A listener that had to skip may be on the link already: from where it last began, or because it
// came past the link's headers on the tape.
bool IsOnLink(const Listener& listener, const View& view, uint32_t link) {
  if (listener.link == kNoLink) return false;
  return listener.link == link || view.HasHeardLink(link, listener.position_bytes);
}

FanOutOptions Checked(FanOutOptions options) {
  FLOE_CHECK(options.tick > milliseconds(0) && options.shards_on_core > 0);
  FLOE_CHECK(options.send_bytes_max > 0 && options.orders_per_turn_max >= kReadyShare);
  const milliseconds horizon = Wheel::kHorizonTicks / 2 * options.tick;
  options.interval_min = std::clamp(options.interval_min, options.tick, horizon);
  options.interval_max = std::clamp(options.interval_max, options.interval_min, horizon);
  if (options.interval) options.interval = std::clamp(*options.interval, options.tick, horizon);
  return options;
}

}  // namespace

static_assert(size_t(kLastLeaving) < mount::kLeaveCausesMax);

const char* LeavingName(Leaving leaving) {
  switch (leaving) {
    case Leaving::kStaying: return "staying";
    case Leaving::kGone: return "gone";
    case Leaving::kStalled: return "stalled";
    case Leaving::kLagged: return "lagged";
    case Leaving::kSourceEnded: return "source ended";
    case Leaving::kTypeChanged: return "type changed";
    case Leaving::kKicked: return "kicked";
    case Leaving::kStopping: return "stopping";
    case Leaving::kHandedOver: return "handed over";
    case Leaving::kMoved: return "moved";
  }
  FLOE_BUG("no reason to leave", leaving);
}

FanOut::FanOut(const FanOutOptions& options)
    : options_(Checked(options)),
      listeners_(options_.capacity),
      wheel_(listeners_),
      interval_(options_.interval, options_.interval_min, options_.interval_max,
                kFanOutShareTarget / options_.shards_on_core) {}

FanOut::~FanOut() = default;

void FanOut::Change(const FanOutOptions& options) {
  const FanOutOptions checked = Checked(options);
  options_.interval = checked.interval;
  options_.interval_min = checked.interval_min;
  options_.interval_max = checked.interval_max;
  options_.client_timeout = checked.client_timeout;
  options_.send_bytes_max = checked.send_bytes_max;
  options_.idle_window_bytes = checked.idle_window_bytes;
  interval_.SetBounds(options_.interval, options_.interval_min, options_.interval_max);
}

const mount::Mount& FanOut::MountOf(ListenerSlot slot) const {
  return views_[Index(listeners_[slot].mount)]->home();
}

const mount::Mount& FanOut::PlayedBy(ListenerSlot slot) const {
  return views_[Index(listeners_[slot].mount)]->mount();
}

uint32_t FanOut::pages_held() const {
  uint32_t held = 0;
  for (const std::unique_ptr<View>& view : views_) {
    if (view != nullptr) held += view->pages().size();
  }
  return held;
}

// ---- joins and leaves ----

ListenerSlot FanOut::Join(JoinRequest request, Instant now) {
  const ListenerSlot slot = listeners_.Take();
  if (slot == kNoSlot<ListenerSlot>) return slot;
  Listener& listener = listeners_[slot];
  listener.fd = request.fd;
  listener.generation = ++last_generation_;
  listener.link = kNoLink;
  listener.joined_tick = ShortTickOf(now);
  if (!request.plays) request.plays = request.mount.Share();
  listener.mount =
      FindOrMakeView({.home = std::move(request.mount), .played = std::move(request.plays)}, now);
  if (request.metaint_bytes > 0) {
    listener.flags |= kIsIcy;
    listener.metaint_bytes = listener.metadata_due_bytes = request.metaint_bytes;
  }

  View& view = ViewOf(listener);
  if (request.begin.has_value() && !BeginExactly(listener, view, *request.begin)) {
    has_empty_view_ |= view.audience().count == 0;
    listener = Listener{};
    listeners_.Free(slot);
    return kNoSlot<ListenerSlot>;
  }
  listener.keeps_position = request.begin.has_value() ? 1 : 0;
  view.audience().Add(listeners_, slot);
  BeginIntro(listener, view, request);
  const microseconds burst = request.wants_burst ? BurstOf(listener, view) : milliseconds(0);
  const bool has_begun = request.begin.has_value() || BeginBack(listener, view, burst);
  if (!has_begun) listener.flags |= kAwaitsSync;
  MakeReady(slot);

  ++listener_count_;
  ++counters_.joins;
  view.home().listener_connections.fetch_add(1, std::memory_order_relaxed);
  view.home().CountListener();
  return slot;
}

// It is sent in one go with the burst, which is the shorter for it: a player has no more in store
// than without one, unless the intro alone is longer.
void FanOut::BeginIntro(Listener& listener, View& view, const JoinRequest& request) {
  if (request.intro.bytes().empty()) return;
  listener.intro = view.preambles().HoldIntro(request.intro);
  listener.intro_left_bytes = uint32_t(request.intro.bytes().size());
  listener.intro_ms = uint32_t(request.intro_played.count());
  listener.flags |= kInPreamble;
}

microseconds FanOut::BurstOf(const Listener& listener, const View& view) const {
  return std::max(view.home().burst() - milliseconds(listener.intro_ms), milliseconds(0));
}

bool FanOut::BeginExactly(Listener& listener, View& view, const ExactBegin& begin) {
  const uint64_t at = begin.at.offset_bytes;
  return begin.epoch == view.epoch() && at >= view.oldest() && at <= view.published() &&
         BeginAt(listener, view, begin.at);
}

bool FanOut::BeginBack(Listener& listener, View& view, microseconds back) {
  return BeginOrNewest(listener, view, view.SyncBack(back));
}

bool FanOut::BeginOrNewest(Listener& listener, View& view,
                           const std::optional<tape::SyncPoint>& sync) {
  if (!sync.has_value()) return false;
  if (BeginAt(listener, view, *sync)) return true;
  // The link that plays there is forgotten; the newest is not.
  const std::optional<tape::SyncPoint> newest = view.NewestSync();
  return newest.has_value() && BeginAt(listener, view, *newest);
}

bool FanOut::BeginAt(Listener& listener, View& view, const tape::SyncPoint& sync) {
  if (sync.needs_preamble && !IsOnLink(listener, view, sync.link)) {
    if (!view.preambles().TryHold(view.mount(), sync.link)) return false;
    listener.preamble_sent_bytes = 0;
    if (view.preambles().BytesOf(sync.link).empty()) {
      view.preambles().Release(sync.link);  // a link without headers
    } else {
      listener.flags |= kHoldsPreamble | kInPreamble;
    }
  }
  listener.link = sync.link;
  listener.position_bytes = sync.offset_bytes;
  listener.flags &= uint8_t(~kAwaitsSync);
  return true;
}

void FanOut::Leave(ListenerSlot slot, Leaving why, Instant now) {
  Listener& listener = listeners_[slot];
  if (listener.place == Place::kNowhere || listener.place == Place::kDeparted) return;
  if (listener.leaving == Leaving::kStaying) listener.leaving = why;
  if (listener.place == Place::kSending) return Cancel(slot);
  Unplace(slot);
  Depart(slot, now);
}

void FanOut::LeaveAll(Leaving why, Instant now) {
  for (uint32_t i = 0; i < listeners_.extent(); ++i) Leave(ListenerSlot(i), why, now);
}

void FanOut::LeaveMount(const mount::Mount& mount, Leaving why, Instant now) {
  for (const std::unique_ptr<View>& view : views_) {
    if (view != nullptr && &view->home() == &mount) LeaveView(*view, why, now);
  }
}

void FanOut::LeaveView(View& view, Leaving why, Instant now) {
  ListenerSlot slot = view.audience().first;
  while (slot != kNoSlot<ListenerSlot>) {
    const ListenerSlot next = listeners_[slot].view_next;
    Leave(slot, why, now);
    slot = next;
  }
}

void FanOut::Cancel(ListenerSlot slot) {
  Listener& listener = listeners_[slot];
  if ((listener.flags & kIsCancelled) != 0) return;
  listener.flags |= kIsCancelled;
  cancels_.push_back({.listener = slot,
                      .generation = listener.generation,
                      .fd = listener.fd,
                      .awaits_notice_only = (listener.flags & kAwaitsResult) == 0});
}

void FanOut::Depart(ListenerSlot slot, Instant now) {
  Listener& listener = listeners_[slot];
  View& view = ViewOf(listener);
  ReleaseHeld(listener, view);
  if (!moving_.empty()) moving_.erase(slot);
  view.audience().Remove(listeners_, slot);
  view.home().listeners.fetch_sub(1, std::memory_order_relaxed);
  // Who goes on in another process is counted when it leaves there.
  if (listener.leaving != Leaving::kHandedOver) {
    view.home().leaves[size_t(listener.leaving)].fetch_add(1, std::memory_order_relaxed);
  }
  has_empty_view_ |= view.audience().count == 0;
  listener.place = Place::kDeparted;
  departures_.push_back({.listener = slot,
                         .fd = listener.fd,
                         .leaving = listener.leaving,
                         .error = listener.error,
                         .sent_bytes = listener.sent_bytes,
                         .listened = TicksSince(listener.joined_tick, now),
                         .skips = listener.skips});
  --listener_count_;
  ++counters_.departures;
}

void FanOut::Consumed() {
  for (const Departure& departure : departures_) {
    listeners_[departure.listener] = Listener{};
    listeners_.Free(departure.listener);
  }
  orders_.clear();
  cancels_.clear();
  departures_.clear();
  if (has_empty_view_) ReleaseEmptyViews();
}

// ---- the end of a send ----

void FanOut::OnSent(ListenerSlot slot, uint32_t generation, const SendOutcome& outcome,
                    Instant now) {
  Listener& listener = listeners_[slot];
  FLOE_CHECK(listener.place == Place::kSending && listener.generation == generation);
  FLOE_CHECK((listener.flags & kAwaitsResult) != 0);
  FLOE_CHECK(outcome.sent_bytes <= listener.unsent_bytes);
  View& view = ViewOf(listener);

  TakeSent(listener, view, outcome.sent_bytes);
  listener.unsent_bytes -= outcome.sent_bytes;
  view.audience().sent_bytes += outcome.sent_bytes;
  counters_.sent_bytes += outcome.sent_bytes;
  // What was to be cancelled has ended; a notice that is still missing has to be asked for anew.
  listener.flags &= uint8_t(~(kAwaitsResult | kIsCancelled));
  if (outcome.sent_bytes > 0) {
    listener.flags &= uint8_t(~kIsStalled);
    listener.stalled_tick = ShortTickOf(now);
  }
  if (outcome.sent_bytes == 0 || listener.unsent_bytes > 0) [[unlikely]] {
    NoteShortSend(listener, outcome);
  }
  if (outcome.releases_memory) return EndSend(slot, now);
  listener.flags |= kAwaitsRelease;
  if (listener.leaving != Leaving::kStaying) Cancel(slot);
}

// A send that took less than was ordered, or nothing: the socket is full, the peer has gone, the
// send was cancelled, or this machine was short of memory for a moment.
void FanOut::NoteShortSend(Listener& listener, const SendOutcome& outcome) {
  if (outcome.sent_bytes > 0) {
    ++counters_.short_sends;
  } else {
    listener.flags |= kIsStalled;
  }
  if (IsPassing(outcome.error)) {
    counters_.failed_sends += outcome.error != ECANCELED;
  } else if (outcome.error != 0) {
    listener.error = outcome.error;
    if (listener.leaving == Leaving::kStaying) listener.leaving = Leaving::kGone;
  }
}

void FanOut::OnNotice(ListenerSlot slot, uint32_t generation, Instant now) {
  const Listener& listener = listeners_[slot];
  FLOE_CHECK(listener.place == Place::kSending && listener.generation == generation);
  FLOE_CHECK((listener.flags & kAwaitsResult) == 0 && (listener.flags & kAwaitsRelease) != 0);
  EndSend(slot, now);
}

void FanOut::EndSend(ListenerSlot slot, Instant now) {
  Listener& listener = listeners_[slot];
  listener.flags &= uint8_t(~(kAwaitsRelease | kIsCancelled));
  sending_.Remove(listeners_, slot);
  --in_flight_count_;
  ReleaseSend(listener, ViewOf(listener));

  const bool is_stalled = (listener.flags & kIsStalled) != 0 &&
                          TicksSince(listener.stalled_tick, now) >= options_.client_timeout;
  if (is_stalled && listener.leaving == Leaving::kStaying) listener.leaving = Leaving::kStalled;
  if (listener.leaving != Leaving::kStaying) return Depart(slot, now);
  Reschedule(slot, now);
}

void FanOut::Reschedule(ListenerSlot slot, Instant now) {
  const Listener& listener = listeners_[slot];
  const View& view = ViewOf(listener);
  if (listener.position_bytes < view.oldest()) return MakeReady(slot);  // it has to skip
  if (listener.unsent_bytes > 0) {
    const milliseconds pause = std::max(options_.tick, interval() / kShortSendFraction);
    return Schedule(slot, TickOf(now + pause) + 1);
  }
  // The rest was sent: on to what follows, at once.
  const bool is_to_move = view.next() != nullptr || IsMoving(slot);
  if (is_to_move && listener.position_bytes >= view.published()) {
    return MakeReady(slot);
  }
  // A burst, or a stream that brings more than a send takes in an interval: on with it.
  const bool is_far_behind = (listener.flags & kInPreamble) != 0 ||
                             listener.position_bytes + listener.full_send_bytes <= view.published();
  if (is_far_behind) return MakeReady(slot);
  const uint64_t due_tick = DueTick(slot, now);
  listeners_[slot].finds_phase = 0;
  Schedule(slot, due_tick);
}

// The interval, or less where what comes in it would not fit one send, or where players would run
// dry meanwhile: they have their burst in store, and wait for one and a half intervals at most.
milliseconds FanOut::IntervalOf(const View& view) const {
  const milliseconds burst = view.home().burst();
  milliseconds whole = interval();
  if (burst > milliseconds(0)) whole = std::min(whole, std::max(burst / 2, options_.tick));
  const double send_bytes = double(view.bytes_per_second()) * double(whole.count()) / 1'000;
  double fit_bytes = options_.send_bytes_max;
  if (send_bytes <= kIdleWindowStretch * options_.idle_window_bytes) {
    fit_bytes = std::min<double>(fit_bytes, options_.idle_window_bytes);
  }
  fit_bytes *= kSendFill;
  if (send_bytes <= fit_bytes) return whole;
  const milliseconds fitted{int64_t(double(whole.count()) * fit_bytes / send_bytes)};
  return std::max(fitted, options_.tick);
}

// Every listener has a phase within the interval, given by its slot, and is due there.
// So listeners that joined together, or were served together when something was published, do not
// stay together, whatever the interval becomes. From one send to the next it is the interval, the
// first time anything from half of it to one and a half. Who was handed over has waited already:
// the first time it is the interval at most.
uint64_t FanOut::DueTick(ListenerSlot slot, Instant now) const {
  const Listener& listener = listeners_[slot];
  const uint64_t interval_ms = uint64_t(IntervalOf(ViewOf(listener)).count());
  const uint64_t phase_ms = uint64_t{Spread(slot, options_.seed)} * interval_ms >> 32;
  const uint64_t pause_ms = listener.finds_phase != 0 ? 0 : interval_ms / 2;
  const uint64_t earliest_ms = MillisecondsOf(now) + pause_ms + 1;
  const uint64_t past_ms = (earliest_ms + interval_ms - phase_ms) % interval_ms;
  const uint64_t due_ms = past_ms == 0 ? earliest_ms : earliest_ms + interval_ms - past_ms;
  const uint64_t tick_ms = uint64_t(options_.tick.count());
  return (due_ms + tick_ms - 1) / tick_ms;
}

void FanOut::MakeReady(ListenerSlot slot) {
  listeners_[slot].place = Place::kReady;
  ready_.PushBack(listeners_, slot);
}

void FanOut::Schedule(ListenerSlot slot, uint64_t tick) {
  listeners_[slot].place = Place::kScheduled;
  wheel_.Put(slot, tick);
}

void FanOut::Unplace(ListenerSlot slot) {
  const Listener& listener = listeners_[slot];
  switch (listener.place) {
    case Place::kReady: return ready_.Remove(listeners_, slot);
    case Place::kScheduled: return wheel_.Remove(slot);
    case Place::kWaiting: return ViewOf(listener).audience().waiting.Remove(listeners_, slot);
    case Place::kSending: return sending_.Remove(listeners_, slot);
    case Place::kNowhere:
    case Place::kDeparted: break;
  }
  FLOE_BUG("a listener that is in no list", Index(slot));
}

void FanOut::ReportBusy(nanoseconds busy, nanoseconds window) {
  const uint64_t sends = counters_.orders - orders_reported_;
  orders_reported_ = counters_.orders;
  interval_.Observe(busy, sends, window);
}

}  // namespace floe::listener
