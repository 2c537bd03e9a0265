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
#include <cstdio>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/serve_options.h"

namespace floe::server {
namespace {

constexpr int kReportFd = 3;  // the first behind the standard three
constexpr char kPidWord[] = "pid ";

std::vector<std::string> ArgumentsFor(const std::string& binary,
                                      const std::vector<std::string>& arguments,
                                      const std::string& control_path) {
  std::vector<std::string> all = {binary};
  for (const std::string& argument : arguments) {
    const bool is_of_a_swap = argument == kTakeOverFlag ||
                              absl::StartsWith(argument, kPredecessorFlag) ||
                              absl::StartsWith(argument, kReportFlag);
    if (!is_of_a_swap) all.push_back(argument);
  }
  all.emplace_back(kTakeOverFlag);
  all.push_back(absl::StrCat(kPredecessorFlag, control_path));
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

}  // namespace

absl::StatusOr<SuccessorChild> SuccessorChild::Start(const std::string& binary,
                                                     const std::vector<std::string>& arguments,
                                                     const std::string& control_path) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return absl::ErrnoToStatus(errno, "pipe");
  UniqueFd report(ends[0]);
  const UniqueFd told(ends[1]);
  std::vector<std::string> texts = ArgumentsFor(binary, arguments, control_path);
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

void SuccessorChild::Hear() {
  std::array<char, 1024> piece{};
  for (;;) {
    const ssize_t got = read(report_.get(), piece.data(), piece.size());
    if (got <= 0) {
      is_silent_ = got == 0;
      break;
    }
    said_.append(piece.data(), size_t(got));
  }
  // Its first line, whole.
  const size_t end = said_.find('\n');
  absl::string_view line = absl::string_view(said_).substr(0, end);
  if (end == std::string::npos || !absl::ConsumePrefix(&line, kPidWord)) return;
  if (absl::SimpleAtoi(line, &successor_pid_)) said_.erase(0, end + 1);
}

std::optional<absl::Status> SuccessorChild::HasEnded() {
  if (pid_ != 0 && waitpid(pid_, &status_, WNOHANG) == pid_) pid_ = 0;
  Hear();
  if (!is_silent_ || pid_ != 0) return std::nullopt;
  const absl::string_view words = absl::StripAsciiWhitespace(said_);
  if (!words.empty()) return absl::FailedPreconditionError(words);
  if (WIFSIGNALED(status_)) {
    return absl::InternalError(
        absl::StrCat("the new floe was ended by signal ", WTERMSIG(status_)));
  }
  if (WEXITSTATUS(status_) != 0) {
    return absl::InternalError(
        absl::StrCat("the new floe ended with status ", WEXITSTATUS(status_)));
  }
  return absl::InternalError("the new floe ended without a word");
}

void SuccessorChild::Kill() {
  Hear();
  if (successor_pid_ > 0) {
    kill(successor_pid_, SIGKILL);
  } else if (pid_ > 0) {
    kill(pid_, SIGKILL);
  }
}

void BecomeSuccessor(int report_fd) {
  const pid_t child = fork();
  if (child > 0) _exit(0);
  // Without another process (child < 0) it is its parent's child: that is worse for systemd only.
  dprintf(report_fd, "%s%d\n", kPidWord, int(getpid()));
}

std::string OwnBinary() {
  std::array<char, PATH_MAX> path{};
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  if (size <= 0) return {};
  absl::string_view text(path.data(), size_t(size));
  absl::ConsumeSuffix(&text, " (deleted)");
  return std::string(text);
}

}  // namespace floe::server
