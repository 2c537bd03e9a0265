// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/shoutcast.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "http/lines.h"
#include "http/status.h"
#include "http/url.h"

namespace floe::http {
namespace {

constexpr absl::string_view kProbe = "!POKE";

// Takes ":#7" off the end of `*text`; 0 when it does not end so.
uint32_t TakeStreamId(absl::string_view* text) {
  const size_t mark = text->rfind(":#");
  if (mark == absl::string_view::npos) return 0;
  uint32_t id = 0;
  if (!absl::SimpleAtoi(text->substr(mark + 2), &id)) return 0;
  *text = text->substr(0, mark);
  return id;
}

}  // namespace

absl::StatusOr<PasswordLine> ParsePasswordLine(absl::string_view line) {
  line = TakeLine(&line);
  if (line.empty()) return Refusal(400, "the password is empty");
  if (line.size() > kPasswordLineBytesMax) {
    return Refusal(400, absl::StrCat("a password of more than ", kPasswordLineBytesMax, " bytes"));
  }
  PasswordLine parsed;
  parsed.whole = std::string(line);
  if (absl::StartsWith(line, kProbe)) {
    parsed.is_probe = true;
    return parsed;
  }
  parsed.stream_id = TakeStreamId(&line);
  if (const size_t colon = line.find(':'); colon != absl::string_view::npos) {
    const absl::string_view first = line.substr(0, colon);
    if (absl::StartsWith(first, "/")) {
      if (absl::Status valid = ValidatePath(first); !valid.ok()) return valid;
      parsed.mount = std::string(first);
    } else {
      parsed.user = std::string(first);
    }
    line.remove_prefix(colon + 1);
  }
  parsed.password = std::string(line);
  return parsed;
}

absl::StatusOr<HeaderList> ParseIcyHeaders(absl::string_view block) {
  absl::string_view rest = block;
  if (TakeLine(&rest).empty()) block = rest;  // the stray line end ScanIcyHeaders reads over
  return HeaderList::Parse(block, HeaderList::BadLine::kIgnore);
}

}  // namespace floe::http
