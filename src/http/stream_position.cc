// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "http/stream_position.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace floe::http {
namespace {

constexpr absl::string_view kPreamble = ";preamble=";

bool IsStreamId(absl::string_view text) {
  return !text.empty() && text.size() <= kStreamIdBytesMax &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return absl::ascii_isalnum(uint8_t(c)) || c == '-'; });
}

// Digits alone: no sign, no blank.
template <typename Number>
bool ReadNumber(absl::string_view text, Number* number) {
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(text, number);
}

std::optional<StreamPosition> ReadPosition(absl::string_view text) {
  const size_t colon = text.find(':');
  if (colon == absl::string_view::npos || !IsStreamId(text.substr(0, colon))) return std::nullopt;
  StreamPosition position;
  position.stream = std::string(text.substr(0, colon));
  if (!ReadNumber(text.substr(colon + 1), &position.offset_bytes)) return std::nullopt;
  return position;
}

}  // namespace

std::string StreamId(uint64_t instance, uint32_t tape, uint32_t epoch) {
  return absl::StrCat(absl::Hex(instance, absl::kZeroPad16), absl::Hex(tape, absl::kZeroPad8),
                      absl::Hex(epoch, absl::kZeroPad8));
}

std::string PositionToAsk(const StreamPosition& position) {
  return absl::StrCat(position.stream, ":", position.offset_bytes);
}

std::optional<StreamPosition> ReadAskedPosition(absl::string_view value) {
  return ReadPosition(absl::StripAsciiWhitespace(value));
}

std::string PositionToSay(const StreamPosition& position) {
  return absl::StrCat(PositionToAsk(position), kPreamble, position.preamble_bytes);
}

std::optional<StreamPosition> ReadSaidPosition(absl::string_view value) {
  value = absl::StripAsciiWhitespace(value);
  const size_t preamble = std::min(value.find(kPreamble), value.size());
  std::optional<StreamPosition> position = ReadPosition(value.substr(0, preamble));
  absl::string_view bytes = value.substr(preamble);
  if (!position.has_value() || !absl::ConsumePrefix(&bytes, kPreamble) ||
      !ReadNumber(bytes, &position->preamble_bytes)) {
    return std::nullopt;
  }
  return position;
}

}  // namespace floe::http
