// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "doctor/cgroup.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace floe::doctor {
namespace {

// Version 1 has no word for "no limit": it says as much as a signed number of pages can.
constexpr uint64_t kUnlimitedFrom = uint64_t{1} << 62;

// Takes the smallest of the limits in `file` from the cgroup up to the mount's root. In a container
// the path may be one of the host, of which only the root is to be seen.
void Take(const Files& files, absl::string_view mount, std::string path, absl::string_view file,
          std::optional<uint64_t>* smallest) {
  for (;;) {
    const std::optional<uint64_t> limit = files.Number(absl::StrCat(mount, path, "/", file));
    if (limit.has_value() && *limit < kUnlimitedFrom) {
      *smallest = std::min(smallest->value_or(*limit), *limit);
    }
    if (path.empty()) return;
    path.resize(path.rfind('/') == std::string::npos ? 0 : path.rfind('/'));
  }
}

bool Holds(absl::string_view controllers, absl::string_view wanted) {
  const std::vector<absl::string_view> all = absl::StrSplit(controllers, ',');
  return std::find(all.begin(), all.end(), wanted) != all.end();
}

}  // namespace

CgroupLimits ReadCgroupLimits(const Files& files) {
  CgroupLimits limits;
  const std::string listed = files.Text("/proc/self/cgroup").value_or("");
  for (const absl::string_view line : absl::StrSplit(listed, '\n')) {
    // "4:memory:/system.slice/floe.service"; of version 2 "0::/system.slice/floe.service"
    const std::vector<std::string> fields = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (fields.size() != 3) continue;
    const std::string path = fields[2] == "/" ? "" : fields[2];
    if (fields[1].empty()) {
      for (const char* mount : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
        Take(files, mount, path, "memory.max", &limits.memory_bytes_max);
        Take(files, mount, path, "pids.max", &limits.threads_max);
      }
    } else if (Holds(fields[1], "memory")) {
      Take(files, "/sys/fs/cgroup/memory", path, "memory.limit_in_bytes", &limits.memory_bytes_max);
    } else if (Holds(fields[1], "pids")) {
      Take(files, "/sys/fs/cgroup/pids", path, "pids.max", &limits.threads_max);
    }
  }
  return limits;
}

}  // namespace floe::doctor
