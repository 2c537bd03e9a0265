// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <liburing.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "absl/status/statusor.h"
#include "ring/ring.h"

namespace floe::ring {

class BufferRing;

// Buffer is one received run of bytes on loan; destroying it gives the memory back to the kernel.
class Buffer {
 public:
  Buffer() = default;
  Buffer(BufferRing& owner, uint16_t id, uint32_t size_bytes)
      : owner_(&owner), id_(id), size_bytes_(size_bytes) {}
  Buffer(Buffer&& other) noexcept
      : owner_(std::exchange(other.owner_, nullptr)),
        id_(other.id_),
        size_bytes_(other.size_bytes_) {}
  Buffer& operator=(Buffer&& other) noexcept;
  ~Buffer();

  std::span<const std::byte> bytes() const;

 private:
  BufferRing* owner_ = nullptr;
  uint16_t id_ = 0;
  uint32_t size_bytes_ = 0;
};

// BufferRing lends receive buffers to the kernel, which picks one when data is there: thousands of
// sockets wait on a few hundred buffers (io_uring_register_buf_ring(3)).
//
// Units     `count` buffers (a power of two) of kReceiveBufferBytes.
// Lifetime  of its ring's shard; destroyed before the ring.
// Threads   The ring's.
// Failure   When all buffers are out, a receive completes with ENOBUFS; Io retries it.
class BufferRing {
 public:
  static constexpr uint16_t kGroup = 0;
  static absl::StatusOr<std::unique_ptr<BufferRing>> Create(Ring& ring, uint16_t count);
  ~BufferRing();

  // The buffer of a completion that carries IORING_CQE_F_BUFFER.
  Buffer Take(uint32_t cqe_flags, uint32_t size_bytes) {
    return Buffer(*this, uint16_t(cqe_flags >> IORING_CQE_BUFFER_SHIFT), size_bytes);
  }

 private:
  friend class Buffer;
  BufferRing(Ring& ring, uint16_t count);
  std::byte* at(uint16_t id) const { return memory_ + size_t{id} * kReceiveBufferBytes; }
  void GiveBack(uint16_t id);

  Ring& ring_;
  uint16_t count_;
  io_uring_buf_ring* entries_ = nullptr;
  std::byte* memory_ = nullptr;
};

}  // namespace floe::ring
