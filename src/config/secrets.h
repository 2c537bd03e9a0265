// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "config/load.h"
#include "config/problems.h"

namespace floe::config {

// The variable that "env:NAME" names, when `written` is of that form.
std::optional<absl::string_view> VariableOf(absl::string_view written);

// What a password is for.
enum class Secrecy : uint8_t {
  kCompared,  // with what somebody says who logs in here: a hash of it will do
  kSent,      // to another server: it has to be known itself, and may begin with a '$'
  // With the token that somebody says instead: "sha256:" and the digits of its hash will do.
  kTokenCompared,
};

// WrittenSecret is a password as it is written in a source. Good as long as the source is.
struct WrittenSecret {
  absl::string_view text;
  Secrecy secrecy;
};

// Whether `written` is the password itself, readable by who reads it there: not a hash of it, not
// the name of a variable or of a file.
bool IsPlain(absl::string_view written, Secrecy secrecy);

// SecretReader finds out what a password is. What it finds is taken as it is: a variable whose
// value is "file:/x" holds that password.
//
// Failure   A Wrong that never holds any of the secret; what it names is the variable or the file.
class SecretReader {
 public:
  // `warnings` may be null.
  SecretReader(const Environment& environment, std::vector<std::string>* warnings)
      : environment_(environment), warnings_(warnings) {}

  Verdict Read(absl::string_view written, Secrecy secrecy, std::string* secret) const;

 private:
  Verdict ReadVariable(absl::string_view name, Secrecy secrecy, std::string* secret) const;
  Verdict ReadFile(absl::string_view path, Secrecy secrecy, std::string* secret) const;

  const Environment& environment_;
  std::vector<std::string>* warnings_;
};

}  // namespace floe::config
