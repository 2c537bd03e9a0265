// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <queue>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/random/random.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "tools/load/listener.h"
#include "tools/load/load_ring.h"
#include "tools/load/options.h"
#include "tools/load/tally.h"

namespace floe::tools {

inline constexpr uint32_t kListenersPerCrowdMax = 16'384;

// Crowd is the listeners of one thread and ring.
//
//   kAway -> kConnecting -> kAsking -> kHearing -> kClosing -> kGone
//     ^                                               |
//     +---------- churn, or --rejoin -----------------+
//
// Threads   Run() is the thread; Stop(), BeginWindow() and Snapshot() may be called from another.
// Failure   Run() returns what the kernel refused at the start; what happens to a listener is
//           counted.
class Crowd {
 public:
  // Listeners number `first` to `first + count - 1` of the whole run.
  Crowd(const LoadOptions& options, uint32_t first, uint32_t count, double joins_per_s);

  absl::Status Run();
  void Stop() { is_stopped_.store(true, std::memory_order_relaxed); }
  // Counts the longest waits anew. A snapshot whose `window` is that number has none from before.
  void BeginWindow(uint32_t number) { window_.store(number, std::memory_order_relaxed); }
  Tally Snapshot() const;

 private:
  struct Alarm {
    int64_t at_ns;
    uint32_t listener;
    uint32_t generation;
    bool operator>(const Alarm& other) const { return at_ns > other.at_ns; }
  };

  // crowd.cc: the turn, and who joins or leaves when.
  void Enroll();
  void Turn();
  void JoinDue(int64_t now_ns);
  void RingAlarms(int64_t now_ns);
  void TurnWheel(int64_t now_ns);
  void CheckStalls(int64_t now_ns);
  void CheckWindow();
  void Publish();
  bool IsSettled(const Listener& listener) const;

  // crowd_io.cc: one listener's life.
  void Join(uint32_t index, int64_t now_ns);
  int OpenSocket(uint32_t index) const;
  void Dispatch(Token token, const io_uring_cqe& cqe, int64_t now_ns);
  void OnConnected(uint32_t index, int result, int64_t now_ns);
  void OnReceived(uint32_t index, const io_uring_cqe& cqe, int64_t now_ns);
  void OnTicked(uint32_t index, int result, int64_t now_ns);
  void OnReplyBytes(uint32_t index, absl::string_view bytes, int64_t now_ns);
  void BeginHearing(uint32_t index, const ReplyHead& head, int64_t now_ns);
  void Hear(uint32_t index, absl::string_view bytes, size_t count, int64_t now_ns);
  void OnEnded(uint32_t index, int result, int64_t now_ns);
  void OnRefused(uint32_t index, const ReplyHead& head, int64_t now_ns);
  void Fail(uint32_t index, int error, int64_t now_ns);
  void Close(uint32_t index, int64_t again_in_ns, int64_t now_ns);
  void OnClosed(uint32_t index);
  void QueueReceive(uint32_t index);
  void QueueTick(uint32_t index);
  void QueueSimple(uint32_t index, Op op);
  int64_t Soon();
  Flaws& FlawsOf(const Listener& listener) { return tally_.flaws[size_t(listener.kind)]; }
  uint32_t NumberOf(uint32_t index) const { return first_ + index; }

  static constexpr int64_t kNotAgain = -1;

  const LoadOptions& options_;
  const uint32_t first_;
  const double joins_per_s_;
  LoadRing ring_;
  std::vector<Listener> listeners_;
  std::vector<std::string> requests_;  // of each mount: plain, then with Icy-MetaData
  absl::flat_hash_map<uint32_t, std::string> heads_;  // replies that came in part
  std::priority_queue<Alarm, std::vector<Alarm>, std::greater<Alarm>> alarms_;
  std::vector<std::vector<uint32_t>> wheel_;  // who is read at which tick
  uint64_t ticks_ = 0;
  int64_t tick_ns_;
  int64_t began_at_ns_ = 0;
  uint32_t joined_ = 0;  // for the first time: those before this index
  int64_t published_at_ns_ = 0;
  int64_t stalls_checked_at_ns_ = 0;
  absl::BitGen random_;
  Tally tally_;

  std::atomic<bool> is_stopped_{false};
  std::atomic<uint32_t> window_{0};  // that is wanted; the tally has that which is counted
  mutable absl::Mutex mutex_;
  Tally published_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace floe::tools
