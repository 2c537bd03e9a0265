// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What methods and needs are called in answers and in the document.
#pragma once

#include "http/request.h"
#include "session/endpoint.h"

namespace floe::api {

// "read".
const char* NameOf(session::Need need);
// "GET"; empty for one that no endpoint takes by that name.
const char* NameOf(http::Method method);

}  // namespace floe::api
