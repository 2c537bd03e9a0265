// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/passwords.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace floe::server {
namespace {

constexpr size_t kPasswordLetters = 20;  // of 32: 100 bits
constexpr absl::string_view kSourceKey = "source_password=";
constexpr absl::string_view kAdminKey = "admin_password=";

absl::StatusOr<std::string> MakePassword() {
  // No letter that is easily taken for another; 32 of them, so that no byte is favoured.
  static constexpr absl::string_view kLetters = "abcdefghijkmnpqrstuvwxyz23456789";
  static_assert(kLetters.size() == 32);
  unsigned char random[kPasswordLetters];
  if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
    return absl::UnavailableError(absl::StrCat("getrandom: ", std::strerror(errno)));
  }
  std::string password;
  for (const unsigned char byte : random) password.push_back(kLetters[byte % kLetters.size()]);
  return password;
}

struct Kept {
  std::string source, admin;
};

Kept Read(const std::string& file) {
  Kept kept;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (absl::StartsWith(line, kSourceKey)) kept.source = line.substr(kSourceKey.size());
    if (absl::StartsWith(line, kAdminKey)) kept.admin = line.substr(kAdminKey.size());
  }
  return kept;
}

// Written beside and renamed, so that a crash leaves the old file or the new one.
absl::Status Write(const std::string& file, const Kept& kept) {
  const std::string text = absl::StrCat(kSourceKey, kept.source, "\n", kAdminKey, kept.admin, "\n");
  const std::string beside = absl::StrCat(file, ".new");
  const int fd = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool is_written = fd >= 0 && fchmod(fd, 0600) == 0 &&
                          write(fd, text.data(), text.size()) == ssize_t(text.size()) &&
                          fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) close(fd);
  if (!is_written || std::rename(beside.c_str(), file.c_str()) != 0) {
    return absl::UnavailableError(absl::StrCat("cannot keep passwords in ", file, ": ",
                                               std::strerror(is_written ? errno : error),
                                               "; set server.state_dir to a writable directory"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status MakeStateDir(const std::string& path) {
  std::error_code error;
  const bool is_new = std::filesystem::create_directories(path, error);
  if (!error && is_new) {
    std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
  }
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot make ", path, ": ", error.message(),
                                             "; set server.state_dir to a writable directory"));
}

std::string DefaultStateDir() {
  if (geteuid() == 0) return "/var/lib/floe";
  const char* state_home = std::getenv("XDG_STATE_HOME");
  if (state_home != nullptr && *state_home != '\0') return absl::StrCat(state_home, "/floe");
  const char* home = std::getenv("HOME");
  return absl::StrCat(home != nullptr ? home : "", "/.local/state/floe");
}

absl::StatusOr<Passwords> FillInPasswords(const std::string& state_dir, config::Auth* auth) {
  Passwords passwords;
  if (!auth->source_password.empty() && !auth->admin_password.empty()) return passwords;
  if (absl::Status made = MakeStateDir(state_dir); !made.ok()) return made;
  passwords.file = absl::StrCat(state_dir, "/passwords");
  if (::access(passwords.file.c_str(), F_OK) == 0 && ::access(passwords.file.c_str(), R_OK) != 0) {
    return absl::PermissionDeniedError(absl::StrCat(passwords.file, " cannot be read"));
  }
  Kept kept = Read(passwords.file);
  for (std::string* password : {&kept.source, &kept.admin}) {
    if (!password->empty()) continue;
    absl::StatusOr<std::string> made = MakePassword();
    if (!made.ok()) return made.status();
    *password = *std::move(made);
    passwords.are_new = true;
  }
  if (passwords.are_new) {
    if (absl::Status written = Write(passwords.file, kept); !written.ok()) return written;
  }
  if (auth->source_password.empty()) auth->source_password = kept.source;
  if (auth->admin_password.empty()) auth->admin_password = kept.admin;
  return passwords;
}

}  // namespace floe::server
