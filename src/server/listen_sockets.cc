// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/listen_sockets.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "config/address.h"
#include "server/steering.h"

namespace floe::server {
namespace {

constexpr int kBacklog = 4096;  // the kernel takes net.core.somaxconn at most
// Ten segments of an Ethernet's 1,448 or fewer bytes, as tunnels leave them.
constexpr uint32_t kIdleWindowBytes = 14'000;
constexpr size_t kCongestionNameMax = 16;  // TCP_CA_NAME_MAX, its NUL included

absl::Status Explain(const std::string& address, int error) {
  if (error == EADDRINUSE) {
    return absl::AlreadyExistsError(
        absl::StrCat(address,
                     " is in use by another program; stop it, or listen elsewhere: "
                     "--set listen=0.0.0.0:8010"));
  }
  if (error == EACCES) {
    return absl::PermissionDeniedError(absl::StrCat(
        address, " needs the capability CAP_NET_BIND_SERVICE; use a port from 1024 on"));
  }
  return absl::UnavailableError(
      absl::StrCat("cannot listen on ", address, ": ", std::strerror(error)));
}

bool SetInt(int fd, int level, int name, int value) {
  return setsockopt(fd, level, name, &value, sizeof(value)) == 0;
}

// The first line of a file of the kernel's; empty when it cannot be read.
std::string LineOf(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

absl::Status SetCongestion(int fd, const std::string& name) {
  if (name.empty()) return absl::OkStatus();
  if (setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name.data(), socklen_t(name.size())) == 0) {
    return absl::OkStatus();
  }
  const std::string others = LineOf("/proc/sys/net/ipv4/tcp_available_congestion_control");
  return absl::InvalidArgumentError(absl::StrCat(
      "fanout.congestion = \"", name, "\": ", std::strerror(errno), "; this host has: ", others));
}

// A socket bound to the address, not yet listening; or -1 with errno.
int Bound(const config::SocketAddress& address, bool shares_port) {
  const int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  bool is_set = SetInt(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (shares_port) is_set = is_set && SetInt(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  if (address.storage.ss_family == AF_INET6) {
    is_set = is_set && SetInt(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);  // 0.0.0.0 is its own address
  }
  if (is_set && bind(fd, address.get(), address.size_bytes) == 0) return fd;
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

// Whether somebody listens there already. Asked without SO_REUSEPORT, since with it a second
// server of the same user would silently share the listeners.
absl::Status CheckFree(const std::string& text, const config::SocketAddress& address) {
  const int fd = Bound(address, /*shares_port=*/false);
  if (fd < 0) return Explain(text, errno);
  close(fd);
  return absl::OkStatus();
}

// What accepted sockets inherit, but for the congestion control. False with errno.
bool SetInherited(int fd, const config::Config& config) {
  // To what is still below the bound the kernel adds one send whole, and the largest send is the
  // other half. It doubles the value for its bookkeeping; what was configured is the sum.
  const int send_buffer = int(config.fanout.send_buffer_bytes / 2 / 2);
  const int user_timeout_ms = int(config.limits.client_timeout.count());
  return SetInt(fd, IPPROTO_TCP, TCP_NODELAY, 1) &&
         SetInt(fd, SOL_SOCKET, SO_SNDBUF, send_buffer) &&
         SetInt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, user_timeout_ms);
}

absl::StatusOr<int> ListenOn(const std::string& text, const config::SocketAddress& address,
                             const config::Config& config) {
  const int fd = Bound(address, /*shares_port=*/true);
  if (fd < 0) return Explain(text, errno);
  const bool is_set = SetInherited(fd, config);
  if (absl::Status set = SetCongestion(fd, config.fanout.congestion); !set.ok()) {
    close(fd);
    return set;
  }
  if (is_set && listen(fd, kBacklog) == 0) return fd;
  const int error = errno;
  close(fd);
  return Explain(text, error);
}

}  // namespace

ListenSockets::~ListenSockets() {
  for (const std::vector<int>& of_shard : fds_) {
    for (const int fd : of_shard) close(fd);
  }
}

absl::Status ListenSockets::Open(const config::Config& config, const std::vector<Place>& places) {
  fds_.resize(places.size());
  for (const config::Listen& listen : config.listen) {
    InheritedListen* inherited = FindInherited(listen.address);
    absl::Status opened = inherited != nullptr ? Take(*inherited, config) : OpenNew(listen, config);
    if (!opened.ok()) return opened;
    if (config.server.steering == config::Server::Steering::kHash) continue;
    if (absl::Status steered = Steer(fds_[0].back(), places); !steered.ok()) return steered;
  }
  return absl::OkStatus();
}

absl::Status ListenSockets::OpenNew(const config::Listen& listen, const config::Config& config) {
  const absl::StatusOr<config::SocketAddress> address = config::ParseAddress(listen.address);
  if (!address.ok()) return address.status();
  if (absl::Status free = CheckFree(listen.address, *address); !free.ok()) return free;
  for (std::vector<int>& of_shard : fds_) {
    absl::StatusOr<int> fd = ListenOn(listen.address, *address, config);
    if (!fd.ok()) return fd.status();
    of_shard.push_back(*fd);
  }
  return absl::OkStatus();
}

InheritedListen* ListenSockets::FindInherited(const std::string& address) {
  for (InheritedListen& inherited : inherited_) {
    if (inherited.address == address) return &inherited;
  }
  return nullptr;
}

// Where there are more of them than shards, some shards have several.
absl::Status ListenSockets::Take(InheritedListen& inherited, const config::Config& config) {
  for (size_t i = 0; i < inherited.fds.size(); ++i) {
    const int fd = std::move(inherited.fds[i]).Release();
    fds_[i % fds_.size()].push_back(fd);
    if (!SetInherited(fd, config)) return Explain(inherited.address, errno);
    absl::Status set = SetCongestion(fd, config.fanout.congestion);
    if (!set.ok()) return set;
  }
  return absl::OkStatus();
}

uint32_t ListenSockets::IdleWindowBytes() const {
  char name[kCongestionNameMax] = {};
  socklen_t length = sizeof(name);
  getsockopt(fds_[0][0], IPPROTO_TCP, TCP_CONGESTION, name, &length);
  // BBR keeps a model of the path instead of a window that idling takes away.
  if (absl::StartsWith(name, "bbr")) return 0;
  return LineOf("/proc/sys/net/ipv4/tcp_slow_start_after_idle") == "0" ? 0 : kIdleWindowBytes;
}

}  // namespace floe::server
