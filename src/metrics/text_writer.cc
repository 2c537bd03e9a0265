// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "metrics/text_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/check.h"
#include "base/utf8.h"

namespace floe::metrics {
namespace {

constexpr std::array<absl::string_view, 3> kTypeNames = {"counter", "gauge", "histogram"};

bool IsName(absl::string_view name) {
  const auto is_in_name = [](char c) { return absl::ascii_isalnum(uint8_t(c)) || c == '_'; };
  return !name.empty() && !absl::ascii_isdigit(uint8_t(name[0])) &&
         std::all_of(name.begin(), name.end(), is_in_name);
}

}  // namespace

std::string EscapedLabel(absl::string_view value) {
  std::string escaped;
  escaped.reserve(value.size());
  while (!value.empty()) {
    const size_t bytes = Utf8CharacterBytes(value);
    switch (value[0]) {
      case '\\': escaped += "\\\\"; break;
      case '"': escaped += "\\\""; break;
      case '\n': escaped += "\\n"; break;
      default: absl::StrAppend(&escaped, bytes > 0 ? value.substr(0, bytes) : "\uFFFD");
    }
    value.remove_prefix(std::max<size_t>(bytes, 1));
  }
  return escaped;
}

void TextWriter::Family(Type type, absl::string_view name, absl::string_view text) {
  FLOE_CHECK(IsName(name));
  FLOE_CHECK(absl::EndsWith(name, "_total") == (type == Type::kCounter));
  FLOE_CHECK(families_.insert(std::string(name)).second);
  name_ = std::string(name);
  head_ =
      absl::StrCat("# HELP ", name, " ", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\n", "\\n"}}),
                   "\n# TYPE ", name, " ", kTypeNames[size_t(type)], "\n");
}

std::string TextWriter::Text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  FLOE_CHECK(error == std::errc());
  return std::string(digits.data(), end);
}

void TextWriter::AppendSample(absl::string_view suffix, Labels labels, Labels more,
                              absl::string_view value) {
  FLOE_CHECK(!name_.empty());
  text_ += head_;
  head_.clear();
  absl::StrAppend(&text_, name_, suffix);
  char before = '{';
  for (const Labels some : {labels, more}) {
    for (const Label& label : some) {
      FLOE_CHECK(IsName(label.name));
      absl::StrAppend(&text_, absl::string_view(&before, 1), label.name, "=\"",
                      EscapedLabel(label.value), "\"");
      before = ',';
    }
  }
  absl::StrAppend(&text_, before == ',' ? "} " : " ", value, "\n");
}

void TextWriter::Sample(Labels labels, const Distribution& distribution, double per_unit) {
  uint64_t below = 0;
  for (size_t i = 0; i < distribution.counts.size(); ++i) {
    below += distribution.counts[i];
    const bool is_last = i == distribution.bounds.size();
    const std::string bound = is_last ? "+Inf" : Text(double(distribution.bounds[i]) / per_unit);
    const std::array<Label, 1> more = {Label{"le", bound}};
    AppendSample("_bucket", labels, more, Text(below));
  }
  AppendSample("_sum", labels, {}, Text(double(distribution.sum) / per_unit));
  AppendSample("_count", labels, {}, Text(below));
}

}  // namespace floe::metrics
