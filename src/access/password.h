// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Passwords against what is kept of them, and new hashes. A hash takes a core for tens of
// milliseconds, on purpose: only on a worker, and through the PasswordCache.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace floe::access {

// Whether `given` is the password of which `secret` is configured: itself, compared in a time that
// does not tell where they differ, or its hash, of crypt(3) or argon2. Nobody has an empty one.
bool Matches(const std::string& given, const std::string& secret);

// The same of a hash that only crypt(3) knows.
bool MatchesCrypt(const std::string& given, const std::string& hash);

// Whether that takes a worker.
bool IsSlow(absl::string_view secret);

enum class HashMethod : uint8_t { kArgon2id, kBcrypt, kYescrypt };
// "argon2id", "bcrypt", "yescrypt".
std::optional<HashMethod> HashMethodNamed(absl::string_view name);

// bcrypt looks at no more of a password.
inline constexpr size_t kBcryptPasswordBytesMax = 72;

// A hash for a configuration, with salt of its own. Errors: InvalidArgument for a password that is
// empty, holds a NUL or is too long for the method.
absl::StatusOr<std::string> MakeHash(const std::string& password, HashMethod method);

}  // namespace floe::access
