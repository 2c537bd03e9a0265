// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// The one file that knows pugixml.
#include <algorithm>
#include <pugixml.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/utf8.h"
#include "importer/bounds.h"
#include "importer/texts.h"

namespace floe::importer {
namespace {

class Lines {
 public:
  // Of a text that the library converts to UTF-8 it does not know places; then there are none.
  explicit Lines(absl::string_view text) : is_known_(IsUtf8(text)) {
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\n') ends_.push_back(i);
    }
  }
  uint32_t At(ptrdiff_t offset) const {
    if (!is_known_ || offset < 0) return 0;
    const auto next = std::lower_bound(ends_.begin(), ends_.end(), size_t(offset));
    return uint32_t(next - ends_.begin()) + 1;
  }

 private:
  bool is_known_;
  std::vector<size_t> ends_;
};

class Converter {
 public:
  explicit Converter(absl::string_view text) : lines_(text) {}

  Item Convert(const pugi::xml_node& node, uint32_t depth) {
    Item item = {.kind = Item::Kind::kScalar, .line = lines_.At(node.offset_debug())};
    for (const pugi::xml_attribute& attribute : node.attributes()) {
      Item value = {.kind = Item::Kind::kScalar, .text = attribute.value(), .line = item.line};
      AddMember(&item, attribute.name(), std::move(value));
    }
    for (const pugi::xml_node& child : node.children()) {
      if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
        item.text += child.value();
      } else if (child.type() == pugi::node_element) {
        if (depth == kDepthMax) {
          is_too_deep_ = true;
        } else {
          AddMember(&item, child.name(), Convert(child, depth + 1));
        }
      }
    }
    return item;
  }
  bool is_too_much() const { return is_too_deep_ || items_ > kItemsMax; }

 private:
  void AddMember(Item* item, const char* name, Item value) {
    if (++items_ > kItemsMax) return;
    item->kind = Item::Kind::kTable;
    item->members.push_back({name, std::move(value)});
  }

  Lines lines_;
  uint32_t items_ = 0;
  bool is_too_deep_ = false;
};

}  // namespace

absl::StatusOr<Item> ReadXml(absl::string_view text, absl::string_view root) {
  pugi::xml_document document;
  const pugi::xml_parse_result result = document.load_buffer(text.data(), text.size());
  if (!result) {
    return absl::InvalidArgumentError(absl::StrCat("line ", Lines(text).At(result.offset),
                                                   ": is not XML: ", result.description()));
  }
  const pugi::xml_node element = document.document_element();
  if (absl::string_view(element.name()) != root) {
    return absl::InvalidArgumentError(absl::StrCat("its root is no <", root, ">"));
  }
  Converter converter(text);
  Item item = converter.Convert(element, 0);
  if (converter.is_too_much()) {
    return absl::InvalidArgumentError("it has too many elements, or too many within each other");
  }
  item.kind = Item::Kind::kTable;
  return item;
}

}  // namespace floe::importer
