// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/load/crowd.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace floe::tools {
namespace {

constexpr int64_t kTickNs = 10 * kNsPerMs;
constexpr int64_t kSlowReadEveryNs = 500 * kNsPerMs;
constexpr int64_t kPublishEveryNs = 100 * kNsPerMs;
constexpr int64_t kCheckStallsEveryNs = kNsPerSecond;
constexpr uint32_t kJoinsPerTurn = 64;
constexpr uint32_t kReapsPerTurn = 8192;

// Spreads shares evenly: of any run of listeners, close to `share` of them fall below it. One
// irrational step per property, so that properties do not go together.
double Position(uint32_t number, double step) { return std::fmod(double(number) * step, 1.0); }
constexpr double kKindStep = 0.6180339887498949;
constexpr double kIcyStep = 0.4142135623730951;
constexpr double kCheckStep = 0.7320508075688772;

Kind KindOf(const LoadOptions& options, uint32_t number) {
  double at = Position(number, kKindStep);
  if ((at -= options.slow_share) < 0) return Kind::kSlow;
  if ((at -= options.never_share) < 0) return Kind::kNever;
  if ((at -= options.churn_share) < 0) return Kind::kChurn;
  if ((at -= options.half_close_share) < 0) return Kind::kHalfClose;
  return Kind::kSteady;
}

std::string RequestFor(const LoadOptions& options, uint32_t mount, bool wants_icy) {
  return absl::StrCat("GET ", MountPath(options.path, mount), " HTTP/1.1\r\nHost: ", options.server,
                      "\r\nUser-Agent: ", options.user_agent,
                      "\r\nAccept: */*\r\nConnection: close\r\n",
                      wants_icy ? "Icy-MetaData: 1\r\n" : "", "\r\n");
}

}  // namespace

Crowd::Crowd(const LoadOptions& options, uint32_t first, uint32_t count, double joins_per_s)
    : options_(options), first_(first), joins_per_s_(joins_per_s), listeners_(count) {
  tick_ns_ = kTickNs;
  const int64_t lap_ns = options.read_every_ns > 0 ? options.read_every_ns : kSlowReadEveryNs;
  wheel_.resize(size_t(std::max<int64_t>(1, lap_ns / kTickNs)));
  Enroll();
}

// Decides who will be what; nobody joins yet.
void Crowd::Enroll() {
  for (uint32_t mount = 0; mount < options_.mounts; ++mount) {
    requests_.push_back(RequestFor(options_, mount, false));
    requests_.push_back(RequestFor(options_, mount, true));
  }
  for (uint32_t i = 0; i < listeners_.size(); ++i) {
    Listener& listener = listeners_[i];
    listener.kind = KindOf(options_, NumberOf(i));
    listener.wants_icy = Position(NumberOf(i), kIcyStep) < options_.icy_share;
    listener.is_checked = Position(NumberOf(i), kCheckStep) < options_.check_share;
    if (listener.kind == Kind::kNever) {
      listener.is_checked = false;
      listener.read_mode = ReadMode::kNever;
    } else if (listener.kind == Kind::kSlow) {
      listener.read_mode = ReadMode::kSlow;
    } else if (listener.is_checked) {
      listener.read_mode = ReadMode::kPrompt;
    } else {
      listener.read_mode = options_.read_every_ns > 0 ? ReadMode::kTicked : ReadMode::kDiscard;
    }
    ++tally_.listeners_of[size_t(listener.kind)];
    tally_.checked += listener.is_checked ? 1 : 0;
  }
}

absl::Status Crowd::Run() {
  if (absl::Status opened = ring_.Open(uint32_t(listeners_.size())); !opened.ok()) return opened;
  began_at_ns_ = NowNs();
  while (!is_stopped_.load(std::memory_order_relaxed)) Turn();
  const int64_t now_ns = NowNs();
  CheckStalls(now_ns);
  for (Listener& listener : listeners_) {
    if (listener.state == Listener::State::kHearing) {
      FlawsOf(listener).stalled_ns += uint64_t(listener.playback.stalled_ns(now_ns));
    }
  }
  Publish();
  return absl::OkStatus();
}

// Wait -> completions -> joins, leaves, reads that are due -> submit with the next wait.
void Crowd::Turn() {
  const bool is_joining = joined_ < listeners_.size() && joins_per_s_ == 0;
  const int64_t next_tick_ns = began_at_ns_ + int64_t(ticks_ + 1) * tick_ns_;
  ring_.SubmitAndWait(is_joining ? 0 : next_tick_ns - NowNs());
  const int64_t now_ns = NowNs();
  CheckWindow();
  ring_.Reap(kReapsPerTurn,
             [&](Token token, const io_uring_cqe& cqe) { Dispatch(token, cqe, now_ns); });
  JoinDue(now_ns);
  RingAlarms(now_ns);
  TurnWheel(now_ns);
  if (now_ns - stalls_checked_at_ns_ >= kCheckStallsEveryNs) {
    stalls_checked_at_ns_ = now_ns;
    CheckStalls(now_ns);
  }
  if (now_ns - published_at_ns_ >= kPublishEveryNs) {
    published_at_ns_ = now_ns;
    Publish();
  }
}

