// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// A station with fallbacks, drawn by lot: sources come and go, sends are short, results and notices
// late, the server is handed over meanwhile. Every player hears whole frames of one mount, then
// whole frames of another, each run unbroken and from a sync point on, nothing twice, every title
// at its byte; and nobody is closed.
// Which seeds are played: sim/seeds.h.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "sim/seeds.h"
#include "sim/station.h"

namespace floe::sim {
namespace {

constexpr uint64_t kSeeds = 150;
constexpr int kScenes = 40;  // things that happen in one station
constexpr size_t kPlayersMax = 10;
// Who is back before a sync point followed begins at the one it left behind: these are the frames
// from one to the next that are kept, 10 ms each.
constexpr size_t kAgainMax = 6;
// Who is sent to a mount and on from there before anything of it was due has missed that time.
constexpr size_t kDetourMax = 150;

// What a player made of the bytes of several mounts, in the order in which it heard them.
struct Journey {
  std::vector<std::string> complaints;
  std::vector<const Broadcast*> visits;
  size_t frames = 0;
  size_t titles = 0;
  size_t detours = 0;  // by way of a mount that it heard nothing of
};

class Traveller {
 public:
  Traveller(const std::vector<Broadcast*>& broadcasts, uint32_t metaint_bytes)
      : metaint_bytes_(metaint_bytes) {
    for (Broadcast* broadcast : broadcasts) {
      by_id_[uint8_t(broadcast->mount().tape().id() & 0x7F)] = broadcast;
    }
  }

  Journey Hear(absl::string_view raw) {
    Part(raw);
    for (size_t begin = 0; begin < audio_.size();) {
      size_t end = begin + 1;
      while (end < audio_.size() && uint8_t(audio_[end]) < 0x80) ++end;
      HearChunk(absl::string_view(audio_).substr(begin, end - begin), begin, end == audio_.size());
      begin = end;
    }
    for (const Block& block : blocks_) CheckTitle(block);
    return std::move(journey_);
  }

 private:
  struct Block {
    size_t audio_bytes;
    std::string text;
  };
  struct Run {
    size_t audio_begin;
    size_t audio_end;
    uint64_t offset_bytes;
    const Broadcast* broadcast;
    bool begins_anew;
  };

  void Part(absl::string_view raw) {
    if (metaint_bytes_ == 0) {
      audio_ = std::string(raw);
      return;
    }
    while (!raw.empty()) {
      const absl::string_view audio = raw.substr(0, metaint_bytes_);
      audio_.append(audio.data(), audio.size());
      raw.remove_prefix(audio.size());
      if (raw.empty()) return;
      const size_t size = 1 + 16 * size_t{uint8_t(raw[0])};
      if (raw.size() < size) return;  // cut off by the end
      absl::string_view text = raw.substr(1, size - 1);
      while (!text.empty() && text.back() == '\0') text.remove_suffix(1);
      blocks_.push_back({audio_.size(), std::string(text)});
      raw.remove_prefix(size);
    }
  }

  void Complain(absl::string_view what, size_t at) {
    journey_.complaints.push_back(absl::StrCat(what, ", ", at, " bytes of audio in"));
  }

  void HearChunk(absl::string_view chunk, size_t at, bool is_last) {
    if (chunk.size() < kFrameHeadBytes) {
      if (!is_last) Complain("a torn head", at);
      return;
    }
    const auto found = by_id_.find(uint8_t(chunk[1]));
    if (found == by_id_.end()) return Complain("something of no mount", at);
    const Broadcast& broadcast = *found->second;
    uint32_t number = 0;
    for (size_t i = 0; i < 4; ++i) number |= uint32_t{uint8_t(chunk[3 + i])} << (7 * i);
    if (uint8_t(chunk[0]) == kPreambleMark) {
      if (chunk != broadcast.PreambleOf(number) && !is_last) Complain("a torn preamble", at);
      links_.insert(number);
      here_ = nullptr;  // what follows begins anew
      return;
    }
    HearFrame(broadcast, number, chunk, at, is_last);
  }

