// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What can be asked for below /api/v1, each by a method and a path.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "absl/strings/string_view.h"
#include "http/request.h"
#include "ring/task.h"
#include "session/endpoint.h"
#include "session/exchange.h"

namespace floe::api {

// Operation is one of them. Before `answer` is called it is seen to that the request is of no other
// site's page where it changes something, and that who asks may.
struct Operation {
  http::Method method;
  absl::string_view path;  // "/api/v1/mounts/{mount}/title"; see MatchPath
  session::Need need;
  session::About about;
  // `name`: what stands for the path's {name}.
  ring::Task<> (*answer)(session::Exchange& exchange, std::string name);
};

std::span<const Operation> Operations();

// Finds the operation, sees to what it needs, and has it answer; or refuses. What the row of
// session::Endpoints for all of these paths answers.
ring::Task<> AnswerCall(session::Exchange& exchange);

// Answers with JSON.
ring::Task<> Send(session::Exchange& exchange, int http_status, std::string json);
// 204.
ring::Task<> SendNothing(session::Exchange& exchange);

}  // namespace floe::api
