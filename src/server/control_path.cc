// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/control_path.h"

#include <sys/stat.h>

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "control/protocol.h"
#include "server/passwords.h"

namespace floe::server {
namespace {

bool IsDefault(const config::Server& server) {
  return server.control_socket == config::Server().control_socket;
}

// /run/floe where there is none: its parent is the system's. The state directory may be anywhere.
void MakeDirectoryOf(const std::string& path, bool is_state_dir) {
  const std::filesystem::path directory = std::filesystem::path(path).parent_path();
  std::error_code error;  // whether it can be used shows when it is
  if (!is_state_dir) {
    (void)mkdir(directory.c_str(), 0755);
  } else if (std::filesystem::create_directories(directory, error)) {
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
  }
}

}  // namespace

std::vector<std::string> ControlPathsOf(const config::Server& server) {
  std::vector<std::string> paths = {server.control_socket};
  if (IsDefault(server)) {
    const std::string& set = server.state_dir;
    paths.push_back(absl::StrCat(set.empty() ? DefaultStateDir() : set, "/", control::kSocketName));
  }
  return paths;
}

absl::Status OpenControlSocket(const config::Server& server, control::ControlSocket* socket) {
  if (!IsDefault(server)) return socket->Open(server.control_socket);
  absl::Status opened;
  bool is_state_dir = false;
  for (const std::string& path : ControlPathsOf(server)) {
    MakeDirectoryOf(path, is_state_dir);
    is_state_dir = true;
    opened = socket->Open(path);
    if (opened.ok() || absl::IsAlreadyExists(opened)) return opened;
  }
  log::Warn(absl::StrCat("no command will reach this server: ", opened.message()));
  return absl::OkStatus();
}

}  // namespace floe::server