  void HearFrame(const Broadcast& broadcast, uint32_t number, absl::string_view chunk, size_t at,
                 bool is_last) {
    const std::optional<size_t> index = broadcast.IndexOf(number);
    if (!index) return Complain("an unknown frame", at);
    const Frame& frame = broadcast.frames()[*index];
    const bool is_whole = chunk == frame.bytes;
    if (!is_whole && !(is_last && absl::StartsWith(frame.bytes, chunk))) {
      return Complain("a torn frame", at);
    }
    bool begins_anew = &broadcast != here_;
    if (begins_anew) {
      if (last_visited_ != &broadcast) journey_.visits.push_back(&broadcast);
      if (last_visited_ != &broadcast && here_ != nullptr) links_.clear();
      last_visited_ = here_ = &broadcast;
      if (!frame.is_sync) Complain("begins between sync points", at);
      if (*index + kAgainMax < next_[&broadcast]) Complain("heard twice", at);
    } else if (*index != next_[&broadcast]) {
      begins_anew = true;
      ++journey_.detours;
      const bool is_short = *index + kAgainMax >= next_[&broadcast] &&
                            *index <= next_[&broadcast] + kDetourMax && frame.is_sync;
      if (!is_short) {
        Complain(absl::StrCat("frame ", *index, " where ", next_[&broadcast], " was due"), at);
      }
    }
    if (uint8_t(frame.bytes[0]) == kHeaderMark) links_.insert(frame.link);
    if (broadcast.has_links() && !links_.contains(frame.link)) Complain("without headers", at);
    next_[&broadcast] = *index + 1;
    runs_.push_back({at, at + chunk.size(), frame.offset_bytes, &broadcast, begins_anew});
    if (is_whole) ++journey_.frames;
  }

  // A block says what holds for the audio behind it, once.
  void CheckTitle(const Block& block) {
    while (run_ < runs_.size() && runs_[run_].audio_end <= block.audio_bytes) ++run_;
    if (run_ == runs_.size()) return;
    const Run& run = runs_[run_];
    if (block.audio_bytes < run.audio_begin) return Complain("a block nowhere", block.audio_bytes);
    const mount::TitleMark* title =
        run.broadcast->TitleAt(run.offset_bytes + (block.audio_bytes - run.audio_begin));
    // Who moved away and came back is told again.
    bool was_away = false;
    for (size_t i = said_run_ + 1; i <= run_; ++i) was_away |= runs_[i].begins_anew;
    const bool is_known = said_ != nullptr && title == said_ && !was_away;
    said_run_ = run_;
    std::string expected;
    if (title != nullptr) expected = absl::StrCat("StreamTitle='", title->title, "';");
    if (title != nullptr) said_ = title;
    // One that is known is said again after a detour of which nothing was heard.
    const bool fits = block.text == expected || (is_known && block.text.empty());
    if (!fits) {
      Complain(absl::StrCat("\"", block.text, "\" where \"", expected, "\" was due"),
               block.audio_bytes);
    }
    journey_.titles += !block.text.empty();
  }

