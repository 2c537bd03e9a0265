// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The list of mounts, for servers that fetch all of them.
//
//   GET /admin/streamlist.txt          a mount a line, as Icecast has it for its slaves
//   GET /admin/streamlist?follow=1     a long request: "+/mount" for each, "=", and from then on
//                                      "+/mount" and "-/mount" as they come and go, and "=" every
//                                      kListHeartbeat. It ends with the process, or with a swap.
#pragma once

#include "session/exchange.h"

namespace floe::session {

inline constexpr milliseconds kListHeartbeat{15'000};

// Answers both, for the administrator and for a relay's login.
ring::Task<> SendStreamList(Exchange& exchange);

}  // namespace floe::session
