// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The calls of Icecast's admin API, but for lists of listeners (listeners.h).
#pragma once

#include "session/exchange.h"

namespace floe::admin {

// ---- what the server and its mounts are: status_calls.cc ----
ring::Task<> SendStats(session::Exchange& exchange);        // all, or ?mount=
ring::Task<> SendPublicStats(session::Exchange& exchange);  // for everybody
ring::Task<> SendStatusPage(session::Exchange& exchange);   // /status.xsl
ring::Task<> SendVersion(session::Exchange& exchange);
ring::Task<> SendListenSockets(session::Exchange& exchange);

// ---- mounts: mount_calls.cc ----
ring::Task<> SendMounts(session::Exchange& exchange);
// A server that follows the list has another one at the same path: session/stream_list.h.
ring::Task<> SendMountsOrStreamList(session::Exchange& exchange);
ring::Task<> SetFallback(session::Exchange& exchange);
ring::Task<> MoveListeners(session::Exchange& exchange);  // without destination=: to where they may
ring::Task<> KillSource(session::Exchange& exchange);
ring::Task<> UpdateMetadata(session::Exchange& exchange);
ring::Task<> SendMetadataForm(session::Exchange& exchange);
ring::Task<> SendPlaylistWithLogin(session::Exchange& exchange);  // buildm3u
ring::Task<> ControlDump(session::Exchange& exchange);            // dumpfilecontrol

// The users of its listener_users: manage_auth.cc.
ring::Task<> ManageAuth(session::Exchange& exchange);

// ---- the server: server_calls.cc ----
ring::Task<> ReloadConfig(session::Exchange& exchange);
ring::Task<> MarkLog(session::Exchange& exchange);
// The newest lines of ?logfile=error, access, playlist or auth, which are in memory.
ring::Task<> SendLog(session::Exchange& exchange);
// What is no call; /admin/ itself is a page.
ring::Task<> RefuseUnknown(session::Exchange& exchange);

}  // namespace floe::admin
