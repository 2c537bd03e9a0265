// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <queue>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "nlohmann/json_fwd.hpp"
#include "tools/source/feed.h"
#include "tools/source/options.h"
#include "tools/source/title_call.h"

namespace floe::tools {

// All mounts of one floe-source, on one thread: a queue of who is due next, and an epoll for what
// the server says.
class Station {
 public:
  explicit Station(const SourceOptions& options) : options_(options) {}
  ~Station();

  absl::Status Open();

  // Feeds until `until_ns`, or until Stop() is called from a signal handler.
  void FeedUntil(int64_t until_ns);
  static void Stop();
  static bool is_stopped();

  bool IsEveryMountFed() const;
  nlohmann::json Result() const;
  std::string Line() const;  // for a person who watches

 private:
  struct Due {
    int64_t at_ns;
    uint32_t feed;
    bool operator>(const Due& other) const { return at_ns > other.at_ns; }
  };
  struct Titles {
    TitleCall call;
    int64_t next_at_ns = 0;
    uint64_t number = 0;
  };
  struct Sum {
    Feed::Tally tally;
    uint32_t feeding = 0;
    uint32_t given_up = 0;
  };
  void TurnFeed(uint32_t feed, int64_t now_ns);
  void Wait(int64_t until_ns);
  void TurnTitles(int64_t now_ns);
  Sum Add() const;

  const SourceOptions& options_;
  Address server_;
  int epoll_ = -1;
  int64_t began_at_ns_ = 0;
  std::vector<std::unique_ptr<Feed>> feeds_;
  std::vector<int64_t> due_ns_;  // per feed; a queued Due of another time is out of date
  std::priority_queue<Due, std::vector<Due>, std::greater<Due>> queue_;
  std::vector<Titles> titles_;
  uint64_t titles_set_ = 0;
  uint64_t titles_failed_ = 0;
};

}  // namespace floe::tools
