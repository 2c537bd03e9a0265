// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

namespace floe::mount {

class PreambleRef;

// Preamble is what a late joiner of a link is sent before the first byte of audio.
//
// Lifetime  counted; whoever drops the last PreambleRef frees it.
// Threads   Immutable once made; only the count is atomic.
class Preamble {
 public:
  static PreambleRef Copy(std::span<const std::byte> bytes);
  Preamble(const Preamble&) = delete;
  Preamble& operator=(const Preamble&) = delete;

  std::span<const std::byte> bytes() const { return {bytes_.get(), size_bytes_}; }

 private:
  friend class PreambleRef;
  explicit Preamble(std::span<const std::byte> bytes);

  const size_t size_bytes_;
  const std::unique_ptr<std::byte[]> bytes_;
  std::atomic<uint32_t> references_{1};
};

// PreambleRef keeps a preamble readable. Moved, never copied by accident: Share says so aloud.
class PreambleRef {
 public:
  PreambleRef() = default;
  PreambleRef(PreambleRef&& other) noexcept : preamble_(std::exchange(other.preamble_, nullptr)) {}
  PreambleRef& operator=(PreambleRef&& other) noexcept {
    PreambleRef moved(std::move(other));
    std::swap(preamble_, moved.preamble_);  // what was held before goes with `moved`
    return *this;
  }
  ~PreambleRef();

  PreambleRef Share() const;

  explicit operator bool() const { return preamble_ != nullptr; }
  const Preamble* operator->() const { return preamble_; }
  const Preamble& operator*() const { return *preamble_; }
  // Nothing when the ref is empty.
  std::span<const std::byte> bytes() const {
    return preamble_ == nullptr ? std::span<const std::byte>() : preamble_->bytes();
  }

 private:
  friend class Preamble;
  explicit PreambleRef(Preamble* adopted) : preamble_(adopted) {}

  Preamble* preamble_ = nullptr;
};

}  // namespace floe::mount
