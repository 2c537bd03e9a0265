// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Any headers: hops are bounded, only the last may be unreadable, and who is not trusted is not
// heard.
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "http/forwarded.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using floe::Address;
  const absl::string_view headers(reinterpret_cast<const char*>(data), size);
  const auto request =
      floe::http::ParseHead(absl::StrCat("GET / HTTP/1.1\r\n", headers, "\r\n\r\n"));
  if (!request.ok()) return 0;
  const auto hops = floe::http::ForwardedHops(*request);
  FLOE_CHECK(hops.size() <= floe::http::kForwardedHopsMax);
  for (size_t i = 0; i + 1 < hops.size(); ++i) FLOE_CHECK(hops[i].has_value());
  const Address nearest = Address::Parse("192.0.2.1").value();
  const auto nobody = [](const Address&) { return false; };
  FLOE_CHECK(floe::http::ForwardedFor(nearest, hops, nobody) == nearest);
  return 0;
}
