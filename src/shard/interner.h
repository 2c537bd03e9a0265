// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "base/check.h"

namespace floe::shard {

enum class TextId : uint32_t {};

// Interner keeps one copy of each text that many listeners have in common (a user agent, a
// referer) for as long as somebody uses it: a million listeners have a few hundred agents.
//
// Lifetime  of its shard. Text() is good while the id is held.
// Threads   One.
class Interner {
 public:
  static constexpr TextId kEmpty = TextId(0);

  Interner() { entries_.push_back({}); }

  // Takes one use of the text.
  TextId Take(absl::string_view text) {
    if (text.empty()) return kEmpty;
    const auto [found, is_new] = ids_.try_emplace(std::string(text), TextId(0));
    if (is_new) {
      if (free_.empty()) {
        free_.push_back(uint32_t(entries_.size()));
        entries_.push_back({});
      }
      found->second = TextId(free_.back());
      free_.pop_back();
      entries_[uint32_t(found->second)] = {std::string(text), 0};
    }
    ++entries_[uint32_t(found->second)].uses;
    return found->second;
  }

  // Gives one use back.
  void Drop(TextId id) {
    if (id == kEmpty) return;
    Entry& entry = entries_[uint32_t(id)];
    FLOE_CHECK(entry.uses > 0);
    if (--entry.uses > 0) return;
    ids_.erase(entry.text);
    entry = {};
    free_.push_back(uint32_t(id));
  }

  absl::string_view Text(TextId id) const { return entries_[uint32_t(id)].text; }
  size_t size() const { return ids_.size(); }

 private:
  struct Entry {
    std::string text;
    uint32_t uses = 0;
  };
  std::vector<Entry> entries_;  // by id; the first is the empty text
  std::vector<uint32_t> free_;
  absl::flat_hash_map<std::string, TextId> ids_;
};

}  // namespace floe::shard
