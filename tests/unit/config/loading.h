// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What the tests of configuration say: a file, an environment, a command line, and what comes of
// it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/load.h"

namespace floe::config {

struct Said {
  std::string file;  // called "floe.toml" in messages
  Environment environment;
  std::vector<std::string> sets;
};

inline absl::StatusOr<Config> TryLoad(const Said& said,
                                      std::vector<std::string>* warnings = nullptr) {
  const Sources sources = {std::nullopt, said.environment, said.sets};
  return LoadText(said.file, "floe.toml", sources, warnings);
}

// The configuration; the test fails when there is none.
inline Config Loaded(const Said& said) {
  absl::StatusOr<Config> config = TryLoad(said);
  EXPECT_TRUE(config.ok()) << config.status();
  return config.ok() ? *std::move(config) : Config{};
}

// Everything that is wrong with it; the test fails when nothing is.
inline std::string Refusal(const Said& said) {
  const absl::StatusOr<Config> config = TryLoad(said);
  EXPECT_EQ(config.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(config.status().message());
}

// Every default, with one table of each kind that there may be several of.
inline Config OneOfEach(const std::string& mount, const std::string& word) {
  Config config;
  config.relays.try_emplace(mount);
  config.pushes.try_emplace(mount);
  config.users.try_emplace(word);
  config.webhooks.try_emplace(word);
  return config;
}

}  // namespace floe::config
