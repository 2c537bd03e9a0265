// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Any text is either refused with reasons or becomes a configuration that describes itself: what is
// described loads, and is described the same. What follows a byte 1 is a --set, or a variable when
// it begins with FLOE_.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/check.h"
#include "config/describe.h"
#include "config/load.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace floe::config;
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const std::vector<absl::string_view> pieces = absl::StrSplit(input, '\x01');
  Sources sources;
  for (size_t i = 1; i < pieces.size(); ++i) {
    const size_t equals = pieces[i].find('=');
    if (absl::StartsWith(pieces[i], "FLOE_") && equals != absl::string_view::npos) {
      sources.environment.emplace_back(pieces[i].substr(0, equals), pieces[i].substr(equals + 1));
    } else {
      sources.sets.emplace_back(pieces[i]);
    }
  }
  std::vector<std::string> warnings;
  const absl::StatusOr<Config> config = LoadText(pieces[0], "fuzz.toml", sources, &warnings);
  if (!config.ok()) {
    FLOE_CHECK(!config.status().message().empty());
    return 0;
  }
  const std::string described = Describe(*config);
  const absl::StatusOr<Config> again = LoadText(described, "described.toml", Sources{});
  FLOE_CHECK(again.ok());
  // Passwords are set in the one and not in the other.
  const auto without_passwords = [](absl::string_view text) {
    std::string lines;
    for (absl::string_view line : absl::StrSplit(text, '\n')) {
      absl::ConsumeSuffix(&line, "  # with passwords, not shown");
      absl::string_view key = line;
      absl::ConsumePrefix(&key, "# ");
      key = key.substr(0, key.find(' '));
      if (absl::EndsWith(key, "password") || key == "token" || key == "secret") continue;
      lines.append(line.data(), line.size()).push_back('\n');
    }
    return lines;
  };
  FLOE_CHECK(without_passwords(Describe(*again)) == without_passwords(described));
  return 0;
}
