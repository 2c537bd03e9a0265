// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace floe::doctor {

// 64 KiB, 2.2 GiB: as many digits as one reads.
std::string Size(uint64_t bytes);

// 40,000
std::string Count(uint64_t count);

}  // namespace floe::doctor
