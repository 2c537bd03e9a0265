// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace floe::events {

// What happened. Handed over by number: new ones are added at the end.
enum class Kind : uint8_t {
  kStart,         // the process serves; `reason`: "started", or "took over" from the one before
  kSourceUp,      // a source has the mount: origin, peer, agent, content_type, listeners
  kSourceDown,    // and has it no more: origin, reason, lasted, bytes, listeners
  kRelayUp,       // the mount is fetched from another server: as kSourceUp, peer is its address
  kRelayDown,     // as kSourceDown
  kTitle,         // what plays: title, url, listeners; an empty title: it is not known any more
  kFallback,      // what a mount's listeners hear: plays (a mount; empty: nothing), listeners
  kListeners,     // how many listen now: listeners, peak
  kListenerPeak,  // so many never did before: listeners, peak
  kUpstream,      // how a server that is fetched from is: subject (its URL), state, reason
  kReload,        // another configuration holds: reason (what has changed)
  kBan,           // subject (addresses), reason
  kUnban,         // subject
};
inline constexpr Kind kLastKind = Kind::kUnban;
inline constexpr uint32_t kKinds = uint32_t(kLastKind) + 1;

// "source_up", as the API and the configuration of webhooks write it.
absl::string_view NameOf(Kind kind);
// Empty: there is no such kind.
std::optional<Kind> KindOf(absl::string_view name);

// A set of kinds.
using Kinds = uint32_t;
inline constexpr Kinds kAllKinds = (Kinds{1} << kKinds) - 1;
inline constexpr Kinds Only(Kind kind) { return Kinds{1} << uint32_t(kind); }

// Where a mount's audio comes from.
enum class Origin : uint8_t {
  kSource,  // an encoder
  kFile,    // a file that plays while there is no encoder
  kRelay,   // another server
};
inline constexpr Origin kLastOrigin = Origin::kRelay;
// "source", "file", "relay".
absl::string_view NameOf(Origin origin);

// Event is one thing that happened, to the server or to a mount. Which of the fields say something
// goes by the kind: see there; the others are as they are here.
struct Event {
  Kind kind{};
  std::string mount;    // empty: the server
  uint64_t number = 0;  // given by the log: 1, 2, ...
  absl::Time time;      // wall clock; given by the log

  Origin origin = Origin::kSource;
  std::string title, url;  // UTF-8
  std::string plays;
  std::string peer, agent, content_type;
  std::string subject, state, reason;
  uint32_t listeners = 0, peak = 0;
  uint64_t bytes = 0;
  absl::Duration lasted;

  bool operator==(const Event&) const = default;
};

// What it takes of memory, about.
size_t SizeBytes(const Event& event);

// Position is a place in the run of all events: behind the event of that number. Numbers go on from
// one process to the next that takes over from it, which `run` is the name of; after a restart they
// begin anew, and it is another run.
struct Position {
  uint64_t run = 0;
  uint64_t number = 0;

  bool operator==(const Position&) const = default;
};

// "1f00c0ffee00beef-42", as the ids of the event stream are written.
std::string ToText(const Position& position);
// Empty: it is none.
std::optional<Position> ParsePosition(absl::string_view text);

}  // namespace floe::events
