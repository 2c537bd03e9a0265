// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace floe::config {

// CoreSet is what server.cores says: on which cores shards run.
struct CoreSet {
  enum class Kind : uint8_t {
    kAllowed,  // "auto": those the process may run on, a shard each in turn
    kFree,     // "off": the scheduler decides, and moves shards as it likes
    kListed,   // "0-3,8": these, in this order
    kNode,     // "node1": those of a NUMA node
  } kind = Kind::kAllowed;
  std::vector<uint32_t> cores;  // kListed
  uint32_t node = 0;            // kNode

  bool operator==(const CoreSet&) const = default;
};

// Errors: InvalidArgument, saying what is wrong with the text.
absl::StatusOr<CoreSet> ParseCoreSet(absl::string_view text);

// Cores and ranges of them, as the kernel writes them (cpuset(7), "List format"): "0-3,8". No core
// stands there twice: with steering, the second shard of a core that is named again would be out
// of turn, and get nobody. Errors: InvalidArgument.
absl::StatusOr<std::vector<uint32_t>> ParseCoreList(absl::string_view text);

}  // namespace floe::config
