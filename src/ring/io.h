// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/socket.h>

#include <cerrno>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/clock.h"
#include "base/slot.h"
#include "ring/buffer_ring.h"
#include "ring/deadlines.h"
#include "ring/ring.h"
#include "ring/task.h"

namespace floe::ring {

class Io;

// AwaitOp is one operation that a suspended coroutine waits for. It lives in that coroutine's
// frame, so the frame must stay until the completion came.
struct alignas(16) AwaitOp {
  static constexpr uint32_t kNotArmed = UINT32_MAX;

  std::coroutine_handle<> waiter;
  AwaitOp* next = nullptr;  // of Io's list of operations under way
  AwaitOp* previous = nullptr;
  const void* owner = nullptr;  // who may interrupt it: Io::Interrupt
  int32_t result = 0;
  uint32_t flags = 0;
  uint32_t heap_position = kNotArmed;
  bool in_kernel = false;    // an SQE carries it; otherwise it only waits for time or a message
  bool expired = false;      // its deadline passed
  bool interrupted = false;  // somebody wants the coroutine to stop
};

// How a receive ended. `error` is an errno or 0; ETIMEDOUT when the deadline passed, ECANCELED when
// interrupted. No error and no bytes: the peer has finished sending.
struct Received {
  Buffer buffer;
  int error = 0;
  // Somebody wants the coroutine to stop, though this may have ended well at that very moment. Who
  // does not look at the reason before its next wait goes by this, or the interruption is lost.
  bool is_interrupted = false;

  std::span<const std::byte> bytes() const { return buffer.bytes(); }
  bool finished() const { return error == 0 && buffer.bytes().empty(); }
};

struct Sent {
  uint32_t bytes = 0;
  int error = 0;
  bool is_interrupted = false;  // as of a receive
};

// A socket that is connected to nobody yet, or why there is none.
struct Opened {
  FdSlot fd{};  // the caller's to close, if there is no error
  int error = 0;
  bool is_interrupted = false;  // as of a receive
};

// Io is what a coroutine of a shard can wait for. One coroutine waits for one thing at a time.
//
// Lifetime  of its shard. Before it goes: Interrupt everything and turn until nothing is under way.
// Threads   The shard's; Complete for work done elsewhere arrives through the shard's mailbox.
class Io {
 public:
  class Await;
  class RecvAwait;
  class SendAwait;
  class SocketAwait;
  class ConnectAwait;
  class ShutdownAwait;
  class SleepAwait;
  class WorkAwait;

  Io(Ring& ring, BufferRing& buffers) : ring_(ring), buffers_(buffers) {}

  // `owner` names what the wait belongs to; Interrupt(owner) ends it early.
  RecvAwait Recv(FdSlot fd, Instant by, const void* owner = nullptr);
  SendAwait Send(FdSlot fd, std::span<const std::byte> bytes, Instant by,
                 const void* owner = nullptr);
  // A new TCP socket of AF_INET or AF_INET6.
  SocketAwait Socket(int family, const void* owner = nullptr);
  // Answers an errno or 0, as a receive does; ECANCELED if it was interrupted, even as it ended
  // well. After an error the socket is good for nothing.
  ConnectAwait Connect(FdSlot fd, const sockaddr_storage& to, Instant by,
                       const void* owner = nullptr);
  // Says that no more will be sent; answers an errno or 0. Not to be cut short, since it must be
  // over before the slot is closed.
  ShutdownAwait ShutdownSend(FdSlot fd);
  // Answers false when it was interrupted, even as it ended well.
  SleepAwait Sleep(Instant until, const void* owner = nullptr);
  // Waits until Complete(op) is called, for work on another thread; not interruptible, since that
  // thread holds the pointer. `start(op)` hands it over.
  WorkAwait Work(void (*start)(AwaitOp* op, void* argument), void* argument);

  // Ends every sleep of `owner` as if its time had come. A waiter that is woken can still be
  // interrupted until it runs.
  void Wake(const void* owner);

  // ---- for the shard ----
  // A completion of an await token.
  void OnCompletion(AwaitOp* op, int32_t result, uint32_t flags);
  // The work that WorkAwait waits for is done.
  void Complete(AwaitOp* op);
  // Ends waits whose time has come: cancels those in the kernel, resumes sleepers.
  void Expire(Instant now);
  // Interrupts every wait of `owner`, or all of them for null, now and from now on.
  void Interrupt(const void* owner);
  void InterruptAll();

  std::optional<Instant> NextDeadline() const { return deadlines_.Next(); }
  bool stopping() const { return stopping_; }
  Ring& ring() { return ring_; }

 private:
  void Begin(AwaitOp* op, Instant by);
  void End(AwaitOp* op);

