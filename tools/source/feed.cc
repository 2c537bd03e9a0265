// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/source/feed.h"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/wire/reply_head.h"

namespace floe::tools {
namespace {

constexpr int64_t kBackoffMinNs = 250 * kNsPerMs;
constexpr int64_t kBackoffMaxNs = 5 * kNsPerSecond;
constexpr int64_t kReplyTimeoutNs = 10 * kNsPerSecond;
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
constexpr uint32_t kUnauthorized = 401;  // asking again will not help

uint32_t RandomLife() { return absl::Uniform<uint32_t>(absl::BitGen()); }

}  // namespace

Feed::Feed(const SourceOptions& options, const Address& server, int epoll, uint32_t number,
           std::unique_ptr<FrameWriter> frames)
    : options_(options),
      server_(server),
      epoll_(epoll),
      number_(number),
      path_(MountPath(options.mount, number)),
      frames_(std::move(frames)),
      life_(RandomLife()),
      backoff_ns_(kBackoffMinNs) {}

Feed::~Feed() {
  if (fd_ >= 0) close(fd_);
}

int64_t Feed::Turn(int64_t now_ns) {
  switch (state_) {
    case State::kWaiting:
      if (now_ns < retry_at_ns_) return retry_at_ns_;
      Connect(now_ns);
      break;
    case State::kConnecting:
    case State::kAsking:
      if (now_ns - asked_at_ns_ >= kReplyTimeoutNs) Lose(now_ns);
      break;
    case State::kFeeding:
      AppendDueFrames(now_ns);
      Flush(now_ns);
      break;
    case State::kGivenUp: break;
  }
  switch (state_) {
    case State::kWaiting: return retry_at_ns_;
    case State::kConnecting:
    case State::kAsking: return asked_at_ns_ + kReplyTimeoutNs;
    case State::kFeeding: return DueNs();
    case State::kGivenUp: return kNever;
  }
  return kNever;
}

void Feed::OnReady(uint32_t poll_events, int64_t now_ns) {
  if (state_ == State::kConnecting && (poll_events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0) {
    OnConnected(now_ns);
    return;
  }
  if (fd_ >= 0 && (poll_events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) OnReply(now_ns);
  if (state_ == State::kFeeding && (poll_events & EPOLLOUT) != 0) Flush(now_ns);
}

void Feed::Connect(int64_t now_ns) {
  state_ = State::kConnecting;
  asked_at_ns_ = now_ns;
  reply_.clear();
  backlog_.clear();
  watched_ = 0;
  fd_ = socket(server_.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return Lose(now_ns);
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (connect(fd_, server_.get(), server_.bytes) != 0 && errno != EINPROGRESS) {
    return Lose(now_ns);
  }
  Watch(EPOLLOUT);
}

void Feed::OnConnected(int64_t now_ns) {
  int error = 0;
  socklen_t bytes = sizeof(error);
  getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &bytes);
  if (error != 0) return Lose(now_ns);
  ++tally_.connects;
  state_ = State::kAsking;
  backlog_ = RequestHead();
  Watch(EPOLLIN);
  Flush(now_ns);
  const bool waits = options_.method == "SOURCE" || options_.expects_continue;
  if (state_ == State::kAsking && !waits) BeginFeeding(now_ns);
}

std::string Feed::RequestHead() const {
  const bool is_put = options_.method == "PUT";
  std::string head =
      absl::StrCat(options_.method, " ", path_, is_put ? " HTTP/1.1" : " ICE/1.0",
                   "\r\nHost: ", options_.server, "\r\nAuthorization: Basic ",
                   absl::Base64Escape(absl::StrCat(options_.user, ":", options_.password)),
                   "\r\nUser-Agent: floe-source/", FLOE_VERSION,
                   "\r\nContent-Type: ", ContentType(options_.format), "\r\n");
  if (is_put && options_.expects_continue) absl::StrAppend(&head, "Expect: 100-continue\r\n");
  if (is_put && options_.is_chunked) absl::StrAppend(&head, "Transfer-Encoding: chunked\r\n");
  absl::StrAppend(&head, "Ice-Public: 0\r\nIce-Name: ", options_.name, "\r\n");
  if (options_.file.empty()) {
    absl::StrAppend(&head, "Ice-Bitrate: ", options_.kbps,
                    "\r\nIce-Audio-Info: ice-samplerate=", frames_->sample_rate(),
                    ";ice-bitrate=", options_.kbps, "\r\n");
  }
  absl::StrAppend(&head, "\r\n");
  return head;
}

// Takes what the server says: agreement (100 or 200), refusal, or its end.
void Feed::OnReply(int64_t now_ns) {
  char piece[4096];
  while (true) {
    const ssize_t got = recv(fd_, piece, sizeof(piece), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return Lose(now_ns);
    reply_.append(piece, size_t(got));
    while (const auto head = ReplyHead::Decode(reply_)) {
      reply_.erase(0, std::max<size_t>(head->head_bytes, 1));
      tally_.last_status = head->status;
      if (head->status != 100 && head->status / 100 != 2) {
        ++tally_.refusals;
        if (head->status == kUnauthorized) state_ = State::kGivenUp;
        return Lose(now_ns);
      }
      if (state_ == State::kAsking) BeginFeeding(now_ns);
    }
  }
}

void Feed::BeginFeeding(int64_t now_ns) {
  state_ = State::kFeeding;
  ++life_;
  // The mounts of one source do not all send in the same instant, as independent encoders do not.
  const int64_t frame_ns = frames_->StartOf(1).count();
  anchor_ns_ = now_ns + frame_ns * (number_ % options_.mounts) / options_.mounts;
  anchor_frame_ = sequence_;
  body_.clear();
  frames_->BeginLife(life_, &body_);
  QueueBody();
  Turn(now_ns);
}

// Moves what `body_` holds to the backlog, as a chunk where the body is chunked.
void Feed::QueueBody() {
  if (body_.empty()) return;  // an empty chunk would end the body
  const bool is_chunked = options_.is_chunked && options_.method == "PUT";
  if (is_chunked) absl::StrAppendFormat(&backlog_, "%x\r\n", body_.size());
  absl::StrAppend(&backlog_, body_, is_chunked ? "\r\n" : "");
}

int64_t Feed::DueNs() const {
  return anchor_ns_ + (frames_->StartOf(sequence_) - frames_->StartOf(anchor_frame_)).count();
}

void Feed::AppendDueFrames(int64_t now_ns) {
  for (; DueNs() <= now_ns; ++sequence_) {
    tally_.late_max_ns = std::max(tally_.late_max_ns, now_ns - DueNs());
    body_.clear();
    frames_->Append({sequence_, uint64_t(NowNs()), number_, life_}, &body_);
    QueueBody();
    ++tally_.frames;
    tally_.bytes += body_.size();
  }
}

void Feed::Flush(int64_t now_ns) {
  while (!backlog_.empty()) {
    const ssize_t sent = send(fd_, backlog_.data(), backlog_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN && backlog_.size() < kFeedBacklogBytesMax) {
      return Watch(EPOLLIN | EPOLLOUT);
    }
    if (sent < 0) return Lose(now_ns);
    backlog_.erase(0, size_t(sent));
  }
  Watch(EPOLLIN);
}

void Feed::Lose(int64_t now_ns) {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
  if (state_ == State::kFeeding) ++tally_.losses;
  const bool had_agreed = state_ == State::kFeeding;
  if (state_ == State::kGivenUp || !options_.reconnects) {
    state_ = State::kGivenUp;
    return;
  }
  if (had_agreed) backoff_ns_ = kBackoffMinNs;
  state_ = State::kWaiting;
  retry_at_ns_ = now_ns + absl::Uniform<int64_t>(absl::BitGen(), backoff_ns_ / 2, backoff_ns_);
  backoff_ns_ = std::min(backoff_ns_ * 2, kBackoffMaxNs);
}

void Feed::Watch(uint32_t poll_events) {
  if (poll_events == watched_) return;
  epoll_event event{};
  event.events = poll_events;
  event.data.u32 = number_;
  epoll_ctl(epoll_, watched_ == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd_, &event);
  watched_ = poll_events;
}

}  // namespace floe::tools
