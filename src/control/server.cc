// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "control/server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "nlohmann/json.hpp"

namespace floe::control {
namespace {

constexpr size_t kReadBytes = 4096;
constexpr milliseconds kAcceptPause{1'000};

// Who is at the other end, as the kernel knows it.
ucred CredentialsOf(int fd) {
  ucred credentials{.pid = 0, .uid = uid_t(-1), .gid = gid_t(-1)};
  socklen_t size = sizeof(credentials);
  (void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size);
  return credentials;
}

}  // namespace

Server::~Server() { Close(); }

void Server::Close() {
  listening_fd_ = -1;
  for (const std::unique_ptr<Peer>& peer : peers_) Drop(*peer);
}

void Server::AppendPolls(std::vector<pollfd>* polls) const {
  // While all places are taken by peers that are being answered, newcomers wait in the backlog.
  const bool has_room = peers_.size() < kPeersMax ||
                        std::any_of(peers_.begin(), peers_.end(),
                                    [](const auto& peer) { return peer->stage == Stage::kAsking; });
  if (listening_fd_ >= 0 && has_room && !accepts_from_.has_value()) {
    polls->push_back({.fd = listening_fd_, .events = POLLIN});
  }
  for (const std::unique_ptr<Peer>& peer : peers_) {
    if (peer->fd < 0) continue;
    short events = peer->stage == Stage::kAsking ? POLLIN : 0;  // that it hung up is always said
    if (!peer->unsent.empty()) events |= POLLOUT;
    polls->push_back({.fd = peer->fd, .events = events});
  }
}

std::optional<Instant> Server::NextDeadline() const {
  std::optional<Instant> next = accepts_from_;
  for (const std::unique_ptr<Peer>& peer : peers_) {
    if (peer->fd < 0 || peer->stage == Stage::kWaiting) continue;
    if (!next.has_value() || peer->by < *next) next = peer->by;
  }
  return next;
}

void Server::Serve(std::span<const pollfd> polls, Instant now) {
  // Which peer a descriptor means is settled first: numbers are reused as soon as one is closed.
  std::vector<std::pair<uint64_t, short>> ready;
  bool has_newcomers = false;
  for (const pollfd& polled : polls) {
    if (polled.revents == 0) continue;
    has_newcomers = has_newcomers || polled.fd == listening_fd_;
    for (const std::unique_ptr<Peer>& peer : peers_) {
      if (peer->fd == polled.fd) ready.emplace_back(peer->id, polled.revents);
    }
  }
  for (const auto& [id, events] : ready) OnReady(id, events, now);
  for (const std::unique_ptr<Peer>& peer : peers_) {
    if (peer->stage != Stage::kWaiting && peer->by <= now) Drop(*peer);
  }
  Sweep();
  if (accepts_from_.has_value() && *accepts_from_ <= now) accepts_from_.reset();
  if (has_newcomers) Accept(now);
}

void Server::Accept(Instant now) {
  // At most all places once a turn: a rush must not keep signals waiting.
  for (size_t i = 0; i < kPeersMax && listening_fd_ >= 0; ++i) {
    if (!MakeRoom()) return;
    const int fd = accept4(listening_fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      Welcome(fd, now);
      continue;
    }
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
      log::Warn(absl::StrCat("the control socket: ", std::strerror(errno)));
      accepts_from_ = now + kAcceptPause;
    }
    return;
  }
}

// Whoever has not yet said what it wants gives way, the first to have come before others.
bool Server::MakeRoom() {
  Sweep();
  if (peers_.size() < kPeersMax) return true;
  for (const std::unique_ptr<Peer>& peer : peers_) {
    if (peer->stage != Stage::kAsking) continue;
    Drop(*peer);
    Sweep();
    return true;
  }
  return false;
}

void Server::Welcome(int fd, Instant now) {
  peers_.push_back(
      std::make_unique<Peer>(Peer{.id = ++last_id_, .fd = fd, .by = now + kAskTimeMax}));
  Peer& peer = *peers_.back();
  const uid_t uid = CredentialsOf(fd).uid;
  if (uid == 0 || uid == geteuid()) return Hear(peer);  // mostly it has spoken already
  log::Warn(absl::StrCat("the control socket: uid ", uid, " was refused"));
  Say(peer.id, ErrorLine(absl::StrCat("uid ", uid, " may not command this server")),
      /*is_last=*/true);
}

void Server::OnReady(uint64_t id, short events, Instant now) {
  Peer* peer = Find(id);
  if (peer == nullptr) return;
  if (peer->stage == Stage::kAsking) {
    Hear(*peer);
  } else if ((events & (POLLHUP | POLLERR)) != 0) {
    Drop(*peer);
  } else if ((events & POLLOUT) != 0) {
    Flush(*peer);
  }
}

// Looks first and takes the line alone, since what follows may be another protocol's.
void Server::Hear(Peer& peer) {
  char bytes[kReadBytes];
  while (peer.fd >= 0 && peer.stage == Stage::kAsking) {
    const ssize_t seen = recv(peer.fd, bytes, sizeof(bytes), MSG_PEEK);
    if (seen < 0 && errno == EINTR) continue;
    if (seen < 0 && errno == EAGAIN) return;
    if (seen <= 0) return Drop(peer);
    const void* end = std::memchr(bytes, '\n', size_t(seen));
    const size_t take =
        end == nullptr ? size_t(seen) : size_t(static_cast<const char*>(end) - bytes) + 1;
    if (recv(peer.fd, bytes, take, 0) != ssize_t(take)) return Drop(peer);
    peer.heard.append(bytes, take);
    if (peer.heard.size() > kRequestBytesMax) {
      return Say(peer.id, ErrorLine("the request is too long"), /*is_last=*/true);
    }
    if (end == nullptr) continue;
    const std::string line = std::exchange(peer.heard, std::string());
    return Answer(peer, absl::string_view(line).substr(0, line.size() - 1));
  }
}

// The peer may be gone when this returns, and all others.
void Server::Answer(Peer& peer, absl::string_view line) {
  const absl::StatusOr<Request> request = ParseRequest(line);
  peer.stage = Stage::kWaiting;
  Reply reply(*this, peer.id);
  if (!request.ok()) return reply.Fail(request.status());
  switch (request->command) {
    case Request::Command::kStatus: return reply.Finish(commands_.Status(*request));
    case Request::Command::kExplain: {
      const absl::StatusOr<Json> explained = commands_.Explain(*request);
      return explained.ok() ? reply.Finish(*explained) : reply.Fail(explained.status());
    }
    case Request::Command::kTokenAdd:
    case Request::Command::kTokenList:
    case Request::Command::kTokenRemove: {
      const absl::StatusOr<Json> result = commands_.Token(*request);
      return result.ok() ? reply.Finish(*result) : reply.Fail(result.status());
    }
    case Request::Command::kKick: {
      const absl::StatusOr<Json> kicked = commands_.Kick(*request);
      return kicked.ok() ? reply.Finish(*kicked) : reply.Fail(kicked.status());
    }
    case Request::Command::kReload: {
      const absl::StatusOr<std::vector<std::string>> changes = commands_.Reload();
      if (!changes.ok()) return reply.Fail(changes.status());
      Json result;
      result["changes"] = *changes;
      return reply.Finish(result);
    }
    case Request::Command::kUpgrade: return commands_.Upgrade(request->binary, std::move(reply));
    case Request::Command::kTakeOver: return commands_.TakeOver(std::exchange(peer.fd, -1));
  }
}

void Server::Say(uint64_t id, absl::string_view lines, bool is_last) {
  Peer* peer = Find(id);
  if (peer == nullptr) return;
  if (!is_last && peer->unsent.size() + lines.size() > kProgressBytesMax) return;
  absl::StrAppend(&peer->unsent, lines);
  if (is_last) {
    peer->stage = Stage::kTaking;
    peer->by = Clock::now() + kTakeTimeMax;
  }
  Flush(*peer);
}

void Server::Flush(Peer& peer) {
  while (!peer.unsent.empty()) {
    const ssize_t sent =
        send(peer.fd, peer.unsent.data(), peer.unsent.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) return;
    if (sent < 0) return Drop(peer);
    peer.unsent.erase(0, size_t(sent));
  }
  if (peer.stage == Stage::kTaking) Drop(peer);
}

void Server::Drop(Peer& peer) {
  if (peer.fd >= 0) close(std::exchange(peer.fd, -1));
}

void Server::Sweep() {
  std::erase_if(peers_, [](const std::unique_ptr<Peer>& peer) { return peer->fd < 0; });
}

Server::Peer* Server::Find(uint64_t id) {
  for (const std::unique_ptr<Peer>& peer : peers_) {
    if (peer->id == id && peer->fd >= 0) return peer.get();
  }
  return nullptr;
}

}  // namespace floe::control
