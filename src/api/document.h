// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"

namespace floe::api {

// openapi.json, as it was when this was built.
absl::string_view Document();

}  // namespace floe::api
