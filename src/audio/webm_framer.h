// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "audio/carry_framer.h"
#include "audio/ebml.h"
#include "audio/webm_header.h"
#include "audio/webm_look_ahead.h"

namespace floe::audio {

// What an element may claim before it is taken for garbage.
inline constexpr uint64_t kEbmlHeaderBytesMax = 4096;
inline constexpr uint64_t kWebmElementBytesMax = 4 * 1024 * 1024;  // a block, an index
// What no player needs may be longer, a picture perhaps, and is then dropped.
inline constexpr uint64_t kWebmNeedlessBytesMax = 64 * 1024 * 1024;
inline constexpr uint64_t kWebmClusterBytesMax = 64 * 1024 * 1024;
// A Cluster that says its size is published whole up to this size.
inline constexpr uint64_t kWholeClusterBytesMax = 4 * 1024 * 1024;
static_assert(kWebmLookAheadBytesMax <= kCarryBytesMax);
// Block times further apart are a jump of the source's clock, not time that is heard.
inline constexpr microseconds kWebmTimeJumpMax = 10s;

// WebmFramer passes WebM and Matroska on element by element.
//
//   Search --EBML--> TopLevel --Cluster--> Cluster --size is used up, or another top-level ID--+
//     ^                 ^  ^------------------------------------------------------------------+
//     |                 +-- EBML header: a new link
//     +-- what cannot be, until the next EBML header or Cluster
//
// A listener may begin at a Cluster whose first picture is a keyframe; where there are no pictures,
// at any. The preamble is all that was before the first Cluster and that a player needs, in a
// Segment of no stated size, since a late joiner's is not as long as the source's.
//
// A Cluster without a size is published block by block: who is cut off within it may go on with the
// next Cluster. One with a size is published when it is whole, since what follows a cut would be
// taken for the rest of it. That costs no time: who writes a size first has the Cluster whole.
class WebmFramer final : public CarryFramer {
 public:
  enum class Step : uint8_t { kSearch, kTopLevel, kCluster, kElement };
  enum class Fate : uint8_t { kPassed, kPassedAndRead, kDropped };  // of an element

  struct State {
    struct Link {
      bool has_segment = false;
      bool is_open = false;  // its preamble was given out; Clusters may be found again
      WebmHeader header;
      std::vector<std::byte> preamble;  // until it is given out; at most kPreambleBytesMax
      bool is_timed = false;            // a block was timed
      int64_t newest_us = 0;            // the time of the newest block

      bool operator==(const Link&) const = default;
    };
    // The element under way.
    struct Element {
      ElementId id = ElementId::kNone;
      uint64_t bytes = 0;  // with its header
      uint64_t left_bytes = 0;
      Fate fate = Fate::kPassed;
      std::vector<std::byte> kept;  // at most kPreambleBytesMax

      bool operator==(const Element&) const = default;
    };
    // The Cluster under way.
    struct Cluster {
      bool has_size = false;
      bool is_whole = false;  // published at its end
      uint64_t left_bytes = 0;
      uint64_t time = 0;

      bool operator==(const Cluster&) const = default;
    };
    // Since the last boundary.
    struct Pending {
      uint64_t bytes = 0;
      uint64_t blocks = 0;
      microseconds played{0};

      bool operator==(const Pending&) const = default;
    };

    Step step = Step::kSearch;
    Link link;
    Element element;
    bool in_cluster = false;
    Cluster cluster;
    Pending pending;
    Parameters found;
    std::string title;

    bool operator==(const State&) const = default;
  };
  // InvalidArgument names what is impossible in a state of another process.
  static absl::Status Check(const State& state);

  WebmFramer() = default;
  explicit WebmFramer(FramerState state);  // REQUIRES: possible, and of this format

  FramerState state() const override;

 private:
  enum class Verdict : uint8_t { kNo, kYes, kMore };

  size_t Take(Bytes window, Output& out) override;
  void Finish(Bytes rest, Output& out) override;
  size_t TakeSearching(Bytes window, Output& out);
  Verdict BeginsAsClustersDo(Bytes window, const ElementHeader& cluster);
  size_t TakeTopLevel(Bytes window, Output& out);
  size_t TakeEbmlHeader(Bytes window, const ElementHeader& header, Output& out);
  size_t TakeSegment(Bytes window, const ElementHeader& header, Output& out);
  size_t TakeDescription(Bytes window, const ElementHeader& header, Output& out);
  size_t TakeNeedless(Bytes window, const ElementHeader& header, Output& out);
  size_t TakeCluster(Bytes window, const ElementHeader& header, Output& out);
  size_t TakeInCluster(Bytes window, Output& out);
  Verdict ReadTime(Bytes window, const ElementHeader& header);
  size_t BeginElement(Bytes window, const ElementHeader& header, Fate fate, Output& out);
  size_t TakeElement(Bytes window, Output& out);
  void EndDescription(Output& out);
  void EndInCluster(Output& out);

  void OpenLink(Output& out);
  void SayTitle(Output& out);
  void AdvanceTo(int64_t time);

  void Put(Bytes bytes, Output& out);
  void Publish(Output& out);
  size_t Lose(Bytes window, Output& out);
  void DropPending(Output& out);

  State state_;
  bool is_ending_ = false;  // within End: no more will come, nothing is waited for
};

}  // namespace floe::audio
