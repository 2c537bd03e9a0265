// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What a configuration may ask for, and how much text may ask for it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "base/limits.h"

namespace floe::config {

// The text.
inline constexpr size_t kConfigBytesMax = 1024 * 1024;
inline constexpr size_t kSetBytesMax = 64 * 1024;     // one --set
inline constexpr uint32_t kKeyPartsMax = 16;          // joined by dots in one key of the file
inline constexpr uint32_t kProblemsMax = 50;          // told at once
inline constexpr uint32_t kShownBytesMax = 80;        // of a value in a message
inline constexpr uint32_t kSuggestedBytesMax = 64;    // a longer name resembles no key
inline constexpr uint32_t kTextBytesMax = 1024;       // of a value that is free text
inline constexpr uint32_t kPathBytesMax = 4095;       // PATH_MAX without its NUL
inline constexpr uint32_t kSocketPathBytesMax = 107;  // sockaddr_un without its NUL
inline constexpr uint32_t kHostnameBytesMax = 253;    // of the DNS
inline constexpr uint32_t kUserBytesMax = 255;
inline constexpr uint32_t kCharsetBytesMax = 40;
inline constexpr uint32_t kSecretBytesMax = 1024;
inline constexpr uint32_t kPatternBytesMax = 512;  // of one regular expression
inline constexpr uint32_t kHeaderTextBytesMax = 255;
inline constexpr uint32_t kCongestionBytesMax = 15;  // TCP_CA_NAME_MAX without its NUL

// Lists.
inline constexpr uint32_t kCoreMax = 1023;  // CPU_SETSIZE - 1
inline constexpr uint32_t kListenMax = 16;
inline constexpr uint32_t kOriginsMax = 64;
inline constexpr uint32_t kRelaysMax = 1024;
inline constexpr uint32_t kPushesMax = 256;
inline constexpr uint32_t kUsersMax = 4096;
inline constexpr uint32_t kWebhooksMax = 64;
inline constexpr uint32_t kCidrsMax = 4096;  // of one key; a ban file may hold more
inline constexpr uint32_t kPatternsMax = 256;
inline constexpr uint32_t kNamedMountsMax = 256;  // of one user or webhook
inline constexpr uint32_t kHeaderNamesMax = 32;
inline constexpr uint32_t kWebhookEventsMax = 16;

// Counts and sizes.
inline constexpr uint32_t kSourcesMax = kMountsMax;
inline constexpr uint32_t kListenersMax = kShardsMax * kListenersPerShardMax;
inline constexpr uint64_t kArenaBytesMin = uint64_t{4} << 20;  // one mount, and room to move
inline constexpr uint64_t kArenaBytesMax = uint64_t{1} << 40;
inline constexpr uint64_t kSendBufferBytesMin = 4 * 1024;
inline constexpr uint64_t kSendBufferBytesMax = 4 * 1024 * 1024;
inline constexpr uint64_t kBandwidthMax = uint64_t{1} << 40;  // bytes a second
inline constexpr uint64_t kBandwidthMin = 1000;
inline constexpr uint64_t kRotateBytesMin = 64 * 1024;  // else files turn at every other line
inline constexpr uint64_t kRotateBytesMax = uint64_t{1} << 40;
inline constexpr uint32_t kRotateKeepMax = 1000;
inline constexpr uint32_t kLockoutFailuresMax = 1'000'000;
inline constexpr uint32_t kRequestRateMax = 1'000'000;
inline constexpr uint32_t kMetaintMin = 256;  // below, the blocks outweigh the audio
inline constexpr uint32_t kMetaintMax = 1024 * 1024;
static_assert(kArenaBytesMin >= kBurstBytesMax, "a whole burst fits the smallest arena");
static_assert(kArenaBytesMax / kPageBytes < UINT32_MAX, "pages are counted in 32 bits");

// Times.
inline constexpr milliseconds kTimeoutMin = 100ms;
inline constexpr milliseconds kTimeoutMax = 1h;
inline constexpr milliseconds kIntervalMin = 1ms;
inline constexpr milliseconds kIntervalMax = 10s;
inline constexpr milliseconds kBurstMax = 2min;
inline constexpr milliseconds kHistoryMin = 1s;
inline constexpr milliseconds kHistoryMax = 1h;
inline constexpr milliseconds kLingerMax = 24h;
inline constexpr milliseconds kLagMin = 20ms;  // two ticks; below, noise would refuse people
inline constexpr milliseconds kLagMax = 10s;
inline constexpr milliseconds kRunOnMax = 24h;
inline constexpr milliseconds kPreferAfterMin = 1s;
inline constexpr milliseconds kPreferAfterMax = 1h;
inline constexpr milliseconds kPollMin = 1s;
inline constexpr milliseconds kPollMax = 24h;
inline constexpr milliseconds kDrainMax = 1h;
inline constexpr milliseconds kLockoutMin = 1s;
inline constexpr milliseconds kLockoutMax = 24h;
inline constexpr milliseconds kCacheMax = 24h;
inline constexpr milliseconds kDurationMax = 24h * 365;
inline constexpr milliseconds kHookTimeoutMax = 1min;
inline constexpr milliseconds kKeptMax = 24h * 3650;

}  // namespace floe::config
