// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/limits.h"

namespace floe::audio {

// The ICY block that says this title and url: a length byte, then "StreamTitle='...';" and, unless
// the url is empty, "StreamUrl='...';", padded with NULs to sixteens. At most kIcyBlockBytesMax.
// A url that does not fit beside the title is left out, since half a url is none; a title is cut
// at a character. What would end the title early for a player ("';" in it, or a control character)
// is replaced.
std::string RenderIcyBlock(absl::string_view title, absl::string_view url);

// What an IcyReader found.
class IcySink {
 public:
  virtual ~IcySink() = default;
  virtual void Audio(std::span<const std::byte> bytes) = 0;
  // The source named a title, in its own charset. Called for each block that has one, repeated or
  // not; a block without a StreamTitle is passed over.
  virtual void Title(absl::string_view title, absl::string_view url) = 0;
};

// IcyReader takes the blocks out of a source's bytes that come with icy-metaint: after each
// `metaint_bytes` of audio a length byte, then 16 times that many bytes.
//
// Units     bytes in; audio and titles out, in the order of the bytes, the same for every way of
//           cutting them.
// Lifetime  of one source connection. Its state is a plain value, to be handed over.
// Threads   The source's shard only.
// Failure   None. A block that makes no sense is dropped and counted.
class IcyReader {
 public:
  struct State {
    uint32_t metaint_bytes = 0;     // 0: there are no blocks, all is audio
    uint32_t audio_left_bytes = 0;  // until the next length byte
    uint32_t block_left_bytes = 0;  // of the block under way
    std::string block;              // what has come of it; at most kIcyBlockBytesMax
    uint64_t malformed_blocks = 0;

    bool operator==(const State&) const = default;
  };

  explicit IcyReader(uint32_t metaint_bytes);
  // Goes on where `state` was taken. InvalidArgument names what is impossible in it.
  static absl::StatusOr<IcyReader> Restore(State state);

  void Feed(std::span<const std::byte> bytes, IcySink& sink);

  const State& state() const { return state_; }

 private:
  explicit IcyReader(State state);

  void EndBlock(IcySink& sink);

  State state_;
};

}  // namespace floe::audio