  const uint32_t metaint_bytes_;
  std::map<uint8_t, const Broadcast*> by_id_;
  std::string audio_;
  std::vector<Block> blocks_;
  std::vector<Run> runs_;
  size_t run_ = 0;
  size_t said_run_ = 0;
  const mount::TitleMark* said_ = nullptr;
  const Broadcast* here_ = nullptr;
  const Broadcast* last_visited_ = nullptr;
  std::map<const Broadcast*, size_t> next_;
  std::set<uint32_t> links_;
  Journey journey_;
};

StationOptions DrawStation(Dice& dice) {
  StationOptions options;
  options.sources_stand_still = false;  // what is made up for a silence may have been heard before
  options.step = milliseconds(dice.Between(1, 12));
  options.fan_out.seed = dice.Between(0, 1'000);
  if (dice.Chance(0.5)) options.fan_out.interval = milliseconds(dice.Between(20, 700));
  if (dice.Chance(0.5)) options.fan_out.send_bytes_max = uint32_t(dice.Between(500, 20'000));
  if (dice.Chance(0.3)) options.fan_out.orders_per_turn_max = uint32_t(dice.Between(4, 8));
  if (dice.Chance(0.7)) options.faults.short_send = 0.3;
  if (dice.Chance(0.3)) options.faults.no_buffers = 0.05;
  if (dice.Chance(0.5)) options.faults.zero_copy = 0.5;
  options.faults.result_delay_max = milliseconds(dice.Between(0, 50));
  options.faults.notice_delay_max = milliseconds(dice.Between(0, 200));
  return options;
}

// How often what happened, over all seeds.
struct Tally {
  std::map<size_t, uint64_t> visits;  // players by how many mounts each heard in a row
  uint64_t titles = 0;
  uint64_t detours = 0;
};

// Live, its backup, and a last one that never ends.
class DrawnStation {
 public:
  explicit DrawnStation(uint64_t seed) : dice_(seed), station_(seed, DrawStation(dice_)) {
    has_links_ = dice_.Chance(0.4);
    Make("/live", {"/backup", "/last"});
    Make("/backup",
         dice_.Chance(0.5) ? std::vector<std::string>{"/last"} : std::vector<std::string>{});
    Make("/other", {"/backup", "/last"});
    Make("/last", {});
  }

  std::vector<std::string> Run(Tally* tally) {
    for (int i = 0; i < kScenes; ++i) {
      Happen();
      station_.Play(milliseconds(dice_.Between(1, 600)));
    }
    station_.Play(1'500ms);
    std::vector<std::string> all;
    for (const auto& player : station_.players()) {
      const std::string who = absl::StrCat("player ", Index(player->fd()), " ");
      if (player->departure.has_value()) {
        all.push_back(
            absl::StrCat(who, "was closed: ", listener::LeavingName(player->departure->leaving)));
      }
      Journey journey = Traveller(broadcasts_, player->options().metaint_bytes).Hear(player->raw());
      for (const std::string& complaint : journey.complaints) {
        all.push_back(absl::StrCat(who, "heard ", complaint));
      }
      ++tally->visits[journey.visits.size()];
      tally->titles += journey.titles;
      tally->detours += journey.detours;
      if (journey.frames == 0) all.push_back(absl::StrCat(who, "heard nothing"));
    }
    station_.Close();
    all.insert(all.end(), station_.own_complaints().begin(), station_.own_complaints().end());
    return all;
  }

 private:
  void Make(const std::string& name, std::vector<std::string> fallback) {
    config::Mount settings;
    settings.burst = milliseconds(dice_.Between(0, 3'000));
    settings.history = 30s;
    settings.linger = 60s;
    settings.fallback = std::move(fallback);
    BroadcastOptions options;
    options.frame_time = milliseconds(dice_.Between(10, 60));
    options.has_links = has_links_;
    broadcasts_.push_back(&station_.Broadcasts(name, settings, options));
  }

  void Happen() {
    const uint64_t lot = dice_.Between(0, 99);
    if (lot < 25 || station_.players().empty()) return Join();
    Broadcast& broadcast = *broadcasts_[dice_.Between(0, 2)];
    if (lot < 75) {
      if (!broadcast.is_live()) return broadcast.ConnectAgain(station_.now());
      return dice_.Chance(0.7) ? broadcast.Leave(station_.now()) : broadcast.End();
    }
    if (lot < 90) return broadcasts_[dice_.Between(0, 3)]->SetTitle(absl::StrCat("T", ++titles_));
    station_.HandOver();
  }

  void Join() {
    if (station_.players().size() >= kPlayersMax) return;
    const char* const name = dice_.Chance(0.7) ? "/live" : "/other";
    PlayerOptions options;
    if (!has_links_ && dice_.Chance(0.7)) {
      options.metaint_bytes = uint32_t(dice_.Between(100, 16'000));
    }
    options.wants_burst = dice_.Chance(0.7);
    options.socket_bytes = 1u << 20;
    station_.Listen(name, options);
  }

  Dice dice_;
  StationSim station_;
  std::vector<Broadcast*> broadcasts_;
  bool has_links_ = false;
  int titles_ = 0;
};

TEST(Fallbacks, EveryPlayerHearsWholeFramesOfOneMountAfterTheOtherAndNobodyIsClosed) {
  Tally tally;
  if (!PlaySeeds<DrawnStation>(kSeeds, tally)) return;
  for (const size_t many : {1, 2, 3, 5}) EXPECT_GT(tally.visits[many], kSeeds / 20) << many;
  EXPECT_GT(tally.titles, kSeeds);
  EXPECT_LT(tally.detours, kSeeds / 5);
}

}  // namespace
}  // namespace floe::sim
