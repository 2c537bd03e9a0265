// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a file of each type: what becomes a track plays twice, and nothing of it is garbage
// to those who hear it.
#include <cstddef>
#include <cstdint>

#include "audio/id3.h"
#include "audio/track.h"
#include "unit/audio/recorder.h"

namespace floe::audio {
namespace {

void CheckTrack(absl::string_view content_type, Bytes file) {
  const absl::StatusOr<Track> track = MakeTrack(content_type, file);
  if (!track.ok()) return;
  FLOE_CHECK(track->title.size() <= kTitleBytesMax && IsUtf8(track->title));
  Recorder heard;
  TrackFeed feed;
  TrackPlace place;
  const std::unique_ptr<Framer> framer = MakeFramer(content_type, &Clock::now);
  for (int pass = 0; pass < 2; ++pass) {
    uint64_t bytes = 0;
    do {
      bytes += feed.Step(*track, *framer, heard, &place);
    } while (place.at_bytes != 0);
    FLOE_CHECK(bytes == track->bytes.size());
  }
  framer->End(heard);
}

}  // namespace
}  // namespace floe::audio

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace floe::audio;
  const Bytes file{reinterpret_cast<const std::byte*>(data), size};
  FLOE_CHECK(TitleOfId3v2(file).size() <= floe::kTitleBytesMax);
  FLOE_CHECK(TitleOfId3v1(file).size() <= floe::kTitleBytesMax);
  for (const char* type : {"audio/mpeg", "audio/aac", "application/ogg", "audio/flac"}) {
    CheckTrack(type, file);
  }
  return 0;
}
