// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/webm_look_ahead.h"

#include <algorithm>

#include "audio/webm_header.h"

namespace floe::audio {
namespace {

using Ahead = WebmAhead::Kind;
using Kind = ElementHeader::Kind;

WebmAhead More(size_t bytes) {
  if (bytes > kWebmLookAheadBytesMax) return {Ahead::kNo};
  return {Ahead::kMore, bytes};
}

bool HasTrack(std::span<const uint64_t> tracks, uint64_t track) {
  return std::find(tracks.begin(), tracks.end(), track) != tracks.end();
}

// What an element of the Cluster says. Undecided: it is no picture.
struct Sight {
  bool is_decided = false;
  WebmAhead ahead;
};

Sight SightOfSimpleBlock(Bytes window, size_t at, const ElementHeader& header,
                         std::span<const uint64_t> video_tracks) {
  const size_t body_at = at + header.header_bytes;
  const size_t body_bytes = std::min<size_t>(header.body_bytes, kWebmBlockHeaderBytesMax);
  if (window.size() < body_at + body_bytes) return {true, More(body_at + body_bytes)};
  const WebmBlock block = ReadWebmBlock(window.subspan(body_at, body_bytes));
  if (!block.is_read) return {true, {Ahead::kNo}};
  if (!HasTrack(video_tracks, block.track)) return {};
  return {true, {block.is_keyframe ? Ahead::kYes : Ahead::kNo}};
}

// A BlockGroup's Block is a keyframe unless a ReferenceBlock stands beside it, mostly behind it.
Sight SightOfBlockGroup(Bytes window, size_t at, const ElementHeader& header,
                        std::span<const uint64_t> video_tracks) {
  const size_t body_at = at + header.header_bytes;
  if (header.body_bytes > kWebmLookAheadBytesMax) return {true, {Ahead::kNo}};
  if (window.size() < body_at + header.body_bytes) return {true, More(body_at + header.body_bytes)};
  bool is_picture = false, refers = false;
  ElementId id;
  Bytes body;
  for (EbmlChildren children(window.subspan(body_at, header.body_bytes));
       children.Next(&id, &body);) {
    if (id == ElementId::kBlock) is_picture = HasTrack(video_tracks, ReadWebmBlock(body).track);
    if (id == ElementId::kReferenceBlock) refers = true;
  }
  if (!is_picture) return {};
  return {true, {refers ? Ahead::kNo : Ahead::kYes}};
}

}  // namespace

WebmAhead LookForKeyframe(Bytes window, const ElementHeader& cluster,
                          std::span<const uint64_t> video_tracks) {
  if (video_tracks.empty()) return {Ahead::kYes};
  const uint64_t end = cluster.has_size ? cluster.header_bytes + cluster.body_bytes : UINT64_MAX;
  uint64_t at = cluster.header_bytes;
  for (int i = 0; i < kWebmLookAheadElementsMax && at < end; ++i) {
    if (at >= window.size()) return More(at + 1);
    const ElementHeader header = ReadElementHeader(window.subspan(at));
    if (header.kind == Kind::kMore) return More(at + header.header_bytes);
    if (header.kind == Kind::kNone || !IsOfCluster(header.id) || !header.has_size) break;
    Sight sight;
    if (header.id == ElementId::kSimpleBlock) {
      sight = SightOfSimpleBlock(window, at, header, video_tracks);
    } else if (header.id == ElementId::kBlockGroup) {
      sight = SightOfBlockGroup(window, at, header, video_tracks);
    }
    if (sight.is_decided) return sight.ahead;
    at += header.header_bytes + header.body_bytes;
    if (at > kWebmLookAheadBytesMax) break;
  }
  return {Ahead::kNo};
}

}  // namespace floe::audio
