// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "handover/wire.h"

#include <google/protobuf/message_lite.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "handover/state.pb.h"

namespace floe::handover {
namespace {

constexpr size_t kHeaderBytes = 5;
constexpr milliseconds kPollMax{60'000};  // then the deadline is looked at again

absl::Status Gone(absl::string_view why) {
  return absl::UnavailableError(absl::StrCat("the other process is gone: ", why));
}

void TakeFds(msghdr& message, std::vector<UniqueFd>* fds) {
  for (cmsghdr* control = CMSG_FIRSTHDR(&message); control != nullptr;
       control = CMSG_NXTHDR(&message, control)) {
    if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) continue;
    const size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(control) + i * sizeof(int), sizeof(int));
      fds->emplace_back(fd);
    }
  }
}

}  // namespace

absl::Status Wire::AwaitSocket(short events, Instant by) {
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(by - Clock::now());
    if (left <= milliseconds(0)) {
      return absl::DeadlineExceededError("the other process did not answer in time");
    }
    pollfd waited{.fd = socket_.get(), .events = events, .revents = 0};
    const int ready = poll(&waited, 1, int(std::min(left, milliseconds(kPollMax)).count()));
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno != EINTR) return Gone(std::strerror(errno));
  }
}

absl::Status Wire::Send(Kind kind, const google::protobuf::MessageLite& message,
                        std::span<const int> fds, Instant by) {
  FLOE_CHECK(fds.size() <= kFdsPerMessageMax);
  const size_t size = message.ByteSizeLong();
  if (size > kMessageBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("a message of ", size, " bytes"));
  }
  std::string bytes(kHeaderBytes, '\0');
  for (int i = 0; i < 4; ++i) bytes[size_t(i)] = char(size >> (8 * i) & 0xff);
  bytes[4] = char(kind);
  if (!message.AppendToString(&bytes)) return absl::InternalError("a message that is not whole");
  return SendBytes(bytes, fds, by);
}

absl::Status Wire::SendBytes(absl::string_view bytes, std::span<const int> fds, Instant by) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kFdsPerMessageMax * sizeof(int))> space{};
  while (!bytes.empty()) {
    iovec piece{.iov_base = const_cast<char*>(bytes.data()), .iov_len = bytes.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    if (!fds.empty()) {
      message.msg_control = space.data();
      message.msg_controllen = CMSG_SPACE(fds.size_bytes());
      cmsghdr* control = CMSG_FIRSTHDR(&message);
      control->cmsg_level = SOL_SOCKET;
      control->cmsg_type = SCM_RIGHTS;
      control->cmsg_len = CMSG_LEN(fds.size_bytes());
      std::memcpy(CMSG_DATA(control), fds.data(), fds.size_bytes());
    }
    const ssize_t sent = sendmsg(socket_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(size_t(sent));
      fds = {};
    } else if (errno == EAGAIN) {
      if (absl::Status ready = AwaitSocket(POLLOUT, by); !ready.ok()) return ready;
    } else if (errno != EINTR) {
      return Gone(std::strerror(errno));
    }
  }
  return absl::OkStatus();
}

absl::Status Wire::ReceiveBytes(char* to, size_t size, std::vector<UniqueFd>* fds, Instant by) {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kFdsPerMessageMax * sizeof(int))> space{};
  while (size > 0) {
    iovec piece{.iov_base = to, .iov_len = size};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = space.data();
    message.msg_controllen = space.size();
    const ssize_t got = recvmsg(socket_.get(), &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got > 0) {
      TakeFds(message, fds);
      to += got;
      size -= size_t(got);
      if ((message.msg_flags & MSG_CTRUNC) != 0) {
        return absl::ResourceExhaustedError(
            "not all sockets arrived: the limit of open files is met");
      }
    } else if (got == 0) {
      return Gone("it closed the connection");
    } else if (errno == EAGAIN) {
      if (absl::Status ready = AwaitSocket(POLLIN, by); !ready.ok()) return ready;
    } else if (errno != EINTR) {
      return Gone(std::strerror(errno));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Envelope> Wire::Receive(Instant by) {
  char header[kHeaderBytes];
  Envelope envelope;
  if (absl::Status got = ReceiveBytes(header, kHeaderBytes, &envelope.fds, by); !got.ok()) {
    return got;
  }
  uint32_t size = 0;
  for (int i = 0; i < 4; ++i) size |= uint32_t(uint8_t(header[i])) << (8 * i);
  if (size > kMessageBytesMax) {
    return absl::InvalidArgumentError(absl::StrCat("a message of ", size, " bytes"));
  }
  envelope.kind = Kind(header[4]);
  envelope.bytes.resize(size);
  if (absl::Status got = ReceiveBytes(envelope.bytes.data(), size, &envelope.fds, by); !got.ok()) {
    return got;
  }
  return envelope;
}

absl::StatusOr<Envelope> Wire::Expect(Kind kind, Instant by) {
  absl::StatusOr<Envelope> envelope = Receive(by);
  if (!envelope.ok() || envelope->kind == kind) return envelope;
  if (envelope->kind == Kind::kRefusal) {
    Refusal refusal;
    if (!refusal.ParseFromString(envelope->bytes)) refusal.set_reason("it does not say why");
    return absl::FailedPreconditionError(refusal.reason());
  }
  return absl::InvalidArgumentError(absl::StrCat("a message of kind ", int(envelope->kind),
                                                 " where one of kind ", int(kind), " was due"));
}

int Wire::peer_pid() const {
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (getsockopt(socket_.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return 0;
  return peer.pid;
}

}  // namespace floe::handover
