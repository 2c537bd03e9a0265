// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "server/socket_activation.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/address.h"
#include "config/address.h"

namespace floe::server {
namespace {

absl::string_view Variable(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? absl::string_view() : absl::string_view(value);
}

std::optional<int> OptionOf(int fd, int name) {
  int value = 0;
  socklen_t length = sizeof(value);
  if (getsockopt(fd, SOL_SOCKET, name, &value, &length) != 0) return std::nullopt;
  return value;
}

absl::Status Refuse(absl::string_view who, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("the service manager passes ", who, ", ", why));
}

// Why the descriptor is no socket for players and encoders; empty: it is one.
std::string WhatIsWrong(int fd) {
  const std::optional<int> type = OptionOf(fd, SO_TYPE);
  if (!type.has_value()) return std::strerror(errno);
  const int domain = OptionOf(fd, SO_DOMAIN).value_or(AF_UNSPEC);
  if ((domain != AF_INET && domain != AF_INET6) || *type != SOCK_STREAM) {
    return "not of TCP: ListenStream= with an address and a port is";
  }
  if (OptionOf(fd, SO_ACCEPTCONN) != 1) return "which does not listen: Accept=no is wanted";
  return "";
}

config::SocketAddress AddressOf(int fd) {
  config::SocketAddress address{};
  address.size_bytes = sizeof(address.storage);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage), &address.size_bytes);
  return address;
}

// The [[listen]] that is bound there; null: none.
const config::Listen* FindListen(const config::Config& config, const config::SocketAddress& bound) {
  for (const config::Listen& listen : config.listen) {
    const absl::StatusOr<config::SocketAddress> address = config::ParseAddress(listen.address);
    if (address.ok() && *address == bound) return &listen;
  }
  return nullptr;
}

InheritedListen& GroupOf(std::vector<InheritedListen>& groups, const std::string& address) {
  for (InheritedListen& group : groups) {
    if (group.address == address) return group;
  }
  return groups.emplace_back(InheritedListen{address, {}});
}

// A shard waits for an accept until somebody comes; on a socket that does not block it would be
// answered at once, with nobody. A filter is left where a process before us no longer listened.
bool MakeOurs(int fd) {
  const int unused = 0;
  (void)setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof(unused));
  const int flags = fcntl(fd, F_GETFL);
  return flags >= 0 && fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) == 0 &&
         fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

absl::Status ShareOut(uint32_t shards, InheritedListen* group) {
  const size_t passed = group->fds.size();
  for (size_t i = passed; i < shards; ++i) {
    UniqueFd copy(fcntl(group->fds[i % passed].get(), F_DUPFD_CLOEXEC, kFirstActivatedFd));
    if (!copy) return absl::ResourceExhaustedError(absl::StrCat("dup: ", std::strerror(errno)));
    group->fds.push_back(std::move(copy));
  }
  return absl::OkStatus();
}

}  // namespace

ActivationVariables ActivationFromEnvironment() {
  return {.pid = Variable("LISTEN_PID"),
          .fds = Variable("LISTEN_FDS"),
          .names = Variable("LISTEN_FDNAMES")};
}

absl::StatusOr<std::vector<InheritedListen>> TakeActivated(const ActivationVariables& variables,
                                                           pid_t own_pid,
                                                           const config::Config& config,
                                                           uint32_t shards, int first_fd) {
  std::vector<InheritedListen> groups;
  pid_t pid = 0;
  // For another process: of the one before, for instance, which handed them over itself.
  if (!absl::SimpleAtoi(variables.pid, &pid) || pid != own_pid) return groups;
  uint32_t count = 0;
  if (!absl::SimpleAtoi(variables.fds, &count) || count > kActivatedFdsMax) {
    return absl::InvalidArgumentError(absl::StrCat(
        "LISTEN_FDS=", variables.fds, " is no number of sockets; at most ", kActivatedFdsMax));
  }
  const std::vector<absl::string_view> names = absl::StrSplit(variables.names, ':');
  for (uint32_t i = 0; i < count; ++i) {
    const int fd = first_fd + int(i);
    const absl::string_view name = i < names.size() ? names[i] : absl::string_view();
    const std::string who = absl::StrCat("descriptor ", fd, name.empty() ? "" : " of ", name);
    if (const std::string wrong = WhatIsWrong(fd); !wrong.empty()) return Refuse(who, wrong);
    const config::SocketAddress bound = AddressOf(fd);
    const config::Listen* listen = FindListen(config, bound);
    if (listen == nullptr) {
      const auto append = [](std::string* out, const config::Listen& each) {
        absl::StrAppend(out, each.address);
      };
      return Refuse(absl::StrCat(Address::From(bound.storage).HostAndPort(), " (", who, ")"),
                    absl::StrCat("where the configuration does not listen; it has ",
                                 absl::StrJoin(config.listen, ", ", append),
                                 ": let [[listen]] and ListenStream= name the same"));
    }
    if (!MakeOurs(fd)) return Refuse(who, std::strerror(errno));
    GroupOf(groups, listen->address).fds.emplace_back(fd);
  }
  for (InheritedListen& group : groups) {
    if (absl::Status shared = ShareOut(shards, &group); !shared.ok()) return shared;
  }
  return groups;
}

}  // namespace floe::server
