// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "base/replace_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "base/unique_fd.h"

namespace floe {
namespace {

absl::Status WriteAll(int fd, absl::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return absl::ErrnoToStatus(errno, "write");
    text.remove_prefix(size_t(written));
  }
  if (fsync(fd) != 0) return absl::ErrnoToStatus(errno, "fsync");
  return absl::OkStatus();
}

absl::Status WriteBeside(const std::string& path, const std::string& beside, absl::string_view text,
                         mode_t mode) {
  const UniqueFd fd(open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd) return absl::ErrnoToStatus(errno, "open");
  struct stat old {};
  if (stat(path.c_str(), &old) == 0) (void)!fchown(fd.get(), old.st_uid, old.st_gid);
  if (fchmod(fd.get(), mode) != 0) return absl::ErrnoToStatus(errno, "fchmod");
  if (absl::Status written = WriteAll(fd.get(), text); !written.ok()) return written;
  if (std::rename(beside.c_str(), path.c_str()) != 0) return absl::ErrnoToStatus(errno, "rename");
  return absl::OkStatus();
}

}  // namespace

absl::Status ReplaceFile(const std::string& path, absl::string_view text, mode_t mode) {
  const std::string beside = absl::StrCat(path, ".new");
  const absl::Status written = WriteBeside(path, beside, text, mode);
  if (written.ok()) return written;
  (void)unlink(beside.c_str());
  return absl::Status(written.code(), absl::StrCat("cannot write ", path, ": ", written.message()));
}

}  // namespace floe
