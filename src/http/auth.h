// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What a requester says of who it is, and comparing it. Running crypt(3) takes tens of
// milliseconds and is the session's business, on a worker.
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace floe::http {

struct Credentials {
  std::string user;  // empty when none was sent: a source is then "source"
  std::string password;
};

// Of an Authorization header's value, "Basic c291cmNlOnB3". Text without ':' is a password alone,
// as old encoders send it. Nothing for another scheme, bad base64, or a NUL within (a C string
// would end there, and crypt(3) takes C strings).
std::optional<Credentials> ParseBasic(absl::string_view authorization);

// The token of "Bearer <token>"; a view into `authorization`.
std::optional<absl::string_view> ParseBearer(absl::string_view authorization);

// Standard alphabet; padding may be missing. Nothing when it is not base64.
std::optional<std::string> DecodeBase64(absl::string_view text);

// Compares without telling by its time where they differ; only their lengths show.
bool SecretsEqual(absl::string_view a, absl::string_view b);

// Whether a configured secret is a crypt(3) hash ("$2b$12$...", "$y$j9T$...") and not a password
// that happens to begin with '$'.
bool IsCryptHash(absl::string_view secret);

}  // namespace floe::http
