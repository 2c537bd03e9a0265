// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "shard/shard.h"

#include <sched.h>

#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"
#include "ring/uring_abi.h"
#include "shard/call.h"

namespace floe::shard {
namespace {

using listener::Leaving;
using ring::OpKind;
using ring::Token;

// Descriptors of the table that listeners leave to sources, requests and accepts under way.
constexpr uint32_t kFdsKeptBack = 512;
constexpr uint32_t kFdsKeptBackShare = 8;  // but at most an eighth of a small table
// Frames of all requests of a shard.
constexpr size_t kFrameArenaBytes = size_t{32} << 20;
constexpr milliseconds kIdleTurn{1'000};  // gauges are refreshed this often at least
constexpr milliseconds kBusyWindow{1'000};
constexpr milliseconds kAfterlifePoll{10};  // of a shard that failed; the process ends soon

listener::SendOutcome DecodeSend(const io_uring_cqe& cqe) {
  return {.sent_bytes = cqe.res > 0 ? uint32_t(cqe.res) : 0,
          .error = cqe.res < 0 ? -cqe.res : 0,
          .releases_memory = (cqe.flags & IORING_CQE_F_MORE) == 0};
}

}  // namespace

Shard::Shard(const ShardOptions& options)
    : index_(options.index),
      descriptors_max_(options.direct_fds),
      reception_(options.reception),
      numbers_(options.numbers),
      frames_(kFrameArenaBytes),
      roots_(kRequestsPerShardMax),
      fan_out_(options.fan_out),
      zero_copy_(options.zero_copy),
      lateness_(options.lag_max),
      mailbox_(kMailboxEntries),
      messages_(options.fan_out.orders_per_turn_max) {}

absl::StatusOr<std::unique_ptr<Shard>> Shard::Open(const ShardOptions& options) {
  auto shard = std::unique_ptr<Shard>(new Shard(options));  // the constructor is private
  if (absl::Status opened = shard->OpenRing(options); !opened.ok()) return opened;
  return shard;
}

absl::Status Shard::OpenRing(const ShardOptions& options) {
  ring::FrameArena::Install(&frames_);
  ring::RingOptions ring_options;
  ring_options.direct_fds = options.direct_fds;
  absl::StatusOr<std::unique_ptr<ring::Ring>> ring = ring::Ring::Create(ring_options);
  if (!ring.ok()) return ring.status();
  ring_ = std::move(*ring);
  ring_fd_ = ring_->fd();
  absl::StatusOr<std::unique_ptr<ring::BufferRing>> buffers =
      ring::BufferRing::Create(*ring_, kReceiveBuffersPerShard);
  if (!buffers.ok()) return buffers.status();
  buffers_ = std::move(*buffers);
  io_ = std::make_unique<ring::Io>(*ring_, *buffers_);
  acceptor_ = std::make_unique<Acceptor>(*ring_, options.listening_fds);
  if (options.begins_paused) {
    acceptor_->Pause();
    fan_out_.Freeze();
  }
  now_ = measured_ = window_begin_ = Clock::now();
  gauges_.last_turn_ns = now_.time_since_epoch().count();  // alive, though nothing came yet
  return absl::OkStatus();
}

Shard::~Shard() { ring::FrameArena::Install(nullptr); }

absl::Status Shard::Run() {
  reception_->Begin(*this);
  while (!stopping_ || !IsFinished()) {
    if (absl::Status turned = Turn(); !turned.ok()) return turned;
    if (stopping_ && !IsFinished() && now_ >= stop_by_) {
      return absl::DeadlineExceededError("requests did not end in time");
    }
  }
  return absl::OkStatus();
}

absl::Status Shard::Turn() {
  acceptor_->Refill(std::min(
      {roots_.room(), frames_.RequestsWithRoom(), ring_->direct_fds() - ring_->direct_fds_open()}));
  if (absl::Status entered = ring_->SubmitAndWait(WaitTime()); !entered.ok()) return entered;
  now_ = Clock::now();
  ring_->Reap(
      kReapMax, [this](const io_uring_cqe& cqe) { Announce(cqe); },
      [this](const io_uring_cqe& cqe) { Dispatch(cqe); });
  FanOut();
  io_->Expire(now_);
  return absl::OkStatus();
}

nanoseconds Shard::WaitTime() const {
  Instant wake = now_ + kIdleTurn;
  if (const std::optional<Instant> turn = fan_out_.NextTurn(now_)) wake = std::min(wake, *turn);
  if (const std::optional<Instant> due = io_->NextDeadline()) wake = std::min(wake, *due);
  if (stopping_) wake = std::min(wake, stop_by_);
  return std::max(nanoseconds(0), wake - Clock::now());
}

void Shard::Announce(const io_uring_cqe& cqe) {
  const Token token(cqe.user_data);
  if (token.kind() == OpKind::kSend) fan_out_.PrefetchSent(ListenerSlot(token.slot()));
}

void Shard::Dispatch(const io_uring_cqe& cqe) {
  const Token token(cqe.user_data);
  switch (token.kind()) {
    case OpKind::kSend: return OnSendCompletion(cqe, token);
    case OpKind::kAwait: return io_->OnCompletion(token.op(), cqe.res, cqe.flags);
    case OpKind::kAccept: return OnAccepted(token.slot(), cqe.res);
    case OpKind::kMail: return OnMail();
    case OpKind::kInstall: return OnInstalled(token.slot(), cqe.res);
    case OpKind::kQuiet: return;  // a close, cancel or shutdown that had nothing left to do
  }
  FLOE_BUG("completion of no known kind", token.bits());
}

void Shard::OnSendCompletion(const io_uring_cqe& cqe, Token token) {
  const auto slot = ListenerSlot(token.slot());
  if ((cqe.flags & IORING_CQE_F_NOTIF) == 0) {
    return fan_out_.OnSent(slot, token.generation(), DecodeSend(cqe), now_);
  }
  zero_copy_.Learn(slot, ring::NoticeSaysCopied(cqe));
  fan_out_.OnNotice(slot, token.generation(), now_);
}

void Shard::OnAccepted(uint32_t index, int32_t result) {
  std::optional<Acceptor::Arrival> arrival = acceptor_->OnAccepted(index, result);
  if (!arrival.has_value() || stopping_) return;
  // There is room: Refill has seen to it. (Without, the socket would close at once.)
  Spawn(reception_->WelcomeBy(*this, std::move(arrival->socket), arrival->peer,
                              arrival->listening_fd));
}

void Shard::OnMail() {
  mailbox_.Woken();
  Mail mail{};
  while (mailbox_.Take(&mail)) {
    switch (mail.kind) {
      case Mail::Kind::kResume: io_->Complete(mail.op); break;
      case Mail::Kind::kEndSource: EndSource(mail.mount); break;
      case Mail::Kind::kCall: mail.call->Run(*this); break;
      case Mail::Kind::kStop: Stop(); break;
    }
  }
}

// Orders become submission entries, and are given to the kernel here, so that what sending costs
// can be told from what waiting takes.
void Shard::FanOut() {
  const Instant begin = Clock::now();
  fan_out_.Turn(now_);
  WatchLag();
  uint32_t index = 0;
  for (const listener::SendOrder& order : fan_out_.orders()) Send(order, index++);
  for (const listener::CancelOrder& cancel : fan_out_.cancels()) {
    if (cancel.awaits_notice_only) {
      ring_->QueueAbort(cancel.fd);  // there is no operation left to cancel
    } else {
      ring_->QueueCancel(Token::Of(OpKind::kSend, Index(cancel.listener), cancel.generation));
    }
  }
  for (const listener::Departure& departure : fan_out_.departures()) See(departure);
  const bool sent_any = index > 0;
  fan_out_.Consumed();
  if (sent_any) ring_->Submit();
  Measure(sent_any ? Clock::now() - begin : nanoseconds(0));
}

void Shard::Send(const listener::SendOrder& order, uint32_t index) {
  const Token token = Token::Of(OpKind::kSend, Index(order.listener), order.generation);
  const std::span<const iovec> pieces = fan_out_.pieces(order);
  const bool is_zero_copy = zero_copy_.Wants(order.listener, order.bytes);
  gauges_.send_bytes.ObserveAlone(order.bytes);
  if (order.is_one_piece()) {
    const std::span bytes(static_cast<const std::byte*>(pieces[0].iov_base), pieces[0].iov_len);
    if (is_zero_copy) return ring_->QueueSendZeroCopy(order.fd, bytes, token);
    return ring_->QueueSend(order.fd, bytes, token);
  }
  msghdr& message = messages_[index];
  message = {};
  message.msg_iov = const_cast<iovec*>(pieces.data());  // the kernel only reads it
  message.msg_iovlen = pieces.size();
  if (is_zero_copy) return ring_->QueueSendMessageZeroCopy(order.fd, &message, token);
  ring_->QueueSendMessage(order.fd, &message, token);
}

// The last of a listener: who kept something of it, and its socket. One that was handed over goes
// on elsewhere, and so does what is kept of it.
void Shard::See(const listener::Departure& departure) {
  if (departure.leaving != Leaving::kHandedOver) reception_->Departed(*this, departure);
  details_.Clear(departure.listener);
  ring_->QueueClose(departure.fd);
}

void Shard::WatchLag() {
  const milliseconds lag = fan_out_.lag();
  if (!lateness_.Observe(lag, now_)) return;
  if (!lateness_.is_late()) {
    return log::Info(absl::StrCat("shard ", index_, " is in time again: newcomers are welcome"));
  }
  log::Warn(absl::StrCat("shard ", index_, " serves its ", fan_out_.listeners(), " listeners ",
                         lag.count(), " ms late: newcomers are refused"));
}

void Shard::WatchSeats() {
  const bool is_full = !HasSeat();
  if (is_full == std::exchange(is_full_, is_full)) return;
  if (!is_full) return log::Info(absl::StrCat("shard ", index_, " has room for listeners again"));
  log::Warn(absl::StrCat("shard ", index_, " is full: ", fan_out_.listeners(), " listeners, and ",
                         descriptors_kept_back(), " of ", descriptors_max_,
                         " descriptors are kept for sources and requests; raise the limit of open "
                         "files, or server.shards"));
}

void Shard::Measure(nanoseconds fan_out_time) {
  gauges_.last_turn_ns.store(now_.time_since_epoch().count(), std::memory_order_relaxed);
  gauges_.requests.store(roots_.running(), std::memory_order_relaxed);
  gauges_.listeners.store(fan_out_.listeners(), std::memory_order_relaxed);
  gauges_.moves.store(fan_out_.counters().moves, std::memory_order_relaxed);
  fan_out_.ReportBusy(fan_out_time, now_ - measured_);
  measured_ = now_;
  busy_in_window_ += fan_out_time;
  const nanoseconds window = now_ - window_begin_;
  if (window < kBusyWindow) return;
  gauges_.busy_permille = uint32_t(busy_in_window_ * 1000 / window);
  gauges_.interval_ms = uint32_t(fan_out_.interval().count());
  gauges_.lag_ms = uint32_t(lateness_.TakePeak().count());
  gauges_.descriptors = ring_->direct_fds_open();
  gauges_.zero_copy_sends = zero_copy_.notices();
  gauges_.zero_copy_copied = zero_copy_.copied();
  WatchSeats();
  gauges_.sends = fan_out_.counters().orders;
  gauges_.sent_bytes = fan_out_.counters().sent_bytes;
  gauges_.short_sends = fan_out_.counters().short_sends;
  gauges_.failed_sends = fan_out_.counters().failed_sends;
  gauges_.skips = fan_out_.counters().skips;
  gauges_.turns_cut = fan_out_.counters().turns_cut;
  gauges_.ring_overflows = ring_->overflows();
  busy_in_window_ = nanoseconds(0);
  window_begin_ = now_;
}

uint32_t Shard::descriptors_kept_back() const {
  return std::min(kFdsKeptBack, descriptors_max_ / kFdsKeptBackShare);
}

bool Shard::HasSeat(uint32_t promised) const {
  return fan_out_.listeners() + promised + descriptors_kept_back() < descriptors_max_;
}

bool Shard::Adopt(ring::DirectFd socket, listener::JoinRequest request, const Guest& guest,
                  ListenerSlot* seated) {
  if (stopping_ || has_let_go_ || !HasSeat()) return false;
  request.fd = socket.slot();
  const ListenerSlot slot = fan_out_.Join(std::move(request), now_);
  if (slot == kNoSlot<ListenerSlot>) return false;
  (void)std::move(socket).Release();
  if (seated != nullptr) *seated = slot;
  details_.Set(slot, guest.number != 0 ? guest.number : numbers_->Take(), guest, absl::Now());
  zero_copy_.Begin(slot);
  gauges_.listeners = fan_out_.listeners();
  gauges_.joins = fan_out_.counters().joins;
  return true;
}

bool Shard::Kick(ListenerSlot slot) {
  if (fan_out_.at(slot).leaving != Leaving::kStaying) return false;
  fan_out_.Leave(slot, Leaving::kKicked, now_);
  return true;
}

void Shard::Stop() {
  if (stopping_) return;
  stopping_ = true;
  stop_by_ = now_ + kStopTimeMax;
  acceptor_->Pause();
  if (!has_let_go_) fan_out_.LeaveAll(Leaving::kStopping, now_);
  io_->InterruptAll();
}

void Shard::AnswerUntilStopped() {
  while (!stopping_) {
    Mail mail{};
    while (mailbox_.Take(&mail)) {
      if (mail.kind == Mail::Kind::kCall) mail.call->Done();
      stopping_ |= mail.kind == Mail::Kind::kStop;
    }
    std::this_thread::sleep_for(kAfterlifePoll);
  }
}

void Shard::Change(const ShardOptions& options) {
  fan_out_.Change(options.fan_out);
  zero_copy_.SetMode(options.zero_copy);
  lateness_.SetLagMax(options.lag_max);
}

bool Shard::IsEmpty() const {
  return roots_.running() == 0 && fan_out_.listeners() == 0 && fan_out_.in_flight() == 0;
}

bool Shard::IsFinished() const { return IsEmpty() && acceptor_->in_flight() == 0; }

void Shard::Post(const Mail& mail, ring::Waker& waker) {
  // Full only while the shard is in a long turn; a worker can wait for that.
  while (!mailbox_.Post(mail)) sched_yield();
  if (mailbox_.ShouldWake()) waker.Wake(ring_fd_, Token::Of(OpKind::kMail, 0, 0));
}

void Shard::Post(const Mail& mail, Shard& from) {
  if (&from == this) {
    if (mail.kind == Mail::Kind::kEndSource) EndSource(mail.mount);
    return;
  }
  // A shard never waits for another: what does not fit is said again by who wants it still.
  if (!mailbox_.Post(mail)) return;
  if (mailbox_.ShouldWake()) from.ring_->QueueWake(ring_fd_, Token::Of(OpKind::kMail, 0, 0));
}

}  // namespace floe::shard
