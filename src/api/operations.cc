// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <array>

#include "api/bans.h"
#include "api/history.h"
#include "api/listeners.h"
#include "api/me.h"
#include "api/mounts.h"
#include "api/operation.h"
#include "api/server_calls.h"
#include "api/tokens.h"

namespace floe::api {
namespace {

using http::Method;
using session::About;
using session::Need;

// Each stands in openapi.json as well: a test compares the two.
constexpr std::array kOperations = {
    Operation{Method::kGet, "/api/v1/openapi.json", Need::kNothing, About::kServer, &SendDocument},
    Operation{Method::kGet, "/api/v1/server", Need::kRead, About::kServer, &SendServer},
    Operation{Method::kGet, "/api/v1/endpoints", Need::kRead, About::kServer, &SendEndpoints},
    // Whoever has logged in; it sees to that itself.
    Operation{Method::kGet, "/api/v1/me", Need::kNothing, About::kServer, &SendMe},
    Operation{Method::kGet, "/api/v1/mounts", Need::kRead, About::kServer, &SendMounts},
    Operation{Method::kGet, "/api/v1/mounts/{mount}", Need::kRead, About::kMount, &SendMount},
    Operation{Method::kPost, "/api/v1/mounts/{mount}/title", Need::kTell, About::kMount, &SetTitle},
    Operation{Method::kPut, "/api/v1/mounts/{mount}/fallback", Need::kOperate, About::kMount,
              &SetFallback},
    Operation{Method::kPost, "/api/v1/mounts/{mount}/move", Need::kOperate, About::kMount,
              &MoveMountListeners},
    Operation{Method::kDelete, "/api/v1/mounts/{mount}/source", Need::kTell, About::kMount,
              &EndSource},
    Operation{Method::kGet, "/api/v1/listeners", Need::kRead, About::kMount, &SendListeners},
    Operation{Method::kDelete, "/api/v1/listeners/{id}", Need::kOperate, About::kMount,
              &EndListener},
    Operation{Method::kGet, "/api/v1/sources", Need::kRead, About::kServer, &SendSources},
    Operation{Method::kDelete, "/api/v1/sources/{mount}", Need::kTell, About::kMount, &EndSource},
    Operation{Method::kGet, "/api/v1/bans", Need::kRead, About::kServer, &SendBans},
    Operation{Method::kPost, "/api/v1/bans", Need::kOperate, About::kServer, &AddBan},
    Operation{Method::kDelete, "/api/v1/bans/{network}", Need::kOperate, About::kServer, &EndBan},
    Operation{Method::kGet, "/api/v1/tokens", Need::kConfigure, About::kServer, &SendTokens},
    Operation{Method::kPost, "/api/v1/tokens", Need::kConfigure, About::kServer, &AddToken},
    Operation{Method::kDelete, "/api/v1/tokens/{name}", Need::kConfigure, About::kServer,
              &EndToken},
    Operation{Method::kGet, "/api/v1/relays", Need::kRead, About::kServer, &SendRelays},
    Operation{Method::kGet, "/api/v1/master", Need::kRead, About::kServer, &SendMaster},
    Operation{Method::kGet, "/api/v1/pushes", Need::kRead, About::kServer, &SendPushes},
    Operation{Method::kGet, "/api/v1/songs", Need::kRead, About::kMount, &SendSongs},
    Operation{Method::kGet, "/api/v1/sessions", Need::kRead, About::kMount, &SendSessions},
    Operation{Method::kGet, "/api/v1/listened", Need::kRead, About::kMount, &SendListened},
    Operation{Method::kGet, "/api/v1/config", Need::kConfigure, About::kServer, &SendConfig},
    Operation{Method::kPost, "/api/v1/reload", Need::kConfigure, About::kServer, &Reload},
};

}  // namespace

std::span<const Operation> Operations() { return kOperations; }

}  // namespace floe::api
