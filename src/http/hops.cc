// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/hops.h"

#include <algorithm>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "http/status.h"

namespace floe::http {
namespace {

constexpr size_t kDigitsMax = 16;  // of an id

bool ReadId(absl::string_view text, uint64_t* id) {
  return !text.empty() && text.size() <= kDigitsMax &&
         std::all_of(text.begin(), text.end(), absl::ascii_isxdigit) &&
         absl::SimpleHexAtoi(text, id) && *id != 0;
}

absl::Status TooMany() {
  return Refusal(508, absl::StrCat("the stream passes more than ", kHopsMax, " servers"));
}

}  // namespace

absl::StatusOr<Hops> ReadHops(absl::string_view value) {
  Hops hops;
  value = absl::StripAsciiWhitespace(value);
  if (value.empty()) return hops;
  for (const absl::string_view part : absl::StrSplit(value, ',')) {
    uint64_t id = 0;
    if (!ReadId(absl::StripAsciiWhitespace(part), &id)) {
      return Refusal(400, absl::StrCat(kHopsHeader, " is no list of servers"));
    }
    if (hops.size() == kHopsMax) return TooMany();
    hops.push_back(id);
  }
  return hops;
}

std::string WriteHops(const Hops& hops) {
  return absl::StrJoin(hops, ",", [](std::string* out, uint64_t id) {
    absl::StrAppend(out, absl::Hex(id, absl::kZeroPad16));
  });
}

absl::Status CheckHops(uint64_t self, const Hops& givers, const Hops& takers) {
  for (const uint64_t taker : takers) {
    if (taker == self || absl::c_linear_search(givers, taker)) {
      return Refusal(508, "this server would play its own stream in a circle");
    }
  }
  return givers.size() + 1 + takers.size() > kHopsMax ? TooMany() : absl::OkStatus();
}

}  // namespace floe::http
