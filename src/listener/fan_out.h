// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/uio.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/slot.h"
#include "listener/framing.h"
#include "listener/interval.h"
#include "listener/listener.h"
#include "listener/listener_list.h"
#include "listener/state.h"
#include "listener/view.h"
#include "listener/wheel.h"
#include "mount/mount.h"

namespace floe::listener {

// This part of a turn's orders is for those who just joined or are far behind, before anybody else.
inline constexpr uint32_t kReadyShare = 4;

struct FanOutOptions {
  std::optional<milliseconds> interval;  // fixed; unset: adapts between min and max
  milliseconds interval_min{20};
  milliseconds interval_max{1'000};
  uint32_t shards_on_core = 1;  // which together may spend the target of the interval's law
  milliseconds client_timeout{30'000};
  milliseconds tick{10};  // how often published is polled, and how finely listeners are due
  uint32_t send_bytes_max = kSendBytesMax;
  // What the network takes at once of who was idle for an interval; 0: any amount.
  uint32_t idle_window_bytes = 0;
  uint32_t orders_per_turn_max = kSendsInFlightPerTurnMax;  // at least kReadyShare
  uint32_t capacity = kListenersPerShardMax;
  uint64_t seed = 0;  // of the spread of listeners over the interval
};

// A beginning that was promised to the byte: it holds, or nobody joins. Who was promised one counts
// from there, so that it leaves where others would skip or move: it asks again.
struct ExactBegin {
  uint32_t epoch;  // of the mount
  tape::SyncPoint at;
};

struct JoinRequest {
  mount::MountRef mount;
  FdSlot fd;
  uint32_t metaint_bytes = 0;  // what the reply head promised; 0: plain
  bool wants_burst = true;     // false: begins at the newest sync point
  mount::MountRef plays = {};  // whose audio its reply head was about; empty: the mount's own
  std::optional<ExactBegin> begin = {};  // what the reply head promised; empty: nothing
  // Heard first, once: whole frames that go before the mount's own. Empty: none.
  mount::PreambleRef intro = {};
  milliseconds intro_played{0};
};

// One send to make: pieces()[first_piece, +piece_count), `bytes` together. What the pieces point
// to stays readable until the outcome with releases_memory, or the notice, is reported.
struct SendOrder {
  ListenerSlot listener;
  uint32_t generation;
  FdSlot fd;
  uint32_t bytes;
  uint32_t first_piece;
  uint32_t piece_count;  // 1: a plain send; more: a gather send

  bool is_one_piece() const { return piece_count == 1; }
};

// A send in flight that shall end early: its outcome (or, when only that is still to come, its
// notice) is reported as always, soon. Asking twice or too late does no harm.
struct CancelOrder {
  ListenerSlot listener;
  uint32_t generation;
  FdSlot fd;
  // The result is in and only the notice is missing: cancelling the operation does nothing, but
  // aborting the socket (linger 0, shutdown) brings the notice.
  bool awaits_notice_only;
};

// How a send ended: its one result. A zero-copy send has a notice after it.
struct SendOutcome {
  uint32_t sent_bytes = 0;
  int error = 0;                // errno, or 0
  bool releases_memory = true;  // false: OnNotice follows
};

// A listener that is no more. Nothing of it is in flight. The shard closes `fd` and logs.
struct Departure {
  ListenerSlot listener;  // free after Consumed
  FdSlot fd;
  Leaving leaving;
  int error;  // errno of the send that failed; 0 when none did
  uint64_t sent_bytes;
  milliseconds listened;  // from joining to leaving, in ticks
  uint32_t skips;         // times it lost audio
};

// Totals since the start; the shard adds them to what is shown.
struct FanOutCounters {
  uint64_t joins = 0;
  uint64_t departures = 0;
  uint64_t orders = 0;
  uint64_t sent_bytes = 0;
  uint64_t short_sends = 0;
  uint64_t failed_sends = 0;  // for want of kernel memory: tried again
  uint64_t skips = 0;         // listeners that lost audio and went on
  uint64_t moves = 0;         // listeners that went on with another mount's audio
  uint64_t turns_cut = 0;     // ended by orders_per_turn_max, the rest came a turn later
};

// FanOut decides, for the listeners of one shard, who is sent what and when. It is pure: it is
// told the time, joins and outcomes, and answers with orders.
//
//        Join, Leave --->  +--------+  ---> orders()      make these sends
//   OnSent, OnNotice --->  | FanOut |  ---> cancels()     end these sends early
//          Turn(now) --->  +--------+  ---> departures()  close these, log them
//
// A turn of the shard: reap completions (OnSent, OnNotice), Join, Leave, then Turn(now), then take
// orders, cancels and departures, then Consumed(). The three lists also grow by Leave, OnSent and
// OnNotice, so whoever called those takes the lists after the next Turn. Turn is cheap when
// nothing is due: call it after every batch of completions; mounts are polled once a tick.
//
// Units     bytes on the tape, ticks of `tick`.
// Lifetime  of its shard. A slot named in departures() is free, and may be given out again, from
//           Consumed on: a side table indexed by slot is cleared at the departure.
//           Destroy it when listeners() is 0 and nothing is in flight, or when the ring is gone.
// Threads   The shard's. Mounts are read through their atomics; no lock, save a short one when a
//           title changed.
// Failure   None of its own. An outcome for a listener without a send in flight is a bug.
// Memory    No allocation in steady state: vectors and slots are reused. Allocates when it grows,
//           when a mount is played first, and when a title changes.
class FanOut {
 public:
  explicit FanOut(const FanOutOptions& options);
  ~FanOut();
  FanOut(const FanOut&) = delete;
  FanOut& operator=(const FanOut&) = delete;

  // Takes what may change while listeners are here: all that `options` says of intervals, times and
  // the size of sends. Each holds from the listener's next send on.
  void Change(const FanOutOptions& options);

  // Begins a listener: its reply head is sent, its audio is ordered by the next Turn. Counts it in
  // the mount. Answers kNoSlot when `capacity` listeners are here, or the exact beginning is there
  // no longer; the fd is the caller's then.
  [[nodiscard]] ListenerSlot Join(JoinRequest request, Instant now);
  // Ends a listener: reported in departures(), once its send in flight has been cancelled.
  // A listener that is already on its way out keeps its first reason.
  void Leave(ListenerSlot slot, Leaving why, Instant now);
  // Ends all, or those of one mount.
  void LeaveAll(Leaving why, Instant now);
  void LeaveMount(const mount::Mount& mount, Leaving why, Instant now);

  // ---- moves that somebody asks for: asked_moves.cc ----
  // The listeners of `from` go on as those of `to`, as if it were their fallback: each hears what
  // was published before, and then that. Who could not go on with it stays. Answers how many go.
  uint32_t MoveMount(const mount::Mount& from, mount::Mount& to, Instant now);
  // The same for one listener. False: it is on its way out, or stays.
  bool MoveOne(ListenerSlot slot, mount::Mount& to);

  // The result of an ordered send; every order gets exactly one.
  void OnSent(ListenerSlot slot, uint32_t generation, const SendOutcome& outcome, Instant now);
  // The kernel reads the memory of that send no more. After an outcome without releases_memory.
  void OnNotice(ListenerSlot slot, uint32_t generation, Instant now);
  // Touches the record an outcome is about to change; worth it a few completions ahead.
  void PrefetchSent(ListenerSlot slot) const { __builtin_prefetch(&listeners_[slot], 1); }

  // Orders what is due. REQUIRES: what the turn before answered was Consumed.
  void Turn(Instant now);
  std::span<const SendOrder> orders() const { return orders_; }
  std::span<const iovec> pieces() const { return pieces_; }
  std::span<const iovec> pieces(const SendOrder& order) const {
    return pieces().subspan(order.first_piece, order.piece_count);
  }
  std::span<const CancelOrder> cancels() const { return cancels_; }
  std::span<const Departure> departures() const { return departures_; }
  // The three lists were acted on: empties them and frees the slots of the departed. The pieces
  // stay until the next Turn, so a gather list may be submitted after this.
  void Consumed();

  // When Turn is wanted at the latest: at once while somebody is ready, at the next tick while
  // there are listeners or mounts to let go of; empty: only after something happened.
  std::optional<Instant> NextTurn(Instant now) const;

  // CPU time that sends took within `window`: turns, submissions and their completions, without
  // what the shard does for requests and sources. Any windows; the law adds them up.
  void ReportBusy(nanoseconds busy, nanoseconds window);
  // What now lies between two sends to one listener.
  milliseconds interval() const { return interval_.interval(); }

  // How overdue, when the last turn began, the longest overdue listener was. Beyond a few ticks
  // the shard has more listeners than it can serve.
  milliseconds lag() const { return lag_; }

  // ---- hand-over ----
  //
  //   Freeze, turns until IsSettled: each position is exact   StateOf ... then either
  //     Thaw: all goes on as if nothing had been; or
  //     LetGo: they go on elsewhere; each departs (kHandedOver) when the kernel reads its memory
  //     no more, and its socket, which is another's as well now, must be closed without a word.

  // Orders nothing from now on, and has what is in flight cancelled.
  void Freeze();
  bool is_frozen() const { return is_frozen_; }
  // No result is still to come. (A notice may be: see ForEachPinnedPage.)
  bool IsSettled() const;
  void Thaw() { is_frozen_ = false; }
  void LetGo(Instant now);
  // What was sent and skipped since the last tick is counted in the mounts.
  void TellMounts();
  // REQUIRES: settled.
  ListenerState StateOf(ListenerSlot slot, Instant now) const;
  // Calls visit(MountSlot, const View&) for each mount that is played.
  template <typename Visit>
  void ForEachView(Visit&& visit) const {
    for (uint32_t i = 0; i < views_.size(); ++i) {
      if (views_[i] != nullptr) visit(MountSlot(i), std::as_const(*views_[i]));
    }
  }

  // The other side. REQUIRES: frozen, until all are restored.
  // `next` is for a view that is moved.
  MountSlot RestoreView(View::Mounts mounts, const ViewState& state, View::Mounts next,
                        Instant now);
  // Begins a listener where it was. Counts it in the mount, but not as one who came.
  // Errors: nothing can be in that state; no room.
  absl::StatusOr<ListenerSlot> Restore(const ListenerState& state, MountSlot view, FdSlot fd,
                                       Instant now);
  void BeginInterval(milliseconds interval) { interval_.Begin(interval); }

  // ---- to look at ----
  const Listener& at(ListenerSlot slot) const { return listeners_[slot]; }
  // Whose listener it is, and whose audio it hears.
  const mount::Mount& MountOf(ListenerSlot slot) const;
  const mount::Mount& PlayedBy(ListenerSlot slot) const;
  // Joined and not yet departed.
  uint32_t listeners() const { return listener_count_; }
  // Sends whose result or notice is still to come.
  uint32_t in_flight() const { return in_flight_count_; }
  // Mounts that are played here, or were until the last tick; one that plays for listeners of
  // several counts for each.
  uint32_t mounts() const { return view_count_; }
  // Pages this shard keeps readable.
  uint32_t pages_held() const;
  const FanOutCounters& counters() const { return counters_; }
  // Calls visit(slot, const Listener&) for each listener, in the order of slots.
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    for (uint32_t i = 0; i < listeners_.extent(); ++i) {
      const Listener& listener = listeners_[ListenerSlot(i)];
      if (listener.place == Place::kNowhere || listener.place == Place::kDeparted) continue;
      visit(ListenerSlot(i), listener);
    }
  }
  // The same from slot `from` on, for as long as visit answers true. Answers the slot to go on
  // with.
  template <typename Visit>
  uint32_t ForEachFrom(uint32_t from, Visit&& visit) const {
    for (; from < listeners_.extent(); ++from) {
      const Listener& listener = listeners_[ListenerSlot(from)];
      if (listener.place == Place::kNowhere || listener.place == Place::kDeparted) continue;
      if (!visit(ListenerSlot(from), listener)) break;
    }
    return from;
  }

 private:
  uint64_t TickOf(Instant now) const { return uint64_t(now.time_since_epoch() / options_.tick); }
  // `tick` as records keep them: 32 bits, compared by difference.
  uint32_t ShortTickOf(Instant now) const { return uint32_t(TickOf(now)); }
  milliseconds TicksSince(uint32_t tick, Instant now) const {
    return (ShortTickOf(now) - tick) * options_.tick;
  }
  View& ViewOf(const Listener& listener) const { return *views_[Index(listener.mount)]; }

  // ---- views ----
  MountSlot FindOrMakeView(View::Mounts mounts, Instant now);
  MountSlot MakeView(View::Mounts mounts, Instant now);
  // It is not what newcomers are put on any more.
  void ForgetCurrent(const View& view);
  void PollView(View& view, Instant now);
  void PollViews(Instant now);
  void TellMount(View& view);
  void LeaveView(View& view, Leaving why, Instant now);
  void Hasten(View& view, Instant now);
  void CutView(View& view);
  MountSlot SuccessorOf(View& view, Instant now);
  bool IsMoving(ListenerSlot slot) const { return !moving_.empty() && moving_.contains(slot); }
  MountSlot NextOf(ListenerSlot slot, View& view, Instant now);
  void ReleaseEmptyViews();

  absl::Status RestoreRuns(Listener& listener, const ListenerState& state, View& view);

  // ---- where a listener begins ----
  void BeginIntro(Listener& listener, View& view, const JoinRequest& request);
  // What is left of the mount's burst behind the listener's intro.
  microseconds BurstOf(const Listener& listener, const View& view) const;
  bool BeginAt(Listener& listener, View& view, const tape::SyncPoint& sync);
  bool BeginExactly(Listener& listener, View& view, const ExactBegin& begin);
  bool BeginBack(Listener& listener, View& view, microseconds back);
  bool BeginOrNewest(Listener& listener, View& view, const std::optional<tape::SyncPoint>& sync);
  bool Skip(ListenerSlot slot, Instant now);

  // ---- a turn ----
  // A move takes time like an order does.
  size_t Done() const { return orders_.size() + moves_in_turn_; }
  bool HasRoom() const { return Done() < options_.orders_per_turn_max; }
  void ServeReady(size_t orders_max, Instant now);
  void ServeWaiting(Instant now);
  void ServeWaitingOf(View& view, Instant now);
  void ServeDue(Instant now);
  void Serve(ListenerSlot slot, Instant now);
  void Order(ListenerSlot slot, const SendPlan& plan, Instant now);
  void Wait(ListenerSlot slot, Instant now);
  void Move(ListenerSlot slot, Instant now);
  void SweepSending(Instant now);

  // ---- the end of a send ----
  void NoteShortSend(Listener& listener, const SendOutcome& outcome);
  void EndSend(ListenerSlot slot, Instant now);
  void Reschedule(ListenerSlot slot, Instant now);
  milliseconds IntervalOf(const View& view) const;
  uint64_t DueTick(ListenerSlot slot, Instant now) const;
  void MakeReady(ListenerSlot slot);
  void Schedule(ListenerSlot slot, uint64_t tick);
  void Cancel(ListenerSlot slot);
  // Takes the listener out of the list it is in.
  void Unplace(ListenerSlot slot);
  // REQUIRES: in no list, nothing in flight, and a reason in `leaving`.
  void Depart(ListenerSlot slot, Instant now);

  FanOutOptions options_;
  Listeners listeners_;
  Wheel wheel_;
  ListenerList ready_;
  ListenerList sending_;  // in the order in which they were ordered
  IntervalLaw interval_;

  std::vector<std::unique_ptr<View>> views_;  // by MountSlot; null: free
  // The views that have not ended, by home and what is played.
  using Played = std::pair<const mount::Mount*, const mount::Mount*>;
  static Played KeyOf(const View& view) { return {&view.home(), &view.mount()}; }
  absl::flat_hash_map<Played, MountSlot> current_;
  uint32_t view_count_ = 0;
  uint32_t next_view_ = 0;    // where serving the waiting goes on
  bool has_waiting_ = false;  // some view serves its waiting listeners
  // Listeners that are to go on elsewhere by themselves, whatever becomes of those they hear it
  // with; few, and not for long.
  absl::flat_hash_map<ListenerSlot, View::Mounts> moving_;
  bool has_empty_view_ = false;

  std::vector<SendOrder> orders_;
  std::vector<iovec> pieces_;
  std::vector<CancelOrder> cancels_;
  std::vector<Departure> departures_;

  FanOutCounters counters_;
  milliseconds lag_{0};
  uint64_t polled_tick_ = 0;
  uint64_t swept_tick_ = 0;
  uint64_t orders_reported_ = 0;  // to the law of the interval
  uint32_t moves_in_turn_ = 0;
  uint32_t last_generation_ = 0;
  uint32_t listener_count_ = 0;
  uint32_t in_flight_count_ = 0;
  bool is_frozen_ = false;
  bool was_cut_ = false;  // the last turn left work for want of room
};

}  // namespace floe::listener
