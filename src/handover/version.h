// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace floe::handover {

// What two processes say to each other. A new field that the other may ignore, and do without, is
// no new version. What changes the meaning of anything is.
inline constexpr uint32_t kVersion = 1;
inline constexpr uint32_t kOldestVersion = 1;  // that is still understood

#ifdef FLOE_NEXT
inline constexpr uint32_t kNovelty = 7;  // of the later version that tests/next stands for
#endif

// The newest version that both sides speak. Error: there is none.
inline absl::StatusOr<uint32_t> AgreeOnVersion(uint32_t theirs, uint32_t their_oldest,
                                               uint32_t ours = kVersion,
                                               uint32_t our_oldest = kOldestVersion) {
  const uint32_t both = std::min(theirs, ours);
  if (both >= std::max(their_oldest, our_oldest)) return both;
  return absl::FailedPreconditionError(absl::StrCat(
      "the running floe hands over by versions ", our_oldest, " to ", ours,
      " of the protocol, the new one by ", their_oldest, " to ", theirs, ": none is common"));
}

}  // namespace floe::handover
