// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"

namespace floe::importer {

// Surroundings is what a configuration names and the importer, which touches nothing, has to know
// of: a server looks for a file where Floe is told its path.
struct Surroundings {
  // Whether something is there.
  std::function<bool(const std::string& path)> exists = [](const std::string&) { return false; };
  // All of a text file.
  std::function<absl::StatusOr<std::string>(const std::string& path)> read =
      [](const std::string&) { return absl::NotFoundError("is not there"); };
};

}  // namespace floe::importer
