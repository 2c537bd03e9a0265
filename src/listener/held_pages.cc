// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "listener/held_pages.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace floe::listener {

std::vector<HeldPages::HeldPage>::iterator HeldPages::Place(uint32_t page) {
  if (!pages_.empty() && pages_.back().number == page) return pages_.end() - 1;
  return std::lower_bound(
      pages_.begin(), pages_.end(), page,
      [](const HeldPage& held, uint32_t number) { return held.number < number; });
}

const std::byte* HeldPages::Find(uint32_t page) {
  const auto place = Place(page);
  if (place != pages_.end() && place->number == page) return place->page.data();
  tape::PageRef found = tape_.Page(page);
  if (!found) return nullptr;
  const std::byte* bytes = found.data();
  pages_.insert(place, {.number = page, .sends_in_flight = 0, .page = std::move(found)});
  return bytes;
}

void HeldPages::Pin(uint32_t first, uint32_t count) {
  auto place = Place(first);
  for (uint32_t i = 0; i < count; ++i, ++place) {
    FLOE_CHECK(place != pages_.end() && place->number == first + i);
    ++place->sends_in_flight;
  }
}

void HeldPages::Unpin(uint32_t first, uint32_t count) {
  auto place = Place(first);
  for (uint32_t i = 0; i < count; ++i, ++place) {
    FLOE_CHECK(place != pages_.end() && place->number == first + i);
    FLOE_CHECK(place->sends_in_flight > 0);
    --place->sends_in_flight;
  }
}

void HeldPages::DropUnused(uint32_t first_kept) {
  std::erase_if(pages_, [first_kept](const HeldPage& held) {
    return held.number < first_kept && held.sends_in_flight == 0;
  });
}

bool HeldPages::IsPinnedBefore(uint32_t first_kept) const {
  return std::any_of(pages_.begin(), pages_.end(), [first_kept](const HeldPage& held) {
    return held.number < first_kept && held.sends_in_flight > 0;
  });
}

}  // namespace floe::listener
