// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What the process keeps for those who log in.
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "access/desk.h"
#include "base/log.h"
#include "nlohmann/json.hpp"
#include "server/process.h"

namespace floe::server {

using control::Json;

namespace {

constexpr seconds kUsesSavedEvery{60};

std::vector<std::string> UserFilesOf(const config::Config& config) {
  std::set<std::string> files{config.mount_defaults.listener_users};
  for (const auto& [name, mount] : config.mounts) files.insert(mount.listener_users);
  files.erase("");
  return {files.begin(), files.end()};
}

Json JsonOf(const access::TokenRecord& token) {
  Json json;
  json["name"] = token.name;
  json["role"] = std::string(access::RoleName(token.grant.role));
  json["mounts"] = token.grant.mounts;
  json["created"] = absl::ToUnixSeconds(token.created);
  if (token.last_used.has_value()) json["last_used"] = absl::ToUnixSeconds(*token.last_used);
  if (token.expires.has_value()) json["expires"] = absl::ToUnixSeconds(*token.expires);
  return json;
}

}  // namespace

absl::Status Process::OpenDesk() {
  const absl::Status read =
      services_.desk->tokens.Load(absl::StrCat(config_.server.state_dir, "/tokens.json"));
  if (!read.ok()) return read;
  ReadUserFiles(config_);
  return absl::OkStatus();
}

void Process::ReadUserFiles(const config::Config& config) {
  for (const std::string& wrong : services_.desk->htpasswd.Refresh(UserFilesOf(config))) {
    log::Error(wrong);
  }
}

void Process::KeepDesk(Instant now) {
  ReadUserFiles(*services_.config.Get());
  if (now - uses_saved_ < kUsesSavedEvery) return;
  uses_saved_ = now;
  if (absl::Status saved = services_.desk->tokens.SaveUses(); !saved.ok()) {
    log::Error(saved.message());
  }
}

absl::StatusOr<Json> Process::Token(const control::Request& request) {
  access::Tokens& tokens = services_.desk->tokens;
  Json result;
  if (request.command == control::Request::Command::kTokenList) {
    result["tokens"] = Json::array();
    for (const access::TokenRecord& token : tokens.List()) {
      result["tokens"].push_back(JsonOf(token));
    }
    return result;
  }
  if (request.command == control::Request::Command::kTokenRemove) {
    if (absl::Status removed = tokens.Remove(request.name); !removed.ok()) return removed;
    log::Info(absl::StrCat("token ", request.name, " is removed"));
    result["name"] = request.name;
    return result;
  }
  const std::optional<access::Role> role = access::RoleNamed(request.role);
  if (!role.has_value()) {
    return absl::InvalidArgumentError(
        "a token's role is source, relay, read, operate or configure");
  }
  access::TokenRecord record;
  record.name = request.name;
  record.grant = {.role = *role, .mounts = request.mounts};
  record.created = absl::Now();
  if (request.days > 0) record.expires = record.created + absl::Hours(24) * double(request.days);
  absl::StatusOr<std::string> token = tokens.Add(std::move(record));
  if (!token.ok()) return token.status();
  log::Info(absl::StrCat("token ", request.name, " is made: ", request.role,
                         request.mounts.empty() ? "" : " of ", absl::StrJoin(request.mounts, " ")));
  result["name"] = request.name;
  result["token"] = *token;
  return result;
}

}  // namespace floe::server
