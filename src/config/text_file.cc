// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/text_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace floe::config {
namespace {

class OpenFile {
 public:
  // O_NONBLOCK: opening a FIFO that nobody writes must not hang.
  explicit OpenFile(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

absl::Status CannotRead(const std::string& path) {
  return absl::ErrnoToStatus(errno, absl::StrCat("cannot read \"", path, "\""));
}

}  // namespace

absl::StatusOr<TextFile> ReadTextFile(const std::string& path, size_t bytes_max) {
  const OpenFile file(path);
  struct stat about = {};
  if (file.fd() < 0 || ::fstat(file.fd(), &about) != 0) return CannotRead(path);
  if (!S_ISREG(about.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat("cannot read \"", path, "\": it is not a regular file"));
  }
  TextFile read;
  read.is_for_everyone = (about.st_mode & S_IROTH) != 0;
  // One byte more than wanted tells a file that fits from one that does not.
  read.text.resize(bytes_max + 1);
  size_t filled = 0;
  while (filled < read.text.size()) {
    const ssize_t got = ::read(file.fd(), read.text.data() + filled, read.text.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return CannotRead(path);
    if (got == 0) break;
    filled += size_t(got);
  }
  read.is_cut = filled > bytes_max;
  read.text.resize(read.is_cut ? bytes_max : filled);
  return read;
}

}  // namespace floe::config
