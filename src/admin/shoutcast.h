// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What SHOUTcast's tools ask for: pages for everybody, and admin.cgi.
//
// A stream has a number there, sid. Floe's mounts have names: sid 1 is server.shoutcast_mount while
// it plays, and the others follow in the order of their names; hidden ones have none.
#pragma once

#include "session/exchange.h"

namespace floe::admin {

ring::Task<> SendSevenHtml(session::Exchange& exchange);        // /7.html
ring::Task<> SendShoutcastStats(session::Exchange& exchange);   // /stats
ring::Task<> SendShoutcastServer(session::Exchange& exchange);  // /statistics
ring::Task<> SendPlayed(session::Exchange& exchange);           // /played, &type=xml, &type=json
ring::Task<> SendCurrentSong(session::Exchange& exchange);      // /currentsong
ring::Task<> AnswerAdminCgi(session::Exchange& exchange);       // /admin.cgi

}  // namespace floe::admin
