// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// MD5 and SHA-1, for password files that others wrote. Nothing new is made with them.
#pragma once

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace floe::access {

// 16 bytes (RFC 1321) and 20 bytes (RFC 3174).
std::string Md5(absl::string_view message);
std::string Sha1(absl::string_view message);

// Apache's "$apr1$salt$...", a thousand rounds of MD5; what stands behind the salt is left out.
// `salt` has at most 8 bytes.
std::string Apr1(absl::string_view password, absl::string_view salt);

}  // namespace floe::access
