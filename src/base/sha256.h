// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// SHA-256 (FIPS 180-4) and what is made of it. For what is signed or compared, not for passwords:
// those are hashed by what is slow.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace floe {

inline constexpr size_t kSha256Bytes = 32;
using Sha256Digest = std::array<uint8_t, kSha256Bytes>;

Sha256Digest Sha256(absl::string_view message);
// RFC 2104, with SHA-256.
Sha256Digest HmacSha256(absl::string_view key, absl::string_view message);

// 64 digits, in lower case.
std::string Hex(const Sha256Digest& digest);
inline std::string Sha256Hex(absl::string_view message) { return Hex(Sha256(message)); }

}  // namespace floe
