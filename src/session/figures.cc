// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "session/figures.h"

#include <optional>

#include "base/heap.h"
#include "base/limits.h"
#include "nlohmann/json.hpp"

namespace floe::session {

using Json = nlohmann::ordered_json;

Json ShardJson(const shard::Shard& shard) {
  const shard::ShardGauges& gauges = shard.gauges();
  return {{"listeners", gauges.listeners.load()},
          {"requests", gauges.requests.load()},
          {"interval_ms", gauges.interval_ms.load()},
          {"busy_permille", gauges.busy_permille.load()},
          {"lag_ms", gauges.lag_ms.load()},
          {"sends", gauges.sends.load()},
          {"sent_bytes", gauges.sent_bytes.load()},
          {"zero_copy_sends", gauges.zero_copy_sends.load()},
          {"zero_copy_copied", gauges.zero_copy_copied.load()},
          {"descriptors", gauges.descriptors.load()},
          {"descriptors_max", shard.descriptors_max()},
          {"descriptors_kept_back", shard.descriptors_kept_back()}};
}

Json MemoryJson(const tape::Arena& arena) {
  Json memory = {{"arena_pages", arena.pages()},
                 {"arena_pages_used", arena.pages_in_use()},
                 {"page_bytes", kPageBytes}};
  if (const std::optional<HeapUse> heap = ReadHeapUse(); heap.has_value()) {
    memory["heap_allocated_bytes"] = heap->allocated_bytes;
    memory["heap_resident_bytes"] = heap->resident_bytes;
  }
  return memory;
}

}  // namespace floe::session
