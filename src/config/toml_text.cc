// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The one file that knows the TOML library. It is compiled in here, with its errors as values
// instead of exceptions and with a small bound on nesting, whatever the installed one was built as.
// Its assertions are off, and not turned into assumptions, which NDEBUG would do: "[/live]" breaks
// one of them, and is an error like any other without it.
#include "config/toml_text.h"

#include <algorithm>
#include <string>
#include <string_view>  // the library's, not ours
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "config/bounds.h"
#include "config/toml_shape.h"

#undef NDEBUG
#undef TOML_HEADER_ONLY
#undef TOML_SHARED_LIB
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_MAX_NESTED_VALUES 16
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ASSERT(condition) static_assert(true)
#include <toml++/toml.h>

namespace floe::config {
namespace {

// tidy: string_view: toml++ speaks the standard's, here and below
std::string Owned(std::string_view text) { return {text.data(), text.size()}; }

// Why the library stopped, without what it saw: that may be half a password. What is quoted after
// "expected" is the library's own word; what cannot be redefined or inserted is the name of a key.
std::string WithoutSights(absl::string_view description) {
  const bool names_key =
      absl::StrContains(description, "redefine") || absl::StrContains(description, "insert");
  if (names_key) return std::string(description);
  const size_t saw = description.find("saw ");
  absl::string_view rest = description.substr(0, saw);
  std::string told;
  while (true) {
    const size_t quote = rest.find('\'');
    const size_t end = quote == absl::string_view::npos ? quote : rest.find('\'', quote + 1);
    if (end == absl::string_view::npos) break;
    absl::StrAppend(&told, rest.substr(0, quote));
    if (absl::EndsWith(told, "expected ")) {
      absl::StrAppend(&told, rest.substr(quote, end + 1 - quote));
    } else {
      absl::StrAppend(&told, "what is here");
    }
    rest.remove_prefix(end + 1);
  }
  absl::StrAppend(&told, rest.substr(0, rest.find('\'')));
  while (!told.empty() && (told.back() == ' ' || told.back() == ',')) told.pop_back();
  return told;
}

// Converts what the library read. Its depth is bounded, so recursion is.
class Converter {
 public:
  explicit Converter(absl::string_view name) : name_(name) {}

  Value Convert(const toml::node& node) const {
    Value value;
    value.place = PlaceOf(node.source());
    if (const auto* text = node.as_string()) {
      value.kind = Value::Kind::kString;
      value.text = text->get();
    } else if (const auto* integer = node.as_integer()) {
      value.kind = Value::Kind::kInteger;
      value.integer = integer->get();
    } else if (const auto* boolean = node.as_boolean()) {
      value.kind = Value::Kind::kBoolean;
      value.boolean = boolean->get();
    } else if (const auto* array = node.as_array()) {
      value.kind = Value::Kind::kList;
      for (const toml::node& item : *array) value.items.push_back(Convert(item));
    } else if (const auto* table = node.as_table()) {
      value.kind = Value::Kind::kTable;
      ConvertMembers(*table, value.members);
    } else {
      value.text =
          node.is_floating_point() ? "a number with a fraction" : "a date or a time of day";
    }
    return value;
  }

 private:
  void ConvertMembers(const toml::table& table, std::vector<Member>& members) const {
    for (const auto& [key, node] : table) {
      members.push_back({Owned(key.str()), PlaceOf(key.source()), Convert(node)});
    }
    std::stable_sort(members.begin(), members.end(), [](const Member& one, const Member& other) {
      return one.place.Order() < other.place.Order();
    });
  }

  Place PlaceOf(const toml::source_region& region) const {
    return {Source::kFile, name_, region.begin.line, region.begin.column};
  }

  absl::string_view name_;
};

}  // namespace

std::optional<Value> ReadToml(absl::string_view text, absl::string_view name, Problems& problems) {
  Place place = {Source::kFile, name};
  if (text.size() > kConfigBytesMax) {
    problems.Add(place, absl::StrCat("is larger than ", kConfigBytesMax, " bytes"));
    return std::nullopt;
  }
  if (const std::optional<Unfit> unfit = FindUnfit(text, kKeyPartsMax)) {
    place.line = unfit->line;
    place.column = unfit->column;
    problems.Add(place, absl::StrCat("is not read: ", unfit->why));
    return std::nullopt;
  }
  // tidy: string_view: what toml++ takes
  const toml::parse_result result = toml::parse(std::string_view(text.data(), text.size()));
  if (!result) {
    const toml::parse_error& error = result.error();
    place.line = error.source().begin.line;
    place.column = error.source().begin.column;
    const auto description = error.description();
    problems.Add(place, absl::StrCat("is not TOML: ",
                                     WithoutSights({description.data(), description.size()}),
                                     ". What is no number stands in quotes: burst = \"4s\", "
                                     "[mount.\"/live\"]"));
    return std::nullopt;
  }
  return Converter(name).Convert(result.table());
}

}  // namespace floe::config
