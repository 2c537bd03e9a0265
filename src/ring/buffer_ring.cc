// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "ring/buffer_ring.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace floe::ring {

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  if (this != &other) {
    if (owner_ != nullptr) owner_->GiveBack(id_);
    owner_ = std::exchange(other.owner_, nullptr);
    id_ = other.id_;
    size_bytes_ = other.size_bytes_;
  }
  return *this;
}

Buffer::~Buffer() {
  if (owner_ != nullptr) owner_->GiveBack(id_);
}

std::span<const std::byte> Buffer::bytes() const {
  if (owner_ == nullptr) return {};
  return {owner_->at(id_), size_bytes_};
}

BufferRing::BufferRing(Ring& ring, uint16_t count) : ring_(ring), count_(count) {}

absl::StatusOr<std::unique_ptr<BufferRing>> BufferRing::Create(Ring& ring, uint16_t count) {
  auto buffers = std::unique_ptr<BufferRing>(new BufferRing(ring, count));
  const size_t entries_bytes = size_t{count} * sizeof(io_uring_buf);
  const size_t memory_bytes = size_t{count} * kReceiveBufferBytes;
  // Untouched pages cost nothing: an idle shard's buffers are address space only.
  void* mapped =
      mmap(nullptr, entries_bytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
  void* memory =
      mmap(nullptr, memory_bytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
  if (mapped == MAP_FAILED || memory == MAP_FAILED) {
    return absl::ResourceExhaustedError(absl::StrCat("receive buffers: ", std::strerror(errno)));
  }
  buffers->entries_ = static_cast<io_uring_buf_ring*>(mapped);
  buffers->memory_ = static_cast<std::byte*>(memory);
  if (absl::Status registered = ring.RegisterBuffers(buffers->entries_, count, kGroup);
      !registered.ok()) {
    return registered;
  }
  io_uring_buf_ring_init(buffers->entries_);
  for (uint16_t id = 0; id < count; ++id) buffers->GiveBack(id);
  return buffers;
}

BufferRing::~BufferRing() {
  ring_.UnregisterBuffers(kGroup);
  if (memory_ != nullptr) munmap(memory_, size_t{count_} * kReceiveBufferBytes);
  if (entries_ != nullptr) munmap(entries_, size_t{count_} * sizeof(io_uring_buf));
}

void BufferRing::GiveBack(uint16_t id) {
  io_uring_buf_ring_add(entries_, at(id), kReceiveBufferBytes, id, io_uring_buf_ring_mask(count_),
                        0);
  io_uring_buf_ring_advance(entries_, 1);
}

}  // namespace floe::ring
