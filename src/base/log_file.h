// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace floe::log {

// When a file is put away, and how many of those are kept.
struct Rotation {
  uint64_t size_bytes = 0;  // 0: never
  uint32_t keep = 5;        // 0: what is full is emptied
};

// LogFile is where the lines of one log go.
//
// A line that would make the file longer than `size_bytes` goes to a new one: the file becomes
// file.1, file.1 becomes file.2, and so on. Each line is whole in one of them. Only a plain file is
// put away, and only while its name still means it: what is a device, a pipe or a link is written
// on, and what somebody else has moved is opened anew.
//
// Lifetime  Flushed and closed at its end.
// Threads   One at a time. Writing may wait for the disk.
// Failure   What the disk does not take is lost, and counted. A file that cannot be made anew does
//           not end the old one.
class LogFile {
 public:
  // Errors: it cannot be opened.
  static absl::StatusOr<std::unique_ptr<LogFile>> Open(const std::string& path,
                                                       const Rotation& rotation);
  // For stdout and stderr, which stay open: each line is written at once.
  static std::unique_ptr<LogFile> OfStream(int fd);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  // Appends a line with its end. Both answer how many lines were lost.
  size_t Write(absl::string_view line);
  size_t Flush();

 private:
  LogFile(std::string path, int fd, const Rotation& rotation);
  size_t Rotate();
  bool OpenAnew();

  const std::string path_;  // empty: a stream
  int fd_;
  Rotation rotation_;
  bool is_new_ = true;       // nothing was written yet
  uint64_t size_bytes_ = 0;  // with what waits to be written
  std::string waiting_;
};

}  // namespace floe::log
