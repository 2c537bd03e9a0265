// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/address.h"
#include "base/clock.h"
#include "listener/fan_out.h"
#include "metrics/histogram.h"
#include "ring/buffer_ring.h"
#include "ring/direct_fd.h"
#include "ring/io.h"
#include "ring/mailbox.h"
#include "ring/ring.h"
#include "ring/task.h"
#include "ring/waker.h"
#include "shard/acceptor.h"
#include "shard/lateness.h"
#include "shard/listener_details.h"
#include "shard/listener_numbers.h"
#include "shard/mail.h"
#include "shard/socket_batch.h"
#include "shard/zero_copy.h"

namespace floe::shard {

class Shard;

// What a shard does with who comes in; the sessions' side of it, which a shard knows only so far.
class Reception {
 public:
  virtual ~Reception() = default;
  // Once, on the shard's thread, before its first turn: what runs there by itself.
  virtual void Begin(Shard& shard) = 0;
  // Runs as a root task of the shard, for one accepted socket.
  virtual ring::Task<> Welcome(Shard& shard, ring::DirectFd socket, Address peer) = 0;
  // The same, for who wants to know by which of the listening sockets it came.
  virtual ring::Task<> WelcomeBy(Shard& shard, ring::DirectFd socket, Address peer,
                                 int listening_fd) {
    return Welcome(shard, std::move(socket), peer);
  }
  // A listener is no more, and was not handed over. Its record and its details are still there, its
  // socket is about to be closed. Must not wait.
  virtual void Departed(Shard& shard, const listener::Departure& departure) = 0;
};

struct ShardOptions {
  uint32_t index = 0;
  bool begins_paused = false;  // nothing moves before GoOn: what is to be here is taken over
  uint32_t direct_fds = 1024;
  std::vector<int> listening_fds;  // the server's; open as long as the shard runs
  listener::FanOutOptions fan_out;
  config::Fanout::ZeroCopy zero_copy = config::Fanout::ZeroCopy::kAuto;
  milliseconds lag_max{500};  // beyond it newcomers are refused
  Reception* reception = nullptr;
  ListenerNumbers* numbers = nullptr;  // the process's; outlives the shard
};

// What others may read of a shard at any time. The shard alone writes it.
struct ShardGauges {
  std::atomic<uint32_t> listeners{0};
  std::atomic<uint32_t> requests{0};  // under way: who asks, who feeds, files that play
  std::atomic<uint32_t> interval_ms{0};
  std::atomic<uint32_t> busy_permille{0};  // of a core, over the last second
  std::atomic<uint32_t> lag_ms{0};         // how late the latest listener was served, at most
  std::atomic<uint32_t> descriptors{0};    // in the table, of descriptors_max
  std::atomic<int64_t> last_turn_ns{0};    // of the monotonic clock; an idle shard turns as well
  std::atomic<uint64_t> joins{0};          // listeners since the start
  std::atomic<uint64_t> moves{0};          // listeners that went on with another mount's audio
  std::atomic<uint64_t> sends{0};
  std::atomic<uint64_t> sent_bytes{0};
  std::atomic<uint64_t> zero_copy_sends{0};
  std::atomic<uint64_t> zero_copy_copied{0};  // of those: the kernel copied all the same
  std::atomic<uint64_t> short_sends{0};       // of which the socket took a part, or nothing
  std::atomic<uint64_t> failed_sends{0};      // for want of kernel memory: tried again
  std::atomic<uint64_t> skips{0};             // listeners that lost audio and went on
  std::atomic<uint64_t> turns_cut{0};         // that had more to send than a turn may
  std::atomic<uint64_t> ring_overflows{0};    // completions that came late
  metrics::Histogram send_bytes{metrics::SendSizeBounds()};  // of what was given to the kernel
};

// Shard is one thread's world: a ring, its listeners, its requests. A turn:
//
//   wait -> reap -> fan out -> close who left -> expire deadlines -> enter -> ...
//
// Completions only change state; sending happens once per turn, so that one enter serves all that
// was ready.
//
// Lifetime  of its thread: opened, run and destroyed there.
// Threads   All methods are the shard's own, but Post, index and gauges: any thread's.
// Failure   Open and Run answer a Status. Of one peer's failures nobody else learns.
class Shard {
 public:
  static absl::StatusOr<std::unique_ptr<Shard>> Open(const ShardOptions& options);
  ~Shard();

  // Turns until told to stop, and then until everything is finished, at most kStopTimeMax.
  absl::Status Run();
  // After a Run that failed: answers calls without running them, until told to stop, so that nobody
  // waits for a shard that turns no more.
  void AnswerUntilStopped();

