// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <poll.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "control/commands.h"
#include "control/protocol.h"

namespace floe::control {

// Server hears those who ask at the control socket and has Commands answer them. Nothing here
// waits: peers that are silent, slow or mad are bounded in number, in bytes and in time.
//
//   AppendPolls --> poll(2), at most until NextDeadline --> Serve --> ...
//
// Who is neither of our user nor root is refused, whatever the file's mode says.
//
// Lifetime  of the process; outlives every Reply it gave out. Does not own the listening socket.
// Threads   The main thread's. Commands may use their Reply, and call Close, from within.
// Failure   None: what goes wrong with a peer ends that peer.
class Server {
 public:
  explicit Server(Commands& commands) : commands_(commands) {}
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Accepts at a listening, nonblocking socket from now on; -1: at none. Peers stay.
  void Listen(int listening_fd) { listening_fd_ = listening_fd; }
  // Accepts nobody any more, and lets all go.
  void Close();

  // Adds what is to be polled.
  void AppendPolls(std::vector<pollfd>* polls) const;
  // Works off what poll(2) said, and lets go of whose time is over. Others' entries are passed by.
  void Serve(std::span<const pollfd> polls, Instant now);
  // When Serve is wanted at the latest, whatever happens.
  std::optional<Instant> NextDeadline() const;

  size_t peers() const { return peers_.size(); }

 private:
  friend class Reply;
  enum class Stage : uint8_t {
    kAsking,   // its line is not yet complete
    kWaiting,  // a Reply is out
    kTaking,   // the last line is to be taken
  };
  struct Peer {
    uint64_t id;
    int fd;  // -1: gone, removed when nobody looks
    Stage stage = Stage::kAsking;
    Instant by;  // but while waiting
    std::string heard;
    std::string unsent;
  };

  void Accept(Instant now);
  bool MakeRoom();
  void Welcome(int fd, Instant now);
  void OnReady(uint64_t id, short events, Instant now);
  void Hear(Peer& peer);
  void Answer(Peer& peer, absl::string_view line);
  void Say(uint64_t id, absl::string_view lines, bool is_last);
  void Flush(Peer& peer);
  static void Drop(Peer& peer);
  void Sweep();
  Peer* Find(uint64_t id);

  Commands& commands_;
  int listening_fd_ = -1;
  std::optional<Instant> accepts_from_;  // set after a failure: it would only fail again at once
  uint64_t last_id_ = 0;
  // In the order in which they came. Held by pointer: a command that is answered now may close all.
  std::vector<std::unique_ptr<Peer>> peers_;
};

}  // namespace floe::control
