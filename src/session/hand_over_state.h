// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// What of those who talk goes over to the next process, as plain values. Instants are of the
// monotonic clock, which all processes share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audio/framer_state.h"
#include "audio/track.h"
#include "base/address.h"
#include "base/clock.h"
#include "files/rotation.h"
#include "http/upstream_reply.h"
#include "mount/writer.h"
#include "session/feed.h"
#include "upstream/choice.h"

namespace floe::session {

// Who is in the middle of a request. Nothing was answered to it, but what `is_told` says, so it is
// heard again from its first byte.
struct HeadState {
  Address peer;
  Instant begun{};
  std::string heard;
  bool is_told = false;        // a SHOUTcast source knows that its password is right
  bool expects_proxy = false;  // what was heard begins with a PROXY header

  bool operator==(const HeadState&) const = default;
};

// A connected source, between two pieces of what it sends.
struct SourceState {
  Address peer;
  Instant begun{};
  bool is_shoutcast = false;
  std::string head;  // of its request
  std::string user;
  std::string mount;
  uint64_t pen = 0;
  mount::Writer::State writer;
  FeedState feed;

  bool operator==(const SourceState&) const = default;
};

// How far into its track a loop is.
struct LoopProgress {
  audio::TrackPlace place;
  uint64_t given_bytes = 0;  // in this turn
  Instant begun{};

  bool operator==(const LoopProgress&) const = default;
};

struct LoopState {
  std::string mount;
  uint64_t pen = 0;
  std::string path;        // of the file that plays; empty: of no file
  uint64_t file_hash = 0;  // of its audio: with other audio it begins anew
  files::Rotation::Place rotation;
  LoopProgress progress;
  mount::Writer::State writer;
  audio::FramerState framer;

  bool operator==(const LoopState&) const = default;
};

// A mount that is fetched from elsewhere.
struct RelayState {
  // The connection that is heard, between two pieces of what comes.
  struct Heard {
    Address peer;
    FeedState feed;
    std::optional<http::StreamPosition> begin;  // see Track

    bool operator==(const Heard&) const = default;
  };

  std::string mount;
  std::vector<std::string> urls;  // of the upstreams, by the choice's numbers
  upstream::ChoiceState choice;
  uint64_t pen = 0;  // 0: it does not have the mount
  mount::Writer::State writer;
  std::optional<Heard> heard;  // its socket goes along

  bool operator==(const RelayState&) const = default;
};

}  // namespace floe::session
