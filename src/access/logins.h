// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Who may log in, as the configuration says.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "access/roles.h"
#include "config/config.h"

namespace floe::access {

// Login is one way in: who shows the password of which `secret` is kept, may do this.
struct Login {
  std::string user;
  std::string secret;  // never empty
  Grant grant;
};

// All ways in for this user: those of [auth], [user."name"], and the source's of `mount`, which is
// that of [mount_defaults] when it is empty. Without a name, which old encoders leave out, the
// source's alone.
std::vector<Login> LoginsOf(const config::Config& config, absl::string_view user,
                            const std::string& mount);

// Some password that is hashed, if any is: to take as long for who does not exist.
std::optional<std::string> AnyHash(const config::Config& config);

// Bearer is who has one of the configuration's own tokens.
struct Bearer {
  std::string user;
  Grant grant;
};
std::optional<Bearer> BearerOf(const config::Config& config, absl::string_view token);

}  // namespace floe::access
