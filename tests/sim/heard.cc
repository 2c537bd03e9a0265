// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "sim/heard.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace floe::sim {
namespace {

struct Block {
  size_t audio_bytes;  // heard before it
  std::string text;    // without the padding; empty: nothing new
};

// Raw bytes parted into audio and blocks.
struct Parted {
  std::string audio;
  std::vector<Block> blocks;
};

Parted Part(absl::string_view raw, uint32_t metaint_bytes, Heard& heard) {
  Parted parted;
  if (metaint_bytes == 0) {
    parted.audio = std::string(raw);
    return parted;
  }
  while (!raw.empty()) {
    const absl::string_view audio = raw.substr(0, metaint_bytes);
    parted.audio.append(audio.data(), audio.size());
    raw.remove_prefix(audio.size());
    if (raw.empty()) break;
    const size_t size = 1 + 16 * size_t{uint8_t(raw[0])};
    if (raw.size() < size) break;  // cut off by the end
    absl::string_view text = raw.substr(1, size - 1);
    while (!text.empty() && text.back() == '\0') text.remove_suffix(1);
    if (size > 1 && text.size() + 16 < size) heard.complaints.push_back("a block is padded twice");
    parted.blocks.push_back({parted.audio.size(), std::string(text)});
    raw.remove_prefix(size);
  }
  return parted;
}

// Where a stretch of heard audio is in the stream.
struct Place {
  size_t audio_begin;
  size_t audio_end;
  uint64_t offset_bytes;
  bool is_after_gap;
};

// Listens to audio, mark by mark.
class Ear {
 public:
  Ear(const Broadcast& broadcast, Heard& heard) : broadcast_(broadcast), heard_(heard) {}

  void Listen(absl::string_view audio) {
    size_t begin = 0;
    if (!audio.empty() && !IsMark(audio[0])) Complain("does not begin on a boundary", 0);
    while (begin < audio.size()) {
      const size_t end = NextMark(audio.data(), begin + 1, audio.size());
      const bool is_last = end == audio.size();
      const absl::string_view chunk = audio.substr(begin, end - begin);
      if (uint8_t(chunk[0]) == kPreambleMark) {
        HearPreamble(chunk, begin, is_last);
      } else {
        HearFrame(chunk, begin, is_last);
      }
      begin = end;
    }
  }

  const std::vector<Place>& places() const { return places_; }

 private:
  static bool IsMark(char byte) { return uint8_t(byte) >= 0x80; }
  static size_t NextMark(const char* bytes, size_t begin, size_t end) {
    while (begin < end && uint8_t(bytes[begin]) < 0x80)
      ++begin;  // the loop a run spends its time in
    return begin;
  }
  static uint32_t NumberOf(absl::string_view chunk) {
    uint32_t number = 0;
    for (size_t i = 0; i < 4; ++i) number |= uint32_t{uint8_t(chunk[3 + i])} << (7 * i);
    return number;
  }

  void Complain(absl::string_view what, size_t at) {
    heard_.complaints.push_back(absl::StrCat(what, ", ", at, " bytes of audio in"));
  }

  void HearPreamble(absl::string_view chunk, size_t at, bool is_last) {
    if (chunk.size() < kFrameHeadBytes) {
      if (!is_last) Complain("a torn preamble", at);
      return;
    }
    const uint32_t link = NumberOf(chunk);
    const absl::string_view whole = broadcast_.PreambleOf(link);
    if (!absl::StartsWith(whole, chunk)) return Complain("a preamble of other bytes", at);
    if (chunk.size() < whole.size() && !is_last) return Complain("a preamble without its end", at);
    if (known_links_.contains(link)) Complain("a preamble that was known already", at);
    known_links_.insert(link);
    expects_gap_ = next_ > 0;
    ++heard_.preambles;
  }

  void HearFrame(absl::string_view chunk, size_t at, bool is_last) {
    if (chunk.size() < kFrameHeadBytes) return HearTornHead(chunk, at, is_last);
    const std::optional<size_t> index = broadcast_.IndexOf(NumberOf(chunk));
    if (!index) return Complain("an unknown frame", at);
    const Frame& frame = broadcast_.frames()[*index];
    if (!absl::StartsWith(frame.bytes, chunk)) return Complain("a frame of other bytes", at);

    const bool is_first = places_.empty();
    // What follows a torn frame, or the torn head of one before the first that can be named, was
    // skipped to.
    const bool is_after_gap = is_torn_ || (!is_first && *index != next_);
    if (is_after_gap && *index < next_) Complain("a frame for the second time", at);
    if (is_after_gap) ++heard_.gaps;
    if ((is_first || is_after_gap) && !frame.is_sync) Complain("begins between sync points", at);
    if (!is_after_gap && expects_gap_) Complain("a frame with bytes missing", at);
    if (is_first) heard_.first_frame = *index;
    if (is_first) epoch_ = frame.epoch;
    if (frame.epoch != epoch_) Complain("a frame of another content type", at);
    is_torn_ = chunk.size() < frame.bytes.size();
    HearLink(frame, !is_torn_, at);
    expects_gap_ = false;
    places_.push_back({at, at + chunk.size(), frame.offset_bytes, is_first || is_after_gap});
    next_ = *index + 1;
    if (is_torn_) return;  // what follows, if anything, has to be a gap
    ++heard_.frames;
    heard_.last_frame = *index;
  }

