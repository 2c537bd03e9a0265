// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "audio/bits.h"

namespace floe::audio {

// The elements of Matroska that a server has to know.
enum class ElementId : uint32_t {
  kNone = 0,
  kVoid = 0xec,
  kCrc32 = 0xbf,
  kEbml = 0x1a45dfa3,
  kSegment = 0x18538067,
  // in a Segment
  kSeekHead = 0x114d9b74,
  kInfo = 0x1549a966,
  kTracks = 0x1654ae6b,
  kCluster = 0x1f43b675,
  kCues = 0x1c53bb6b,
  kChapters = 0x1043a770,
  kAttachments = 0x1941a469,
  kTags = 0x1254c367,
  // in an Info
  kTimestampScale = 0x2ad7b1,
  kTitle = 0x7ba9,
  // in Tracks
  kTrackEntry = 0xae,
  kTrackNumber = 0xd7,
  kTrackType = 0x83,
  kTrackAudio = 0xe1,
  kSamplingFrequency = 0xb5,
  kChannels = 0x9f,
  // in Tags
  kTag = 0x7373,
  kSimpleTag = 0x67c8,
  kTagName = 0x45a3,
  kTagString = 0x4487,
  // in a Cluster
  kTimestamp = 0xe7,
  kSilentTracks = 0x5854,
  kPosition = 0xa7,
  kPrevSize = 0xab,
  kSimpleBlock = 0xa3,
  kEncryptedBlock = 0xaf,
  kBlockGroup = 0xa0,
  // in a BlockGroup
  kBlock = 0xa1,
  kReferenceBlock = 0xfb,
};

// Whether an element of this kind stands within a Cluster.
bool IsOfCluster(ElementId id);
// Whether it stands beside Clusters, or above them: its sight ends a Cluster of no stated size.
bool IsBesideClusters(ElementId id);

inline constexpr size_t kElementHeaderBytesMax = 4 + 8;

// What an element says before its body, if such a header stands at the front of some bytes.
struct ElementHeader {
  enum class Kind : uint8_t {
    kNone,  // no element
    kMore,  // can be said once header_bytes bytes are seen
    kElement,
  };
  Kind kind = Kind::kNone;
  ElementId id = ElementId::kNone;
  bool has_size = false;  // false: it ends where an element begins that cannot be within it
  uint8_t header_bytes = 0;
  uint8_t id_bytes = 0;
  uint64_t body_bytes = 0;  // 0 when it has no size
};

ElementHeader ReadElementHeader(Bytes window);

// A number of the variable length that sizes and track numbers have. 0 bytes: not one, or torn.
struct EbmlNumber {
  uint8_t bytes = 0;
  uint64_t value = 0;
};
EbmlNumber ReadEbmlNumber(Bytes window);

// EbmlChildren walks the elements within a whole element's body, up to the first torn one.
class EbmlChildren {
 public:
  explicit EbmlChildren(Bytes body) : left_(body) {}

  bool Next(ElementId* id, Bytes* body);

 private:
  Bytes left_;
};

// The value of an unsigned or a float element's body; 0 for a body of no possible length.
uint64_t EbmlUnsigned(Bytes body);
double EbmlFloat(Bytes body);
// Text ends at the first NUL.
absl::string_view EbmlText(Bytes body);

}  // namespace floe::audio
