// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/password_cache.h"

#include <sys/random.h>

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace floe::access {
namespace {

constexpr size_t kSecretBytes = 32;

std::string RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  FLOE_CHECK(getrandom(bytes.data(), count, 0) == ssize_t(count));
  return bytes;
}

}  // namespace

PasswordCache::PasswordCache() : secret_(RandomBytes(kSecretBytes)) {}

size_t PasswordCache::KeyHash::operator()(const Key& key) const {
  size_t hash = 0;  // the key is random already
  std::memcpy(&hash, key.data(), sizeof(hash));
  return hash;
}

PasswordCache::Key PasswordCache::KeyOf(absl::string_view user, absl::string_view password,
                                        absl::string_view hash) const {
  // With the lengths, so that no two of three texts make one message.
  return HmacSha256(secret_,
                    absl::StrCat(user.size(), ":", password.size(), ":", user, password, hash));
}

std::optional<bool> PasswordCache::FindLocked(const Key& key, Instant now) const {
  const auto match = matches_.find(key);
  if (match != matches_.end() && match->second > now) return true;
  const auto mismatch = mismatches_.find(key);
  if (mismatch != mismatches_.end() && mismatch->second > now) return false;
  return std::nullopt;
}

std::optional<bool> PasswordCache::Find(const Key& key, Instant now) const {
  const MutexLock lock(&mutex_);
  return FindLocked(key, now);
}

void PasswordCache::Keep(const Key& key, Instant until, size_t max, Known* known) {
  if (known->size() >= max && !known->contains(key)) {
    // Once in a hash's time at most, which takes a thousand times as long.
    known->erase(std::min_element(known->begin(), known->end(), [](const auto& a, const auto& b) {
      return a.second < b.second;
    }));
  }
  (*known)[key] = until;
}

bool PasswordCache::Check(const Key& key, milliseconds kept, Instant now,
                          absl::FunctionRef<bool()> check) {
  {
    const MutexLock lock(&mutex_);
    for (;;) {
      if (const std::optional<bool> known = FindLocked(key, now)) return *known;
      if (under_way_.insert(key).second) break;
      has_news_.Wait(&mutex_);
    }
    ++checks_;
  }
  const bool matches = check();
  {
    const MutexLock lock(&mutex_);
    under_way_.erase(key);
    if (kept > milliseconds(0) && matches) Keep(key, now + kept, kMatchesKeptMax, &matches_);
    if (kept > milliseconds(0) && !matches) {
      Keep(key, now + std::min(kept, kMismatchKept), kMismatchesKeptMax, &mismatches_);
    }
  }
  has_news_.NotifyAll();
  return matches;
}

uint64_t PasswordCache::checks() const {
  const MutexLock lock(&mutex_);
  return checks_;
}

}  // namespace floe::access
