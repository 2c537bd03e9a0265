// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The library throws; what it throws ends here.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "importer/bounds.h"
#include "importer/texts.h"

namespace floe::importer {
namespace {

using Json = nlohmann::json;

class Converter {
 public:
  Item Convert(const Json& json, uint32_t depth) {
    Item item;
    if (++items_ > kItemsMax || depth > kDepthMax) {
      is_too_much_ = true;
      return item;
    }
    if (json.is_object()) {
      item.kind = Item::Kind::kTable;
      for (const auto& member : json.items()) {
        item.members.push_back({member.key(), Convert(member.value(), depth + 1)});
      }
    } else if (json.is_array()) {
      item.kind = Item::Kind::kList;
      for (const Json& entry : json) item.items.push_back(Convert(entry, depth + 1));
    } else if (json.is_string()) {
      item.kind = Item::Kind::kScalar;
      item.text = json.get<std::string>();
    } else if (!json.is_null()) {
      item.kind = Item::Kind::kScalar;
      item.text = json.dump();
    }
    return item;
  }
  bool is_too_much() const { return is_too_much_; }

 private:
  uint32_t items_ = 0;
  bool is_too_much_ = false;
};

}  // namespace

absl::StatusOr<Item> ReadJson(absl::string_view text) {
  Json json;
  try {
    json = Json::parse(text.begin(), text.end());
  } catch (const Json::parse_error& error) {
    const absl::string_view before = text.substr(0, error.byte == 0 ? 0 : error.byte - 1);
    return absl::InvalidArgumentError(
        absl::StrCat("line ", 1 + std::count(before.begin(), before.end(), '\n'), ": is not JSON"));
  } catch (const Json::exception&) {  // a number beyond all bounds
    return absl::InvalidArgumentError("is JSON with a value that nothing can hold");
  }
  if (!json.is_object()) return absl::InvalidArgumentError("is JSON, but no object");
  Converter converter;
  Item item = converter.Convert(json, 0);
  if (converter.is_too_much()) {
    return absl::InvalidArgumentError("it has too many values, or too many within each other");
  }
  return item;
}

}  // namespace floe::importer
