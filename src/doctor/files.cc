// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "doctor/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace floe::doctor {
namespace {

// /proc/meminfo, the longest that is read, has 2 KiB.
constexpr size_t kTextBytesMax = 64 * 1024;
constexpr size_t kNamesMax = 4096;  // a host of many containers has an interface for each

}  // namespace

std::optional<std::string> Files::Text(absl::string_view path) const {
  // Not to wait for a writer, should a pipe stand there.
  const int fd = open(absl::StrCat(root_, path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return std::nullopt;
  std::string text(kTextBytesMax, '\0');
  size_t have = 0;
  ssize_t got = 0;
  do {
    got = read(fd, text.data() + have, text.size() - have);
    if (got > 0) have += size_t(got);
  } while (got > 0 && have < text.size());
  close(fd);
  if (got < 0) return std::nullopt;
  text.resize(have);
  return std::string(absl::StripAsciiWhitespace(text));
}

std::optional<uint64_t> Files::Number(absl::string_view path) const {
  const std::optional<std::string> text = Text(path);
  uint64_t number = 0;
  if (!text.has_value() || !absl::SimpleAtoi(*text, &number)) return std::nullopt;
  return number;
}

bool Files::Has(absl::string_view path) const {
  return access(absl::StrCat(root_, path).c_str(), F_OK) == 0;
}

std::vector<std::string> Files::Names(absl::string_view folder) const {
  std::vector<std::string> names;
  DIR* listing = opendir(absl::StrCat(root_, folder).c_str());
  if (listing == nullptr) return names;
  for (const dirent* entry = readdir(listing); entry != nullptr && names.size() < kNamesMax;
       entry = readdir(listing)) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  closedir(listing);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace floe::doctor
