// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "base/unique_fd.h"

namespace google::protobuf {
class MessageLite;
}

namespace floe::handover {

// What a message is, in the order in which they are said; the numbers never change their meaning.
enum class Kind : uint8_t {
  kHello = 1,      // successor: which versions it knows
  kOffer = 2,      // predecessor: the version, the arena, the control socket
  kListen = 3,     // predecessor, for each address: its listening sockets
  kOffered = 4,    // predecessor: that was all of them
  kOpened = 5,     // successor: it has opened what it needs of its own
  kPassports = 6,  // predecessor, while all goes on: sockets of listeners, and who they are
  kMount = 7,      // predecessor, standing still: a mount
  kView = 8,       // a mount as one shard plays it
  kPositions = 9,  // how far the listeners of earlier passports are
  kHead = 10,      // a request that is being heard, with its socket
  kSource = 11,    // a source, with its socket
  kLoop = 12,      // a file that plays
  kEnd = 13,       // that was all, and how much it was
  kReady = 14,     // successor: has made all of it, and only waits
  kCommit = 15,    // predecessor: does nothing any more
  kStarted = 16,   // successor: goes on from here
  kRunning = 17,   // successor: it sends; how long nothing was sent
  kRefusal = 18,   // either, before the commit: no, and why
  kRelay = 19,     // standing still: a mount that is fetched, with its socket if it is heard
  kEvents = 20,    // standing still: what happened last, for those who follow it
};

struct Envelope {
  Kind kind{};
  std::string bytes;
  std::vector<UniqueFd> fds;
};

// Wire carries messages and descriptors between two processes, over a unix stream socket:
//
//   [ length: 4 bytes, little-endian | kind: 1 byte | message: `length` bytes ]
//
// Descriptors ride on the first byte (SCM_RIGHTS, unix(7)).
//
// Lifetime  of one hand-over. Threads  one at a time. Blocks, at most to the deadline.
// Failure   DeadlineExceeded; Unavailable when the other process is gone; InvalidArgument for what
//           is no message. After any of these the wire is of no more use.
class Wire {
 public:
  static constexpr uint32_t kMessageBytesMax = uint32_t{64} << 20;
  static constexpr size_t kFdsPerMessageMax = 250;  // the kernel's SCM_MAX_FD is 253

  explicit Wire(UniqueFd socket) : socket_(std::move(socket)) {}

  absl::Status Send(Kind kind, const google::protobuf::MessageLite& message,
                    std::span<const int> fds, Instant by);
  absl::Status Send(Kind kind, const google::protobuf::MessageLite& message, Instant by) {
    return Send(kind, message, {}, by);
  }
  absl::StatusOr<Envelope> Receive(Instant by);
  // The same, where only one kind is to come. A refusal becomes FailedPrecondition with its reason.
  absl::StatusOr<Envelope> Expect(Kind kind, Instant by);

  // Of the process at the other end (SO_PEERCRED, unix(7)); 0 when the kernel does not say.
  int peer_pid() const;
  int fd() const { return socket_.get(); }

 private:
  absl::Status SendBytes(absl::string_view bytes, std::span<const int> fds, Instant by);
  absl::Status ReceiveBytes(char* to, size_t size, std::vector<UniqueFd>* fds, Instant by);
  absl::Status AwaitSocket(short events, Instant by);

  UniqueFd socket_;
};

}  // namespace floe::handover
