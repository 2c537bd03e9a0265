// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// A title, up to the first newline, and a url: what is rendered is a block, and is read as them.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "audio/bits.h"
#include "audio/icy_blocks.h"
#include "base/check.h"
#include "base/utf8.h"

namespace floe::audio {
namespace {

class Heard final : public IcySink {
 public:
  void Audio(std::span<const std::byte>) override {}
  void Title(absl::string_view title, absl::string_view url) override {
    title_read = std::string(title);
    url_read = std::string(url);
    ++titles;
  }

  std::string title_read, url_read;
  int titles = 0;
};

bool IsPlain(absl::string_view text) {
  return !absl::StrContains(text, "';") && std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
}

void Check(absl::string_view title, absl::string_view url) {
  const std::string block = RenderIcyBlock(title, url);
  FLOE_CHECK(block.size() <= kIcyBlockBytesMax);
  FLOE_CHECK(block.size() == 1 + size_t{static_cast<unsigned char>(block[0])} * 16);
  FLOE_CHECK(!IsUtf8(title) || !IsUtf8(url) || IsUtf8(block.substr(1)));

  Heard heard;
  IcyReader reader(1);
  reader.Feed(AsBytes(absl::StrCat("a", block, "b")), heard);
  FLOE_CHECK(heard.titles == 1 && reader.state().malformed_blocks == 0);
  if (!IsPlain(title) || !IsPlain(url)) return;
  FLOE_CHECK(absl::StartsWith(title, heard.title_read));
  FLOE_CHECK(heard.url_read.empty() || heard.url_read == url);
  constexpr size_t kSurelyFitsBytes = 4000;
  if (title.size() + url.size() > kSurelyFitsBytes) return;
  FLOE_CHECK(heard.title_read == title && heard.url_read == url);
}

}  // namespace
}  // namespace floe::audio

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t end = std::min(text.find('\n'), text.size());
  floe::audio::Check(text.substr(0, end), text.substr(std::min(end + 1, text.size())));
  return 0;
}
