// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/load/ear.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace floe::tools {
namespace {

struct NumberedTitle {
  uint64_t number;
  uint64_t frame;
};

// "Title 12 at frame 3456", as floe-source words it.
std::optional<NumberedTitle> ReadTitle(absl::string_view title) {
  const std::vector<absl::string_view> words = absl::StrSplit(title, ' ');
  NumberedTitle read{};
  if (words.size() != 5 || words[0] != "Title" || words[3] != "frame") return std::nullopt;
  if (!absl::SimpleAtoi(words[1], &read.number)) return std::nullopt;
  if (!absl::SimpleAtoi(words[4], &read.frame)) return std::nullopt;
  return read;
}

}  // namespace

std::optional<Format> Ear::FormatOf(absl::string_view content_type) {
  if (content_type == "audio/mpeg" || content_type == "audio/mp3") return Format::kMp3;
  if (content_type == "audio/aac" || content_type == "audio/aacp") return Format::kAdts;
  if (content_type == "audio/ogg" || content_type == "application/ogg") return Format::kOpus;
  return std::nullopt;
}

Ear::Ear(Format format, uint32_t metaint, const Terms& terms) : finder_(format), terms_(terms) {
  if (metaint > 0) icy_.emplace(metaint);
}

int64_t Ear::Hear(absl::string_view bytes, int64_t now_ns, Tally* tally) {
  sound_ns_ = 0;
  freshest_ns_ = -1;
  const auto on_frame = [&](const Heard& heard) { HearFrame(heard, now_ns, tally); };
  const auto on_audio = [&](absl::string_view audio) { finder_.Feed(audio, on_frame); };
  if (icy_.has_value()) {
    icy_->Feed(bytes, on_audio, [&](absl::string_view title) { HearTitle(title, tally); });
    tally->malformed_blocks += icy_->malformed_blocks() - malformed_seen_;
    malformed_seen_ = icy_->malformed_blocks();
  } else {
    on_audio(bytes);
  }
  Flaws& flaws = tally->flaws[size_t(terms_.kind)];
  flaws.torn += finder_.tears() - tears_seen_;
  tears_seen_ = finder_.tears();
  if (finder_.has_ragged_start() && !is_ragged_seen_) {
    is_ragged_seen_ = true;
    ++flaws.ragged_starts;
  }
  if (freshest_ns_ >= 0) tally->freshest.Add(uint64_t(freshest_ns_ / 1000));
  return sound_ns_;
}

void Ear::HearFrame(const Heard& heard, int64_t now_ns, Tally* tally) {
  sound_ns_ += heard.duration_ns;
  frame_ns_ = heard.duration_ns;
  ++tally->frames;
  if (heard.reading != Reading::kStamped) {
    ++tally->bare_frames;
    return;
  }
  Flaws& flaws = tally->flaws[size_t(terms_.kind)];
  const Stamp last = judge_.last();
  switch (judge_.Take(heard.stamp)) {
    case Succession::kFirst:
      if (terms_.knows_mount && heard.stamp.mount != terms_.mount) ++tally->wrong_mounts;
      break;
    case Succession::kNext: break;
    case Succession::kGap:
      ++flaws.gaps;
      flaws.missing_frames += judge_.missing();
      break;
    case Succession::kRepeat: ++flaws.repeats; break;
    case Succession::kNewLife:
      ++tally->new_lives;
      Change(last, heard.stamp, now_ns, tally);
      break;
    case Succession::kOtherMount:
      ++tally->moves;
      Change(last, heard.stamp, now_ns, tally);
      break;
  }
  if (now_ns < terms_.settled_at_ns || terms_.kind == Kind::kSlow) return;
  freshest_ns_ = std::max<int64_t>(0, now_ns - int64_t(heard.stamp.sent_ns));
  tally->latency.Add(uint64_t(freshest_ns_ / 1000));
}

void Ear::Change(const Stamp& last, const Stamp& first, int64_t now_ns, Tally* tally) {
  if (Changes* const from = tally->ChangesOf(last.life)) from->Go(last.sequence);
  if (Changes* const to = tally->ChangesOf(first.life)) to->Come(now_ns);
}

// The first title of a stay was set before it. Every later one says which frame came next when it
// was set; what has been heard since then is how late it stands in the audio.
void Ear::HearTitle(absl::string_view title, Tally* tally) {
  ++tally->titles;
  const std::optional<NumberedTitle> read = ReadTitle(title);
  if (!read.has_value()) return;
  if (titles_++ > 0 && judge_.has_heard()) {
    if (read->number > last_title_ + 1) tally->titles_missed += read->number - last_title_ - 1;
    const uint64_t here = judge_.last().sequence + 1;
    if (here < read->frame) {
      ++tally->titles_early;
    } else {
      tally->title_lag.Add((here - read->frame) * frame_ns_ / 1000);
    }
  }
  last_title_ = read->number;
}

}  // namespace floe::tools
