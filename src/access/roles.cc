// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/roles.h"

#include <algorithm>
#include <array>

namespace floe::access {
namespace {

struct Named {
  Role role;
  absl::string_view name;
};
constexpr std::array kRoles = {
    Named{Role::kSource, "source"},       Named{Role::kRelay, "relay"},
    Named{Role::kRead, "read"},           Named{Role::kOperate, "operate"},
    Named{Role::kConfigure, "configure"},
};

bool RoleAllows(Role role, Deed deed) {
  switch (deed) {
    // An administrator is no encoder: whose password is in a studio is not the one of the house.
    case Deed::kFeed: return role == Role::kSource;
    case Deed::kTell: return role == Role::kSource || role >= Role::kOperate;
    case Deed::kListen:
    case Deed::kRelay: return role >= Role::kRelay;
    case Deed::kRead: return role >= Role::kRead;
    case Deed::kOperate: return role >= Role::kOperate;
    case Deed::kConfigure: return role >= Role::kConfigure;
  }
  return false;
}

}  // namespace

absl::string_view RoleName(Role role) {
  for (const Named& named : kRoles) {
    if (named.role == role) return named.name;
  }
  return "";
}

std::optional<Role> RoleNamed(absl::string_view name) {
  for (const Named& named : kRoles) {
    if (named.name == name) return named.role;
  }
  return std::nullopt;
}

bool Allows(const Grant& grant, Deed deed, absl::string_view mount) {
  if (!RoleAllows(grant.role, deed)) return false;
  return grant.mounts.empty() || std::find(grant.mounts.begin(), grant.mounts.end(),
                                           std::string(mount)) != grant.mounts.end();
}

}  // namespace floe::access
