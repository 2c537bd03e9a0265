// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/chunked.h"

#include <algorithm>

namespace floe::http {
namespace {

int HexDigit(uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

ChunkedReader::Piece ChunkedReader::Feed(std::span<const std::byte>* bytes) {
  while (state_ != State::kEnded && state_ != State::kBroken) {
    if (bytes->empty()) return {.kind = Kind::kNeedMore, .payload = {}};
    if (state_ == State::kData) {
      const size_t taken = size_t(std::min<uint64_t>(left_bytes_, bytes->size()));
      const std::span<const std::byte> payload = bytes->first(taken);
      *bytes = bytes->subspan(taken);
      left_bytes_ -= taken;
      if (left_bytes_ == 0) state_ = State::kDataEnd;
      return {.kind = Kind::kPayload, .payload = payload};
    }
    const uint8_t byte = static_cast<uint8_t>(bytes->front());
    *bytes = bytes->subspan(1);
    Take(byte);
  }
  return {.kind = state_ == State::kEnded ? Kind::kEnd : Kind::kBroken, .payload = {}};
}

void ChunkedReader::Take(uint8_t byte) {
  switch (state_) {
    case State::kSize:
    case State::kExtension:
    case State::kSizeLineEnd: return TakeOfSizeLine(byte);
    case State::kDataEnd:
      if (byte == '\r') {
        state_ = State::kDataLineEnd;
        return;
      }
      [[fallthrough]];
    case State::kDataLineEnd:
      if (byte != '\n') return Break(Error::kNoLineEnd);
      state_ = State::kSize;
      has_digit_ = false;
      line_bytes_ = 0;
      return;
    case State::kTrailer:
    case State::kTrailerLine:
    case State::kTrailerEnd: return TakeOfTrailer(byte);
    case State::kData:
    case State::kEnded:
    case State::kBroken: return;  // Feed does not ask
  }
}

void ChunkedReader::TakeOfSizeLine(uint8_t byte) {
  if (++line_bytes_ > kChunkLineBytesMax) return Break(Error::kLongLine);
  if (state_ == State::kSize) {
    if (const int digit = HexDigit(byte); digit >= 0) {
      has_digit_ = true;
      left_bytes_ = left_bytes_ * 16 + uint64_t(digit);
      if (left_bytes_ > kChunkBytesMax) Break(Error::kTooLarge);  // long before it overflows
      return;
    }
    const bool ends_size =
        byte == ';' || byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
    if (!has_digit_ || !ends_size) return Break(Error::kBadSize);
  }
  if (byte == '\n') {
    state_ = left_bytes_ > 0 ? State::kData : State::kTrailer;
    line_bytes_ = 0;
  } else if (state_ == State::kSizeLineEnd) {
    Break(Error::kNoLineEnd);
  } else {
    state_ = byte == '\r' ? State::kSizeLineEnd : State::kExtension;
  }
}

void ChunkedReader::TakeOfTrailer(uint8_t byte) {
  if (++line_bytes_ > kTrailerBytesMax) return Break(Error::kLongTrailer);
  if (state_ == State::kTrailerLine) {
    if (byte == '\n') state_ = State::kTrailer;
  } else if (byte == '\n') {
    state_ = State::kEnded;
  } else if (state_ == State::kTrailerEnd) {
    Break(Error::kNoLineEnd);
  } else {
    state_ = byte == '\r' ? State::kTrailerEnd : State::kTrailerLine;
  }
}

void ChunkedReader::Break(Error error) {
  state_ = State::kBroken;
  error_ = error;
}

absl::string_view ChunkedReader::error() const {
  switch (error_) {
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
