// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What is bounded by what. A queue without a line here is a bug.
#pragma once

#include <cstdint>

namespace floe {

// Shards and what each may hold.
inline constexpr uint32_t kShardsMax = 64;
inline constexpr uint32_t kListenersPerShardMax = 1u << 20;
inline constexpr uint32_t kRequestsPerShardMax = 1u << 12;      // coroutines at once
inline constexpr uint32_t kAcceptsInFlight = 64;                // per listening socket and shard
inline constexpr uint32_t kSendsInFlightPerTurnMax = 1u << 12;  // fan-out submits before reaping
inline constexpr uint32_t kSubmissionEntries = 1u << 12;
inline constexpr uint32_t kCompletionEntries = 1u << 14;
inline constexpr uint32_t kReapMax = 1u << 13;  // completions taken per turn
inline constexpr uint32_t kMailboxEntries = 1u << 12;
inline constexpr uint32_t kWorkersMax = 4;
inline constexpr uint32_t kResolvers = 2;  // threads that look up names
static_assert(kCompletionEntries >= 2 * kSendsInFlightPerTurnMax + kRequestsPerShardMax,
              "a zero-copy send completes twice: result, then notice");

// Requests.
inline constexpr uint32_t kRequestHeadBytesMax = 8 * 1024;
inline constexpr uint32_t kRequestHeadersMax = 64;
inline constexpr uint32_t kMountNameBytesMax = 255;
inline constexpr uint32_t kReceiveBufferBytes = 4 * 1024;
inline constexpr uint32_t kReceiveBuffersPerShard = 128;

// Mounts.
inline constexpr uint32_t kMountsMax = 4096;
inline constexpr uint32_t kPageBytes = 64 * 1024;
inline constexpr uint32_t kTapePagesMax = 1024;   // 64 MiB of history for one mount
inline constexpr uint32_t kSyncPointsMax = 4096;  // a power of two
inline constexpr uint32_t kTitlesKept = 32;       // that a listener may still have to hear
inline constexpr uint32_t kLinksKept = 4;         // preambles a joiner may still need
inline constexpr uint32_t kTitleBytesMax = 4000;  // fits an ICY block of 4080 bytes
inline constexpr uint32_t kPreambleBytesMax = 1024 * 1024;  // Ogg headers may hold a picture
inline constexpr uint32_t kBurstBytesMax = 4 * 1024 * 1024;
inline constexpr uint32_t kFallbacksMax = 10;  // of a mount, and mounts that follow each other

// Other servers.
inline constexpr uint32_t kUpstreamsMax = 8;  // that one mount may be fetched from
inline constexpr uint32_t kHopsMax = 16;      // servers one behind the other, from origin to edge

// Sends.
inline constexpr uint32_t kSendBytesMax = 64 * 1024;
inline constexpr uint32_t kSendPiecesMax = 16;  // of one gather send
inline constexpr uint32_t kIcyBlockBytesMax = 1 + 255 * 16;

}  // namespace floe
