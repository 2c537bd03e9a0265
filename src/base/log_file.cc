// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/log_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace floe::log {
namespace {

// What is written at once; a log is flushed every second as well.
constexpr size_t kWaitingBytesMax = 64 * 1024;
// A pipe that somebody made non-blocking is waited for so long.
constexpr int kPipePatienceMs = 1'000;

int OpenToAppend(const std::string& path) {
  return open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
}

// Answers what the descriptor did not take.
absl::string_view WriteAll(int fd, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written > 0) {
      bytes.remove_prefix(size_t(written));
    } else if (written < 0 && errno == EAGAIN) {
      pollfd room{.fd = fd, .events = POLLOUT, .revents = 0};
      if (poll(&room, 1, kPipePatienceMs) <= 0) break;
    } else if (written == 0 || errno != EINTR) {
      break;
    }
  }
  return bytes;
}

// Whether that name means the open file itself, and neither another one nor a link to it.
bool IsNameOf(const std::string& path, int fd) {
  struct stat named, opened;
  return lstat(path.c_str(), &named) == 0 && fstat(fd, &opened) == 0 && S_ISREG(named.st_mode) &&
         named.st_dev == opened.st_dev && named.st_ino == opened.st_ino;
}

std::string NameOf(const std::string& path, uint32_t number) {
  return number == 0 ? path : absl::StrCat(path, ".", number);
}

// Makes room for the file at its ".1" and moves it there. The last one falls off.
void PutAway(const std::string& path, uint32_t keep) {
  uint32_t gap = 1;
  while (gap < keep && access(NameOf(path, gap).c_str(), F_OK) == 0) ++gap;
  for (uint32_t number = gap; number > 0; --number) {
    std::rename(NameOf(path, number - 1).c_str(), NameOf(path, number).c_str());
  }
}

uint64_t SizeOf(int fd) {
  struct stat opened;
  return fstat(fd, &opened) == 0 ? uint64_t(opened.st_size) : 0;
}

}  // namespace

LogFile::LogFile(std::string path, int fd, const Rotation& rotation)
    : path_(std::move(path)), fd_(fd), rotation_(rotation) {}

absl::StatusOr<std::unique_ptr<LogFile>> LogFile::Open(const std::string& path,
                                                       const Rotation& rotation) {
  std::error_code error;  // what cannot be made is said when the file cannot be opened
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  const int fd = OpenToAppend(path);
  if (fd < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("log: cannot open \"", path, "\" for writing: ", std::strerror(errno)));
  }
  auto file = std::unique_ptr<LogFile>(new LogFile(path, fd, rotation));  // it is private
  if (!IsNameOf(path, fd)) file->rotation_.size_bytes = 0;
  return file;
}

std::unique_ptr<LogFile> LogFile::OfStream(int fd) {
  return std::unique_ptr<LogFile>(new LogFile({}, fd, {}));  // the constructor is private
}

LogFile::~LogFile() {
  Flush();
  if (!path_.empty()) close(fd_);
}

size_t LogFile::Write(absl::string_view line) {
  size_t lost = 0;
  // Until now the file may have been another's to write to, and to put away.
  if (std::exchange(is_new_, false) && rotation_.size_bytes > 0) {
    if (!IsNameOf(path_, fd_)) OpenAnew();
    size_bytes_ = SizeOf(fd_);
  }
  const bool is_full = size_bytes_ > 0 && size_bytes_ + line.size() > rotation_.size_bytes;
  if (rotation_.size_bytes > 0 && is_full) lost += Rotate();
  waiting_.append(line.data(), line.size());
  size_bytes_ += line.size();
  if (path_.empty() || waiting_.size() >= kWaitingBytesMax) lost += Flush();
  return lost;
}

size_t LogFile::Flush() {
  const absl::string_view left = WriteAll(fd_, waiting_);
  const auto lost = size_t(std::count(left.begin(), left.end(), '\n'));
  waiting_.clear();
  return lost;
}

size_t LogFile::Rotate() {
  const size_t lost = Flush();
  // A new size is waited for also after a failure, or each line would try again.
  size_bytes_ = 0;
  const bool is_ours = IsNameOf(path_, fd_);
  if (is_ours && rotation_.keep == 0) {
    (void)ftruncate(fd_, 0);
    return lost;
  }
  if (is_ours) PutAway(path_, rotation_.keep);
  if (OpenAnew()) size_bytes_ = SizeOf(fd_);
  return lost;
}

bool LogFile::OpenAnew() {
  const int anew = OpenToAppend(path_);
  if (anew < 0) return false;
  close(std::exchange(fd_, anew));
  return true;
}

}  // namespace floe::log
