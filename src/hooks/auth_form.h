// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What a web server is asked and told of listeners, sources and mounts: forms, in Icecast's words.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "http/header_list.h"

namespace floe::hooks {

// This server, as the mount's listeners know it.
struct Server {
  std::string name;
  uint16_t port = 0;
};

// Who asks for a mount, or feeds it.
struct Asker {
  std::string mount;  // with its query, as it was asked for
  std::string user, password;
  std::string ip;
  std::string agent, referer;
  uint64_t number = 0;    // of the listener, and of nobody else
  std::string passed_on;  // fields of PassedOn
};

// "&ClientHeader-x-token=...": request headers that are passed on, each under its name in lower
// case behind a prefix. Of several of one name, the first.
std::string PassedOn(const http::HeaderList& headers, const std::vector<std::string>& names,
                     absl::string_view prefix);

// A listener asks to be let in, while so many listen to the mount.
std::string ListenerAddForm(const Server& server, const Asker& asker, uint32_t listeners);

// A listener has left: what is known of it when it comes, and what when it goes. Kept apart, as the
// first is all that is kept meanwhile.
std::string ListenerRemoveBegin(const Server& server, const Asker& asker);
std::string ListenerRemoveForm(absl::string_view begin, milliseconds listened, uint64_t sent_bytes);

// A source wants a mount; or, with `is_admin`, only to do something with it, such as set a title.
std::string StreamAuthForm(const Server& server, const Asker& asker, bool is_admin);

// A mount has a source, or has it no more.
std::string MountForm(const Server& server, absl::string_view action, absl::string_view mount,
                      absl::string_view ip, absl::string_view agent);

}  // namespace floe::hooks