  // Which frame it was one cannot say. When it was the one expected, a block may stand in it.
  void HearTornHead(absl::string_view chunk, size_t at, bool is_last) {
    if (is_torn_ && !is_last) return;
    is_torn_ = true;
    if (places_.empty() || next_ >= broadcast_.frames().size()) return;
    const Frame& frame = broadcast_.frames()[next_];
    if (!absl::StartsWith(frame.bytes, chunk)) return;
    places_.push_back({at, at + chunk.size(), frame.offset_bytes, false});
    ++next_;
  }

  void HearLink(const Frame& frame, bool is_whole, size_t at) {
    if (!broadcast_.has_links()) return;
    if (uint8_t(frame.bytes[0]) == kHeaderMark) {
      if (is_whole) known_links_.insert(frame.link);
    } else if (!known_links_.contains(frame.link)) {
      Complain("a frame without the headers of its link", at);
    }
  }

  const Broadcast& broadcast_;
  Heard& heard_;
  std::vector<Place> places_;
  std::set<uint32_t> known_links_;
  size_t next_ = 0;  // the frame that should follow
  uint32_t epoch_ = 0;
  bool is_torn_ = false;
  bool expects_gap_ = false;  // a preamble came, so something was skipped
};

// Every block says the title that holds where it stands, once.
class TitleCheck {
 public:
  TitleCheck(const Broadcast& broadcast, const std::vector<Place>& places, Heard& heard)
      : broadcast_(broadcast), places_(places), heard_(heard) {}

  void Check(const Block& block) {
    const auto place = std::find_if(places_.begin(), places_.end(), [&block](const Place& p) {
      return block.audio_bytes < p.audio_end;
    });
    if (place == places_.end()) return;  // nothing behind it to hold for
    if (block.audio_bytes < place->audio_begin) {
      // In the torn head of a frame that cannot be named: what was said there was said.
      if (!block.text.empty()) FitsSomewhere(block);
      return;
    }
    const uint64_t here = place->offset_bytes + (block.audio_bytes - place->audio_begin);
    if (Fits(block, here)) return;
    // A block that was under way when the listener had to skip belongs to the audio before it.
    const bool is_at_gap = place->is_after_gap && block.audio_bytes == place->audio_begin;
    if (is_at_gap && place != places_.begin()) {
      const Place& before = *(place - 1);
      if (Fits(block, before.offset_bytes + (before.audio_end - before.audio_begin))) return;
    }
    // Where that was cannot be said when not even the head of a frame had been heard.
    if (is_at_gap && place == places_.begin() && FitsSomewhere(block)) return;
    const mount::TitleMark* title = broadcast_.TitleAt(here);
    heard_.complaints.push_back(
        absl::StrCat("a block says \"", absl::CHexEscape(block.text), "\" where \"",
                     title == nullptr ? "nothing" : title->title, "\" plays, and said \"",
                     said_ == nullptr ? "nothing" : said_->title, "\" before, ", block.audio_bytes,
                     " bytes of audio in"));
  }

 private:
  bool Fits(const Block& block, uint64_t offset_bytes) {
    const mount::TitleMark* title = broadcast_.TitleAt(offset_bytes);
    if (title == nullptr || (said_ != nullptr && title->sequence == said_->sequence)) {
      return block.text.empty();
    }
    if (block.text != absl::StrCat("StreamTitle='", title->title, "';")) return false;
    said_ = title;
    heard_.titles.push_back(title->title);
    return true;
  }

  bool FitsSomewhere(const Block& block) {
    return std::any_of(
        broadcast_.titles().begin(), broadcast_.titles().end(),
        [&](const mount::TitleMark& title) { return Fits(block, title.offset_bytes); });
  }

  const Broadcast& broadcast_;
  const std::vector<Place>& places_;
  Heard& heard_;
  const mount::TitleMark* said_ = nullptr;
};

}  // namespace

Heard Judge(const std::string& raw, uint32_t metaint_bytes, const Broadcast& broadcast) {
  Heard heard;
  const Parted parted = Part(raw, metaint_bytes, heard);
  Ear ear(broadcast, heard);
  ear.Listen(parted.audio);
  TitleCheck titles(broadcast, ear.places(), heard);
  for (const Block& block : parted.blocks) titles.Check(block);
  heard.blocks = parted.blocks.size();
  return heard;
}

}  // namespace floe::sim
