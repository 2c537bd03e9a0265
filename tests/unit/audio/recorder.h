// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What a framer said, for tests and fuzz targets: every call in order, with bytes joined up to
// their boundary, so that two ways of feeding the same stream can be compared.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "audio/bits.h"
#include "audio/framer.h"
#include "audio/framer_state.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/utf8.h"

namespace floe::audio {

struct Event {
  enum class Kind : uint8_t { kSync, kSyncWithPreamble, kBoundary, kLink, kTitle, kFound };
  Kind kind;
  std::string bytes;  // of a boundary what was appended since the last; of a link its preamble
  microseconds played{0};
  Parameters parameters;

  bool operator==(const Event&) const = default;
};

// Where a listener may begin, and what it is sent before.
struct JoinPlace {
  size_t offset_bytes;
  std::string preamble;
  bool needs_preamble;
  microseconds played;
};

// Recorder is an Output that holds the framer to its contract: it dies of a call out of place.
class Recorder final : public Output {
 public:
  void Append(std::span<const std::byte> bytes) override { absl::StrAppend(&open_, AsText(bytes)); }

  void Discard() override { open_.clear(); }

  void Boundary(microseconds added) override {
    FLOE_CHECK(added >= microseconds(0));
    events.push_back({.kind = Event::Kind::kBoundary, .bytes = open_, .played = added});
    published += open_;
    played += added;
    open_.clear();
  }

  void SyncPoint(bool needs_preamble) override {
    FLOE_CHECK(open_.empty());
    FLOE_CHECK(!needs_preamble || has_link_);
    events.push_back(
        {.kind = needs_preamble ? Event::Kind::kSyncWithPreamble : Event::Kind::kSync});
    joins.push_back({published.size(), needs_preamble ? preamble_ : "", needs_preamble, played});
  }

  void BeginLink(std::span<const std::byte> preamble) override {
    FLOE_CHECK(open_.empty());
    FLOE_CHECK(preamble.size() <= kPreambleBytesMax);
    preamble_ = std::string(AsText(preamble));
    has_link_ = true;
    events.push_back({.kind = Event::Kind::kLink, .bytes = preamble_});
  }

  void Title(absl::string_view title) override {
    FLOE_CHECK(open_.empty());
    FLOE_CHECK(title.size() <= kTitleBytesMax && IsUtf8(title));
    events.push_back({.kind = Event::Kind::kTitle, .bytes = std::string(title)});
    titles.emplace_back(title);
  }

  void Found(const Parameters& parameters) override {
    events.push_back({.kind = Event::Kind::kFound, .parameters = parameters});
    found = parameters;
  }

  // The bytes between two boundaries, one after the other; empty ones left out.
  std::vector<std::string> Units() const {
    std::vector<std::string> units;
    for (const Event& event : events) {
      if (event.kind == Event::Kind::kBoundary && !event.bytes.empty())
        units.push_back(event.bytes);
    }
    return units;
  }
  // What a listener hears who begins at the `nth` sync point.
  std::string JoinedAt(size_t nth) const {
    return joins[nth].preamble + published.substr(joins[nth].offset_bytes);
  }
  bool has_open_bytes() const { return !open_.empty(); }

  std::vector<Event> events;
  std::vector<JoinPlace> joins;
  std::vector<std::string> titles;
  std::string published;
  microseconds played{0};
  Parameters found;

 private:
  std::string open_;
  std::string preamble_;
  bool has_link_ = false;
};

// How a source's bytes arrive.
struct Arrival {
  enum class Way : uint8_t { kWhole, kByteByByte, kRandomPieces };
  Way way = Way::kWhole;
  uint32_t seed = 1;
  size_t piece_bytes_max = 4000;
  // Between two pieces another framer takes over, with what becomes of the state on the way.
  FramerState (*hand_over)(const FramerState&) = nullptr;
};

inline FramerState AsItIs(const FramerState& state) { return state; }

inline Instant NoClock() { return Instant(); }

struct Outcome {
  Recorder heard;
  FramerStats stats;
};

// Feeds a fresh framer all of `bytes`, then ends it.
inline Outcome FeedAll(absl::string_view content_type, absl::string_view bytes,
                       Arrival arrival = {}) {
  Outcome outcome;
  std::unique_ptr<Framer> framer = MakeFramer(content_type, NoClock);
  std::minstd_rand random(arrival.seed);
  while (!bytes.empty()) {
    size_t piece = bytes.size();
    if (arrival.way == Arrival::Way::kByteByByte) piece = 1;
    if (arrival.way == Arrival::Way::kRandomPieces) piece = 1 + random() % arrival.piece_bytes_max;
    piece = std::min(piece, bytes.size());
    // A copy of its own: reading past a piece, or after Feed, is then seen by the sanitizer.
    if (piece == 1) {
      const char byte = bytes[0];
      framer->Feed(AsBytes({&byte, 1}), outcome.heard);
    } else {
      const std::vector<char> copy(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(piece));
      framer->Feed(AsBytes({copy.data(), copy.size()}), outcome.heard);
    }
    bytes.remove_prefix(piece);
    if (arrival.hand_over == nullptr) continue;
    auto restored = RestoreFramer(arrival.hand_over(framer->state()), NoClock);
    FLOE_CHECK(restored.ok());
    framer = *std::move(restored);
  }
  framer->End(outcome.heard);
  outcome.stats = framer->stats();
  return outcome;
}

// The same, and once more with another framer taking over after each piece: it must come to the
// same. Short streams are handed over at every byte.
inline Outcome FeedAndHandOver(absl::string_view content_type, absl::string_view bytes) {
  constexpr size_t kShort = 3000;
  constexpr uint32_t kSeed = 11;
  const Outcome whole = FeedAll(content_type, bytes);
  const auto way = bytes.size() <= kShort ? Arrival::Way::kByteByByte : Arrival::Way::kRandomPieces;
  const Outcome handed_over = FeedAll(content_type, bytes, {way, kSeed, kShort, AsItIs});
  FLOE_CHECK(handed_over.heard.events == whole.heard.events);
  FLOE_CHECK(handed_over.stats == whole.stats);
  return whole;
}

// Whether both are the same units, told in a few words: units are long.
inline std::string Difference(const std::vector<std::string>& heard,
                              const std::vector<std::string>& expected) {
  const size_t both = std::min(heard.size(), expected.size());
  const auto differs =
      std::mismatch(heard.begin(), heard.begin() + static_cast<ptrdiff_t>(both), expected.begin());
  const auto at = static_cast<size_t>(differs.first - heard.begin());
  if (at < both) {
    return absl::StrCat("unit ", at, " of ", heard[at].size(), " bytes is not the one of ",
                        expected[at].size(), " bytes");
  }
  if (heard.size() == expected.size()) return "none";
  return absl::StrCat(heard.size(), " units instead of ", expected.size());
}

// Whether all of `part` stands in `whole`, in order.
inline bool IsSubsequence(absl::string_view part, absl::string_view whole) {
  size_t at = 0;
  for (const char c : part) {
    at = whole.find(c, at);
    if (at == absl::string_view::npos) return false;
    ++at;
  }
  return true;
}

}  // namespace floe::audio
