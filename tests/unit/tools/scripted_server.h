// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// A server of one thread that does what a test says, to whoever connects, one after the other.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace floe::tools {

// One accepted connection, in blocking calls.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {}
  ~Peer() { close(fd_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  // Everything up to `end`, and whatever came with it.
  std::string ReadUntil(absl::string_view end) {
    std::string bytes;
    while (bytes.find(std::string(end)) == std::string::npos && ReadSome(&bytes)) {
    }
    return bytes;
  }
  std::string ReadBytes(size_t count) {
    std::string bytes;
    while (bytes.size() < count && ReadSome(&bytes)) {
    }
    return bytes;
  }
  // Returns when the other side has closed or reset.
  void AwaitEnd() {
    std::string bytes;
    while (ReadSome(&bytes)) bytes.clear();
  }
  void Send(absl::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(size_t(sent));
    }
  }
  void EndSending() { shutdown(fd_, SHUT_WR); }

 private:
  bool ReadSome(std::string* bytes) {
    char piece[4096];
    const ssize_t got = recv(fd_, piece, sizeof(piece), 0);
    if (got > 0) bytes->append(piece, size_t(got));
    return got > 0;
  }

  const int fd_;
};

class ScriptedServer {
 public:
  // `script` is called for each connection, numbered from 0, until it returns false.
  explicit ScriptedServer(std::function<bool(Peer&, int)> script)
      : listening_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t bytes = sizeof(address);
    bind(listening_, reinterpret_cast<sockaddr*>(&address), bytes);
    listen(listening_, 64);
    getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &bytes);
    name_ = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
    thread_ = std::thread([this, script = std::move(script)] {
      bool goes_on = true;
      for (int number = 0; goes_on; ++number) {
        Peer peer(accept(listening_, nullptr, nullptr));
        goes_on = script(peer, number);
      }
    });
  }
  ~ScriptedServer() {
    thread_.join();
    close(listening_);
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  const std::string& name() const { return name_; }

 private:
  const int listening_;
  std::string name_;
  std::thread thread_;
};

}  // namespace floe::tools
