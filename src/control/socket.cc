// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "control/socket.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/clock.h"
#include "control/unix_address.h"

namespace floe::control {
namespace {

constexpr int kBacklog = 64;
constexpr milliseconds kLockTimeMax{2'000};
constexpr milliseconds kLockPoll{10};
constexpr mode_t kMode = 0600;

absl::Status Unusable(const std::string& path, absl::string_view why) {
  return absl::UnavailableError(absl::StrCat("the control socket ", path, ": ", why,
                                             "; another place for it is given by "
                                             "server.control_socket"));
}

// DirectoryLock keeps two servers that start at once from each taking the other's new socket for
// a dead one. It is held for a moment; a directory that somebody else keeps locked is used all the
// same.
class DirectoryLock {
 public:
  explicit DirectoryLock(const std::string& path) {
    std::string directory = std::filesystem::path(path).parent_path().string();
    if (directory.empty()) directory = ".";
    fd_ = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const Instant by = Clock::now() + kLockTimeMax;
    while (fd_ >= 0 && flock(fd_, LOCK_EX | LOCK_NB) != 0 && Clock::now() < by) {
      std::this_thread::sleep_for(kLockPoll);
    }
  }
  ~DirectoryLock() {
    if (fd_ >= 0) close(fd_);
  }
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  int fd_;
};

int NewSocket() { return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

// Makes the path free, if all that is there is the socket of a process that is no more.
absl::Status ClearAway(const std::string& path, const UnixAddress& address) {
  struct stat there {};
  if (lstat(path.c_str(), &there) != 0) return absl::OkStatus();  // bind will say what it thinks
  if (!S_ISSOCK(there.st_mode)) return Unusable(path, "something else is there");
  const int fd = NewSocket();
  if (fd < 0) return Unusable(path, std::strerror(errno));
  const bool is_heard = connect(fd, address.get(), address.size_bytes) == 0;
  const int error = is_heard ? 0 : errno;
  ucred listener{};
  socklen_t size = sizeof(listener);
  if (is_heard) (void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &listener, &size);
  close(fd);
  if (is_heard || error == EAGAIN) {  // its backlog is full: it lives
    const std::string who = listener.pid > 0 ? absl::StrCat(" (pid ", listener.pid, ")") : "";
    return absl::AlreadyExistsError(
        absl::StrCat("another floe runs here", who, " and is commanded at ", path,
                     "; to run both: --set server.control_socket=PATH"));
  }
  if (error != ECONNREFUSED && error != ENOENT) return Unusable(path, std::strerror(error));
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return Unusable(path, std::strerror(errno));
  return absl::OkStatus();
}

}  // namespace

absl::Status ControlSocket::Open(const std::string& path) {
  const absl::StatusOr<UnixAddress> address = UnixAddress::Of(path);
  if (!address.ok()) return Unusable(path, address.status().message());
  const DirectoryLock lock(path);
  if (absl::Status cleared = ClearAway(path, *address); !cleared.ok()) return cleared;
  const int fd = NewSocket();
  // The mode is the socket's before there is a file: bind(2) gives it on.
  if (fd < 0 || fchmod(fd, kMode) != 0 || bind(fd, address->get(), address->size_bytes) != 0) {
    const int error = errno;
    if (fd >= 0) close(fd);
    return Unusable(path, std::strerror(error));
  }
  Close();
  fd_ = fd;
  path_ = path;
  is_ours_ = true;
  Remember();
  if (listen(fd_, kBacklog) == 0) return absl::OkStatus();
  const int error = errno;
  Close();
  return Unusable(path, std::strerror(error));
}

absl::Status ControlSocket::Adopt(int fd) {
  UnixAddress address;
  address.size_bytes = sizeof(address.storage);
  int is_listening = 0;
  socklen_t size = sizeof(is_listening);
  const bool is_one = getsockname(fd, address.get(), &address.size_bytes) == 0 &&
                      address.storage.sun_family == AF_UNIX && !address.path().empty() &&
                      getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) == 0 &&
                      is_listening != 0;
  // Listening again changes nothing but whose process it is, for those who ask the kernel.
  if (!is_one || fcntl(fd, F_SETFL, O_RDWR | O_NONBLOCK) != 0 ||
      fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || listen(fd, kBacklog) != 0) {
    if (fd >= 0) close(fd);
    return absl::InvalidArgumentError("what was handed over is no control socket");
  }
  Close();
  fd_ = fd;
  path_ = address.path();
  is_ours_ = true;
  Remember();
  return absl::OkStatus();
}

void ControlSocket::Remember() {
  struct stat there {};
  file_ = {};
  if (lstat(path_.c_str(), &there) == 0) file_ = {there.st_dev, there.st_ino};
}

void ControlSocket::Close() {
  struct stat there {};
  if (is_ours_ && lstat(path_.c_str(), &there) == 0 &&
      file_ == std::pair(there.st_dev, there.st_ino)) {
    (void)unlink(path_.c_str());
  }
  is_ours_ = false;
  if (fd_ >= 0) close(std::exchange(fd_, -1));
}

}  // namespace floe::control
