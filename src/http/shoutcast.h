// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// SHOUTcast v1, as a source speaks it:
//
//   password\r\n  ->
//                 <-  OK2\r\nicy-caps:11\r\n\r\n          (or "invalid password\r\n")
//   icy-name:...\r\n...\r\n\r\n  ->
//   audio...      ->
//
// The answer goes out right after the password: some encoders send no header before they have it.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "http/header_list.h"

namespace floe::http {

inline constexpr absl::string_view kShoutcastOk = "OK2\r\nicy-caps:11\r\n\r\n";
inline constexpr absl::string_view kShoutcastInvalidPassword = "invalid password\r\n";
inline constexpr absl::string_view kShoutcastMountInUse = "stream already in use\r\n";

inline constexpr uint32_t kPasswordLineBytesMax = 1024;

// PasswordLine is the first line, taken apart in the ways that are in use. A plain password may
// hold ':' itself, so who checks it tries `whole` first, then `password` with `user`.
struct PasswordLine {
  bool is_probe = false;   // libshout's "!POKE": close quietly
  std::string whole;       // the line without its end
  std::string mount;       // "/mount:pw"; valid as a path; empty when none was named
  std::string user;        // "user:pw"; empty when none was named
  uint32_t stream_id = 0;  // "pw:#sid"; 0 when none was named
  std::string password;
};
// Refusals (400): an empty line, one over kPasswordLineBytesMax, a mount that is no path.
absl::StatusOr<PasswordLine> ParsePasswordLine(absl::string_view line);

// Parses the header block as ScanIcyHeaders found it. Lines without a colon are ignored: nobody is
// there to be told. Refusal (431): more than kRequestHeadersMax headers.
absl::StatusOr<HeaderList> ParseIcyHeaders(absl::string_view block);

}  // namespace floe::http
