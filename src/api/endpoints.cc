// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "api/endpoints.h"

#include <array>

#include "api/operation.h"
#include "api/ready.h"
#include "session/paths.h"

namespace floe::api {
namespace {

using session::Need;

// What each operation needs, and whether it changes something, differs by method: AnswerCall sees
// to that.
constexpr session::Methods kAny = session::kGet | session::kPost | session::kPut | session::kDelete;

constexpr std::array kEndpoints = {
    session::Endpoint{session::kApiPrefix, kAny, Need::kNothing, session::About::kServer, false,
                      &AnswerCall},
    session::Endpoint{"/healthz", session::kGet, Need::kNothing, session::About::kServer, false,
                      &SendAlive},
    session::Endpoint{"/readyz", session::kGet, Need::kNothing, session::About::kServer, false,
                      &SendReady},
};

}  // namespace

std::span<const session::Endpoint> Endpoints() { return kEndpoints; }

}  // namespace floe::api
