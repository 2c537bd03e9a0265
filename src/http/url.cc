// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/url.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "http/status.h"

namespace floe::http {
namespace {

enum class Plus : uint8_t { kIsPlus, kIsSpace };

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The byte that `text` begins with as an escape, if it does.
std::optional<char> EscapeAt(absl::string_view text) {
  if (text.size() < 3 || text[0] != '%') return std::nullopt;
  const int high = HexDigit(text[1]);
  const int low = HexDigit(text[2]);
  if (high < 0 || low < 0) return std::nullopt;
  return static_cast<char>(high * 16 + low);
}

std::string Decode(absl::string_view text, Plus plus) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (const std::optional<char> byte = EscapeAt(text.substr(i)); byte.has_value()) {
        out.push_back(*byte);
        i += 2;
        continue;
      }
    }
    out.push_back(text[i] == '+' && plus == Plus::kIsSpace ? ' ' : text[i]);
  }
  return out;
}

bool HasDotSegment(absl::string_view path) {
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const absl::string_view segment = path.substr(0, slash);
    if (segment == "." || segment == "..") return true;
    path.remove_prefix(slash == absl::string_view::npos ? path.size() : slash + 1);
  }
  return false;
}

}  // namespace

std::string PercentDecode(absl::string_view text) { return Decode(text, Plus::kIsPlus); }

absl::Status ValidatePath(absl::string_view path) {
  if (!absl::StartsWith(path, "/")) return Refusal(400, "the path does not begin with '/'");
  if (path.size() > kMountNameBytesMax) {
    return Refusal(414, absl::StrCat("the path is longer than ", kMountNameBytesMax, " bytes"));
  }
  for (const char c : path) {
    if (absl::ascii_iscntrl(static_cast<unsigned char>(c))) {
      return Refusal(400, "the path has a control character");
    }
  }
  if (HasDotSegment(path)) return Refusal(400, "the path has a '.' or '..' segment");
  if (!IsUtf8(path)) return Refusal(400, "the path is not UTF-8");
  return absl::OkStatus();
}

absl::StatusOr<std::string> DecodePath(absl::string_view raw_path) {
  for (size_t i = 0; i < raw_path.size(); ++i) {
    if (raw_path[i] == '%' && !EscapeAt(raw_path.substr(i)).has_value()) {
      return Refusal(400, "the path has a '%' that begins no escape");
    }
  }
  std::string path = PercentDecode(raw_path);
  if (absl::Status valid = ValidatePath(path); !valid.ok()) return valid;
  return path;
}

Query Query::Parse(absl::string_view raw) {
  Query query;
  while (!raw.empty() && query.fields_.size() < kQueryFieldsMax) {
    const size_t ampersand = raw.find('&');
    const absl::string_view field = raw.substr(0, ampersand);
    raw.remove_prefix(ampersand == absl::string_view::npos ? raw.size() : ampersand + 1);
    if (field.empty()) continue;
    const size_t equals = field.find('=');
    const absl::string_view value =
        equals == absl::string_view::npos ? absl::string_view() : field.substr(equals + 1);
    query.fields_.push_back({.name = Decode(field.substr(0, equals), Plus::kIsSpace),
                             .value = Decode(value, Plus::kIsSpace)});
  }
  return query;
}

const std::string* Query::Get(absl::string_view name) const {
  for (const Field& field : fields_) {
    if (field.name == name) return &field.value;
  }
  return nullptr;
}

absl::string_view Query::GetOr(absl::string_view name, absl::string_view otherwise) const {
  const std::string* value = Get(name);
  return value != nullptr ? absl::string_view(*value) : otherwise;
}

}  // namespace floe::http
