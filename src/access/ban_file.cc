// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "access/ban_file.h"

#include <sys/stat.h>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace floe::access {

BanFile ParseBanFile(absl::string_view text) {
  BanFile file;
  uint32_t number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const absl::string_view said = absl::StripAsciiWhitespace(line.substr(0, line.find('#')));
    if (said.empty()) continue;
    const absl::StatusOr<Cidr> cidr = Cidr::Parse(said);
    if (cidr.ok()) {
      file.cidrs.Add(*cidr);
    } else if (file.problems.size() < kBanFileProblemsMax) {
      file.problems.push_back(absl::StrCat("line ", number, " ", cidr.status().message()));
    }
  }
  return file;
}

bool BanFileWatch::HasChanged(const std::string& path) {
  struct stat about = {};
  std::string now = "not there";
  if (!path.empty() && ::stat(path.c_str(), &about) == 0) {
    now = absl::StrCat(about.st_dev, " ", about.st_ino, " ", about.st_size, " ",
                       about.st_mtim.tv_sec, " ", about.st_mtim.tv_nsec, " ", about.st_ctim.tv_sec,
                       " ", about.st_ctim.tv_nsec);
  }
  const bool is_other = path != path_ || now != seen_;
  path_ = path;
  seen_ = std::move(now);
  return is_other;
}

}  // namespace floe::access
