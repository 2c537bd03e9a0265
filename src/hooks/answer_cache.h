// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "base/sha256.h"
#include "hooks/auth_answer.h"

namespace floe::hooks {

inline constexpr size_t kAnswersKept = 1 << 14;
// Who was turned away may have paid meanwhile.
inline constexpr milliseconds kDenialKeptMax{5'000};

// AnswerCache remembers what a web server answered to somebody, so that who comes back at once, as
// all do after a break of their network, is not asked for again. A password is kept as a hash of
// all that was asked, and of nothing else.
//
// Bounds    kAnswersKept: the one used longest ago gives way.
// Threads   One at a time.
class AnswerCache {
 public:
  using Key = Sha256Digest;
  // Of what makes somebody the same: mount, user, password, address, agent.
  template <typename... Texts>
  static Key KeyOf(const Texts&... texts) {
    std::string all;
    (Add(&all, texts), ...);
    return Sha256(all);
  }

  // What was answered, while that holds.
  std::optional<AuthAnswer> Find(const Key& key, Instant now) {
    const auto found = places_.find(key);
    if (found == places_.end()) return std::nullopt;
    if (found->second->until <= now) {
      entries_.erase(found->second);
      places_.erase(found);
      return std::nullopt;
    }
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->answer;
  }

  // An answer holds for `time`, a denial for kDenialKeptMax at most; trouble is none.
  void Put(const Key& key, const AuthAnswer& answer, milliseconds time, Instant now) {
    if (answer.verdict == AuthAnswer::Verdict::kFails) return;
    if (answer.verdict == AuthAnswer::Verdict::kDenies) time = std::min(time, kDenialKeptMax);
    if (time.count() <= 0) return;
    if (const auto found = places_.find(key); found != places_.end()) {
      entries_.erase(found->second);
      places_.erase(found);
    }
    Entry entry{.key = key, .answer = answer, .until = now + time};
    entries_.push_front(std::move(entry));
    places_[key] = entries_.begin();
    if (entries_.size() <= kAnswersKept) return;
    places_.erase(entries_.back().key);
    entries_.pop_back();
  }

  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Key key;
    AuthAnswer answer;
    Instant until;
  };
  static void Add(std::string* all, absl::string_view text) {
    absl::StrAppend(all, text.size(), ":", text);
  }

  std::list<Entry> entries_;  // the one used last in front
  absl::flat_hash_map<Key, std::list<Entry>::iterator> places_;
};

}  // namespace floe::hooks
