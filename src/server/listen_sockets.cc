// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/listen_sockets.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
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

bool SharesPort(int fd) {
  int shares = 0;
  socklen_t length = sizeof(shares);
  return getsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &shares, &length) == 0 && shares != 0;
}

absl::StatusOr<int> SameSocket(int fd) {
  const int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return absl::ErrnoToStatus(errno, "another descriptor of a listening socket");
  return copy;
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
  for (const Address& address : addresses_) {
    for (const int fd : address.fds) close(fd);
  }
}

absl::Status ListenSockets::Open(const config::Config& config, const std::vector<Place>& places) {
  shards_ = places.size();
  const size_t before = addresses_.size();
  for (const config::Listen& listen : config.listen) {
    if (Find(listen.address) != nullptr) continue;
    absl::Status opened = OpenOne(listen.address, config, places);
    if (opened.ok()) continue;
    while (addresses_.size() > before) Close(addresses_.back().text);
    return opened;
  }
  inherited_.clear();  // those that are not configured any more
  return absl::OkStatus();
}

absl::Status ListenSockets::OpenOne(const std::string& text, const config::Config& config,
                                    const std::vector<Place>& places) {
  const absl::StatusOr<config::SocketAddress> address = config::ParseAddress(text);
  if (!address.ok()) return address.status();
  std::vector<int> inherited = TakeInherited(text);
  // Another address of a port of our own, as "any" over one of them, would not be free.
  if (inherited.empty() && !HasPort(config::PortOf(*address))) {
    if (absl::Status free = CheckFree(text, *address); !free.ok()) return free;
  }
  const bool shares_port = inherited.empty() || SharesPort(inherited.front());
  for (const int fd : inherited) {
    SetInherited(fd, config);
    (void)SetCongestion(fd, config.fanout.congestion);
  }
  addresses_.push_back({.text = text, .fds = std::move(inherited)});
  while (addresses_.back().fds.size() < places.size()) {
    // One that was passed by who does not share ports is the only one: shards accept there
    // together.
    const absl::StatusOr<int> fd =
        shares_port ? ListenOn(text, *address, config) : SameSocket(addresses_.back().fds.front());
    if (!fd.ok()) return fd.status();
    addresses_.back().fds.push_back(*fd);
  }
  if (config.server.steering == config::Server::Steering::kHash) return absl::OkStatus();
  return Steer(addresses_.back().fds[0], places);
}

const ListenSockets::Address* ListenSockets::Find(const std::string& text) const {
  for (const Address& address : addresses_) {
    if (address.text == text) return &address;
  }
  return nullptr;
}

bool ListenSockets::HasPort(uint16_t port) const {
  return std::any_of(addresses_.begin(), addresses_.end(), [port](const Address& address) {
    return config::PortOf(config::ParseAddress(address.text).value()) == port;
  });
}

std::vector<int> ListenSockets::TakeInherited(const std::string& text) {
  std::vector<int> fds;
  for (handover::Inheritance::ListenGroup& group : inherited_) {
    if (group.address != text) continue;
    for (UniqueFd& fd : group.fds) fds.push_back(std::move(fd).Release());
    group.fds.clear();
  }
  return fds;
}

std::vector<handover::ListenGroup> ListenSockets::Groups() const {
  std::vector<handover::ListenGroup> groups;
  for (const Address& address : addresses_) {
    groups.push_back({.address = address.text, .fds = address.fds});
  }
  return groups;
}

std::vector<int> ListenSockets::OfShard(uint32_t shard) const {
  std::vector<int> fds;
  for (const Address& address : addresses_) {
    const std::vector<int> of_address = OfShard(shard, address.text);
    fds.insert(fds.end(), of_address.begin(), of_address.end());
  }
  return fds;
}

std::vector<int> ListenSockets::OfShard(uint32_t shard, const std::string& address) const {
  const std::vector<int>& all = Of(address);
  std::vector<int> fds;
  for (size_t i = shard; i < all.size(); i += shards_) fds.push_back(all[i]);
  return fds;
}

const std::vector<int>& ListenSockets::Of(const std::string& address) const {
  const Address* found = Find(address);
  FLOE_CHECK(found != nullptr);
  return found->fds;
}

// A filter that passes nothing (socket(7), SO_ATTACH_FILTER), on the listening socket alone:
// closing it right away would reset who sits in its backlog.
void ListenSockets::TurnAway(const std::string& address) {
  sock_filter nothing{.code = BPF_RET | BPF_K, .jt = 0, .jf = 0, .k = 0};
  const sock_fprog program{.len = 1, .filter = &nothing};
  for (const int fd : Of(address)) {
    setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
  }
}

uint32_t ListenSockets::Waiting(const std::string& address) const {
  uint32_t waiting = 0;
  for (const int fd : Of(address)) {
    tcp_info info{};
    socklen_t length = sizeof(info);
    // Of a listening socket, tcpi_unacked is the length of its backlog.
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0) waiting += info.tcpi_unacked;
  }
  return waiting;
}

void ListenSockets::Close(const std::string& address) {
  std::erase_if(addresses_, [&address](const Address& open) {
    if (open.text != address) return false;
    for (const int fd : open.fds) close(fd);
    return true;
  });
}

absl::Status ListenSockets::Check(const config::Fanout& fanout) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return absl::OkStatus();  // nothing can be said
  absl::Status set = SetCongestion(fd, fanout.congestion);
  close(fd);
  return set;
}

void ListenSockets::Configure(const config::Config& config) {
  std::string congestion = config.fanout.congestion;
  if (congestion.empty()) congestion = LineOf("/proc/sys/net/ipv4/tcp_congestion_control");
  for (const Address& address : addresses_) {
    for (const int fd : address.fds) {
      SetInherited(fd, config);
      (void)SetCongestion(fd, congestion);
    }
  }
}

uint32_t ListenSockets::IdleWindowBytes() const {
  char name[kCongestionNameMax] = {};
  socklen_t length = sizeof(name);
  getsockopt(addresses_[0].fds[0], IPPROTO_TCP, TCP_CONGESTION, name, &length);
  // BBR keeps a model of the path instead of a window that idling takes away.
  if (absl::StartsWith(name, "bbr")) return 0;
  return LineOf("/proc/sys/net/ipv4/tcp_slow_start_after_idle") == "0" ? 0 : kIdleWindowBytes;
}

}  // namespace floe::server
