// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/passwd.h"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "access/password.h"
#include "server/terminal.h"

namespace floe::server {
namespace {

// Keeps what is typed unseen for as long as it lives.
class Unseen {
 public:
  Unseen() {
    is_terminal_ = tcgetattr(STDIN_FILENO, &before_) == 0;
    if (!is_terminal_) return;
    termios unseen = before_;
    unseen.c_lflag &= ~tcflag_t{ECHO};
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen);
  }
  ~Unseen() {
    if (is_terminal_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;

 private:
  termios before_{};
  bool is_terminal_ = false;
};

absl::StatusOr<std::string> ReadLine() {
  std::string line;
  if (!std::getline(std::cin, line)) return absl::InvalidArgumentError("there is no password");
  absl::string_view password = line;
  absl::ConsumeSuffix(&password, "\r");
  return std::string(password);
}

absl::StatusOr<std::string> Ask(const char* prompt) {
  const Unseen unseen;
  std::fputs(prompt, stderr);
  absl::StatusOr<std::string> password = ReadLine();
  std::fputs("\n", stderr);
  return password;
}

}  // namespace

absl::Status Passwd(absl::string_view method, bool reads_stdin) {
  const std::optional<access::HashMethod> with = access::HashMethodNamed(method);
  if (!with.has_value()) return absl::InvalidArgumentError("no such method");
  const bool is_typed = !reads_stdin && isatty(STDIN_FILENO) != 0;
  absl::StatusOr<std::string> password = is_typed ? Ask("Password: ") : ReadLine();
  if (!password.ok()) return password.status();
  if (is_typed) {
    const absl::StatusOr<std::string> again = Ask("The same again: ");
    if (!again.ok()) return again.status();
    if (*again != *password) return absl::InvalidArgumentError("these are two passwords");
  }
  const absl::StatusOr<std::string> hash = access::MakeHash(*password, *with);
  if (!hash.ok()) return hash.status();
  WriteOut(absl::StrCat(*hash, "\n"));
  return absl::OkStatus();
}

}  // namespace floe::server
