// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/ebml.h"

#include <algorithm>
#include <bit>

namespace floe::audio {
namespace {

constexpr size_t kIdBytesMax = 4;
constexpr size_t kNumberBytesMax = 8;

// The length that the first byte of an id or number announces; above 8: none.
size_t LengthOf(uint8_t first) { return static_cast<size_t>(std::countl_zero(first)) + 1; }

}  // namespace

bool IsOfCluster(ElementId id) {
  switch (id) {
    case ElementId::kTimestamp:
    case ElementId::kSilentTracks:
    case ElementId::kPosition:
    case ElementId::kPrevSize:
    case ElementId::kSimpleBlock:
    case ElementId::kEncryptedBlock:
    case ElementId::kBlockGroup:
    case ElementId::kVoid:
    case ElementId::kCrc32: return true;
    default: return false;
  }
}

bool IsBesideClusters(ElementId id) {
  switch (id) {
    case ElementId::kEbml:
    case ElementId::kSegment:
    case ElementId::kSeekHead:
    case ElementId::kInfo:
    case ElementId::kTracks:
    case ElementId::kCluster:
    case ElementId::kCues:
    case ElementId::kChapters:
    case ElementId::kAttachments:
    case ElementId::kTags: return true;
    default: return false;
  }
}

EbmlNumber ReadEbmlNumber(Bytes window) {
  if (window.empty()) return {};
  const size_t bytes = LengthOf(U8(window, 0));
  if (bytes > kNumberBytesMax || window.size() < bytes) return {};
  const uint64_t mark = uint64_t{1} << (7 * bytes);
  return {static_cast<uint8_t>(bytes), BigEndian(window, 0, bytes) & (mark - 1)};
}

ElementHeader ReadElementHeader(Bytes window) {
  using Kind = ElementHeader::Kind;
  if (window.empty()) return {.kind = Kind::kMore, .header_bytes = 1};
  const size_t id_bytes = LengthOf(U8(window, 0));
  if (id_bytes > kIdBytesMax) return {};
  if (window.size() < id_bytes + 1) {
    return {.kind = Kind::kMore, .header_bytes = static_cast<uint8_t>(id_bytes + 1)};
  }
  const size_t size_bytes = LengthOf(U8(window, id_bytes));
  if (size_bytes > kNumberBytesMax) return {};
  const size_t header_bytes = id_bytes + size_bytes;
  if (window.size() < header_bytes) {
    return {.kind = Kind::kMore, .header_bytes = static_cast<uint8_t>(header_bytes)};
  }
  ElementHeader header{.kind = Kind::kElement};
  header.id = static_cast<ElementId>(BigEndian(window, 0, id_bytes));
  header.id_bytes = static_cast<uint8_t>(id_bytes);
  header.header_bytes = static_cast<uint8_t>(header_bytes);
  const uint64_t unknown = (uint64_t{1} << (7 * size_bytes)) - 1;  // all ones
  const uint64_t size = ReadEbmlNumber(window.subspan(id_bytes)).value;
  header.has_size = size != unknown;
  header.body_bytes = header.has_size ? size : 0;
  return header;
}

bool EbmlChildren::Next(ElementId* id, Bytes* body) {
  const ElementHeader header = ReadElementHeader(left_);
  if (header.kind != ElementHeader::Kind::kElement || !header.has_size) return false;
  if (header.body_bytes > left_.size() - header.header_bytes) return false;
  *id = header.id;
  *body = left_.subspan(header.header_bytes, header.body_bytes);
  left_ = left_.subspan(header.header_bytes + header.body_bytes);
  return true;
}

uint64_t EbmlUnsigned(Bytes body) {
  return body.size() > sizeof(uint64_t) ? 0 : BigEndian(body, 0, body.size());
}

double EbmlFloat(Bytes body) {
  const uint64_t bits = EbmlUnsigned(body);
  if (body.size() == 4) return std::bit_cast<float>(static_cast<uint32_t>(bits));
  if (body.size() == 8) return std::bit_cast<double>(bits);
  return 0;
}

absl::string_view EbmlText(Bytes body) {
  const absl::string_view text = AsText(body);
  return text.substr(0, std::min(text.find('\0'), text.size()));
}

}  // namespace floe::audio
