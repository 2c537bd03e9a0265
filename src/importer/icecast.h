// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The parts of an icecast.xml, of Xiph's Icecast 2.4 and 2.5 and of Icecast-KH, and what they have
// to know of each other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "importer/draft.h"
#include "importer/item.h"
#include "importer/reasons.h"
#include "importer/rules.h"
#include "importer/surroundings.h"

namespace floe::importer {

// Amount is the size of a queue or a burst: bytes, or, of Icecast-KH, a time.
struct Amount {
  uint64_t bytes = 0;
  std::optional<uint64_t> span_ms;
};

// IcecastFacts is what holds for all of a file.
struct IcecastFacts {
  const Surroundings& surroundings;
  Draft* draft;
  bool is_kh = false;                  // it has what only Icecast-KH knows
  std::string base;                    // in front of every path: where it was chrooted to
  std::string webroot;                 // with `base`
  bool is_on_demand = false;           // relays are, unless they say otherwise
  std::optional<Amount> queue, burst;  // of mounts that say nothing of their own

  // A path as Floe sees it, of one within `folder` when it is relative.
  std::string PathOf(absl::string_view folder, absl::string_view path) const;
};

std::optional<Amount> AmountIn(absl::string_view text);
// Sets "burst" or "history".
void SetByAmount(absl::string_view section, absl::string_view key, const Amount& amount,
                 uint32_t bitrate, bool is_silent, const Origin& origin, Draft* draft);

// Sets "bandwidth" by Icecast-KH's bits a second, such as "20m"; none when there are none.
void SetBandwidth(absl::string_view section, absl::string_view bits, const Origin& origin,
                  Draft* draft);

void FromPaths(const Item& paths, const IcecastFacts& facts);
void FromLogging(const Item& logging, const Item* paths, const IcecastFacts& facts);

// <mount>; of a default one, or one for every name, the facts learn the sizes.
void FromMount(const Item& mount, const Item& root, IcecastFacts* facts);
// Whether it is such a one.
bool IsDefaultMount(const Item& mount);
// <http-headers>, of the server or of a mount.
void FromHeaders(const Item& headers, const Scene& scene, Draft* draft);
// The roles of Icecast 2.5, or the one authentication of the others.
void FromAuthentication(const Item& authentication, const Scene& scene, const IcecastFacts& facts);

// <relay>; `mount` is the one it stands in, or empty.
void FromRelay(const Item& relay, absl::string_view mount, const IcecastFacts& facts);
// The master's keys of the root, and Icecast-KH's <master>.
void FromMaster(const Item& root, const IcecastFacts& facts);

}  // namespace floe::importer
