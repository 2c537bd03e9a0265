// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "shard/acceptor.h"

#include <algorithm>
#include <cstddef>

#include "ring/token.h"

namespace floe::shard {

using ring::OpKind;
using ring::Token;

Acceptor::Acceptor(ring::Ring& ring, const std::vector<int>& listening_fds) : ring_(ring) {
  for (const int fd : listening_fds) Add(fd);
}

void Acceptor::Add(int listening_fd) {
  for (uint32_t i = 0; i < kAcceptsInFlight; ++i) {
    if (free_.empty()) {
      free_.push_back(uint32_t(waiting_.size()));
      waiting_.emplace_back();
    }
    const uint32_t index = free_.back();
    free_.pop_back();
    waiting_[index].listening_fd = listening_fd;
    idle_.push_back(index);
  }
}

void Acceptor::Remove(int listening_fd) {
  for (uint32_t index = 0; index < waiting_.size(); ++index) {
    Waiting& waiting = waiting_[index];
    if (waiting.listening_fd != listening_fd) continue;
    waiting.listening_fd = kRemoved;
    if (waiting.in_flight) {
      ring_.QueueCancel(Token::Of(OpKind::kAccept, index, 0));
    } else {
      idle_.erase(std::find(idle_.begin(), idle_.end(), index));
      free_.push_back(index);
    }
  }
}

void Acceptor::Refill(uint32_t room) {
  if (paused_ || in_flight_ >= room) return;
  const size_t count = std::min<size_t>(idle_.size(), room - in_flight_);
  for (size_t i = 0; i < count; ++i) {
    const uint32_t index = idle_[i];
    Waiting& waiting = waiting_[index];
    waiting.in_flight = true;
    waiting.length = sizeof(waiting.from);
    ring_.QueueAccept(waiting.listening_fd, &waiting.from, &waiting.length,
                      Token::Of(OpKind::kAccept, index, 0));
  }
  in_flight_ += uint32_t(count);
  idle_.erase(idle_.begin(), idle_.begin() + ptrdiff_t(count));
}

std::optional<Acceptor::Arrival> Acceptor::OnAccepted(uint32_t index, int32_t result) {
  Waiting& waiting = waiting_[index];
  waiting.in_flight = false;
  --in_flight_;
  (waiting.listening_fd == kRemoved ? free_ : idle_).push_back(index);
  if (result < 0) return std::nullopt;
  ring_.CountOpened();
  return Arrival{ring::DirectFd(ring_, FdSlot(uint32_t(result))), Address::From(waiting.from),
                 waiting.listening_fd};
}

void Acceptor::Pause() {
  paused_ = true;
  for (uint32_t index = 0; index < waiting_.size(); ++index) {
    if (waiting_[index].in_flight) ring_.QueueCancel(Token::Of(OpKind::kAccept, index, 0));
  }
}

}  // namespace floe::shard
