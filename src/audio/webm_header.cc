// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/webm_header.h"

#include "absl/strings/match.h"
#include "audio/comments.h"
#include "audio/ebml.h"

namespace floe::audio {
namespace {

constexpr uint64_t kVideoType = 1, kAudioType = 2;
constexpr double kSampleRateMax = 10'000'000;  // above it a float says nothing about sound
constexpr uint64_t kChannelsMax = 255;

struct Track {
  uint64_t number = 0;
  uint64_t type = 0;
  uint32_t sample_rate_hz = 0;
  uint32_t channels = 1;  // Matroska's default
};

void ReadAudio(Bytes settings, Track* track) {
  ElementId id;
  Bytes body;
  for (EbmlChildren children(settings); children.Next(&id, &body);) {
    if (id == ElementId::kSamplingFrequency) {
      const double rate = EbmlFloat(body);
      if (rate > 0 && rate < kSampleRateMax) track->sample_rate_hz = static_cast<uint32_t>(rate);
    } else if (id == ElementId::kChannels) {
      const uint64_t channels = EbmlUnsigned(body);
      if (channels <= kChannelsMax) track->channels = static_cast<uint32_t>(channels);
    }
  }
}

Track ReadTrack(Bytes entry) {
  Track track;
  ElementId id;
  Bytes body;
  for (EbmlChildren children(entry); children.Next(&id, &body);) {
    if (id == ElementId::kTrackNumber) track.number = EbmlUnsigned(body);
    if (id == ElementId::kTrackType) track.type = EbmlUnsigned(body);
    if (id == ElementId::kTrackAudio) ReadAudio(body, &track);
  }
  return track;
}

void ReadSimpleTag(Bytes tag, WebmHeader* header) {
  absl::string_view name, value;
  ElementId id;
  Bytes body;
  for (EbmlChildren children(tag); children.Next(&id, &body);) {
    if (id == ElementId::kTagName) name = EbmlText(body);
    if (id == ElementId::kTagString) value = EbmlText(body);
  }
  if (absl::EqualsIgnoreCase(name, "ARTIST")) header->artist = std::string(value);
  if (absl::EqualsIgnoreCase(name, "TITLE")) header->tag_title = std::string(value);
}

}  // namespace

void WebmHeader::ReadInfo(Bytes info) {
  ElementId id;
  Bytes body;
  for (EbmlChildren children(info); children.Next(&id, &body);) {
    if (id == ElementId::kTitle) info_title = std::string(EbmlText(body));
    if (id != ElementId::kTimestampScale) continue;
    const uint64_t scale = EbmlUnsigned(body);
    if (scale > 0 && scale <= kTimestampScaleMaxNs) timestamp_scale_ns = scale;
  }
}

void WebmHeader::ReadTracks(Bytes tracks) {
  has_tracks = true;
  video_tracks.clear();
  parameters = {.codec = Codec::kWebm};
  ElementId id;
  Bytes body;
  for (EbmlChildren children(tracks); children.Next(&id, &body);) {
    if (id != ElementId::kTrackEntry) continue;
    const Track track = ReadTrack(body);
    if (track.type == kVideoType && video_tracks.size() < kWebmVideoTracksMax) {
      video_tracks.push_back(track.number);
    }
    if (track.type == kAudioType && parameters.sample_rate_hz == 0) {
      parameters.sample_rate_hz = track.sample_rate_hz;
      parameters.channels = track.channels;
    }
  }
}

void WebmHeader::ReadTags(Bytes tags) {
  artist.clear();
  tag_title.clear();
  ElementId id;
  Bytes body;
  for (EbmlChildren children(tags); children.Next(&id, &body);) {
    if (id != ElementId::kTag) continue;
    ElementId tag_id;
    Bytes tag_body;
    for (EbmlChildren tag(body); tag.Next(&tag_id, &tag_body);) {
      if (tag_id == ElementId::kSimpleTag) ReadSimpleTag(tag_body, this);
    }
  }
}

std::string WebmHeader::Title() const {
  return JoinTitle(artist, tag_title.empty() ? info_title : tag_title);
}

WebmBlock ReadWebmBlock(Bytes body) {
  constexpr uint8_t kKeyframe = 0x80;
  const EbmlNumber track = ReadEbmlNumber(body);
  if (track.bytes == 0 || body.size() < track.bytes + size_t{3}) return {};
  return {.is_read = true,
          .track = track.value,
          .time = static_cast<int16_t>(BigEndian(body, track.bytes, 2)),
          .is_keyframe = (U8(body, track.bytes + size_t{2}) & kKeyframe) != 0};
}

}  // namespace floe::audio
