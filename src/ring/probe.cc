// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
#include "ring/probe.h"

#include <liburing.h>
#include <sys/utsname.h>

#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ring/buffer_ring.h"
#include "ring/ring.h"
#include "ring/uring_abi.h"

namespace floe::ring {
namespace {

struct Needed {
  int opcode;
  const char* name;
};
constexpr Needed kNeeded[] = {
    {IORING_OP_ACCEPT, "ACCEPT"},     {IORING_OP_RECV, "RECV"},
    {IORING_OP_SEND, "SEND"},         {IORING_OP_SENDMSG, "SENDMSG"},
    {IORING_OP_SEND_ZC, "SEND_ZC"},   {IORING_OP_CLOSE, "CLOSE"},
    {IORING_OP_SHUTDOWN, "SHUTDOWN"}, {IORING_OP_ASYNC_CANCEL, "ASYNC_CANCEL"},
    {IORING_OP_MSG_RING, "MSG_RING"}, {kOpFixedFdInstall, "FIXED_FD_INSTALL"},
    {IORING_OP_SOCKET, "SOCKET"},     {IORING_OP_CONNECT, "CONNECT"},
};

std::string RunningKernel() {
  utsname name{};
  uname(&name);
  return name.release;
}

}  // namespace

absl::Status ProbeKernel() {
  RingOptions small;
  small.submission_entries = 8;
  small.completion_entries = 16;
  small.direct_fds = 8;
  absl::StatusOr<std::unique_ptr<Ring>> ring = Ring::Create(small);
  if (!ring.ok()) return ring.status();
  absl::StatusOr<std::unique_ptr<BufferRing>> buffers = BufferRing::Create(**ring, 8);
  if (!buffers.ok()) return buffers.status();

  io_uring_probe* probe = io_uring_get_probe();
  if (probe == nullptr) {
    return absl::UnavailableError("io_uring cannot be probed; Floe needs Linux 6.8 or newer");
  }
  std::vector<std::string> missing;
  for (const Needed& needed : kNeeded) {
    if (!io_uring_opcode_supported(probe, needed.opcode)) missing.push_back(needed.name);
  }
  io_uring_free_probe(probe);
  if (!missing.empty()) {
    return absl::UnavailableError(absl::StrCat("io_uring of Linux ", RunningKernel(), " lacks ",
                                               absl::StrJoin(missing, ", "),
                                               "; Floe needs Linux 6.8 or newer"));
  }
  return absl::OkStatus();
}

}  // namespace floe::ring
