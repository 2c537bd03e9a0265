// Copyright The Floe Authors. SPDX-License-Identifier: Apache-2.0
//
// Kernel constants that Floe uses and liburing 2.3 does not name yet (include/uapi/linux/io_uring.h
// of Linux 6.8). Everything else comes from <liburing.h>.
#pragma once

#include <liburing.h>

#include <cstdint>

namespace floe::ring {

inline constexpr uint16_t kSendZcReportUsage = 1u << 3;  // IORING_SEND_ZC_REPORT_USAGE
inline constexpr uint32_t kNoticeCopied = 1u << 31;      // IORING_NOTIF_USAGE_ZC_COPIED
inline constexpr uint8_t kOpFixedFdInstall = 54;         // IORING_OP_FIXED_FD_INSTALL, 6.8
inline constexpr uint32_t kSetSocketOption = 3;          // SOCKET_URING_OP_SETSOCKOPT, 6.7

// Of the notice of a zero-copy send.
inline bool NoticeSaysCopied(const io_uring_cqe& cqe) {
  return (uint32_t(cqe.res) & kNoticeCopied) != 0;
}

}  // namespace floe::ring
