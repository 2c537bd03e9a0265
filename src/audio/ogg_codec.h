// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "audio/bits.h"
#include "audio/framer.h"

namespace floe::audio {

// OggCodec is what the first packet of a logical stream says: how many header packets there are and
// how its granules count time. A codec that is not known has one header packet and no time.
struct OggCodec {
  Parameters parameters;
  uint32_t header_packets = 1;  // the first included; 0: until one that says it is the last (FLAC)
  uint64_t rate = 0;            // units in `per` seconds; a unit is a sample, or a picture
  uint64_t per = 1;
  uint64_t packet_units_max = 0;
  uint64_t first_unit = 0;        // what is played begins here (Opus' pre-skip)
  uint32_t granule_shift = 0;     // Theora: key pictures above, pictures since below
  bool counts_from_zero = false;  // Theora before 3.2.1

  bool operator==(const OggCodec&) const = default;
  Codec codec() const { return parameters.codec; }
  bool is_known() const { return codec() != Codec::kUnknown; }
};

// Five bits say the shift.
inline constexpr uint32_t kGranuleShiftMax = 31;

// `packet` is the first packet of a stream, or what of it stands on the first page.
OggCodec IdentifyOggCodec(Bytes packet);

// The units a granule stands for. REQUIRES: it is not -1.
uint64_t UnitsAt(const OggCodec& codec, int64_t granule);

// The most units a data packet that begins so may add; of Opus exactly what it adds.
uint64_t UnitsOfPacket(const OggCodec& codec, Bytes packet);

// Whether a header packet of FLAC that begins so is the last one.
bool IsLastFlacHeader(Bytes packet);

// Whether a picture can be decoded without the ones before it.
bool IsTheoraKeyframe(Bytes packet);

// The Vorbis comments within a header packet; empty when it is another kind of packet.
Bytes CommentsOf(const OggCodec& codec, Bytes header_packet);

}  // namespace floe::audio
