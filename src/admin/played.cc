// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "admin/played.h"

#include <utility>

#include "shard/worker_pool.h"
#include "store/history.h"

namespace floe::admin {
namespace {

// It reads a file.
class PlayedJob : public shard::Job {
 public:
  PlayedJob(const store::History& history, std::string mount) : history_(history) {
    query_.mount = std::move(mount);
    query_.limit = kPlayedMax;
  }

  void Run() override { songs = history_.Songs(query_); }

  absl::StatusOr<std::vector<store::Song>> songs;

 private:
  const store::History& history_;
  store::SongQuery query_;
};

}  // namespace

ring::Task<absl::StatusOr<std::vector<store::Song>>> ReadPlayed(session::Exchange& exchange,
                                                                std::string mount) {
  const session::Services& services = exchange.services;
  std::vector<store::Song> none;
  if (services.history == nullptr) co_return none;
  PlayedJob job(*services.history, std::move(mount));
  co_await shard::WorkerPool::Run(*services.workers, exchange.shard, job);
  co_return std::move(job.songs);
}

void PutPlayed(const std::vector<store::Song>& songs, Node* history) {
  for (const store::Song& played : songs) {
    Node& song = history->AddOneOfMany("SONG");
    song.is_row = true;
    song.Put("PLAYEDAT", played.begun_ms / 1000);
    song.Put("TITLE", played.title);
  }
}

}  // namespace floe::admin
