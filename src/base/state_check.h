// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace floe {

// StateCheck asks whether a state that another binary handed over is one that this binary could
// have come to. It may be older, newer or damaged: what is impossible is refused by name, where
// it would otherwise be a bug much later.
//
//   StateCheck check("Ogg framer");
//   check.AtMost("streams", state.streams.size(), kOggStreamsMax);
//   return std::move(check).status();
//
// Lifetime  of one check. `of` and what is said are literals.
// Failure   status() is InvalidArgument of the first thing that is impossible.
class StateCheck {
 public:
  explicit StateCheck(absl::string_view of) : of_(of) {}

  void AtMost(absl::string_view what, uint64_t value, uint64_t most);
  // `last` is the enumerator of the highest number.
  template <typename Enum>
  void Known(absl::string_view what, Enum value, Enum last) {
    using Number = std::underlying_type_t<Enum>;
    AtMost(what, static_cast<Number>(value), static_cast<Number>(last));
  }
  // `otherwise` says what is the case if it does not hold.
  void That(bool holds, absl::string_view otherwise);
  void Also(absl::Status status) { status_.Update(std::move(status)); }

  absl::Status status() && { return std::move(status_); }

 private:
  absl::string_view of_;
  absl::Status status_;
};

}  // namespace floe
