// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/limits.h"

namespace floe::http {

struct HeaderView {
  absl::string_view name;   // as it was sent
  absl::string_view value;  // without the white space around it; may be empty
};

// HeaderList is the headers of one head, in order, duplicates included. Names are compared without
// regard to case. It keeps the text once and where in it each header lies.
//
// Lifetime  Views it gives out are good until it is moved, copied over or destroyed.
// Threads   Immutable once parsed.
class HeaderList {
 public:
  // What a line that is no header does: a request is refused, a SHOUTcast v1 source or a reply is
  // not, since nobody is there to read the refusal. Those may also have blanks before the colon.
  enum class BadLine : uint8_t { kRefuse, kIgnore };

  // Parses the lines of `block` up to its end or an empty line. Refusals: 431 for more than
  // kRequestHeadersMax of them or a block over kRequestHeadBytesMax; 400 for a bad line, and for a
  // control character in any case.
  static absl::StatusOr<HeaderList> Parse(absl::string_view block, BadLine bad_line);

  size_t size() const { return places_.size(); }
  bool empty() const { return places_.empty(); }
  HeaderView operator[](size_t i) const;

  // The first header of that name.
  std::optional<absl::string_view> Find(absl::string_view name) const;
  // All of them, in order.
  std::vector<absl::string_view> FindAll(absl::string_view name) const;
  // Whether `token` is in the comma-separated list that all headers of that name make together;
  // without regard to case, parameters after ';' ignored.
  bool HasToken(absl::string_view name, absl::string_view token) const;

 private:
  struct Place {  // 16 bits suffice: a head is bounded
    uint16_t name_begin, name_bytes, value_begin, value_bytes;
  };
  static_assert(kRequestHeadBytesMax <= UINT16_MAX);

  std::string text_;
  std::vector<Place> places_;
};

}  // namespace floe::http
