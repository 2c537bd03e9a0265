// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Whatever a label's value is: the text is one line of UTF-8, its quotes end where they should, and
// who reads it has the value again.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/strip.h"
#include "base/check.h"
#include "base/utf8.h"
#include "metrics/text_writer.h"

namespace {

// As a reader does; ends at the first quote that is not escaped.
std::string Unescaped(absl::string_view* text) {
  std::string value;
  while (!text->empty() && text->front() != '"') {
    FLOE_CHECK(text->front() != '\n');
    char c = text->front();
    if (c == '\\') {
      text->remove_prefix(1);
      FLOE_CHECK(!text->empty());
      c = text->front() == 'n' ? '\n' : text->front();
      FLOE_CHECK(c == '\n' || c == '\\' || c == '"');
    }
    value.push_back(c);
    text->remove_prefix(1);
  }
  return value;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view value(reinterpret_cast<const char*>(data), size);
  floe::metrics::TextWriter writer;
  writer.Family(floe::metrics::Type::kGauge, "floe_x", "X.");
  writer.Sample({{"mount", value}, {"more", "y"}}, 1);
  const std::string text = std::move(writer).Take();
  FLOE_CHECK(floe::IsUtf8(text));
  absl::string_view rest = text;
  FLOE_CHECK(absl::ConsumePrefix(&rest, "# HELP floe_x X.\n# TYPE floe_x gauge\nfloe_x{mount=\""));
  const std::string read_back = Unescaped(&rest);
  FLOE_CHECK(rest == "\",more=\"y\"} 1\n");
  if (floe::IsUtf8(value)) FLOE_CHECK(read_back == value);
  return 0;
}
