// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Listeners: from the request to a seat in the fan-out.
#pragma once

#include "mount/mount_ref.h"
#include "session/exchange.h"
#include "session/listener_hook.h"

namespace floe::session {

// Answers GET and HEAD of a mount for who was let in with `pass`. On success the socket is the
// fan-out's when it returns.
ring::Task<> Listen(Exchange& exchange, mount::MountRef mount, ListenerPass& pass);

// Answers GET and HEAD of /mount.m3u, .pls, .xspf and .vclt.
ring::Task<> SendPlaylist(Exchange& exchange);

}  // namespace floe::session
