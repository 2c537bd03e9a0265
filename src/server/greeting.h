// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "config/config.h"
#include "server/passwords.h"

namespace floe::server {

// Prints, on stdout, where the server is, how to hear it and how to feed it; and the passwords when
// they were made just now, the only time they are shown, unless that would be in a journal.
void Greet(const config::Config& config, const Passwords& passwords);

}  // namespace floe::server
