// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Sources: PUT, SOURCE and SHOUTcast v1, from the head to the last byte.
#pragma once

#include "http/head_scan.h"
#include "session/exchange.h"

namespace floe::session {

// Answers PUT and SOURCE: authorizes, claims the mount, feeds it until the source leaves.
ring::Task<> FeedFromRequest(Exchange& exchange);

// Answers SHOUTcast v1, whose first line (`line_bytes` of what was received) is a password.
ring::Task<> FeedFromShoutcast(Exchange& exchange, uint32_t line_bytes);

// Goes on with a source of the process before; `writer` and `feed` stand where `state` says.
ring::Task<> GoOnFeeding(Exchange& exchange, const SourceState& state, mount::Writer& writer,
                         Feed& feed);

// Answers DELETE: ends the source of a mount.
ring::Task<> EndSourceByRequest(Exchange& exchange);

}  // namespace floe::session
