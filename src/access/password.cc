// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/password.h"

#include <argon2.h>
#include <crypt.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "http/auth.h"

namespace floe::access {
namespace {

constexpr absl::string_view kArgon2 = "$argon2";
constexpr size_t kPasswordBytesMax = 1024;

// What OWASP names as the least for argon2id: some 20 ms and 19 MiB for each.
constexpr uint32_t kArgon2Passes = 2;
constexpr uint32_t kArgon2KiB = 19 * 1024;
constexpr uint32_t kArgon2Lanes = 1;
constexpr size_t kArgon2SaltBytes = 16;
constexpr size_t kArgon2HashBytes = 32;

constexpr unsigned long kBcryptRounds = 11;  // 2 to that power; some 100 ms
constexpr unsigned long kYescryptCost = 5;   // crypt(5)'s own

bool MatchesArgon2(const std::string& given, const std::string& hash) {
  argon2_type type = Argon2_id;
  if (absl::StartsWith(hash, "$argon2i$")) type = Argon2_i;
  if (absl::StartsWith(hash, "$argon2d$")) type = Argon2_d;
  return argon2_verify(hash.c_str(), given.data(), given.size(), type) == ARGON2_OK;
}

absl::StatusOr<std::string> MakeArgon2id(const std::string& password) {
  std::array<uint8_t, kArgon2SaltBytes> salt;
  if (getrandom(salt.data(), salt.size(), 0) != ssize_t(salt.size())) {
    return absl::ErrnoToStatus(errno, "getrandom");
  }
  std::string encoded(argon2_encodedlen(kArgon2Passes, kArgon2KiB, kArgon2Lanes, kArgon2SaltBytes,
                                        kArgon2HashBytes, Argon2_id),
                      '\0');
  const int error = argon2id_hash_encoded(kArgon2Passes, kArgon2KiB, kArgon2Lanes, password.data(),
                                          password.size(), salt.data(), salt.size(),
                                          kArgon2HashBytes, encoded.data(), encoded.size());
  if (error != ARGON2_OK) {
    return absl::ResourceExhaustedError(absl::StrCat("argon2: ", argon2_error_message(error)));
  }
  encoded.resize(encoded.find('\0'));
  return encoded;
}

absl::StatusOr<std::string> MakeCrypt(const std::string& password, const char* prefix,
                                      unsigned long cost) {
  const auto scratch = std::make_unique<crypt_data>();
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> salt;
  // Without bytes of ours it takes the kernel's.
  if (crypt_gensalt_rn(prefix, cost, nullptr, 0, salt.data(), int(salt.size())) == nullptr) {
    return absl::ErrnoToStatus(errno, "crypt_gensalt");
  }
  const char* hash = crypt_r(password.c_str(), salt.data(), scratch.get());
  if (hash == nullptr || hash[0] == '*') return absl::ErrnoToStatus(errno, "crypt");
  return std::string(hash);
}

}  // namespace

bool MatchesCrypt(const std::string& given, const std::string& hash) {
  const auto scratch = std::make_unique<crypt_data>();  // 32 KiB: too much for a stack
  const char* result = crypt_r(given.c_str(), hash.c_str(), scratch.get());
  return result != nullptr && http::SecretsEqual(result, hash);
}

bool IsSlow(absl::string_view secret) { return http::IsCryptHash(secret); }

bool Matches(const std::string& given, const std::string& secret) {
  if (secret.empty()) return false;
  // crypt(3) takes C strings: it would see only what is before a NUL.
  if (given.find('\0') != std::string::npos || given.size() > kPasswordBytesMax) return false;
  if (!IsSlow(secret)) return http::SecretsEqual(given, secret);
  return absl::StartsWith(secret, kArgon2) ? MatchesArgon2(given, secret)
                                           : MatchesCrypt(given, secret);
}

std::optional<HashMethod> HashMethodNamed(absl::string_view name) {
  if (name == "argon2id") return HashMethod::kArgon2id;
  if (name == "bcrypt") return HashMethod::kBcrypt;
  if (name == "yescrypt") return HashMethod::kYescrypt;
  return std::nullopt;
}

absl::StatusOr<std::string> MakeHash(const std::string& password, HashMethod method) {
  if (password.empty()) return absl::InvalidArgumentError("an empty password is none");
  if (password.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError("a password cannot hold a NUL");
  }
  const bool is_bcrypt = method == HashMethod::kBcrypt;
  const size_t bytes_max = is_bcrypt ? kBcryptPasswordBytesMax : kPasswordBytesMax;
  if (password.size() > bytes_max) {
    return absl::InvalidArgumentError(
        absl::StrCat("the password is longer than ", bytes_max, " bytes"));
  }
  switch (method) {
    case HashMethod::kArgon2id: return MakeArgon2id(password);
    case HashMethod::kBcrypt: return MakeCrypt(password, "$2b$", kBcryptRounds);
    case HashMethod::kYescrypt: return MakeCrypt(password, "$y$", kYescryptCost);
  }
  return absl::InternalError("no such method");
}

}  // namespace floe::access
