// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace floe::tools {

// Requests makes them up: most are what somebody could really ask, with fields, headers and bodies
// that mean something here; half of them are damaged then. The same seed makes the same ones.
//
// Threads   One.
class Requests {
 public:
  Requests(uint64_t seed, std::vector<std::string> paths, std::vector<std::string> logins)
      : dice_(seed), paths_(std::move(paths)), logins_(std::move(logins)) {}

  // The bytes of the next one: a whole request, or what is left of one.
  std::string Next();

 private:
  uint64_t Roll(uint64_t sides) { return dice_() % sides; }
  bool Chance(uint64_t percent) { return Roll(100) < percent; }
  template <size_t kCount>
  absl::string_view Pick(const absl::string_view (&from)[kCount]) {
    return from[Roll(kCount)];
  }
  std::string Text(size_t bytes_max);
  std::string Value();
  std::string Field(absl::string_view equals);
  std::string Target();
  std::string Head(absl::string_view method, bool has_body);
  std::string Body();
  std::string Request();
  std::string ShoutcastSource();
  std::string ProxyHeader();
  void Damage(std::string* bytes);

  std::mt19937_64 dice_;
  const std::vector<std::string> paths_;
  const std::vector<std::string> logins_;
};

}  // namespace floe::tools
