// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Who may do what: roles, and what each is allowed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "config/config.h"

namespace floe::access {

using config::Role;

// "source", "relay", "read", "operate", "configure".
absl::string_view RoleName(Role role);
std::optional<Role> RoleNamed(absl::string_view name);

// What somebody wants to do.
enum class Deed : uint8_t {
  kFeed,    // be a mount's source
  kTell,    // say what its source says beside the audio
  kListen,  // hear a mount that is not for everybody
  kRelay,   // fetch the mounts
  kRead,
  kOperate,
  kConfigure,
};

// Grant is what somebody who has logged in may do: as `role`, on these mounts.
struct Grant {
  Role role = Role::kSource;
  std::vector<std::string> mounts;  // empty: on all, and on the server as a whole

  bool operator==(const Grant&) const = default;
};

// Whether that is allowed; an empty `mount` means the server as a whole, which is no one's who is
// held to some mounts.
bool Allows(const Grant& grant, Deed deed, absl::string_view mount);

}  // namespace floe::access