  Ring& ring_;
  BufferRing& buffers_;
  Deadlines deadlines_;
  AwaitOp* under_way_ = nullptr;
  bool stopping_ = false;
};

// The awaitables. They have constructors and no moves on purpose: g++ 12 destroys aggregate
// temporaries of a co_await expression twice.
class Io::Await {
 public:
  Await(const Await&) = delete;
  Await& operator=(const Await&) = delete;
  bool await_ready() const noexcept { return false; }

 protected:
  Await(Io& io, Instant by, const void* owner) : io_(io), by_(by) { op_.owner = owner; }
  ~Await() = default;
  int ErrorOf(const AwaitOp& op) const;

  Io& io_;
  Instant by_;
  AwaitOp op_;
};

class Io::RecvAwait : public Await {
 public:
  RecvAwait(Io& io, FdSlot fd, Instant by, const void* owner) : Await(io, by, owner), fd_(fd) {}
  bool await_suspend(std::coroutine_handle<> waiter);
  Received await_resume();

 private:
  FdSlot fd_;
};

class Io::SendAwait : public Await {
 public:
  SendAwait(Io& io, FdSlot fd, std::span<const std::byte> bytes, Instant by, const void* owner)
      : Await(io, by, owner), fd_(fd), bytes_(bytes) {}
  bool await_suspend(std::coroutine_handle<> waiter);
  Sent await_resume();

 private:
  FdSlot fd_;
  std::span<const std::byte> bytes_;
};

class Io::SocketAwait : public Await {
 public:
  SocketAwait(Io& io, int family, const void* owner)
      : Await(io, Instant(), owner), family_(family) {}
  bool await_suspend(std::coroutine_handle<> waiter);
  Opened await_resume();

 private:
  int family_;
};

class Io::ConnectAwait : public Await {
 public:
  ConnectAwait(Io& io, FdSlot fd, const sockaddr_storage& to, Instant by, const void* owner)
      : Await(io, by, owner), fd_(fd), to_(to) {}
  bool await_suspend(std::coroutine_handle<> waiter);
  int await_resume() const { return op_.interrupted ? ECANCELED : ErrorOf(op_); }

 private:
  FdSlot fd_;
  const sockaddr_storage to_;  // until the completion
};

class Io::ShutdownAwait : public Await {
 public:
  ShutdownAwait(Io& io, FdSlot fd) : Await(io, Instant(), nullptr), fd_(fd) {}
  bool await_suspend(std::coroutine_handle<> waiter);
  int await_resume() const { return ErrorOf(op_); }

 private:
  FdSlot fd_;
};

class Io::SleepAwait : public Await {
 public:
  SleepAwait(Io& io, Instant until, const void* owner) : Await(io, until, owner) {}
  bool await_suspend(std::coroutine_handle<> waiter);
  bool await_resume() const { return !op_.interrupted; }
};

class Io::WorkAwait : public Await {
 public:
  WorkAwait(Io& io, void (*start)(AwaitOp*, void*), void* argument)
      : Await(io, Instant(), nullptr), start_(start), argument_(argument) {}
  void await_suspend(std::coroutine_handle<> waiter);
  void await_resume() const {}

 private:
  void (*start_)(AwaitOp*, void*);
  void* argument_;
};

inline Io::RecvAwait Io::Recv(FdSlot fd, Instant by, const void* owner) {
  return RecvAwait(*this, fd, by, owner);
}
inline Io::SendAwait Io::Send(FdSlot fd, std::span<const std::byte> bytes, Instant by,
                              const void* owner) {
  return SendAwait(*this, fd, bytes, by, owner);
}
inline Io::SocketAwait Io::Socket(int family, const void* owner) {
  return SocketAwait(*this, family, owner);
}
inline Io::ConnectAwait Io::Connect(FdSlot fd, const sockaddr_storage& to, Instant by,
                                    const void* owner) {
  return ConnectAwait(*this, fd, to, by, owner);
}
inline Io::ShutdownAwait Io::ShutdownSend(FdSlot fd) { return ShutdownAwait(*this, fd); }
inline Io::SleepAwait Io::Sleep(Instant until, const void* owner) {
  return SleepAwait(*this, until, owner);
}
inline Io::WorkAwait Io::Work(void (*start)(AwaitOp* op, void* argument), void* argument) {
  return WorkAwait(*this, start, argument);
}

// Sends all of `bytes`, which must stay until it ends. `owner` as with Io::Send. Errors: Cancelled
// when it was interrupted, even as it ended well; Unavailable says why else not all was sent.
Task<absl::Status> SendAll(Io& io, FdSlot fd, std::span<const std::byte> bytes, Instant by,
                           const void* owner = nullptr);

}  // namespace floe::ring
