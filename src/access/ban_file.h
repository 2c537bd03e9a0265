// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "access/cidr_set.h"

namespace floe::access {

inline constexpr size_t kBanFileBytesMax = 16 * 1024 * 1024;
inline constexpr uint32_t kBanFileProblemsMax = 10;  // told of one file

struct BanFile {
  CidrSet cidrs;
  std::vector<std::string> problems;  // lines that name nothing: "line 3 is no address ..."
};

// A network or an address a line; what follows a '#' is a comment. A broken line spoils no other.
BanFile ParseBanFile(absl::string_view text);

// BanFileWatch knows whether a file is another than it was, by what the kernel says of it.
//
// Threads   One.
class BanFileWatch {
 public:
  // Whether `path` is another, or changed, since the last time; of an empty one only the first
  // time. Blocks for a moment.
  bool HasChanged(const std::string& path);

 private:
  std::string path_;
  std::string seen_ = "nothing yet";  // inode, size and times, written out
};

}  // namespace floe::access
