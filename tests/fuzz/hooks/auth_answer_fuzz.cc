// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Any answer of a web server that is asked for a listener. Whatever it says, what becomes of it can
// be put into a reply: no text ends a line, a mount is one, a place is one. The first three bytes
// are its status, then come headers, an empty line and the body.
#include <cstddef>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "base/check.h"
#include "base/utf8.h"
#include "hooks/auth_answer.h"
#include "http/lines.h"
#include "http/url.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace floe;
  using Verdict = hooks::AuthAnswer::Verdict;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  int status = 0;
  if (size < 3 || !absl::SimpleAtoi(text.substr(0, 3), &status)) return 0;
  const absl::string_view rest = text.substr(3);
  const size_t end = std::min(rest.find("\r\n\r\n"), rest.size());
  const auto headers =
      http::HeaderList::Parse(rest.substr(0, end), http::HeaderList::BadLine::kIgnore);
  if (!headers.ok()) return 0;
  const hooks::AuthAnswer answer =
      hooks::ReadAuthAnswer(status, *headers, rest.substr(std::min(end + 4, rest.size())), {});
  for (const absl::string_view said :
       {absl::string_view(answer.message), absl::string_view(answer.user),
        absl::string_view(answer.location), absl::string_view(answer.mount)}) {
    FLOE_CHECK(!http::HasBadByte(said) && said.find('\n') == absl::string_view::npos);
  }
  FLOE_CHECK(IsUtf8(answer.message) && IsUtf8(answer.user));
  FLOE_CHECK(answer.mount.empty() || http::ValidatePath(answer.mount).ok());
  FLOE_CHECK(answer.time_limit_s <= hooks::kTimeLimitSecondsMax);
  FLOE_CHECK(answer.verdict != Verdict::kAllows || (status >= 200 && status <= 299));
  FLOE_CHECK(answer.verdict != Verdict::kDenies ||
             (answer.http_status >= 400 && answer.http_status <= 599));
  FLOE_CHECK(answer.verdict != Verdict::kRedirects ||
             (!answer.location.empty() && answer.http_status >= 300 && answer.http_status <= 308));
  return 0;
}
