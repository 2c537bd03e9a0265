// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a chunked body: payload, end and error must not depend on how they were cut.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "http/chunked.h"

namespace floe::http {
namespace {

struct Outcome {
  std::string payload;
  std::string error;
  bool ended = false;
  size_t used_bytes = 0;  // of an ended body

  bool operator==(const Outcome&) const = default;
};

Outcome ReadInPieces(std::span<const std::byte> body, size_t piece_bytes) {
  ChunkedReader reader;
  Outcome outcome;
  size_t offset = 0;
  while (offset < body.size()) {
    const size_t now = std::min(piece_bytes, body.size() - offset);
    std::span<const std::byte> bytes = body.subspan(offset, now);
    ChunkedReader::Piece piece;
    while ((piece = reader.Feed(&bytes)).kind == ChunkedReader::Kind::kPayload) {
      FLOE_CHECK(!piece.payload.empty());
      outcome.payload.append(reinterpret_cast<const char*>(piece.payload.data()),
                             piece.payload.size());
    }
    FLOE_CHECK(piece.kind != ChunkedReader::Kind::kNeedMore || bytes.empty());
    offset += now - bytes.size();
    if (piece.kind != ChunkedReader::Kind::kNeedMore) break;
  }
  outcome.error = std::string(reader.error());
  outcome.ended = reader.ended();
  if (outcome.ended) outcome.used_bytes = offset;
  FLOE_CHECK(!outcome.ended || outcome.error.empty());
  return outcome;
}

}  // namespace
}  // namespace floe::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const std::byte> body(reinterpret_cast<const std::byte*>(data), size);
  const auto whole = floe::http::ReadInPieces(body, std::max<size_t>(size, 1));
  FLOE_CHECK(whole.payload.size() <= size);
  FLOE_CHECK(floe::http::ReadInPieces(body, 1) == whole);
  FLOE_CHECK(floe::http::ReadInPieces(body, 1 + (size > 0 ? data[0] % 13 : 0)) == whole);
  return 0;
}
