// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/address.h"
#include "base/slot.h"
#include "shard/interner.h"

namespace floe::shard {

// What is known of who asks for a stream, when the seat is given.
struct Guest {
  uint64_t number = 0;  // that was taken for it before; 0: the next
  Address peer;
  absl::string_view user, agent, referer;
  absl::string_view request;  // "GET /live HTTP/1.1"
  int status = 200;
};

// ListenerDetails keeps, beside the fan-out's records, what only logs and admin pages ask for.
//
// Units     one entry of 56 bytes a listener, by slot.
// Lifetime  of its shard; an entry lives from Set to Clear.
// Threads   One.
class ListenerDetails {
 public:
  struct Entry {
    uint64_t id = 0;          // of ListenerNumbers
    int64_t connected_s = 0;  // wall clock, since 1970
    Address peer;
    uint16_t status = 0;
    TextId user = Interner::kEmpty;
    TextId agent = Interner::kEmpty;
    TextId referer = Interner::kEmpty;
    TextId request = Interner::kEmpty;
  };
  static_assert(sizeof(Entry) == 56, "a listener's budget is 256 bytes in all");

  void Set(ListenerSlot slot, uint64_t id, const Guest& guest, absl::Time connected) {
    if (Index(slot) >= entries_.size()) entries_.resize(Index(slot) + kGrowBy);
    entries_[Index(slot)] = {.id = id,
                             .connected_s = absl::ToUnixSeconds(connected),
                             .peer = guest.peer,
                             .status = uint16_t(guest.status),
                             .user = texts_.Take(guest.user),
                             .agent = texts_.Take(guest.agent),
                             .referer = texts_.Take(guest.referer),
                             .request = texts_.Take(guest.request)};
  }

  void Clear(ListenerSlot slot) {
    Entry& entry = entries_[Index(slot)];
    for (const TextId id : {entry.user, entry.agent, entry.referer, entry.request}) texts_.Drop(id);
    entry = {};
  }

  const Entry& operator[](ListenerSlot slot) const { return entries_[Index(slot)]; }
  absl::string_view Text(TextId id) const { return texts_.Text(id); }

 private:
  static constexpr size_t kGrowBy = 1024;
  Interner texts_;
  std::vector<Entry> entries_;
};

}  // namespace floe::shard
