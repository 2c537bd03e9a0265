// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "access/htpasswd.h"
#include "access/lockout.h"
#include "access/password_cache.h"
#include "access/tokens.h"

namespace floe::access {

// Desk is what all who are asked who they are have in common. It outlives every configuration.
//
// Lifetime  of the process.
// Threads   Any; each of its parts says what may block.
struct Desk {
  PasswordCache passwords;
  Lockout lockout;
  Tokens tokens;
  HtpasswdFiles htpasswd;
};

}  // namespace floe::access
