// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// How much of another server's configuration is looked at.
#pragma once

#include <cstddef>
#include <cstdint>

namespace floe::importer {

inline constexpr size_t kFileBytesMax = 1024 * 1024;
inline constexpr uint32_t kDepthMax = 24;       // tables and lists within each other
inline constexpr uint32_t kItemsMax = 200'000;  // in one file
inline constexpr uint32_t kLinesMax = 10'000;   // of a file that another names, such as of bans
// Each has what Floe refuses taken out, which is at most fifty settings at a time.
inline constexpr uint32_t kRoundsMax = 200;

}  // namespace floe::importer
