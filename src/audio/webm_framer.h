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
 private:
  enum class State : uint8_t { kSearch, kTopLevel, kCluster, kElement };
  enum class Verdict : uint8_t { kNo, kYes, kMore };
  enum class Fate : uint8_t { kPassed, kPassedAndRead, kDropped };  // of an element

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

  State state_ = State::kSearch;
  bool is_ending_ = false;  // no more will come: nothing is waited for
  // The link.
  bool has_segment_ = false;
  bool is_open_ = false;  // its preamble was given out; Clusters may be found again
  WebmHeader header_;
  std::vector<std::byte> preamble_;  // until it is given out
  Parameters found_;
  std::string title_;
  // The element under way.
  ElementId element_ = ElementId::kNone;
  uint64_t element_bytes_ = 0;
  uint64_t left_bytes_ = 0;
  Fate fate_ = Fate::kPassed;
  std::vector<std::byte> kept_;  // at most kPreambleBytesMax
  // The Cluster under way.
  bool in_cluster_ = false;
  bool has_size_ = false;
  bool is_whole_ = false;  // published at its end
  uint64_t cluster_left_bytes_ = 0;
  uint64_t cluster_time_ = 0;
  // Since the last boundary.
  uint64_t pending_bytes_ = 0;
  uint64_t pending_blocks_ = 0;
  microseconds pending_played_{0};
  // Time.
  bool is_timed_ = false;
  int64_t newest_us_ = 0;
};

}  // namespace floe::audio
