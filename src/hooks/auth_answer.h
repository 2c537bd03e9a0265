// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What a web server answers to who asks it whether somebody may listen or be a source.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "http/header_list.h"

namespace floe::hooks {

inline constexpr size_t kAuthMessageBytesMax = 400;
inline constexpr uint32_t kTimeLimitSecondsMax = 366 * 24 * 60 * 60;

// Beginnings of header lines, compared without regard to case.
struct AuthHeaders {
  std::string allows = "icecast-auth-user: 1";
  std::string time_limit = "icecast-auth-timelimit:";
};

struct AuthAnswer {
  enum class Verdict : uint8_t {
    kAllows,
    kDenies,     // with `http_status`
    kRedirects,  // with `http_status`, to `location`
    kFails,      // it is no answer to the question: the web server has trouble
  };
  Verdict verdict = Verdict::kFails;
  int http_status = 0;   // 300 to 599
  std::string message;   // what the listener is told; UTF-8 without control characters
  std::string location;  // an absolute http or https URL, or a path
  std::string user;      // what it is called from now on; empty: as it called itself
  std::string mount;     // that it hears instead; such as DecodePath answers; empty: the one asked
  uint32_t time_limit_s = 0;  // 0: none

  bool operator==(const AuthAnswer&) const = default;
};

// Reads an answer in Icecast's words, those of 2.4 and those of 2.5, and in those of Icecast-KH:
//
//   401, 403                             denied; the message, or the text of the body
//   2xx, x-icecast-auth-result           "ok", or denied (403: "forbidden", else 401)
//   2xx, icecast-auth-user: 1            allowed, if that is what `headers` say; KH's "withintro"
//                                        and "hijack" as well
//   2xx, neither                         denied
//   allowed, Location; 3xx, Location     redirected
//   allowed, x-icecast-auth-alter-action redirected, another mount or an error instead
//   anything else                        trouble: it is not known what the web server thinks
AuthAnswer ReadAuthAnswer(int http_status, const http::HeaderList& answered, absl::string_view body,
                          const AuthHeaders& headers);

}  // namespace floe::hooks
