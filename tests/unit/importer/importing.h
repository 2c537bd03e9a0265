// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What a text of another server becomes, as the tests of every format ask it.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "config/load.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "importer/import.h"

namespace floe::importer {

// A host with these files and no others.
inline Surroundings Holding(const std::map<std::string, std::string>& files) {
  Surroundings host;
  host.exists = [files](const std::string& path) { return files.contains(path); };
  host.read = [files](const std::string& path) -> absl::StatusOr<std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return absl::NotFoundError("is not there");
    return found->second;
  };
  return host;
}

// Result is what came of it, and the configuration that it is to Floe.
struct Result {
  Imported imported;
  config::Config config;

  // Why `key` was left out or changed, for each note that says so.
  std::vector<std::string> Why(Note::Kind kind, const std::string& key) const {
    std::vector<std::string> whys;
    for (const Note& note : imported.notes) {
      if (note.kind == kind && note.origin.key == key) whys.push_back(note.why);
    }
    return whys;
  }
  std::vector<std::string> LeftOut(const std::string& key) const {
    return Why(Note::Kind::kLeftOut, key);
  }
  std::vector<std::string> Changed(const std::string& key) const {
    return Why(Note::Kind::kChanged, key);
  }
  // The keys of all that was left out.
  std::vector<std::string> AllLeftOut() const {
    std::vector<std::string> keys;
    for (const Note& note : imported.notes) {
      if (note.kind == Note::Kind::kLeftOut) keys.push_back(note.origin.key);
    }
    return keys;
  }
};

// Whatever is imported has to load.
inline Result ImportText(const std::string& text, Format format,
                         const std::map<std::string, std::string>& files = {}) {
  Result result;
  absl::StatusOr<Imported> imported = Import(text, format, Holding(files));
  EXPECT_TRUE(imported.ok()) << imported.status();
  if (!imported.ok()) return result;
  result.imported = *std::move(imported);
  absl::StatusOr<config::Config> config =
      config::LoadText(result.imported.toml, "imported.toml", {});
  EXPECT_TRUE(config.ok()) << config.status() << "\n" << result.imported.toml;
  if (config.ok()) result.config = *std::move(config);
  return result;
}

inline std::vector<std::string> AddressesOf(const config::Config& config) {
  std::vector<std::string> addresses;
  for (const config::Listen& listen : config.listen) addresses.push_back(listen.address);
  return addresses;
}

template <typename Networks>
std::vector<std::string> TextsOf(const Networks& networks) {
  std::vector<std::string> texts;
  for (const auto& network : networks) texts.push_back(network.ToString());
  return texts;
}

}  // namespace floe::importer
