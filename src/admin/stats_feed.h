// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Statistics as they change: Icecast's STATS method.
//
//   STATS / HTTP/1.0   ->  HTTP/1.0 200 OK
//                          EVENT global clients 5
//                          EVENT /live listeners 2       all there is, and then what is another
//                          EVENT /live title null        it is there no more
//                          EVENT /live null null         nor is its source
#pragma once

#include <map>
#include <string>

#include "admin/stats.h"
#include "base/clock.h"
#include "session/exchange.h"

namespace floe::admin {

inline constexpr milliseconds kStatsPeriod{1'000};  // between two looks
inline constexpr uint32_t kStatsFollowersMax = 32;

// How many follow now.
uint32_t StatsFollowers();

// By mount; "global": the server's.
using AllStats = std::map<std::string, Stats>;

// What has to be said to who knows `before`, a line each.
std::string StatsLines(const AllStats& before, const AllStats& now);

// Until the other side leaves, or the server ends or is handed over.
ring::Task<> FollowStats(session::Exchange& exchange);

}  // namespace floe::admin
