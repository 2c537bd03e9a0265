// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "absl/strings/match.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "files/playlist.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace floe::files;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  for (const std::vector<Entry>& entries : {ParseM3u(text, "/music"), ParsePls(text, "/music")}) {
    FLOE_CHECK(entries.size() <= kEntriesMax);
    for (const Entry& entry : entries) {
      FLOE_CHECK(absl::StartsWith(entry.path, "/"));
      FLOE_CHECK(entry.title.size() <= floe::kTitleBytesMax && floe::IsUtf8(entry.title));
    }
  }
  return 0;
}
