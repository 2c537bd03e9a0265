// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "audio/bits.h"
#include "audio/framer.h"

namespace floe::audio {

// A file's audio, and nothing else of it: whole frames one after the other, so that what is joined
// to its end or stands before its beginning is heard without a break. Tags are left out, and so is
// the first frame of an MP3 that only describes the others (Xing, Info, VBRI): a decoder that comes
// to it in the middle of a stream hears a gap.
struct Track {
  std::string content_type;
  std::string bytes;
  std::string title;  // of its tags; empty: they say none
  Parameters parameters;
  microseconds played{0};
  // Of Ogg: so many logical streams. In `bytes` they are numbered from 0, and the pages have no
  // checksum: both are for TrackFeed to set.
  uint32_t streams = 0;
  // Of native FLAC: where its headers and each of its frames end.
  std::vector<uint32_t> frame_ends;
  uint64_t hash = 0;  // of `bytes`, the same in every build

  bool operator==(const Track&) const = default;
};

// Errors: there is no audio of this type in it.
absl::StatusOr<Track> MakeTrack(absl::string_view content_type, Bytes file);

// Which stretch of a track comes next.
struct TrackPlace {
  uint64_t at_bytes = 0;      // within the track: where a page begins, of Ogg, or a frame, of FLAC
  uint32_t first_serial = 0;  // of Ogg: the number of this pass's first logical stream
  uint64_t first_sample = 0;  // of FLAC: how many samples there were before this pass
  uint64_t next_sample = 0;   // of FLAC: and before what comes next

  bool operator==(const TrackPlace&) const = default;
};

// Gives the next few bytes of a track to a framer, again and again from its beginning. Each pass of
// Ogg has logical streams of its own, since players take a number they know for a stream that they
// know. The samples of FLAC are counted on from pass to pass, since players tell the time by that.
//
// Lifetime  of a call, or longer: it only keeps memory for a page.
class TrackFeed {
 public:
  // Answers how many bytes it were; `place` is behind them, at 0 when the track is over.
  // REQUIRES: the place is within the track, which has audio.
  size_t Step(const Track& track, Framer& framer, Output& out, TrackPlace* place);

 private:
  size_t StepOfOgg(Bytes rest, Framer& framer, Output& out, TrackPlace* place);
  size_t StepOfFlac(const Track& track, Framer& framer, Output& out, TrackPlace* place);

  std::vector<std::byte> unit_;  // a page, or a frame
};

// Whether what follows `before` in a stream may be `after`: the same media, and of FLAC the same
// parameters, since a stream of it says them once.
bool MayFollow(const Track& before, const Track& after);

// FNV-1a: the same in every build, which absl::Hash is not.
uint64_t HashOf(absl::string_view bytes);

}  // namespace floe::audio
