// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/chunked.h"

#include <algorithm>

#include "base/state_check.h"

namespace floe::http {
namespace {

int HexDigit(uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

absl::StatusOr<ChunkedReader> ChunkedReader::Restore(const State& state) {
  StateCheck check("reader of chunks");
  check.Known("its step", state.step, Step::kBroken);
  check.Known("its error", state.error, Error::kLongTrailer);
  const bool is_broken = state.step == Step::kBroken;
  check.That(is_broken == (state.error != Error::kNone), "it is broken without an error");
  if (!is_broken) {  // else by what was too long
    const bool is_of_size = state.step <= Step::kSizeLineEnd;
    const bool is_in_chunk = state.step == Step::kData;
    check.AtMost("the length of its lines", state.line_bytes,
                 std::max(kChunkLineBytesMax, kTrailerBytesMax));
    check.AtMost("what is left of a chunk", state.left_bytes, kChunkBytesMax);
    check.That(!is_in_chunk || state.left_bytes > 0, "nothing is left of the chunk under way");
    check.That(is_of_size || is_in_chunk || state.left_bytes == 0,
               "something is left of a chunk that is over");
  }
  if (absl::Status possible = std::move(check).status(); !possible.ok()) return possible;
  return ChunkedReader(state);
}

ChunkedReader::Piece ChunkedReader::Feed(std::span<const std::byte>* bytes) {
  while (state_.step != Step::kEnded && state_.step != Step::kBroken) {
    if (bytes->empty()) return {.kind = Kind::kNeedMore, .payload = {}};
    if (state_.step == Step::kData) {
      const size_t taken = size_t(std::min<uint64_t>(state_.left_bytes, bytes->size()));
      const std::span<const std::byte> payload = bytes->first(taken);
      *bytes = bytes->subspan(taken);
      state_.left_bytes -= taken;
      if (state_.left_bytes == 0) state_.step = Step::kDataEnd;
      return {.kind = Kind::kPayload, .payload = payload};
    }
    const uint8_t byte = static_cast<uint8_t>(bytes->front());
    *bytes = bytes->subspan(1);
    Take(byte);
  }
  return {.kind = state_.step == Step::kEnded ? Kind::kEnd : Kind::kBroken, .payload = {}};
}

void ChunkedReader::Take(uint8_t byte) {
  switch (state_.step) {
    case Step::kSize:
    case Step::kExtension:
    case Step::kSizeLineEnd: return TakeOfSizeLine(byte);
    case Step::kDataEnd:
      if (byte == '\r') {
        state_.step = Step::kDataLineEnd;
        return;
      }
      [[fallthrough]];
    case Step::kDataLineEnd:
      if (byte != '\n') return Break(Error::kNoLineEnd);
      state_.step = Step::kSize;
      state_.has_digit = false;
      state_.line_bytes = 0;
      return;
    case Step::kTrailer:
    case Step::kTrailerLine:
    case Step::kTrailerEnd: return TakeOfTrailer(byte);
    case Step::kData:
    case Step::kEnded:
    case Step::kBroken: return;  // Feed does not ask
  }
}

void ChunkedReader::TakeOfSizeLine(uint8_t byte) {
  if (++state_.line_bytes > kChunkLineBytesMax) return Break(Error::kLongLine);
  if (state_.step == Step::kSize) {
    if (const int digit = HexDigit(byte); digit >= 0) {
      state_.has_digit = true;
      state_.left_bytes = state_.left_bytes * 16 + uint64_t(digit);
      if (state_.left_bytes > kChunkBytesMax) Break(Error::kTooLarge);  // long before it overflows
      return;
    }
    const bool ends_size =
        byte == ';' || byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
    if (!state_.has_digit || !ends_size) return Break(Error::kBadSize);
  }
  if (byte == '\n') {
    state_.step = state_.left_bytes > 0 ? Step::kData : Step::kTrailer;
    state_.line_bytes = 0;
  } else if (state_.step == Step::kSizeLineEnd) {
    Break(Error::kNoLineEnd);
  } else {
    state_.step = byte == '\r' ? Step::kSizeLineEnd : Step::kExtension;
  }
}

void ChunkedReader::TakeOfTrailer(uint8_t byte) {
  if (++state_.line_bytes > kTrailerBytesMax) return Break(Error::kLongTrailer);
  if (state_.step == Step::kTrailerLine) {
    if (byte == '\n') state_.step = Step::kTrailer;
  } else if (byte == '\n') {
    state_.step = Step::kEnded;
  } else if (state_.step == Step::kTrailerEnd) {
    Break(Error::kNoLineEnd);
  } else {
    state_.step = byte == '\r' ? Step::kTrailerEnd : Step::kTrailerLine;
  }
}

void ChunkedReader::Break(Error error) {
  state_.step = Step::kBroken;
  state_.error = error;
}

absl::string_view ChunkedReader::error() const {
  switch (state_.error) {
    case Error::kNone: return "";
    case Error::kBadSize: return "a chunk's size is no hexadecimal number";
    case Error::kTooLarge: return "a chunk is larger than any encoder sends";
    case Error::kLongLine: return "a chunk's size line is too long";
    case Error::kNoLineEnd: return "a line of the chunked body does not end";
    case Error::kLongTrailer: return "the chunked body's trailers are too long";
  }
  return "";
}

}  // namespace floe::http
