// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "tools/source/station.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "tools/report/live_line.h"
#include "tools/source/file_frames.h"

namespace floe::tools {
namespace {

constexpr int64_t kTitleTurnNs = 20 * kNsPerMs;
std::atomic<bool> g_is_stopped{false};  // set by a signal

}  // namespace

void Station::Stop() { g_is_stopped = true; }
bool Station::is_stopped() { return g_is_stopped; }

Station::~Station() {
  if (epoll_ >= 0) close(epoll_);
}

absl::Status Station::Open() {
  absl::StatusOr<Address> server = Address::Resolve(options_.server);
  if (!server.ok()) return server.status();
  server_ = *server;
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) return absl::ErrnoToStatus(errno, "epoll_create1");
  for (uint32_t i = 0; i < options_.mounts; ++i) {
    auto frames = options_.file.empty() ? FrameWriter::Make(options_.format, options_.kbps)
                                        : ReadMp3File(options_.file);
    if (!frames.ok()) return frames.status();
    feeds_.push_back(std::make_unique<Feed>(options_, server_, epoll_, i, *std::move(frames)));
  }
  began_at_ns_ = NowNs();
  due_ns_.resize(options_.mounts, began_at_ns_);
  for (uint32_t i = 0; i < options_.mounts; ++i) queue_.push({began_at_ns_, i});
  if (options_.title_every_ns > 0) titles_ = std::vector<Titles>(options_.mounts);
  return absl::OkStatus();
}

void Station::FeedUntil(int64_t until_ns) {
  while (!is_stopped()) {
    const int64_t now_ns = NowNs();
    if (now_ns >= until_ns) return;
    while (!queue_.empty() && queue_.top().at_ns <= now_ns) {
      const Due due = queue_.top();
      queue_.pop();
      if (due.at_ns == due_ns_[due.feed]) TurnFeed(due.feed, now_ns);
    }
    TurnTitles(now_ns);
    int64_t next_ns = queue_.empty() ? until_ns : std::min(until_ns, queue_.top().at_ns);
    if (!titles_.empty()) next_ns = std::min(next_ns, now_ns + kTitleTurnNs);
    Wait(next_ns);
  }
}

void Station::TurnFeed(uint32_t feed, int64_t now_ns) {
  due_ns_[feed] = feeds_[feed]->Turn(now_ns);
  queue_.push({due_ns_[feed], feed});
}

void Station::Wait(int64_t until_ns) {
  const int64_t wait_ns = std::max<int64_t>(0, until_ns - NowNs());
  const timespec timeout{wait_ns / kNsPerSecond, wait_ns % kNsPerSecond};
  std::array<epoll_event, 256> ready;
  const int count = epoll_pwait2(epoll_, ready.data(), int(ready.size()), &timeout, nullptr);
  const int64_t now_ns = NowNs();
  for (int i = 0; i < count; ++i) {
    const uint32_t feed = ready[size_t(i)].data.u32;
    feeds_[feed]->OnReady(ready[size_t(i)].events, now_ns);
    TurnFeed(feed, now_ns);
  }
}

void Station::TurnTitles(int64_t now_ns) {
  for (uint32_t i = 0; i < titles_.size(); ++i) {
    Titles& titles = titles_[i];
    const TitleCall::State state = titles.call.Turn(now_ns);
    titles_set_ += state == TitleCall::State::kDone ? 1 : 0;
    titles_failed_ += state == TitleCall::State::kFailed ? 1 : 0;
    if (feeds_[i]->state() != Feed::State::kFeeding || titles.call.is_calling()) continue;
    if (now_ns < titles.next_at_ns) continue;
    titles.next_at_ns = std::max(titles.next_at_ns + options_.title_every_ns, now_ns);
    const std::string title =
        absl::StrReplaceAll(options_.title, {{"{n}", absl::StrCat(++titles.number)},
                                             {"{frame}", absl::StrCat(feeds_[i]->next_frame())}});
    titles.call.Begin(options_, server_, feeds_[i]->path(), title, now_ns);
  }
}

Station::Sum Station::Add() const {
  Sum sum;
  for (const auto& feed : feeds_) {
    const Feed::Tally& tally = feed->tally();
    sum.tally.frames += tally.frames;
    sum.tally.bytes += tally.bytes;
    sum.tally.connects += tally.connects;
    sum.tally.losses += tally.losses;
    sum.tally.refusals += tally.refusals;
    sum.tally.last_status = std::max(sum.tally.last_status, tally.last_status);
    sum.tally.late_max_ns = std::max(sum.tally.late_max_ns, tally.late_max_ns);
    sum.feeding += feed->state() == Feed::State::kFeeding ? 1 : 0;
    sum.given_up += feed->state() == Feed::State::kGivenUp ? 1 : 0;
  }
  return sum;
}

bool Station::IsEveryMountFed() const { return Add().feeding == feeds_.size(); }

nlohmann::json Station::Result() const {
  const Sum sum = Add();
  return {
      {"tool", "floe-source"},
      {"seconds", double(NowNs() - began_at_ns_) / double(kNsPerSecond)},
      {"mounts", feeds_.size()},
      {"feeding", sum.feeding},
      {"given_up", sum.given_up},
      {"frames", sum.tally.frames},
      {"bytes", sum.tally.bytes},
      {"connects", sum.tally.connects},
      {"losses", sum.tally.losses},
      {"refusals", sum.tally.refusals},
      {"last_status", sum.tally.last_status},
      {"late_max_us", sum.tally.late_max_ns / 1000},
      {"titles_set", titles_set_},
      {"titles_failed", titles_failed_},
  };
}

std::string Station::Line() const {
  const Sum sum = Add();
  return absl::StrFormat(
      "%.1f s  %d/%d mounts fed  %s frames  %s MiB  %d lost  %d refused (last status %d)  "
      "latest frame %s late",
      double(NowNs() - began_at_ns_) / double(kNsPerSecond), sum.feeding, feeds_.size(),
      Thousands(sum.tally.frames), Thousands(sum.tally.bytes >> 20), sum.tally.losses,
      sum.tally.refusals, sum.tally.last_status,
      ReadableUs(uint64_t(sum.tally.late_max_ns / 1000)));
}

}  // namespace floe::tools
