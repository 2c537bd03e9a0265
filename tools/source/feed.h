// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "tools/signal/frame_writer.h"
#include "tools/source/options.h"
#include "tools/wire/address.h"

namespace floe::tools {

inline constexpr size_t kFeedBacklogBytesMax = size_t{4} << 20;  // then the server is taken as dead

// Feed is one mount being fed: it connects, asks, sends each frame when it is due, and begins
// again when the server is lost, later each time.
//
// Time      Frames are due on an absolute clock from the moment the server agreed; sending late
//           does not make the next frame later. A server that stops reading gets what it missed.
// Threads   One. Turn() and OnReady() never block.
// Failure   Counted, and shown by state(); kGivenUp is final.
class Feed {
 public:
  enum class State { kWaiting, kConnecting, kAsking, kFeeding, kGivenUp };

  struct Tally {
    uint64_t frames = 0;
    uint64_t bytes = 0;
    uint64_t connects = 0;
    uint64_t losses = 0;    // connections that ended after the server had agreed
    uint64_t refusals = 0;  // answers other than agreement
    uint32_t last_status = 0;
    int64_t late_max_ns = 0;  // how long after it was due a frame was written
  };

  // `epoll` outlives the feed; `number` is what the poll data carries.
  Feed(const SourceOptions& options, const Address& server, int epoll, uint32_t number,
       std::unique_ptr<FrameWriter> frames);
  ~Feed();
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  // Does what is due at `now_ns`; returns when it wants to be called again.
  int64_t Turn(int64_t now_ns);
  void OnReady(uint32_t poll_events, int64_t now_ns);

  State state() const { return state_; }
  const Tally& tally() const { return tally_; }
  uint64_t next_frame() const { return sequence_; }
  const std::string& path() const { return path_; }

 private:
  void Connect(int64_t now_ns);
  void OnConnected(int64_t now_ns);
  void OnReply(int64_t now_ns);
  void BeginFeeding(int64_t now_ns);
  void QueueBody();
  void AppendDueFrames(int64_t now_ns);
  void Flush(int64_t now_ns);
  void Lose(int64_t now_ns);
  void Watch(uint32_t poll_events);
  std::string RequestHead() const;
  int64_t DueNs() const;

  const SourceOptions& options_;
  const Address& server_;
  const int epoll_;
  const uint32_t number_;
  const std::string path_;
  std::unique_ptr<FrameWriter> frames_;

  State state_ = State::kWaiting;
  int fd_ = -1;
  uint32_t watched_ = 0;
  uint32_t life_;
  int64_t retry_at_ns_ = 0;
  int64_t backoff_ns_;
  int64_t asked_at_ns_ = 0;
  int64_t anchor_ns_ = 0;  // when frame `anchor_frame_` was due
  uint64_t anchor_frame_ = 0;
  uint64_t sequence_ = 0;  // of the next frame
  std::string reply_;      // what the server said and was not yet understood
  std::string backlog_;    // what the socket did not take
  std::string body_;       // scratch for what is appended
  Tally tally_;
};

}  // namespace floe::tools
