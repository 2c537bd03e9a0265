// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Whatever a line begins with: the header ends inside what was received, and the answer is the same
// however the bytes arrived.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "http/proxy_protocol.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using floe::http::ProxyHeader;
  const absl::string_view all(reinterpret_cast<const char*>(data), size);
  const ProxyHeader whole = floe::http::ReadProxyHeader(all);
  FLOE_CHECK(whole.size_bytes <= size);
  ProxyHeader piecemeal;
  for (size_t i = 0; i <= size && piecemeal.kind == ProxyHeader::Kind::kNeedMore; ++i) {
    piecemeal = floe::http::ReadProxyHeader(all.substr(0, i));
  }
  FLOE_CHECK(piecemeal.kind == whole.kind);
  FLOE_CHECK(piecemeal.size_bytes == whole.size_bytes);
  FLOE_CHECK(piecemeal.client == whole.client);
  return 0;
}
