// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Listeners one by one: lists of them, which are never in memory as a whole, and what is done to
// one or to all of a mount.
//
//   a coroutine: the next listeners (session/listener_reader.h) -> a worker makes rows of them ->
//                the socket takes them -> and so on
#pragma once

#include "admin/document.h"
#include "mount/mount_ref.h"
#include "session/exchange.h"
#include "session/listener_reader.h"

namespace floe::admin {

inline constexpr uint32_t kListingsMax = 16;  // under way at once; more are answered 503
inline constexpr size_t kRowsPerSay = 2'048;  // in memory at once: some hundred kilobytes

// listclients.
ring::Task<> SendListeners(session::Exchange& exchange);
// The same below the last element of another document.
ring::Task<> SendWithListeners(session::Exchange& exchange, Node document);

// How rows of a list are written.
struct ListForm {
  Format format = Format::kXml;
  Node (*row_of)(const session::SeenListener& seen) = nullptr;
  absl::string_view content_type;
  bool has_root = true;  // false: of JSON, without the braces and the name of the root
};
// Answers the document, in which a hole is where the listeners of the mount go.
ring::Task<> SayListeners(session::Exchange& exchange, Node document, mount::MountRef mount,
                          ListForm form);

// Has those of `from` hear `to`; of ?id= that one alone. Answers the request.
ring::Task<> MoveListenersTo(session::Exchange& exchange, mount::MountRef from, mount::MountRef to);

// killclient.
ring::Task<> KillListener(session::Exchange& exchange);

}  // namespace floe::admin
