// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/logins.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"
#include "access/password.h"
#include "base/sha256.h"
#include "http/auth.h"

namespace floe::access {
namespace {

constexpr absl::string_view kTokenHashPrefix = "sha256:";

// The source's: of the mount alone when that has a password of its own, else of all that have none.
Login SourceLoginOf(const config::Config& config, const std::string& mount) {
  const config::Mount& settings = config.MountSettings(mount);
  const bool is_own = !settings.source_password.empty();
  return {.user = settings.source_user,
          .secret = is_own ? settings.source_password : config.auth.source_password,
          .grant = {.role = Role::kSource, .mounts = {}}};
}

}  // namespace

std::vector<Login> LoginsOf(const config::Config& config, absl::string_view user,
                            const std::string& mount) {
  std::vector<Login> logins;
  const auto add = [&logins](Login login) {
    if (!login.secret.empty()) logins.push_back(std::move(login));
  };
  const config::Auth& auth = config.auth;
  if (!user.empty() && user == auth.admin_user) {
    add({.user = auth.admin_user,
         .secret = auth.admin_password,
         .grant = {.role = Role::kConfigure, .mounts = {}}});
  }
  if (!user.empty() && user == auth.relay_user) {
    add({.user = auth.relay_user,
         .secret = auth.relay_password,
         .grant = {.role = Role::kRelay, .mounts = {}}});
  }
  const auto named = config.users.find(std::string(user));
  if (!user.empty() && named != config.users.end()) {
    add({.user = named->first,
         .secret = named->second.password,
         .grant = {.role = named->second.role, .mounts = named->second.mounts}});
  }
  Login source = SourceLoginOf(config, mount);
  if (user.empty() || user == source.user) add(std::move(source));
  return logins;
}

std::optional<std::string> AnyHash(const config::Config& config) {
  const config::Auth& auth = config.auth;
  for (const std::string* secret :
       {&auth.admin_password, &auth.source_password, &auth.relay_password}) {
    if (IsSlow(*secret)) return *secret;
  }
  for (const auto& [name, user] : config.users) {
    if (IsSlow(user.password)) return user.password;
  }
  for (const auto& [name, mount] : config.mounts) {
    if (IsSlow(mount.source_password)) return mount.source_password;
  }
  return std::nullopt;
}

std::optional<Bearer> BearerOf(const config::Config& config, absl::string_view token) {
  if (token.empty()) return std::nullopt;
  const std::string hash = Sha256Hex(token);
  for (const auto& [name, user] : config.users) {
    if (user.token.empty()) continue;
    absl::string_view kept = user.token;
    const bool is_hashed = absl::ConsumePrefix(&kept, kTokenHashPrefix);
    const std::string expected = is_hashed ? absl::AsciiStrToLower(kept) : Sha256Hex(kept);
    if (!http::SecretsEqual(hash, expected)) continue;
    return Bearer{.user = name, .grant = {.role = user.role, .mounts = user.mounts}};
  }
  return std::nullopt;
}

}  // namespace floe::access
