// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What comes in a URL: paths and queries, decoded. The way out is http/escape.h.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace floe::http {

// Fields of a query beyond this many are ignored.
inline constexpr size_t kQueryFieldsMax = 64;

// %XX decoded; an escape that is none stays as it is.
std::string PercentDecode(absl::string_view text);

// Decodes and judges a path; what Request::path promises. Refusals: 400 for a missing leading '/',
// an escape that is none, a control character (NUL too), a "." or ".." segment (also when written
// %2E%2E or cut off by %2F), bytes that are no UTF-8; 414 for more than kMountNameBytesMax bytes.
// (Mount names appear in JSON, XML and playlists, none of which can carry a broken character.)
absl::StatusOr<std::string> DecodePath(absl::string_view raw_path);

// The same judgement of a path that needs no decoding, such as the mount in a SHOUTcast password.
absl::Status ValidatePath(absl::string_view path);

// Query is the fields of a query string or an urlencoded form, in order, duplicates included.
// Names and values are decoded ('+' is a space) but are any bytes: titles have charsets of their
// own, see ToUtf8.
class Query {
 public:
  struct Field {
    std::string name;
    std::string value;  // empty for "name" and "name="
  };

  static Query Parse(absl::string_view raw);

  // The first value of that name (names have case), or null. Good as long as the Query is.
  const std::string* Get(absl::string_view name) const;
  // The same, or empty text.
  absl::string_view GetOr(absl::string_view name, absl::string_view otherwise = "") const;
  const std::vector<Field>& fields() const { return fields_; }

 private:
  std::vector<Field> fields_;
};

// A body of type application/x-www-form-urlencoded.
inline Query DecodeForm(absl::string_view body) { return Query::Parse(body); }

}  // namespace floe::http
