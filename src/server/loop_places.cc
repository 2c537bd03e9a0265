// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/loop_places.h"

#include <sys/stat.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace floe::server {

LoopPlaces::Stamp LoopPlaces::StampOf(const files::Programme& programme) {
  if (programme.entries.size() != 1) return {};
  struct stat status {};
  if (stat(programme.entries.front().path.c_str(), &status) != 0) return {};
  return {.device = uint64_t(status.st_dev),
          .inode = uint64_t(status.st_ino),
          .size_bytes = uint64_t(status.st_size),
          .changed_ns = int64_t(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec};
}

absl::Status LoopPlaces::Start(const config::Config& config, session::Front& front,
                               uint32_t shards) {
  shards_ = shards;
  absl::StatusOr<std::vector<Step>> steps = Compare(config);
  if (!steps.ok()) return steps.status();
  for (Step& step : *steps) front.LoopsOf(step.shard).Put(std::move(step.file));
  Accept();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<LoopPlaces::Step>> LoopPlaces::Compare(const config::Config& config) {
  std::vector<Step> steps;
  found_.clear();
  for (const auto& [mount, settings] : config.mounts) {
    if (settings.file.empty()) continue;
    const auto known = known_.find(mount);
    const bool is_known = known != known_.end();
    absl::StatusOr<files::Programme> programme =
        files::MakeProgramme(settings.file, settings.file_order);
    if (!programme.ok()) {
      return absl::Status(programme.status().code(),
                          absl::StrCat("mount \"", mount, "\": ", programme.status().message()));
    }
    // Before it is read: what is written meanwhile is seen by the next comparison.
    const Stamp stamp = StampOf(*programme);
    const uint32_t shard = is_known ? known->second.shard : next_shard_++ % shards_;
    const bool has_stamp = programme->entries.size() == 1;
    const bool is_same = is_known && known->second.programme == *programme &&
                         known->second.stamp == stamp && (!has_stamp || stamp != Stamp{});
    const bool is_same_path = is_known && known->second.programme.path == settings.file &&
                              known->second.programme.order == settings.file_order;
    found_[mount] = {.shard = shard, .programme = *programme, .stamp = stamp};
    if (is_same) continue;
    absl::StatusOr<session::LoopFile> file = session::ReadLoopFile(mount, *std::move(programme));
    if (!file.ok()) return file.status();
    Step step{.shard = shard, .mount = mount, .file = *std::move(file)};
    if (is_same_path) step.line = absl::StrCat("mount ", mount, ": file was written anew");
    steps.push_back(std::move(step));
  }
  for (const auto& [mount, known] : known_) {
    if (found_.contains(mount)) continue;
    steps.push_back({.shard = known.shard, .mount = mount, .is_end = true});
  }
  return steps;
}

}  // namespace floe::server
