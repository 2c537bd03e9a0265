// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/clock.h"

namespace floe::handover {

// Narrow puts numbers of a message into plain fields that are narrower. Cutting one short could
// make a possible value of an impossible one, so it is refused; the first one is kept.
class Narrow {
 public:
  // T is an unsigned number, or an enumeration of one. Whether an enumeration has such an
  // enumerator is asked later.
  template <typename T>
  T To(absl::string_view what, uint64_t value) {
    using Number = typename std::conditional_t<std::is_enum_v<T>, std::underlying_type<T>,
                                               std::type_identity<T>>::type;
    constexpr uint64_t kMost = std::numeric_limits<Number>::max();
    if (value > kMost) {
      status_.Update(absl::InvalidArgumentError(
          absl::StrCat(what, " of the message is ", value, "; at most ", kMost, " fits")));
      return T{};
    }
    return static_cast<T>(value);
  }

  // T is a duration. A negative one, or one of over a century, cannot be reckoned with.
  template <typename T>
  T ToSpan(absl::string_view what, int64_t value) {
    constexpr int64_t kMost = T(kSpanMax).count();
    if (value >= 0 && value <= kMost) return T(value);
    status_.Update(absl::InvalidArgumentError(
        absl::StrCat(what, " of the message is ", value, "; 0 to ", kMost, " are possible")));
    return T{};
  }
  // An instant of the monotonic clock.
  Instant ToInstant(absl::string_view what, int64_t ns) {
    return Instant(ToSpan<nanoseconds>(what, ns));
  }

  const absl::Status& status() const { return status_; }

 private:
  static constexpr seconds kSpanMax = 100 * 365 * 24h;

  absl::Status status_;
};

}  // namespace floe::handover
