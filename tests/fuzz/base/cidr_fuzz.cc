// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Any text is refused with a reason or is a network that is written, read back as the same, and
// holds its own first address.
#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "base/check.h"
#include "base/cidr.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<floe::Cidr> cidr = floe::Cidr::Parse(text);
  if (!cidr.ok()) {
    FLOE_CHECK(!cidr.status().message().empty());
    return 0;
  }
  const absl::StatusOr<floe::Cidr> again = floe::Cidr::Parse(cidr->ToString());
  FLOE_CHECK(again.ok() && *again == *cidr);
  FLOE_CHECK(cidr->Contains(floe::Address{cidr->bytes, 0}));
  return 0;
}
