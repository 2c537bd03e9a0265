// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/successor_child.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/serve_options.h"

namespace floe::server {
namespace {

constexpr int kReportFd = 3;  // the first behind the standard three

std::vector<std::string> ArgumentsFor(const std::string& binary,
                                      const std::vector<std::string>& arguments) {
  std::vector<std::string> all = {binary};
  for (const std::string& argument : arguments) {
    const bool is_of_a_swap = argument == kTakeOverFlag || absl::StartsWith(argument, kReportFlag);
    if (!is_of_a_swap) all.push_back(argument);
  }
  all.emplace_back(kTakeOverFlag);
  all.push_back(absl::StrCat(kReportFlag, kReportFd));
  return all;
}

// What the child is started with: no signal blocked or ignored, no descriptor of ours.
class Setup {
 public:
  explicit Setup(int report_fd) {
    posix_spawn_file_actions_init(&files_);
    posix_spawnattr_init(&attributes_);
    posix_spawn_file_actions_adddup2(&files_, report_fd, kReportFd);
    posix_spawn_file_actions_addclosefrom_np(&files_, kReportFd + 1);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~Setup() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }
  Setup(const Setup&) = delete;
  Setup& operator=(const Setup&) = delete;

  const posix_spawn_file_actions_t* files() const { return &files_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t files_;
  posix_spawnattr_t attributes_;
};

std::string ReadAll(int fd) {
  std::string text;
  std::array<char, 1024> piece{};
  for (;;) {
    const ssize_t got = read(fd, piece.data(), piece.size());
    if (got <= 0) return text;
    text.append(piece.data(), size_t(got));
  }
}

}  // namespace

absl::StatusOr<SuccessorChild> SuccessorChild::Start(const std::string& binary,
                                                     const std::vector<std::string>& arguments) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return absl::ErrnoToStatus(errno, "pipe");
  UniqueFd report(ends[0]);
  const UniqueFd told(ends[1]);
  std::vector<std::string> texts = ArgumentsFor(binary, arguments);
  std::vector<char*> argv;
  for (std::string& text : texts) argv.push_back(text.data());
  argv.push_back(nullptr);
  const Setup setup(told.get());
  pid_t pid = 0;
  const int error =
      posix_spawn(&pid, binary.c_str(), setup.files(), setup.attributes(), argv.data(), environ);
  if (error != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot start ", binary, ": ", std::strerror(error)));
  }
  return SuccessorChild(pid, std::move(report), Clock::now());
}

std::optional<absl::Status> SuccessorChild::HasEnded() {
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) != pid_) return std::nullopt;
  const std::string said(absl::StripAsciiWhitespace(ReadAll(report_.get())));
  if (!said.empty()) return absl::FailedPreconditionError(said);
  if (WIFSIGNALED(status)) {
    return absl::InternalError(absl::StrCat("the new floe was ended by signal ", WTERMSIG(status)));
  }
  return absl::InternalError(absl::StrCat("the new floe ended with status ", WEXITSTATUS(status)));
}

void SuccessorChild::Kill() const { kill(pid_, SIGKILL); }

std::string OwnBinary() {
  std::array<char, PATH_MAX> path{};
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  if (size <= 0) return {};
  absl::string_view text(path.data(), size_t(size));
  absl::ConsumeSuffix(&text, " (deleted)");
  return std::string(text);
}

}  // namespace floe::server
