// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "doctor/offloads.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/status/status.h"

namespace floe::doctor {
namespace {

// A socket only to ask through.
class Asker {
 public:
  explicit Asker(const std::string& interface)
      : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    interface.copy(request_.ifr_name, IFNAMSIZ - 1);
  }
  ~Asker() {
    if (fd_ >= 0) close(fd_);
  }
  Asker(const Asker&) = delete;
  Asker& operator=(const Asker&) = delete;

  // 0, or errno.
  int Ask(void* command) {
    request_.ifr_data = static_cast<char*>(command);
    return ioctl(fd_, SIOCETHTOOL, &request_) == 0 ? 0 : errno;
  }

 private:
  const int fd_;
  ifreq request_{};
};

}  // namespace

absl::StatusOr<Offloads> ReadOffloads(const std::string& interface) {
  Asker asker(interface);
  Offloads offloads;
  const struct {
    uint32_t command;
    bool* is_on;
  } flags[] = {{ETHTOOL_GSG, &offloads.scatter_gather},
               {ETHTOOL_GTXCSUM, &offloads.checksum},
               {ETHTOOL_GTSO, &offloads.segmentation},
               {ETHTOOL_GGSO, &offloads.generic_segmentation}};
  for (const auto& flag : flags) {
    ethtool_value value{.cmd = flag.command, .data = 0};
    const int error = asker.Ask(&value);
    if (error == ENODEV) return absl::NotFoundError("no such interface");
    // What a driver has never heard of, it does not do.
    if (error != 0 && error != EOPNOTSUPP) return absl::ErrnoToStatus(error, "SIOCETHTOOL");
    *flag.is_on = error == 0 && value.data != 0;
  }
  ethtool_channels channels{};
  channels.cmd = ETHTOOL_GCHANNELS;
  if (asker.Ask(&channels) == 0) {
    offloads.queues_max = std::max(channels.max_combined, channels.max_tx);
  }
  return offloads;
}

}  // namespace floe::doctor
