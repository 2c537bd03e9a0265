// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/header_list.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "http/lines.h"
#include "http/status.h"

namespace floe::http {
namespace {

constexpr size_t kUsualHeaders = 16;  // a player's request has fewer

// What is wrong with a header line whose name is `name`; null when nothing is.
const char* FaultOf(absl::string_view line, size_t colon, absl::string_view name) {
  if (line.front() == ' ' || line.front() == '\t') return "a header line is folded";
  if (line.find('\r') != absl::string_view::npos) return "a header line has a CR within";
  if (colon == absl::string_view::npos) return "a header line has no colon";
  if (!IsToken(name)) return "a header's name is none";
  return nullptr;
}

}  // namespace

absl::StatusOr<HeaderList> HeaderList::Parse(absl::string_view block, BadLine bad_line) {
  if (block.size() > kRequestHeadBytesMax) {
    return Refusal(431, absl::StrCat("headers of more than ", kRequestHeadBytesMax, " bytes"));
  }
  if (HasBadByte(block)) return Refusal(400, "the headers have a control character");
  HeaderList list;
  list.text_.assign(block.data(), block.size());
  list.places_.reserve(kUsualHeaders);
  const absl::string_view text = list.text_;
  absl::string_view rest = text;
  while (!rest.empty()) {
    const absl::string_view line = TakeLine(&rest);
    if (line.empty()) break;
    const size_t colon = line.find(':');
    absl::string_view name = line.substr(0, colon);
    if (bad_line == BadLine::kIgnore) name = TrimBlanks(name);
    if (const char* fault = FaultOf(line, colon, name); fault != nullptr) {
      if (bad_line == BadLine::kIgnore) continue;
      return Refusal(400, fault);
    }
    if (list.places_.size() == kRequestHeadersMax) {
      return Refusal(431, absl::StrCat("more than ", kRequestHeadersMax, " headers"));
    }
    const absl::string_view value = TrimBlanks(line.substr(colon + 1));
    list.places_.push_back({.name_begin = uint16_t(line.data() - text.data()),
                            .name_bytes = uint16_t(name.size()),
                            .value_begin = uint16_t(value.data() - text.data()),
                            .value_bytes = uint16_t(value.size())});
  }
  return list;
}

HeaderView HeaderList::operator[](size_t i) const {
  const Place& place = places_[i];
  const absl::string_view text = text_;
  return {.name = text.substr(place.name_begin, place.name_bytes),
          .value = text.substr(place.value_begin, place.value_bytes)};
}

std::optional<absl::string_view> HeaderList::Find(absl::string_view name) const {
  for (size_t i = 0; i < size(); ++i) {
    if (places_[i].name_bytes != name.size()) continue;
    const HeaderView header = (*this)[i];
    if (absl::EqualsIgnoreCase(header.name, name)) return header.value;
  }
  return std::nullopt;
}

std::vector<absl::string_view> HeaderList::FindAll(absl::string_view name) const {
  std::vector<absl::string_view> found;
  for (size_t i = 0; i < size(); ++i) {
    const HeaderView header = (*this)[i];
    if (absl::EqualsIgnoreCase(header.name, name)) found.push_back(header.value);
  }
  return found;
}

bool HeaderList::HasToken(absl::string_view name, absl::string_view token) const {
  for (size_t i = 0; i < size(); ++i) {
    const HeaderView header = (*this)[i];
    if (!absl::EqualsIgnoreCase(header.name, name)) continue;
    absl::string_view rest = header.value;
    while (!rest.empty()) {
      const size_t comma = rest.find(',');
      const absl::string_view item = rest.substr(0, comma);
      rest.remove_prefix(comma == absl::string_view::npos ? rest.size() : comma + 1);
      if (absl::EqualsIgnoreCase(TrimBlanks(item.substr(0, item.find(';'))), token)) return true;
    }
  }
  return false;
}

}  // namespace floe::http
