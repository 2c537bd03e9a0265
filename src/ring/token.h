// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/check.h"

namespace floe::ring {

struct AwaitOp;

enum class OpKind : uint8_t {
  kAwait = 0,    // a coroutine waits for it
  kSend = 1,     // audio to a listener
  kAccept = 2,   // a new socket
  kMail = 3,     // another thread left a message
  kQuiet = 4,    // nobody waits: close, cancel, shutdown
  kInstall = 5,  // a file descriptor for a direct one
};

// Token is what travels through the kernel with an operation and comes back with its completion.
// Either a pointer to the AwaitOp of a suspended coroutine, or kind, slot and generation:
//
//   63          32 31           4 3    0
//   [ generation  |     slot     | kind ]        kAwait: [ pointer, 16-byte aligned | 0 ]
class Token {
 public:
  explicit constexpr Token(uint64_t bits) : bits_(bits) {}

  static Token Of(AwaitOp* op) {
    const auto bits = reinterpret_cast<uint64_t>(op);
    FLOE_CHECK((bits & kKindMask) == 0);
    return Token(bits);
  }
  static constexpr Token Of(OpKind kind, uint32_t slot, uint32_t generation) {
    return Token(uint64_t{generation} << 32 | uint64_t{slot} << kKindBits | uint64_t(kind));
  }

  constexpr OpKind kind() const { return OpKind(bits_ & kKindMask); }
  constexpr uint32_t slot() const { return uint32_t(bits_) >> kKindBits; }
  constexpr uint32_t generation() const { return uint32_t(bits_ >> 32); }
  AwaitOp* op() const { return reinterpret_cast<AwaitOp*>(bits_); }
  constexpr uint64_t bits() const { return bits_; }

 private:
  static constexpr int kKindBits = 4;
  static constexpr uint64_t kKindMask = (1u << kKindBits) - 1;
  uint64_t bits_;
};

}  // namespace floe::ring
