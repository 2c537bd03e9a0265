// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "audio/carry_framer.h"
#include "audio/ogg_codec.h"
#include "audio/ogg_page.h"
#include "audio/sample_clock.h"

namespace floe::audio {

inline constexpr size_t kOggStreamsMax = 16;  // logical streams of one link; more are dropped

// OggFramer passes on Ogg page by page, and keeps of each link what a late joiner needs: the first
// pages of all its streams, then their other header pages.
//
//   None --BOS--> FirstPages --other page--> Headers --all headers whole--> Audio --BOS--> ...
//                                               \--too many for a preamble--> Unjoinable --BOS-->
//                                               ...
//
// A BOS page anywhere but among the first pages begins a new link: at the end of a song, or where
// an encoder starts again without having ended. Pages of no known stream are garbage: nobody could
// decode them.
class OggFramer final : public CarryFramer {
 public:
  static constexpr size_t kNoStream = SIZE_MAX;

  enum class Section : uint8_t { kNone, kFirstPages, kHeaders, kAudio, kUnjoinable };

  struct Stream {
    uint32_t serial = 0;
    OggCodec codec;
    uint32_t headers_seen = 0;
    bool has_headers = false;  // all of them
    // Time. No page adds more than the packets that end on it: granules jump, and begin anywhere.
    uint64_t open_packet_units = 0;  // of the packet that goes on on the next page
    uint64_t ended_units_max = 0;    // of the packets that ended since the last granule
    uint64_t unit = 0;               // at the last granule
    bool is_timed = false;           // a granule was seen

    bool operator==(const Stream&) const = default;
  };

  struct State {
    Section section = Section::kNone;
    bool in_sync = false;             // the last bytes were a page
    std::vector<Stream> streams;      // of the link, in the order of their first pages
    size_t timed = kNoStream;         // the stream by which time is told
    bool has_pictures = false;        // a stream of the link is Theora
    std::vector<std::byte> preamble;  // while the headers come; at most kPreambleBytesMax
    Parameters found;
    std::string title;
    SampleClock clock;

    bool operator==(const State&) const = default;
  };
  // InvalidArgument names what is impossible in a state of another process.
  static absl::Status Check(const State& state);

  OggFramer() = default;
  explicit OggFramer(FramerState state);  // REQUIRES: possible, and of this format

  FramerState state() const override;

 private:
  size_t Take(Bytes window, Output& out) override;
  void Finish(Bytes rest, Output& out) override;
  size_t TakeGarbage(Bytes window);
  bool IsWanted(const OggPage& page) const;
  void OnPage(const OggPage& page, Output& out);
  void OnFirstPage(const OggPage& page, Output& out);
  void CountHeaders(Stream& stream, const OggPage& page);
  void KeepHeader(const OggPage& page);
  void OpenIfWhole(Output& out);
  void PickClock();
  void Describe(Output& out);
  bool IsSyncPoint(const Stream& stream, const OggPage& page) const;
  microseconds Play(Stream& stream, const OggPage& page);
  Stream* Find(uint32_t serial);
  bool IsFull() const { return state_.streams.size() >= kOggStreamsMax; }

  State state_;
};

}  // namespace floe::audio