  // ---- for sessions ----
  ring::Io& io() { return *io_; }
  // Begins a coroutine that nobody awaits; false when there is no room for it.
  bool Spawn(ring::Task<> task) { return roots_.Run(std::move(task)); }
  // The time this turn began; good for deadlines.
  Instant now() const { return now_; }
  // Whether one more listener may sit here, besides so many that were promised a seat before:
  // descriptors are kept back for sources and requests.
  bool HasSeat(uint32_t promised = 0) const;
  // A seat is promised to who is still being answered. Answers how many were before.
  uint32_t PromiseSeat() { return seats_promised_++; }
  void SettlePromise() { --seats_promised_; }
  // Whether those who listen here are served so late that nobody may be added.
  bool IsLate() const { return lateness_.is_late(); }
  // The number of who is about to be a listener, for its Guest.
  uint64_t TakeListenerNumber() { return numbers_->Take(); }
  // Turns a welcomed socket into a listener, and says which. False: no seat, and the socket is
  // closed.
  bool Adopt(ring::DirectFd socket, listener::JoinRequest request, const Guest& guest,
             ListenerSlot* seated = nullptr);
  // Ends the waits of a source that feeds `mount` here.
  void EndSource(const void* mount) { io_->Interrupt(mount); }

  // ---- for a reload, by way of CallEach ----
  // Takes what may change while it turns: see FanOut::Change; zero_copy, lag_max.
  void Change(const ShardOptions& options);
  void BeginAccepting(int listening_fd) { acceptor_->Add(listening_fd); }
  void EndAccepting(int listening_fd) { acceptor_->Remove(listening_fd); }

  // ---- for calls (call.h) ----
  listener::FanOut& fan_out() { return fan_out_; }
  const listener::FanOut& fan_out() const { return fan_out_; }
  const ListenerDetails& details() const { return details_; }
  ring::Ring& ring() { return *ring_; }
  // Ends a listener, if it is not on its way out already: answers whether it was there to end.
  bool Kick(ListenerSlot slot);

  // ---- hand-over ----
  // Nobody is accepted any more until GoOn; who was is still welcomed.
  void PauseArrivals() { acceptor_->Pause(); }
  bool HasArrivals() const { return acceptor_->in_flight() > 0; }
  // Arrivals and listeners go on.
  void GoOn();
  // The listeners are another process's: closes what was theirs here without a word.
  void LetGo();
  // Whether nobody is here any more: no request, no listener, no send.
  bool IsEmpty() const;
  // A descriptor of the process for each of the sockets; the batch is told when all are made.
  void Install(SocketBatch& batch);
  // Seats a listener where it was in the process before. Errors: nothing can be in that state.
  absl::StatusOr<ListenerSlot> Restore(const listener::ListenerState& state, MountSlot view,
                                       FdSlot fd, uint64_t id, const Guest& guest,
                                       absl::Time connected);

  // ---- for other threads ----
  void Post(const Mail& mail, ring::Waker& waker);
  // From another shard's thread.
  void Post(const Mail& mail, Shard& from);
  uint32_t index() const { return index_; }
  // Places of the table of descriptors, and how many of them listeners leave to others.
  uint32_t descriptors_max() const { return descriptors_max_; }
  uint32_t descriptors_kept_back() const;
  const ShardGauges& gauges() const { return gauges_; }

  static constexpr milliseconds kStopTimeMax{1'500};

 private:
  explicit Shard(const ShardOptions& options);
  absl::Status OpenRing(const ShardOptions& options);
  absl::Status Turn();
  void Announce(const io_uring_cqe& cqe);
  void Dispatch(const io_uring_cqe& cqe);
  void OnAccepted(uint32_t index, int32_t result);
  void OnMail();
  void OnInstalled(uint32_t index, int32_t result);
  void OnSendCompletion(const io_uring_cqe& cqe, ring::Token token);
  void FanOut();
  void Send(const listener::SendOrder& order, uint32_t index);
  void See(const listener::Departure& departure);
  void Stop();
  bool IsFinished() const;
  nanoseconds WaitTime() const;
  void WatchLag();
  void WatchSeats();
  void Measure(nanoseconds fan_out_time);

  const uint32_t index_;
  const uint32_t descriptors_max_;
  Reception* const reception_;
  ListenerNumbers* const numbers_;
  ring::FrameArena frames_;
  ring::RootTasks roots_;
  std::unique_ptr<ring::Ring> ring_;
  std::unique_ptr<ring::BufferRing> buffers_;
  std::unique_ptr<ring::Io> io_;
  std::unique_ptr<Acceptor> acceptor_;
  listener::FanOut fan_out_;
  ListenerDetails details_;
  ZeroCopy zero_copy_;
  Lateness lateness_;
  ring::Mailbox<Mail> mailbox_;
  int ring_fd_ = -1;  // for those who wake this shard
  SocketBatch* installing_ = nullptr;
  std::vector<msghdr> messages_;  // of this turn's gather sends
  Instant now_;
  Instant measured_;
  Instant window_begin_;  // of the busy share's measurement
  nanoseconds busy_in_window_{0};
  Instant stop_by_{};
  uint32_t seats_promised_ = 0;
  bool is_full_ = false;  // as was logged
  bool stopping_ = false;
  bool has_let_go_ = false;  // who still is here is another process's
  ShardGauges gauges_;
};

}  // namespace floe::shard
