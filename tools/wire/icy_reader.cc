// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/wire/icy_reader.h"

#include <algorithm>

#include "absl/strings/match.h"

namespace floe::tools {

void IcyReader::Feed(absl::string_view bytes, absl::FunctionRef<void(absl::string_view)> on_audio,
                     absl::FunctionRef<void(absl::string_view)> on_title) {
  while (!bytes.empty()) {
    if (expects_ == Expects::kLength) {
      left_bytes_ = uint32_t(uint8_t(bytes.front())) * 16;
      bytes.remove_prefix(1);
      expects_ = left_bytes_ == 0 ? Expects::kAudio : Expects::kText;
      if (left_bytes_ == 0) left_bytes_ = metaint_;
      continue;
    }
    const absl::string_view run = bytes.substr(0, left_bytes_);
    bytes.remove_prefix(run.size());
    left_bytes_ -= uint32_t(run.size());
    if (expects_ == Expects::kAudio) {
      on_audio(run);
      if (left_bytes_ == 0) expects_ = Expects::kLength;
      continue;
    }
    block_.append(run.data(), run.size());
    if (left_bytes_ == 0) EndBlock(on_title);
  }
}

// "StreamTitle='...';" first, what follows is free; padded with zeros to the end. A quote within
// a title is not escaped, so the title ends at the last "';" before the next field or the end.
void IcyReader::EndBlock(absl::FunctionRef<void(absl::string_view)> on_title) {
  constexpr absl::string_view kBegin = "StreamTitle='";
  absl::string_view text = block_;
  const size_t last = text.find_last_not_of('\0');
  text = text.substr(0, last == text.npos ? 0 : last + 1);
  const bool is_padded_too_far = block_.size() - text.size() >= 16;
  const size_t url = text.find("';StreamUrl='");
  const size_t end = url != text.npos ? url : text.rfind("';");
  if (absl::StartsWith(text, kBegin) && end != text.npos && end >= kBegin.size() &&
      text.find('\0') == text.npos && !is_padded_too_far) {
    on_title(text.substr(kBegin.size(), end - kBegin.size()));
  } else {
    ++malformed_blocks_;
  }
  block_.clear();
  expects_ = Expects::kAudio;
  left_bytes_ = metaint_;
}

}  // namespace floe::tools
