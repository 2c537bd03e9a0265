// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "admin/document.h"
#include "session/exchange.h"
#include "store/song_history.h"

namespace floe::admin {

inline constexpr int kPlayedMax = 20;  // songs that SHOUTcast's pages show

// What played on a mount, the newest first; none where nothing is kept.
ring::Task<absl::StatusOr<std::vector<store::Song>>> ReadPlayed(session::Exchange& exchange,
                                                                std::string mount);

// As DNAS has it.
void PutPlayed(const std::vector<store::Song>& songs, Node* history);

}  // namespace floe::admin
