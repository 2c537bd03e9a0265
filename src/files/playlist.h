// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace floe::files {

inline constexpr size_t kEntriesMax = 10'000;  // of one playlist or folder; the rest is left out

// A file that is to play.
struct Entry {
  std::string path;
  std::string title;  // that the playlist gives it; empty: none

  bool operator==(const Entry&) const = default;
};

// The files that the text of a playlist names, in its order. A path that does not begin with '/' is
// below `folder`; "file:///" is a path as well; any other URL is left out.
std::vector<Entry> ParseM3u(absl::string_view text, absl::string_view folder);
std::vector<Entry> ParsePls(absl::string_view text, absl::string_view folder);

}  // namespace floe::files
