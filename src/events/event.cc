// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "events/event.h"

#include <array>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace floe::events {
namespace {

constexpr size_t kRunDigits = 16;

// By number.
constexpr std::array<absl::string_view, kKinds> kKindNames = {
    "start",     "source_up",     "source_down", "relay_up", "relay_down", "title", "fallback",
    "listeners", "listener_peak", "upstream",    "reload",   "ban",        "unban",
};

}  // namespace

absl::string_view NameOf(Kind kind) { return kKindNames[size_t(kind)]; }

std::optional<Kind> KindOf(absl::string_view name) {
  for (size_t i = 0; i < kKindNames.size(); ++i) {
    if (kKindNames[i] == name) return Kind(i);
  }
  return std::nullopt;
}

absl::string_view NameOf(Origin origin) {
  switch (origin) {
    case Origin::kSource: return "source";
    case Origin::kFile: return "file";
    case Origin::kRelay: return "relay";
  }
  return "source";
}

size_t SizeBytes(const Event& event) {
  return sizeof(event) + event.mount.size() + event.title.size() + event.url.size() +
         event.plays.size() + event.peer.size() + event.agent.size() + event.content_type.size() +
         event.subject.size() + event.state.size() + event.reason.size();
}

std::string ToText(const Position& position) {
  return absl::StrFormat("%016x-%d", position.run, position.number);
}

std::optional<Position> ParsePosition(absl::string_view text) {
  const size_t dash = text.find('-');
  if (dash != kRunDigits) return std::nullopt;
  Position position;
  const bool is_position = absl::SimpleHexAtoi(text.substr(0, dash), &position.run) &&
                           absl::SimpleAtoi(text.substr(dash + 1), &position.number);
  // Only what ToText writes: numbers may be written in other ways as well.
  if (!is_position || ToText(position) != text) return std::nullopt;
  return position;
}

}  // namespace floe::events
