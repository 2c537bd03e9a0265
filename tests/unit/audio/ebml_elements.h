// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// EBML elements, written for tests.
#pragma once

#include <bit>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "audio/ebml.h"

namespace floe::audio {

inline std::string IdBytes(ElementId id) {
  const auto value = static_cast<uint32_t>(id);
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    if (value >> shift != 0) bytes += static_cast<char>(value >> shift);
  }
  return bytes;
}

// A size in eight bytes, so that any fits.
inline std::string SizeBytes(uint64_t size) {
  std::string bytes = "\x01";
  for (int shift = 48; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift);
  return bytes;
}

inline std::string Element(ElementId id, absl::string_view body) {
  return absl::StrCat(IdBytes(id), SizeBytes(body.size()), body);
}
// The header of an element that does not say where it ends.
inline std::string Endless(ElementId id) { return IdBytes(id) + '\xff'; }

inline std::string Unsigned(ElementId id, uint64_t value) {
  std::string body;
  for (int shift = 56; shift >= 0; shift -= 8) body += static_cast<char>(value >> shift);
  return Element(id, body);
}

inline constexpr uint64_t kSoundTrack = 1, kVideoTrack = 2;

inline std::string EbmlHead() { return Element(ElementId::kEbml, "\x42\x82\x84webm"); }
inline std::string SoundEntry() {
  std::string rate;
  const auto bits = std::bit_cast<uint64_t>(48000.0);
  for (int shift = 56; shift >= 0; shift -= 8) rate += static_cast<char>(bits >> shift);
  const std::string audio =
      Element(ElementId::kSamplingFrequency, rate) + Unsigned(ElementId::kChannels, 2);
  return Element(ElementId::kTrackEntry, Unsigned(ElementId::kTrackNumber, kSoundTrack) +
                                             Unsigned(ElementId::kTrackType, 2) +
                                             Element(ElementId::kTrackAudio, audio));
}
inline std::string VideoEntry() {
  return Element(ElementId::kTrackEntry, Unsigned(ElementId::kTrackNumber, kVideoTrack) +
                                             Unsigned(ElementId::kTrackType, 1));
}
inline std::string Tracks(bool has_video) {
  return Element(ElementId::kTracks, SoundEntry() + (has_video ? VideoEntry() : ""));
}
inline std::string Info(absl::string_view title = "") {
  const std::string scale = Unsigned(ElementId::kTimestampScale, 1'000'000);
  return Element(ElementId::kInfo,
                 title.empty() ? scale : scale + Element(ElementId::kTitle, title));
}
inline std::string Tag(absl::string_view name, absl::string_view value) {
  return Element(ElementId::kTag,
                 Element(ElementId::kSimpleTag, Element(ElementId::kTagName, name) +
                                                    Element(ElementId::kTagString, value)));
}
inline std::string Head(bool has_video = false) {
  return EbmlHead() + Endless(ElementId::kSegment) + Info() + Tracks(has_video);
}

inline std::string BlockBody(uint64_t track, int16_t time, bool is_key, absl::string_view data) {
  std::string body(1, static_cast<char>(0x80 | track));
  body += static_cast<char>(time >> 8);
  body += static_cast<char>(time);
  body += is_key ? '\x80' : '\0';
  return absl::StrCat(body, data);
}
inline std::string SimpleBlock(uint64_t track, int16_t time, bool is_key = true,
                               absl::string_view data = "data") {
  return Element(ElementId::kSimpleBlock, BlockBody(track, time, is_key, data));
}
inline std::string BlockGroup(uint64_t track, int16_t time, bool is_key,
                              absl::string_view data = "data") {
  const std::string block = Element(ElementId::kBlock, BlockBody(track, time, false, data));
  return Element(ElementId::kBlockGroup,
                 is_key ? block : block + Unsigned(ElementId::kReferenceBlock, 1));
}

// What is in a Cluster that begins at `time`.
inline std::string ClusterBody(uint64_t time, const std::vector<std::string>& blocks) {
  std::string body = Unsigned(ElementId::kTimestamp, time);
  for (const std::string& block : blocks) body += block;
  return body;
}
inline std::string Cluster(uint64_t time, const std::vector<std::string>& blocks) {
  return Element(ElementId::kCluster, ClusterBody(time, blocks));
}
inline std::string EndlessCluster(uint64_t time, const std::vector<std::string>& blocks) {
  return Endless(ElementId::kCluster) + ClusterBody(time, blocks);
}

}  // namespace floe::audio
