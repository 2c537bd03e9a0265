// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace floe::server {

// floe passwd: asks for a password, twice and unseen where a person types it, and prints a hash of
// it. Errors: two that differ; what cannot be hashed.
absl::Status Passwd(absl::string_view method, bool reads_stdin);

}  // namespace floe::server
