// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// One listener's life: connect, ask, hear, close.
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "tools/load/crowd.h"

namespace floe::tools {
namespace {

constexpr uint32_t kKbpsUnknown = 128;
constexpr size_t kDiscardBytesMax = size_t{1} << 24;
constexpr int kProbeEveryS = 1;
constexpr int64_t kRejoinMinNs = 500 * kNsPerMs;
constexpr int64_t kRejoinMaxNs = 1500 * kNsPerMs;

void SetOption(int fd, int level, int option, int value) {
  (void)setsockopt(fd, level, option, &value, sizeof(value));
}

}  // namespace

int64_t Crowd::Soon() { return absl::Uniform<int64_t>(random_, kRejoinMinNs, kRejoinMaxNs); }

// A blocking socket: the ring polls for us, and a non-blocking one would be told EAGAIN instead.
int Crowd::OpenSocket(uint32_t index) const {
  const int fd = socket(options_.server_address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  if (options_.mss > 0) SetOption(fd, IPPROTO_TCP, TCP_MAXSEG, int(options_.mss));
  if (options_.receive_buffer > 0)
    SetOption(fd, SOL_SOCKET, SO_RCVBUF, int(options_.receive_buffer));
  if (listeners_[index].kind == Kind::kNever) {
    // A server that gives up on who never reads need not say so: a probe finds out.
    SetOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    SetOption(fd, IPPROTO_TCP, TCP_KEEPIDLE, kProbeEveryS);
    SetOption(fd, IPPROTO_TCP, TCP_KEEPINTVL, kProbeEveryS);
  }
  if (options_.resets) {
    const linger at_once{1, 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  }
  const bool is_chosen = !options_.source_addresses.empty();
  if (!is_chosen && !options_.server_address.IsLoopback4()) return fd;
  const Address source =
      is_chosen ? options_.source_addresses[NumberOf(index) % options_.source_addresses.size()]
                : LoopbackSource(NumberOf(index));
  // The port is chosen at connect, per four-tuple: an address serves any number of servers.
  SetOption(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  if (bind(fd, source.get(), source.bytes) == 0) return fd;
  const int error = errno;
  close(fd);
  return -error;
}

void Crowd::Join(uint32_t index, int64_t now_ns) {
  Listener& listener = listeners_[index];
  ++tally_.joins;
  listener.asked_at_ns = now_ns;
  listener.playback = Playback();
  listener.has_byte = listener.has_audio = false;
  listener.state = Listener::State::kConnecting;
  const int fd = OpenSocket(index);
  if (fd < 0 || !ring_.Install(index, fd).ok()) {
    if (fd >= 0) close(fd);
    ++tally_.failed_connects;
    ++tally_.connect_errors[fd < 0 ? -fd : ENFILE];
    listener.comes_again = options_.rejoins;
    if (options_.rejoins) alarms_.push({now_ns + Soon(), index, listener.generation + 1});
    OnClosed(index);
    return;
  }
  close(fd);  // the table has it now
  io_uring_sqe* sqe = ring_.Next();
  io_uring_prep_connect(sqe, int(index), options_.server_address.get(),
                        options_.server_address.bytes);
  sqe->flags |= IOSQE_FIXED_FILE;
  ring_.Seal(sqe, {Op::kConnect, index});
  ++listener.ops_in_flight;
}

void Crowd::Dispatch(Token token, const io_uring_cqe& cqe, int64_t now_ns) {
  if (token.op == Op::kCancel) return;
  Listener& listener = listeners_[token.listener];
  if ((cqe.flags & IORING_CQE_F_MORE) == 0) --listener.ops_in_flight;
  switch (token.op) {
    case Op::kConnect: OnConnected(token.listener, cqe.res, now_ns); break;
    case Op::kReceive:
      OnReceived(token.listener, cqe, now_ns);
      ring_.Recycle(cqe);
      break;
    case Op::kTick: {
      listener.is_receive_armed = false;
      if ((cqe.flags & IORING_CQE_F_BUFFER) != 0 && listener.state == Listener::State::kHearing) {
        Hear(token.listener, ring_.Received(cqe), size_t(cqe.res), now_ns);
      } else {
        OnTicked(token.listener, cqe.res, now_ns);
      }
      ring_.Recycle(cqe);
      break;
    }
    case Op::kPoll:
      listener.is_receive_armed = false;
      if (listener.state == Listener::State::kAsking) {
        tally_.never_closed_after.Add(uint64_t((now_ns - listener.asked_at_ns) / 1000));
        OnEnded(token.listener, -ECONNRESET, now_ns);
      }
      break;
    case Op::kSend:
      if (cqe.res > 0 && listener.kind == Kind::kHalfClose &&
          listener.state != Listener::State::kClosing) {
        QueueSimple(token.listener, Op::kShutdown);
      }
      break;
    case Op::kShutdown:
    case Op::kClose:
    case Op::kCancel: break;
  }
  if (listener.state == Listener::State::kClosing && listener.ops_in_flight == 0) {
    OnClosed(token.listener);
  }
}

void Crowd::OnConnected(uint32_t index, int result, int64_t now_ns) {
  Listener& listener = listeners_[index];
  if (result < 0) return Fail(index, -result, now_ns);
  tally_.connect.Add(uint64_t((now_ns - listener.asked_at_ns) / 1000));
  listener.state = Listener::State::kAsking;
  const std::string& request =
      requests_[NumberOf(index) % options_.mounts * 2 + (listener.wants_icy ? 1 : 0)];
  io_uring_sqe* sqe = ring_.Next();
  io_uring_prep_send(sqe, int(index), request.data(), request.size(), MSG_NOSIGNAL);
  sqe->flags |= IOSQE_FIXED_FILE;
  ring_.Seal(sqe, {Op::kSend, index});
  ++listener.ops_in_flight;
  if (listener.read_mode == ReadMode::kNever) {
    QueueSimple(index, Op::kPoll);
    listener.is_receive_armed = true;
  } else {
    QueueReceive(index);
  }
}

// Arms the receive that waits: with buffers while the reply is to be read, or all is to be
// checked; else one that lets the kernel drop what came and say how much it was.
void Crowd::QueueReceive(uint32_t index) {
  Listener& listener = listeners_[index];
  const bool is_prompt = listener.read_mode == ReadMode::kPrompt;
  io_uring_sqe* sqe = ring_.Next();
  if (is_prompt || listener.state == Listener::State::kAsking) {
    if (is_prompt) {
      io_uring_prep_recv_multishot(sqe, int(index), nullptr, 0, 0);
    } else {
      io_uring_prep_recv(sqe, int(index), nullptr, LoadRing::kBufferBytes, 0);
    }
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = 0;
  } else {
    io_uring_prep_recv(sqe, int(index), nullptr, kDiscardBytesMax, MSG_TRUNC);
  }
  sqe->ioprio |= IORING_RECVSEND_POLL_FIRST;
  sqe->flags |= IOSQE_FIXED_FILE;
  ring_.Seal(sqe, {Op::kReceive, index});
  ++listener.ops_in_flight;
  listener.is_receive_armed = true;
}

// Reads what is there now and waits for nothing.
void Crowd::QueueTick(uint32_t index) {
  Listener& listener = listeners_[index];
  size_t bytes = kDiscardBytesMax;
  if (listener.read_mode == ReadMode::kSlow) {
    const double per_tick = double(wheel_.size()) * double(tick_ns_) / double(kNsPerSecond);
    bytes = size_t(double(listener.kbps) * 125 * options_.slow_rate * per_tick) + 1;
  }
  io_uring_sqe* sqe = ring_.Next();
  if (listener.ear != nullptr) {
    io_uring_prep_recv(sqe, int(index), nullptr, std::min<size_t>(bytes, LoadRing::kBufferBytes),
                       MSG_DONTWAIT);
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = 0;
  } else {
    io_uring_prep_recv(sqe, int(index), nullptr, bytes, MSG_TRUNC | MSG_DONTWAIT);
  }
  sqe->flags |= IOSQE_FIXED_FILE;
  ring_.Seal(sqe, {Op::kTick, index});
  ++listener.ops_in_flight;
  listener.is_receive_armed = true;
}

void Crowd::QueueSimple(uint32_t index, Op op) {
  io_uring_sqe* sqe = ring_.Next();
  if (op == Op::kPoll) io_uring_prep_poll_add(sqe, int(index), POLLRDHUP | POLLHUP | POLLERR);
  if (op == Op::kShutdown) io_uring_prep_shutdown(sqe, int(index), SHUT_WR);
  if (op == Op::kClose) io_uring_prep_close_direct(sqe, index);
  if (op != Op::kClose) sqe->flags |= IOSQE_FIXED_FILE;
  ring_.Seal(sqe, {op, index});
  ++listeners_[index].ops_in_flight;
}

void Crowd::OnReceived(uint32_t index, const io_uring_cqe& cqe, int64_t now_ns) {
  Listener& listener = listeners_[index];
  if ((cqe.flags & IORING_CQE_F_MORE) == 0) listener.is_receive_armed = false;
  if (listener.state == Listener::State::kClosing) return;
  if (cqe.res == 0 || (cqe.res < 0 && cqe.res != -ENOBUFS)) return OnEnded(index, cqe.res, now_ns);
  if (cqe.res > 0) {
    ++tally_.receives;
    const bool has_bytes = (cqe.flags & IORING_CQE_F_BUFFER) != 0;
    const absl::string_view bytes = has_bytes ? ring_.Received(cqe) : absl::string_view();
    if (listener.state == Listener::State::kAsking) {
      OnReplyBytes(index, bytes, now_ns);
    } else {
      Hear(index, bytes, size_t(cqe.res), now_ns);
    }
  }
  if (listener.state == Listener::State::kClosing || listener.is_receive_armed) return;
  // The wheel begins once there was audio: the first must not wait for its turn to be measured.
  const bool waits = listener.state == Listener::State::kAsking ||
                     listener.read_mode == ReadMode::kPrompt ||
                     listener.read_mode == ReadMode::kDiscard ||
                     (listener.read_mode == ReadMode::kTicked && !listener.has_audio);
  if (waits) QueueReceive(index);
}

void Crowd::OnTicked(uint32_t index, int result, int64_t now_ns) {
  if (listeners_[index].state != Listener::State::kHearing) return;
  if (result == -ENOBUFS) return;  // at the next turn of the wheel
  if (result == 0 || (result < 0 && result != -EAGAIN)) return OnEnded(index, result, now_ns);
  tally_.receives += result > 0 ? 1 : 0;
  Hear(index, {}, size_t(std::max(result, 0)), now_ns);
}

void Crowd::OnReplyBytes(uint32_t index, absl::string_view bytes, int64_t now_ns) {
  Listener& listener = listeners_[index];
  if (!listener.has_byte) {
    listener.has_byte = true;
    tally_.first_byte.Add(uint64_t((now_ns - listener.asked_at_ns) / 1000));
  }
  std::string joined;
  if (const auto part = heads_.find(index); part != heads_.end()) {
    joined = std::move(part->second);
    heads_.erase(part);
    joined.append(bytes.data(), bytes.size());
    bytes = joined;
  }
  const std::optional<ReplyHead> head = ReplyHead::Decode(bytes);
  if (!head.has_value()) {
    heads_[index] = std::string(bytes);
    return;
  }
  ++tally_.statuses[head->status];
  if (head->status != 200) return OnRefused(index, *head, now_ns);
  BeginHearing(index, *head, now_ns);
  bytes.remove_prefix(head->head_bytes);
  if (!bytes.empty()) Hear(index, bytes, bytes.size(), now_ns);
}

void Crowd::BeginHearing(uint32_t index, const ReplyHead& head, int64_t now_ns) {
  Listener& listener = listeners_[index];
  listener.state = Listener::State::kHearing;
  const uint32_t kbps = options_.kbps != 0 ? options_.kbps : head.kbps;
  listener.kbps = uint16_t(kbps != 0 ? std::min<uint32_t>(kbps, UINT16_MAX) : kKbpsUnknown);
  const std::optional<Format> format = Ear::FormatOf(head.content_type);
  if (listener.is_checked && format.has_value()) {
    const Ear::Terms terms{listener.kind, NumberOf(index) % options_.mounts, options_.mounts > 1,
                           INT64_MAX};
    listener.ear = std::make_unique<Ear>(*format, head.metaint, terms);
  }
  const bool is_wheeled =
      listener.read_mode == ReadMode::kTicked || listener.read_mode == ReadMode::kSlow;
  if (is_wheeled && !listener.is_on_wheel) {
    listener.is_on_wheel = true;
    wheel_[index % wheel_.size()].push_back(index);
  }
  if (listener.kind == Kind::kChurn) {
    const double stay = absl::Exponential<double>(random_, 1.0 / double(options_.churn_every_ns));
    alarms_.push({now_ns + int64_t(stay), index, listener.generation});
  }
}

// `count` bytes of the body; `bytes` holds them where they were read for checking.
void Crowd::Hear(uint32_t index, absl::string_view bytes, size_t count, int64_t now_ns) {
  Listener& listener = listeners_[index];
  if (count > 0 && !listener.has_audio) {
    if (!listener.has_ever_heard) tally_.last_first_audio_ns = now_ns;
    listener.has_audio = listener.has_ever_heard = true;
    tally_.first_audio.Add(uint64_t((now_ns - listener.asked_at_ns) / 1000));
    if (listener.ear != nullptr) listener.ear->SetSettledAt(now_ns + options_.settle_ns);
    listener.wait.BeginLife(now_ns + options_.settle_ns);
  }
  tally_.bytes += count;
  int64_t sound_ns = int64_t(count) * 8'000'000 / listener.kbps;
  if (listener.ear != nullptr) sound_ns = listener.ear->Hear(bytes, now_ns, &tally_);
  if (options_.check == Check::kCount || listener.kind == Kind::kSlow) return;
  const bool is_prompt = listener.read_mode != ReadMode::kTicked;
  if (is_prompt && count > 0) listener.wait.Hear(now_ns);
  if (listener.playback.Receive(now_ns, sound_ns, is_prompt, options_.buffer_ns)) {
    ++FlawsOf(listener).underruns;
  }
}

// The server ended it: with an end (0) or with a reset or another error.
void Crowd::OnEnded(uint32_t index, int result, int64_t now_ns) {
  const Listener& listener = listeners_[index];
  ++(result == 0 ? FlawsOf(listener).closed_by_end : FlawsOf(listener).closed_by_reset);
  Close(index, options_.rejoins ? Soon() : kNotAgain, now_ns);
}

void Crowd::OnRefused(uint32_t index, const ReplyHead& head, int64_t now_ns) {
  ++tally_.refused;
  const int64_t again_in_ns = head.retry_after_s > 0 ? head.retry_after_s * kNsPerSecond : Soon();
  Close(index, options_.rejoins ? again_in_ns : kNotAgain, now_ns);
}

void Crowd::Fail(uint32_t index, int error, int64_t now_ns) {
  ++tally_.failed_connects;
  ++tally_.connect_errors[error];
  Close(index, options_.rejoins ? Soon() : kNotAgain, now_ns);
}

void Crowd::Close(uint32_t index, int64_t again_in_ns, int64_t now_ns) {
  Listener& listener = listeners_[index];
  if (listener.state == Listener::State::kHearing) {
    FlawsOf(listener).stalled_ns += uint64_t(listener.playback.stalled_ns(now_ns));
  }
  listener.state = Listener::State::kClosing;
  listener.comes_again = again_in_ns != kNotAgain;
  if (listener.comes_again) alarms_.push({now_ns + again_in_ns, index, listener.generation + 1});
  if (listener.is_receive_armed) {
    const Op armed = listener.read_mode == ReadMode::kNever ? Op::kPoll : Op::kReceive;
    io_uring_sqe* sqe = ring_.Next();
    io_uring_prep_cancel64(sqe, Token{armed, index}.bits(), 0);
    ring_.Seal(sqe, {Op::kCancel, index});
  }
  QueueSimple(index, Op::kClose);
}

void Crowd::OnClosed(uint32_t index) {
  Listener& listener = listeners_[index];
  listener.ear.reset();
  heads_.erase(index);
  ++listener.generation;
  listener.is_receive_armed = false;
  listener.state = listener.comes_again ? Listener::State::kAway : Listener::State::kGone;
}

}  // namespace floe::tools
