// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "config/secrets.h"

#include <crypt.h>

#include <algorithm>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "config/bounds.h"
#include "config/text_file.h"
#include "config/value.h"

namespace floe::config {
namespace {

constexpr absl::string_view kVariablePrefix = "env:";
constexpr absl::string_view kFilePrefix = "file:";
constexpr absl::string_view kTokenHashPrefix = "sha256:";
constexpr size_t kTokenHashDigits = 64;
constexpr absl::string_view kBcryptPrefix = "$2";
constexpr size_t kBcryptBytes = 60;  // always, so a cut one is noticed

Verdict Refuse(absl::string_view why) { return Wrong{.why = std::string(why)}; }

// Whether crypt(3) could match anything against a hash that begins like this.
bool IsUsableHash(const std::string& hash) {
  const int verdict = crypt_checksalt(hash.c_str());
  if (verdict == CRYPT_SALT_INVALID || verdict == CRYPT_SALT_METHOD_DISABLED) return false;
  return !absl::StartsWith(hash, kBcryptPrefix) || hash.size() == kBcryptBytes;
}

// Whether `hash` is written as argon2(1) writes one, which crypt(3) does not know:
// "$argon2id$v=19$m=65536,t=3,p=4$salt$hash".
bool IsArgon2Hash(absl::string_view hash) {
  const std::vector<absl::string_view> parts = absl::StrSplit(hash, '$');
  return parts.size() == 6 && (parts[1] == "argon2id" || parts[1] == "argon2i") &&
         parts[2] == "v=19" && absl::StartsWith(parts[3], "m=") && !parts[4].empty() &&
         !parts[5].empty();
}

Verdict CheckToken(absl::string_view from, absl::string_view token) {
  if (absl::c_any_of(token, [](char c) { return c <= ' ' || c >= 0x7f; })) {
    return Refuse(absl::StrCat(from, "holds a blank or is beyond ASCII, which no token is"));
  }
  if (!absl::ConsumePrefix(&token, kTokenHashPrefix)) return std::nullopt;
  if (token.size() == kTokenHashDigits &&
      absl::c_all_of(token, [](char c) { return absl::ascii_isxdigit(uint8_t(c)); })) {
    return std::nullopt;
  }
  return Refuse(absl::StrCat(from, "begins with \"", kTokenHashPrefix, "\" and has not ",
                             kTokenHashDigits, " hexadecimal digits after it"));
}

// What is no name is not repeated in a message: it may be a password that begins like that.
bool IsVariableName(absl::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(uint8_t(c)) || c == '_';
  });
}

// What holds for a password wherever it comes from. `from` says where: "", "the variable X ".
Verdict Check(absl::string_view from, Secrecy secrecy, const std::string& secret) {
  if (secret.size() > kSecretBytesMax) {
    return Refuse(absl::StrCat(from, "holds more than ", kSecretBytesMax, " bytes"));
  }
  if (!IsPrintableUtf8(secret)) {
    return Refuse(absl::StrCat(from, "holds a control character or is not UTF-8"));
  }
  if (secrecy == Secrecy::kTokenCompared) return CheckToken(from, secret);
  if (!absl::StartsWith(secret, "$")) return std::nullopt;
  if (secrecy == Secrecy::kSent) {
    if (!IsUsableHash(secret) && !IsArgon2Hash(secret)) return std::nullopt;
    return Refuse(
        absl::StrCat(from, "is a hash, where another server has to be sent the password"));
  }
  if (!IsUsableHash(secret) && !IsArgon2Hash(secret)) {
    return Refuse(absl::StrCat(from,
                               "begins with '$' but is no whole hash that crypt(3) knows (did a "
                               "shell replace parts of it?)"));
  }
  return std::nullopt;
}

}  // namespace

std::optional<absl::string_view> VariableOf(absl::string_view written) {
  if (!absl::ConsumePrefix(&written, kVariablePrefix)) return std::nullopt;
  return written;
}

bool IsPlain(absl::string_view written, Secrecy secrecy) {
  const bool is_hash =
      (secrecy == Secrecy::kCompared && absl::StartsWith(written, "$")) ||
      (secrecy == Secrecy::kTokenCompared && absl::StartsWith(written, kTokenHashPrefix));
  return !written.empty() && !is_hash && !absl::StartsWith(written, kVariablePrefix) &&
         !absl::StartsWith(written, kFilePrefix);
}

Verdict SecretReader::Read(absl::string_view written, Secrecy secrecy, std::string* secret) const {
  if (absl::ConsumePrefix(&written, kVariablePrefix)) return ReadVariable(written, secrecy, secret);
  if (absl::ConsumePrefix(&written, kFilePrefix)) return ReadFile(written, secrecy, secret);
  *secret = std::string(written);
  return Check("", secrecy, *secret);
}

Verdict SecretReader::ReadVariable(absl::string_view name, Secrecy secrecy,
                                   std::string* secret) const {
  if (!IsVariableName(name)) return Refuse("has no name of a variable after \"env:\"");
  const std::string* found = nullptr;
  for (const auto& [variable, value] : environment_) {
    if (variable == name) found = &value;
  }
  if (found == nullptr) {
    return Refuse(absl::StrCat("names the environment variable ", name, ", which is not set"));
  }
  if (found->empty()) {
    return Refuse(absl::StrCat("names the environment variable ", name, ", which is empty"));
  }
  *secret = *found;
  return Check(absl::StrCat("names the environment variable ", name, ", which "), secrecy, *secret);
}

Verdict SecretReader::ReadFile(absl::string_view path, Secrecy secrecy, std::string* secret) const {
  if (!absl::StartsWith(path, "/")) {
    return Refuse("names a file by a path that does not begin with '/'");
  }
  const absl::StatusOr<TextFile> file = ReadTextFile(std::string(path), kSecretBytesMax + 2);
  if (!file.ok()) return Refuse(absl::StrCat("names a file: ", file.status().message()));
  absl::string_view line = file->text;
  line = line.substr(0, line.find('\n'));
  absl::ConsumeSuffix(&line, "\r");
  if (line.empty()) return Refuse(absl::StrCat("names a file: \"", path, "\" has no first line"));
  *secret = std::string(line);
  if (file->is_for_everyone && warnings_ != nullptr) {
    warnings_->push_back(absl::StrCat("the password file \"", path,
                                      "\" may be read by every user; chmod o-r would do"));
  }
  return Check(absl::StrCat("names the file \"", path, "\", whose first line "), secrecy, *secret);
}

}  // namespace floe::config