void Crowd::JoinDue(int64_t now_ns) {
  uint64_t allowed = listeners_.size();
  if (joins_per_s_ > 0) {
    allowed = uint64_t(double(now_ns - began_at_ns_) / double(kNsPerSecond) * joins_per_s_) + 1;
  }
  const uint64_t until = std::min<uint64_t>({allowed, listeners_.size(), joined_ + kJoinsPerTurn});
  while (joined_ < until) {
    ++tally_.opened;
    Join(joined_++, NowNs());
  }
}

// An alarm is a churning listener's time to leave, or anyone's to come again.
void Crowd::RingAlarms(int64_t now_ns) {
  for (uint32_t joins = 0; !alarms_.empty() && alarms_.top().at_ns <= now_ns;) {
    const Alarm alarm = alarms_.top();
    const Listener& listener = listeners_[alarm.listener];
    if (listener.state == Listener::State::kAway && ++joins > kJoinsPerTurn) return;
    alarms_.pop();
    if (alarm.generation != listener.generation) continue;
    if (listener.state == Listener::State::kAway) {
      Join(alarm.listener, NowNs());
    } else if (listener.state == Listener::State::kHearing) {
      ++tally_.leaves;
      Close(alarm.listener, Soon(), now_ns);
    }
  }
}

void Crowd::TurnWheel(int64_t now_ns) {
  const uint64_t due = uint64_t((now_ns - began_at_ns_) / tick_ns_);
  // After a hiccup nobody is read twice in one go.
  const uint64_t from = due > wheel_.size() ? std::max(ticks_, due - wheel_.size()) : ticks_;
  for (uint64_t tick = from; tick < due; ++tick) {
    for (const uint32_t index : wheel_[tick % wheel_.size()]) {
      const Listener& listener = listeners_[index];
      if (listener.state == Listener::State::kHearing && !listener.is_receive_armed) {
        QueueTick(index);
      }
    }
  }
  ticks_ = due;
}

// A listener that nothing comes for any more would otherwise never be found dry.
void Crowd::CheckStalls(int64_t now_ns) {
  if (options_.check == Check::kCount) return;
  for (Listener& listener : listeners_) {
    const bool is_judged = listener.kind != Kind::kSlow && listener.kind != Kind::kNever;
    if (!is_judged || listener.state != Listener::State::kHearing) continue;
    // What lies unread in the socket counts as come; the wheel reads it soon.
    const int64_t grace_ns = listener.read_mode == ReadMode::kTicked ? options_.read_every_ns : 0;
    if (listener.playback.Receive(now_ns - grace_ns, 0, true, options_.buffer_ns)) {
      ++FlawsOf(listener).underruns;
    }
  }
}

bool Crowd::IsSettled(const Listener& listener) const {
  if (listener.kind == Kind::kNever && listener.state == Listener::State::kAsking) return true;
  return listener.has_ever_heard || listener.state == Listener::State::kGone;
}

void Crowd::CheckWindow() {
  const uint32_t window = window_.load(std::memory_order_relaxed);
  if (window == tally_.window) return;
  tally_.window = window;
  for (Listener& listener : listeners_) listener.wait.BeginWindow();
}

void Crowd::Publish() {
  tally_.waiting = tally_.hearing = tally_.settled = 0;
  tally_.longest_wait = Histogram();
  for (const Listener& listener : listeners_) {
    const bool is_waiting = listener.state == Listener::State::kConnecting ||
                            listener.state == Listener::State::kAsking;
    tally_.waiting += is_waiting && listener.kind != Kind::kNever ? 1 : 0;
    tally_.hearing += listener.state == Listener::State::kHearing && listener.has_audio ? 1 : 0;
    tally_.settled += IsSettled(listener) ? 1 : 0;
    const int64_t waited_ns = listener.wait.longest_ns();
    if (waited_ns > 0) tally_.longest_wait.Add(uint64_t(waited_ns / 1000));
  }
  absl::MutexLock lock(&mutex_);
  published_ = tally_;
}

Tally Crowd::Snapshot() const {
  absl::MutexLock lock(&mutex_);
  return published_;
}

}  // namespace floe::tools
