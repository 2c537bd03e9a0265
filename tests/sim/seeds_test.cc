// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Stations drawn by lot: whatever happens in whatever order, every player hears a stream that is
// unbroken or begins again at a sync point, with the preamble it needs and each title at its byte.
// Which seeds are played: sim/seeds.h.
#include "sim/seeds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "sim/station.h"

namespace floe::sim {
namespace {

using listener::Leaving;

constexpr uint64_t kSeeds = 300;
constexpr int kScenes = 50;  // things that happen in one station
constexpr size_t kPlayersMax = 14;
// Longer than the longest interval, and results and notices that come late.
constexpr milliseconds kSettleTime{1'500};

StationOptions DrawStation(Dice& dice) {
  StationOptions options;
  options.step = milliseconds(dice.Between(1, 12));
  options.fan_out.seed = dice.Between(0, 1'000);
  options.fan_out.client_timeout = milliseconds(dice.Between(1'000, 4'000));
  if (dice.Chance(0.5)) options.fan_out.interval = milliseconds(dice.Between(20, 700));
  if (dice.Chance(0.5)) options.fan_out.send_bytes_max = uint32_t(dice.Between(100, 20'000));
  if (dice.Chance(0.3)) options.fan_out.orders_per_turn_max = uint32_t(dice.Between(4, 8));
  if (dice.Chance(0.6)) options.faults.short_send = 0.4;
  if (dice.Chance(0.4)) options.faults.no_buffers = 0.1;
  if (dice.Chance(0.5)) options.faults.zero_copy = 0.5;
  options.faults.result_delay_max = milliseconds(dice.Between(0, 50));
  options.faults.notice_delay_max = milliseconds(dice.Between(0, 500));
  if (dice.Chance(0.3)) options.arena_bytes = dice.Between(4, 12) * kPageBytes;
  return options;
}

config::Mount DrawSettings(Dice& dice) {
  config::Mount settings;
  settings.burst = milliseconds(dice.Between(0, 3'000));
  settings.history = milliseconds(dice.Between(500, 6'000));
  settings.linger = milliseconds(dice.Between(0, 1'500));
  settings.lagging = dice.Chance(0.8) ? config::Lagging::kSkip : config::Lagging::kDrop;
  return settings;
}

BroadcastOptions DrawBroadcast(Dice& dice) {
  BroadcastOptions options;
  options.frame_time = milliseconds(dice.Between(5, 60));
  const uint64_t bytes_per_second =
      dice.Chance(0.3) ? dice.Between(150'000, 400'000) : dice.Between(5'000, 150'000);
  const uint64_t average = bytes_per_second * uint64_t(options.frame_time.count()) / 1'000;
  options.frame_bytes_min = std::max<uint64_t>(8, average / 2);
  options.frame_bytes_max = std::max<uint64_t>(8, average * 3 / 2);
  options.frames_per_sync = dice.Chance(0.7) ? 1 : uint32_t(dice.Between(2, 20));
  options.has_links = dice.Chance(0.4);
  return options;
}

// How often what happened, over all seeds: a lot that never falls tests nothing.
struct Tally {
  uint64_t frames = 0, blocks = 0, titles = 0, preambles = 0, gaps = 0;
  uint64_t short_sends = 0, failed_sends = 0, turns_cut = 0, lost_frames = 0;
  uint64_t hand_overs = 0;
  std::map<Leaving, uint64_t> departures;
};

class DrawnStation {
 public:
  explicit DrawnStation(uint64_t seed) : dice_(seed), station_(seed, DrawStation(dice_)) {
    const uint64_t mounts = dice_.Between(1, 3);
    for (uint64_t i = 0; i < mounts; ++i) {
      names_.push_back(absl::StrCat("/mount", i));
      station_.Broadcasts(names_.back(), DrawSettings(dice_), DrawBroadcast(dice_));
    }
  }

  std::vector<std::string> Run(Tally* tally) {
    for (int i = 0; i < kScenes; ++i) {
      Happen();
      station_.Play(milliseconds(dice_.Between(1, 400)));
    }
    Settle();
    station_.Close();
    Count(tally);
    std::vector<std::string> all = station_.Complaints();
    all.insert(all.end(), complaints_.begin(), complaints_.end());
    return all;
  }

 private:
  void Count(Tally* tally) {
    for (const auto& player : station_.players()) {
      const Heard heard = player->heard();
      tally->frames += heard.frames;
      tally->blocks += heard.blocks;
      tally->titles += heard.titles.size();
      tally->preambles += heard.preambles;
      tally->gaps += heard.gaps;
      if (player->departure.has_value()) ++tally->departures[player->departure->leaving];
    }
    tally->hand_overs += hand_overs_;
    const listener::FanOutCounters& counters = station_.fan_out().counters();
    const listener::FanOutCounters& before = station_.counters_before();
    tally->short_sends += before.short_sends + counters.short_sends;
    tally->failed_sends += before.failed_sends + counters.failed_sends;
    tally->turns_cut += before.turns_cut + counters.turns_cut;
    for (const std::string& name : names_) {
      tally->lost_frames += station_.broadcast(name).lost_frames();
    }
  }

  Broadcast& AnyBroadcast() {
    return station_.broadcast(names_[dice_.Between(0, names_.size() - 1)]);
  }
  Player* AnyPlayer() {
    if (station_.players().empty()) return nullptr;
    return station_.players()[dice_.Between(0, station_.players().size() - 1)].get();
  }

  void Happen() {
    const uint64_t lot = dice_.Between(0, 99);
    Player* player = AnyPlayer();
    Broadcast& broadcast = AnyBroadcast();
    if (lot < 30 || player == nullptr) return Join();
    if (lot < 45) return player->StopReading();
    if (lot < 60) return player->ReadAgain();
    if (lot < 64) return player->Reset();
    if (lot < 67) return station_.Kick(*player);
    if (lot < 80) return broadcast.SetTitle(absl::StrCat("Title ", ++titles_));
    if (lot < 85) return broadcast.BeginLink();
    if (!broadcast.is_live()) return Return(broadcast);
    if (lot < 90) return broadcast.Leave(station_.now());
    if (lot < 92) return broadcast.End();
    if (lot < 95) return Return(broadcast);  // a takeover
    if (lot < 98) return HandOver();
  }

  void HandOver() {
    ++hand_overs_;
    station_.HandOver();
  }

  void Return(Broadcast& broadcast) {
    if (dice_.Chance(0.3)) {
      types_ += 1;
      return broadcast.Connect(station_.now(), absl::StrCat("audio/type", types_));
    }
    broadcast.ConnectAgain(station_.now());
  }

  void Join() {
    if (station_.players().size() >= kPlayersMax) return;
    const std::string& name = names_[dice_.Between(0, names_.size() - 1)];
    PlayerOptions options;
    const bool has_links = station_.broadcast(name).has_links();
    if (!has_links && dice_.Chance(0.7)) {
      options.metaint_bytes = uint32_t(dice_.Between(1, dice_.Chance(0.2) ? 40 : 16'000));
    }
    options.wants_burst = dice_.Chance(0.7);
    options.socket_bytes = uint32_t(dice_.Between(2'000, 100'000));
    if (dice_.Chance(0.2)) options.reads_per_second = dice_.Between(1'000, 100'000);
    station_.Listen(name, options);
  }

  // Everybody reads, nothing is published any more: who is left has heard all there is, or is
  // on the way there, however small the sends and late the results.
  void Settle() {
    for (const auto& player : station_.players()) player->ReadAgain();
    station_.PlayOut(kSettleTime);
    std::vector<uint64_t> heard_before;
    for (const auto& player : station_.players()) heard_before.push_back(player->heard_bytes());
    station_.PlayOut(kSettleTime);
    for (size_t i = 0; i < heard_before.size(); ++i) {
      const Player& player = *station_.players()[i];
      Examine(player, /*makes_way=*/player.heard_bytes() > heard_before[i]);
    }
  }

  void Complain(const Player& player, const std::string& what) {
    complaints_.push_back(absl::StrCat("player ", Index(player.fd()), " ", what));
  }

  void Examine(const Player& player, bool makes_way) {
    const Heard heard = player.heard();
    const Leaving why =
        player.departure.has_value() ? player.departure->leaving : Leaving::kStaying;
    Broadcast& broadcast = player.broadcast();
    if (why == Leaving::kGone && !player.is_reset()) Complain(player, "is said to have gone");
    if (why == Leaving::kTypeChanged && broadcast.epoch() == 0) {
      Complain(player, "was told of another type");
    }
    if (player.departure.has_value() && player.departure->skips < heard.gaps) {
      Complain(player, "lost audio that was not counted");
    }
    const bool has_heard_all = !broadcast.frames().empty() && heard.frames > 0 &&
                               heard.last_frame + 1 == broadcast.frames().size();
    // Who was lapped goes on at a sync point, and the tape may not have one that is new enough.
    const bool can_go_on = broadcast.mount().tape().NewestSync().has_value();
    const bool shall_have = why == Leaving::kStaying && !makes_way && !player.is_reset() &&
                            heard.frames > 0 && can_go_on;
    if (shall_have && !has_heard_all) {
      Complain(player, absl::StrCat("heard up to frame ", heard.last_frame, " of ",
                                    broadcast.frames().size()));
    }
  }

  Dice dice_;
  StationSim station_;
  std::vector<std::string> names_;
  std::vector<std::string> complaints_;
  uint64_t titles_ = 0;
  uint64_t types_ = 0;
  uint64_t hand_overs_ = 0;
};

TEST(Seeds, EveryPlayerHearsWhatWasPublishedWhateverHappens) {
  Tally tally;
  if (!PlaySeeds<DrawnStation>(kSeeds, tally)) return;
  EXPECT_GT(tally.frames, 100 * kSeeds);
  EXPECT_GT(tally.blocks, 100 * kSeeds);
  EXPECT_GT(tally.short_sends, 100 * kSeeds);
  EXPECT_GT(tally.failed_sends, 10 * kSeeds);
  EXPECT_GT(tally.turns_cut, kSeeds);
  EXPECT_GT(tally.titles, kSeeds);
  EXPECT_GT(tally.preambles, kSeeds);
  EXPECT_GT(tally.gaps, kSeeds);
  EXPECT_GT(tally.lost_frames, kSeeds);
  EXPECT_GT(tally.hand_overs, kSeeds);
  for (const Leaving why : {Leaving::kGone, Leaving::kStalled, Leaving::kLagged, Leaving::kKicked,
                            Leaving::kSourceEnded, Leaving::kTypeChanged, Leaving::kStopping}) {
    EXPECT_GT(tally.departures[why], kSeeds / 20) << listener::LeavingName(why);
  }
}

}  // namespace
}  // namespace floe::sim
