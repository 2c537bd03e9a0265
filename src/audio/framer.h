// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "absl/strings/string_view.h"
#include "base/clock.h"

namespace floe::audio {

// Handed over by number: new ones are added at the end.
enum class Codec : uint8_t {
  kUnknown,
  kMp1,
  kMp2,
  kMp3,
  kAac,
  kVorbis,
  kOpus,
  kFlac,
  kSpeex,
  kTheora,
  kWebm,
  kOpaque,
};
inline constexpr Codec kLastCodec = Codec::kOpaque;
const char* CodecName(Codec codec);  // "MP3", "AAC", ...

// What a stream says of itself; 0 where it does not.
struct Parameters {
  Codec codec = Codec::kUnknown;
  uint32_t bitrate_bps = 0;  // nominal, from headers; the measured one is FramerStats'
  uint32_t sample_rate_hz = 0;
  uint32_t channels = 0;

  bool operator==(const Parameters&) const = default;
};

// Output is where a framer puts what it found; the mount's writer, or a test's record of calls.
// Offsets are implied: everything happens at the end of what was appended so far.
class Output {
 public:
  virtual ~Output() = default;

  // Bytes of a frame, page or cluster under way. Copied; not yet anybody's to hear.
  virtual void Append(std::span<const std::byte> bytes) = 0;
  // What was appended since the last boundary is torn: forget it.
  virtual void Discard() = 0;
  // All that was appended is whole. `played` is the time it adds to the stream.
  virtual void Boundary(microseconds played) = 0;
  // A listener may begin here. Called only at a boundary, before the frame is appended.
  // `needs_preamble` is false where the stream's own headers follow. Where what follows turns out
  // torn the place is named again by what comes instead: the later word holds.
  virtual void SyncPoint(bool needs_preamble) = 0;
  // A new link begins here: a later joiner is sent `preamble` first. Called at a boundary, once
  // the link's headers are whole, and before the first sync point that needs it.
  virtual void BeginLink(std::span<const std::byte> preamble) = 0;
  // The stream itself says what plays from here on (UTF-8). Only Ogg and WebM do.
  virtual void Title(absl::string_view title) = 0;
  virtual void Found(const Parameters& parameters) = 0;
};

// What is worth showing of a stream.
struct FramerStats {
  uint64_t frames = 0;         // frames, pages, clusters' blocks: units that ended in a boundary
  uint64_t garbage_bytes = 0;  // dropped between frames
  uint64_t resyncs = 0;        // times the framing was lost after it was found
  microseconds played{0};
  uint64_t audio_bytes = 0;  // within frames

  // Measured: audio_bytes over played; 0 until a second has been heard.
  uint32_t bitrate_bps() const;
  bool operator==(const FramerStats&) const = default;
};

// More than a century is no time that was heard; sums of less do not overflow.
inline constexpr microseconds kPlayedMax = 100 * 365 * 24h;

struct FramerState;  // audio/framer_state.h

// Framer finds where a stream may be cut. It takes bytes as they arrive, in pieces of any size,
// with the same result for every way of cutting them.
//
// Units     bytes in; boundaries, sync points and durations out.
// Lifetime  of one source connection. It keeps no pointer into what it was fed.
// Threads   The source's shard only.
// Failure   None. Bytes that are no frames are garbage: counted and dropped, never forwarded.
//           Its state is a plain value, from which another process makes a framer that goes on at
//           the very byte: RestoreFramer.
class Framer {
 public:
  Framer() = default;
  explicit Framer(const FramerStats& stats) : stats_(stats) {}
  virtual ~Framer() = default;
  virtual void Feed(std::span<const std::byte> bytes, Output& out) = 0;
  // The source is gone: a torn frame is discarded.
  virtual void End(Output& out) = 0;

  const FramerStats& stats() const { return stats_; }
  // All that was learnt of the stream, between two calls.
  virtual FramerState state() const = 0;

 protected:
  FramerStats stats_;
};

// The framer for a Content-Type (parameters after ';' ignored, case-insensitive):
//   audio/mpeg, audio/mp3, audio/x-mpeg...          MPEG audio
//   audio/aac, audio/aacp, audio/x-aac...           ADTS
//   application/ogg, audio/ogg, video/ogg, audio/opus, audio/vorbis...  Ogg
//   audio|video/webm, audio|video/x-matroska        WebM and Matroska
//   audio/flac, audio/x-flac                        native FLAC
//   any other                                       opaque: every byte run is a boundary
// `clock` tells opaque streams the time, since their bytes do not.
std::unique_ptr<Framer> MakeFramer(absl::string_view content_type, Instant (*clock)());

// What MakeFramer takes a Content-Type for: "MPEG audio", "ADTS", "Ogg", "WebM", "FLAC"; empty:
// opaque.
absl::string_view FormatName(absl::string_view content_type);

// ICY blocks are sent only where inserting bytes between frames breaks nothing: not in Ogg, WebM
// or FLAC.
bool AllowsIcy(absl::string_view content_type);

}  // namespace floe::audio
