// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "audio/icy_blocks.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "audio/bits.h"
#include "base/state_check.h"
#include "base/utf8.h"

namespace floe::audio {
namespace {

constexpr size_t kSixteen = 16;  // a block's length byte counts these
constexpr size_t kPayloadBytesMax = kIcyBlockBytesMax - 1;
constexpr absl::string_view kTitleKey = "StreamTitle='";
constexpr absl::string_view kUrlKey = "StreamUrl='";
constexpr absl::string_view kValueEnd = "';";

// A player takes the first "';" for the end, and shows control characters as boxes or stops there.
std::string Tame(absl::string_view text) {
  std::string tame = absl::StrReplaceAll(text, {{"';", "\u2019;"}});
  std::replace_if(
      tame.begin(), tame.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return tame;
}

// Whether a field begins here: a word, then "=".
bool IsField(absl::string_view text) {
  const size_t word = std::find_if_not(text.begin(), text.end(),
                                       [](char c) { return absl::ascii_isalnum(c) || c == '_'; }) -
                      text.begin();
  return word > 0 && word < text.size() && text[word] == '=';
}

// Where the value that begins at the front of `text` ends. A title may hold "';" itself, so the
// end is the first one behind which the block ends or another field begins; else the first at all.
size_t ValueEnd(absl::string_view text) {
  const size_t first = text.find(kValueEnd);
  for (size_t at = first; at != absl::string_view::npos; at = text.find(kValueEnd, at + 1)) {
    const absl::string_view behind = text.substr(at + kValueEnd.size());
    if (behind.empty() || IsField(behind)) return at;
  }
  if (first != absl::string_view::npos) return first;
  return std::min(text.rfind('\''), text.size());  // the ';' is missing, or all of the end is
}

std::optional<absl::string_view> ValueOf(absl::string_view block, absl::string_view key) {
  const size_t at = block.find(key);
  if (at == absl::string_view::npos) return std::nullopt;
  const absl::string_view value = block.substr(at + key.size());
  return value.substr(0, ValueEnd(value));
}

}  // namespace

std::string RenderIcyBlock(absl::string_view title, absl::string_view url) {
  const std::string tame_title = Tame(title), tame_url = Tame(url);
  const absl::string_view cut_title =
      CutUtf8(tame_title, kPayloadBytesMax - kTitleKey.size() - kValueEnd.size());
  std::string payload = absl::StrCat(kTitleKey, cut_title, kValueEnd);
  const size_t url_bytes = kUrlKey.size() + tame_url.size() + kValueEnd.size();
  if (!url.empty() && payload.size() + url_bytes <= kPayloadBytesMax) {
    absl::StrAppend(&payload, kUrlKey, tame_url, kValueEnd);
  }
  const size_t sixteens = (payload.size() + kSixteen - 1) / kSixteen;
  std::string block(1, static_cast<char>(sixteens));
  block += payload;
  block.resize(1 + sixteens * kSixteen, '\0');
  return block;
}

IcyReader::IcyReader(uint32_t metaint_bytes)
    : IcyReader(State{.metaint_bytes = metaint_bytes, .audio_left_bytes = metaint_bytes}) {}

IcyReader::IcyReader(State state) : state_(std::move(state)) {}

absl::StatusOr<IcyReader> IcyReader::Restore(State state) {
  StateCheck check("reader of ICY blocks");
  check.AtMost("the audio before a block", state.audio_left_bytes, state.metaint_bytes);
  check.AtMost("the length of a block", state.block.size() + uint64_t{state.block_left_bytes},
               kPayloadBytesMax);
  check.That(state.metaint_bytes > 0 || state.block_left_bytes == 0,
             "a block is under way where there are none");
  check.That(state.block_left_bytes > 0 || state.block.empty(), "a block is kept beyond its end");
  if (absl::Status possible = std::move(check).status(); !possible.ok()) return possible;
  return IcyReader(std::move(state));
}

void IcyReader::Feed(std::span<const std::byte> bytes, IcySink& sink) {
  if (state_.metaint_bytes == 0) {
    if (!bytes.empty()) sink.Audio(bytes);
    return;
  }
  while (!bytes.empty()) {
    size_t take = 1;
    if (state_.block_left_bytes > 0) {
      take = std::min<size_t>(state_.block_left_bytes, bytes.size());
      absl::StrAppend(&state_.block, AsText(bytes.first(take)));
      state_.block_left_bytes -= static_cast<uint32_t>(take);
      if (state_.block_left_bytes == 0) EndBlock(sink);
    } else if (state_.audio_left_bytes > 0) {
      take = std::min<size_t>(state_.audio_left_bytes, bytes.size());
      state_.audio_left_bytes -= static_cast<uint32_t>(take);
      sink.Audio(bytes.first(take));
    } else {
      state_.block_left_bytes = U8(bytes, 0) * static_cast<uint32_t>(kSixteen);
      state_.audio_left_bytes = state_.metaint_bytes;
    }
    bytes = bytes.subspan(take);
  }
}

void IcyReader::EndBlock(IcySink& sink) {
  absl::string_view block = state_.block;
  block = block.substr(0, std::min(block.find('\0'), block.size()));
  if (const std::optional<absl::string_view> title = ValueOf(block, kTitleKey)) {
    const absl::string_view behind = block.substr(title->data() - block.data() + title->size());
    sink.Title(*title, ValueOf(behind, kUrlKey).value_or(absl::string_view()));
  } else if (!ValueOf(block, kUrlKey)) {
    state_.malformed_blocks += 1;
  }
  state_.block.clear();
}

}  // namespace floe::audio
