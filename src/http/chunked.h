// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace floe::http {

inline constexpr uint64_t kChunkBytesMax = uint64_t{1} << 40;  // a terabyte: more is no encoder
inline constexpr uint32_t kChunkLineBytesMax = 256;            // size and extensions
inline constexpr uint32_t kTrailerBytesMax = 4096;

// ChunkedReader takes the framing off a chunked body.
//
//   while (true) {
//     const ChunkedReader::Piece piece = reader.Feed(&received);
//     if (piece.kind != ChunkedReader::Kind::kPayload) break;
//     framer.Feed(piece.payload, out);
//   }
//
// Payload points into what was fed; nothing is copied. The payload, its end and any error are the
// same for every way of cutting the body. Extensions and trailers are read over, within bounds;
// a line may end in \n alone.
//
// Lifetime  of one body. Its state is a plain value, to be handed over to another process.
// Failure   kBroken, for good; error() says why.
class ChunkedReader {
 public:
  // Both are handed over by number: new ones are added at the end.
  enum class Step : uint8_t {
    kSize,         // in the digits
    kExtension,    // behind them, up to the line's end
    kSizeLineEnd,  // \r seen
    kData,
    kDataEnd,      // \r or \n is due
    kDataLineEnd,  // \r seen
    kTrailer,      // at a line's begin: an empty one ends the body
    kTrailerLine,
    kTrailerEnd,  // \r seen at a line's begin
    kEnded,
    kBroken,
  };
  enum class Error : uint8_t { kNone, kBadSize, kTooLarge, kLongLine, kNoLineEnd, kLongTrailer };

  struct State {
    Step step = Step::kSize;
    Error error = Error::kNone;
    bool has_digit = false;
    uint32_t line_bytes = 0;  // of the size line, or of all trailers
    uint64_t left_bytes = 0;  // of the chunk

    bool operator==(const State&) const = default;
  };

  enum class Kind : uint8_t {
    kPayload,   // `payload` is not empty; call again
    kNeedMore,  // all was taken
    kEnd,       // the body is over; what is left of `bytes` lies behind it
    kBroken,    // no chunked body
  };
  struct Piece {
    Kind kind;
    std::span<const std::byte> payload;
  };

  ChunkedReader() = default;
  // Goes on where `state` was taken. InvalidArgument names what is impossible in it.
  static absl::StatusOr<ChunkedReader> Restore(const State& state);

  // Takes what it used off the front of `*bytes`.
  Piece Feed(std::span<const std::byte>* bytes);

  bool ended() const { return state_.step == Step::kEnded; }
  const State& state() const { return state_; }
  absl::string_view error() const;  // a sentence without its full stop; empty unless broken

 private:
  explicit ChunkedReader(const State& state) : state_(state) {}

  void Take(uint8_t byte);
  void TakeOfSizeLine(uint8_t byte);
  void TakeOfTrailer(uint8_t byte);
  void Break(Error error);

  State state_;
};
static_assert(std::is_trivially_copyable_v<ChunkedReader>);

}  // namespace floe::http
